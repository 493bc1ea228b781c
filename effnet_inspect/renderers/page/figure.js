// The figure: what is near to where the reader looks is in the document, and keeps its element, so that it glides.

const SVG = "http://www.w3.org/2000/svg";
const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
const scroller = element("scroller"), figure = element("figure");

/** @typedef {Record<string, string|number>} Attributes */

/** @param {string} name @param {Attributes} attributes @param {Element} into @param {string} [text] */
function make(name, attributes, into, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  into.append(made);
  return made;
}

/** As much of a text as fits; of a name its end. @param {string} text @param {number} width @param {number} size */
function fitted(text, width, size, isName = false) {
  pen.font = `${size}px system-ui, "Helvetica Neue", Arial, sans-serif`;
  const letters = [...text], cut = (/** @type {number} */ kept) => (kept >= letters.length ? text
    : isName ? `…${letters.slice(-kept).join("")}` : `${letters.slice(0, kept).join("").trimEnd()}…`);
  let kept = letters.length;
  while (kept > 1 && pen.measureText(cut(kept)).width > width) kept -= 1;
  return cut(kept);
}

const boxGroup = make("g", { role: "tree", "aria-label": "Parts of the network" }, figure);
const lineGroup = make("g", { class: "links", "aria-hidden": "true" }, figure);
const laneGroup = make("g", { "aria-hidden": "true" }, figure);
/**
 * @typedef {{layout: Layout, strokes: Stroke[], row: number[], scale: number, heat: number, most: number,
 *   selected: number, hits: Set<number>, hitBoxes: Map<number, number>}} View
 */
/** @type {View} */
const view = { layout: layOut(scroller.clientWidth), strokes: [], row: [], scale: 1, heat: -1, most: 0, selected: -1,
  hits: new Set(), hitBoxes: new Map() };
/** @type {Map<string, SVGElement>} */
const drawn = new Map();
/** @type {Map<Stroke, SVGElement>} */
const drawnLines = new Map();

/** What a screen reader says of a part. @param {number} index */
function described(index) {
  const said = parts[index].cells.map((cell, model) => (several ? `${models[model]}: ` : "")
    + (cell ? `${cell.title}, ${cell.note}, output ${cell.leaving}` : "not there"));
  return said.join("; ") + (parts[index].same ? "; the same in all" : "");
}

/** How much of the whole a part costs, of what colours the parts. @param {number} index @param {number} model */
const share = (index, model) => (parts[index].cells[model]?.amounts[view.heat] ?? 0) / (totals[model][view.heat] || 1);

/** What is in the element of a part. @param {number} index @param {number} model @param {Element} group */
function fill(index, model, group) {
  const { kind, cells } = parts[index], cell = cells[model], { w, h } = view.layout.boxes[index];
  /** @param {string} name @param {number} x @param {number} y @param {string} words */
  const text = (name, x, y, words) => make("text", { class: name, x, y }, group, words);
  group.replaceChildren();
  const rect = make("rect", { width: w, height: h, rx: kind === "layer" ? 5 : 7 }, group);
  if (!cell) return void text("note start", 10, h / 2 + 4, `not in ${models[model]}`);
  if (opened.has(index)) {
    text("title start", 10, 17, fitted(cell.title, w - 34, 12.5));
    text("note start", 10, 30, fitted(cell.note, w - 18, 10.5));
    return void make("path", { class: "sign", d: `M${w - 20} 12h9` }, group);
  }
  const isHot = view.heat >= 0, isLayer = kind === "layer", isTall = h > 60, amount = cell.amounts[view.heat];
  const part = share(index, model), percent = `${(part * 100).toFixed(1)} %`;
  const words = isHot ? `${amount === null ? "unknown" : short(amount)} · ${percent}` : cell.note;
  if (isHot) rect.style.setProperty("--heat", `${Math.sqrt(part / (view.most || 1)) * 100}%`);
  const strip = inner[index].filter((each) => parts[each].kind === "sub-block" && parts[each].cells[model]);
  const notes = isTall ? words.split(" · ") : [words];
  const top = (h - (strip.length && isTall ? 10 : 0)) / 2 - notes.length * 7;
  text("title", w / 2, top + 5, fitted(cell.title, w - 12, isLayer ? 11.5 : 13));
  notes.forEach((note, at) => text("note", w / 2, top + 19 + at * 13, fitted(note, w - 10, 10.5, isLayer && !isHot)));
  const each = Math.min(14, (w - 20) / (strip.length || 1));
  strip.forEach((inside, at) => make("rect", {
    class: `piece role-${parts[inside].role}`, rx: 1.5, width: Math.max(each - 1.5, 1), height: isTall ? 7 : 3,
    x: w / 2 + (at - strip.length / 2) * each + 0.75, y: h - (isTall ? 14 : 5),
  }, group));
  if (!view.hits.has(index)) text("badge", w - 6, 12, String(view.hitBoxes.get(index) ?? ""));
}

/** The element of a new part. @param {number} index @param {boolean} isFirst of the networks that have it */
function newPart(index, isFirst) {
  const row = beside(index);
  /** @type {Attributes} */
  const spoken = { id: `part-${index}`, role: "treeitem", "aria-label": described(index),
    "aria-level": chain(index).length, "aria-setsize": row.length, "aria-posinset": row.indexOf(index) + 1 };
  return make("g", { "data-part": index, tabindex: -1, ...(isFirst ? spoken : { "aria-hidden": "true" }) }, boxGroup);
}

/** The element of a part in a network, as it is now. @param {number} index @param {number} model */
function showPart(index, model) {
  const part = parts[index], box = view.layout.boxes[index], isSelected = index === view.selected;
  const isFirst = model === part.cells.findIndex((cell) => cell);
  const key = `${index} ${model}`, isOpen = opened.has(index), isHot = !isOpen && part.cells[model] && view.heat >= 0;
  const group = drawn.get(key) ?? newPart(index, isFirst);
  drawn.set(key, group);
  const isFirstOther = firstDifference !== null && index === shown(firstDifference);
  /** @type {Record<string, unknown>} */
  const flags = { open: isOpen, same: part.same, missing: !part.cells[model], selected: isSelected, first: isFirstOther,
    hot: isHot, hit: view.hitBoxes.has(index), found: view.hits.has(index) };
  const holding = Object.keys(flags).filter((flag) => flags[flag]);
  group.setAttribute("class", ["part", part.kind, `role-${part.role}`, ...holding].join(" "));
  if (isFirst) {
    if (inner[index].length) group.setAttribute("aria-expanded", String(isOpen));
    group.setAttribute("aria-selected", String(isSelected));
    group.setAttribute("tabindex", index === (view.selected < 0 ? roots[0] : shown(view.selected)) ? "0" : "-1");
  }
  group.style.transform = `translate(${box.x + model * view.layout.lane}px, ${box.y}px)`;
  const state = [isOpen, box.w, box.h, view.heat, view.most, view.hitBoxes.get(index), view.hits.has(index)].join();
  if (group.dataset.state !== state) fill(index, model, group);
  group.dataset.state = state;
  return group;
}

/** Have in the document what is near to where the reader looks, and no more.
 * @param {boolean} [renew] what is there already, too @param {boolean} [all] everything, for paper */
function paint(renew = false, all = false) {
  const { boxes, lane } = view.layout, { scrollLeft, scrollTop, clientWidth, clientHeight } = scroller;
  const [left, top, wide, high] = [scrollLeft, scrollTop, clientWidth, clientHeight].map((each) => each / view.scale);
  /** @param {number} x @param {number} y @param {number} right @param {number} bottom */
  const isNear = (x, y, right, bottom) => all
    || (right > left - wide / 2 && x < left + wide * 1.5 && bottom > top - high / 2 && y < top + high * 1.5);
  const kept = new Set();
  let behind = boxGroup.firstElementChild;
  for (const index of view.row) {
    const { x, y, w, h } = boxes[index];
    for (let model = 0; model < models.length; model += 1) {
      if (index !== view.selected && !isNear(x + model * lane, y, x + w + model * lane, y + h)) continue;
      const there = renew ? undefined : drawn.get(`${index} ${model}`), group = there ?? showPart(index, model);
      kept.add(group);
      if (behind === group) behind = behind.nextElementSibling;
      else boxGroup.insertBefore(group, behind);
    }
  }
  for (const [key, group] of drawn) if (!kept.has(group)) group.remove(), drawn.delete(key);
  for (const stroke of view.strokes) {
    const [x, y, right, bottom] = stroke.bounds, isHere = isNear(x, y, right, bottom), is = drawnLines.get(stroke);
    if (isHere && !is) {
      drawnLines.set(stroke, stroke.text ? make("text", { class: stroke.kind, x, y }, lineGroup, stroke.text)
        : make("path", { class: stroke.kind, d: rounded(stroke.points) }, lineGroup));
    } else if (!isHere && is) is.remove(), drawnLines.delete(stroke);
  }
}

/** Lay out and draw anew; the part `held` stays where it is on the screen. @param {number} [held] */
function draw(held = -1) {
  const before = view.layout.boxes[held];
  view.layout = layOut(scroller.clientWidth - 4);
  view.strokes = strokesOf(view.layout);
  view.row = visible();
  view.hitBoxes = new Map();
  for (const hit of view.hits) view.hitBoxes.set(shown(hit), (view.hitBoxes.get(shown(hit)) ?? 0) + 1);
  const closed = view.row.filter((index) => !opened.has(index));
  view.most = view.heat < 0 ? 0 : Math.max(...closed.flatMap((index) => models.map((_, model) => share(index, model))));
  lineGroup.replaceChildren();
  drawnLines.clear();
  const edge = view.layout.boxes[roots[0]].x;
  laneGroup.replaceChildren(...(several ? models : []).map((title, model) =>
    make("text", { class: "lane", x: edge + model * view.layout.lane, y: 22 }, laneGroup, title)));
  resize();
  const after = view.layout.boxes[held];
  if (before && after) scroller.scrollBy((after.x - before.x) * view.scale, (after.y - before.y) * view.scale);
  paint(true);
}

function resize() {
  const { width, height } = view.layout;
  figure.setAttribute("viewBox", `0 0 ${width} ${height}`);
  figure.setAttribute("width", String(width * view.scale));
  figure.setAttribute("height", String(height * view.scale));
  figure.classList.toggle("far", view.scale < 0.4);
  figure.classList.toggle("heated", view.heat >= 0);
  figure.classList.toggle("columns", view.layout.columns);
}

/** @param {number} scale @param {number} [x] of the point that stays, in the scroller @param {number} [y] */
function zoom(scale, x = scroller.clientWidth / 2, y = scroller.clientHeight / 2) {
  const to = Math.min(3, Math.max(0.1, scale)), by = to / view.scale;
  const [left, top] = [(scroller.scrollLeft + x) * by - x, (scroller.scrollTop + y) * by - y];
  view.scale = to;
  resize();
  scroller.scrollTo(left, top);
  paint();
}

const fit = () => zoom(Math.min(1, scroller.clientWidth / view.layout.width));
