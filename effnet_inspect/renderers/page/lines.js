// The lines between boxes, with the shapes of what goes along them, as strokes: drawn where the reader looks.

/**
 * @typedef {[number, number][]} Points
 * @typedef {{points: Points, kind: string, text: string, bounds: number[]}} Stroke `kind` are its classes, `bounds` its
 *   left, top, right and bottom
 */

/** A line through points, its corners rounded. @param {Points} points */
function rounded(points) {
  const bend = (/** @type {number} */ at) => {
    const [[fromX, fromY], [x, y], [toX, toY]] = points.slice(at - 1, at + 2);
    const radius = Math.min(6, Math.hypot(x - fromX, y - fromY) / 2, Math.hypot(toX - x, toY - y) / 2);
    /** @param {number} i @param {number} j */
    const near = (i, j) => `${x + Math.sign(i - x) * radius} ${y + Math.sign(j - y) * radius}`;
    return `L${near(fromX, fromY)}Q${x} ${y} ${near(toX, toY)}`;
  };
  return `M${points[0]}${points.slice(1, -1).map((_, at) => bend(at + 1)).join("")}L${points[points.length - 1]}`;
}

/** All lines and their labels. @param {Layout} layout @returns {Stroke[]} */
function strokesOf({ boxes, links, lane, entered, left, columns, spots, ends, titles }) {
  /** @type {Stroke[]} */
  const strokes = [];
  const line = (/** @type {Points} */ points, kind = "step arrow", text = "") => {
    const xs = points.map(([x]) => x), ys = points.map(([, y]) => y);
    const bounds = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    strokes.push({ points, kind, text, bounds });
  };
  const label = (/** @type {string} */ text, /** @type {number} */ x, /** @type {number} */ y, kind = "start") =>
    text && line([[x, y]], kind, text);
  const flowOf = (/** @type {number} */ index, model = 0) => boxes[index].x + boxes[index].flow + model * lane;
  const endOf = (/** @type {number} */ index) => boxes[index].y + boxes[index].h;

  const leftmost = Math.min(...roots.map((root) => boxes[root].x));
  for (const link of links) {
    const { kind, model, from, to } = link, a = boxes[from], b = boxes[to], x = flowOf(to, model), at = model * lane;
    if (columns && link.inside === null && (kind === "tap" || flowOf(from) !== flowOf(to) || b.y < a.y)) {
      across(link);
    } else if (kind === "step") {
      line([[x, endOf(from)], [x, b.y]]);
      const isOther = links.some((each) => each.from === from && each.to === to && each.label !== link.label);
      label(link.label, x + 6, endOf(from) + 13, isOther ? "start other" : "start");
    } else {
      const isOutside = link.inside === null, depth = link.inside === null ? 0 : chain(link.inside).length;
      const edge = link.inside === null ? leftmost - 8 : boxes[link.inside].x + 9, middle = b.y + b.h / 2;
      const rail = edge + (isOutside ? -1 : 1) * link.track * ROOM.rail + at;
      const start = link.top ? a.y + ROOM.head : endOf(from);
      const turn = /** @type {Points} */ (link.top || isLastIn(from, chain(from)[depth], model)
        ? [[x, start], [x, start + 5], [rail, start + 5]] : [[a.x + at, a.y + a.h / 2], [rail, a.y + a.h / 2]]);
      line([...turn, [rail, middle], [b.x + at, middle]], "rail arrow");
    }
  }
  for (const index of visible()) {
    const own = boxes[index];
    parts[index].cells.forEach((cell, model) => {
      const inside = inner[index].filter((each) => parts[each].cells[model]), key = `${index} ${model}`;
      const x = flowOf(index, model), side = own.x - 9 + model * lane;
      if (!cell) return;
      if (entered.has(key)) line([[x, own.y + ROOM.head], [x, boxes[inside[0]].y]]);
      if (left.has(key)) line([[x, endOf(inside[inside.length - 1])], [x, endOf(index)]], "step");
      if (cell.residual && !opened.has(index)) {
        line([[x, own.y - 10], [side, own.y - 10], [side, endOf(index) + 6], [x - 7, endOf(index) + 6]], "rail arrow");
        label("⊕", x, endOf(index) + 10.5, "sum");
      }
      if (cell.arrives) line([[x, own.y - 20], [x, own.y]]);
      if (cell.departs) line([[x, endOf(index)], [x, endOf(index) + 20]]);
      label(cell.arrives, x, own.y - 26, "middle of-model");
      label(cell.departs, x, endOf(index) + 33, "middle of-model");
    });
  }
  titles.forEach(([title, y]) => label(title, columns ? 180 : 16, y, "start line-title"));
  return strokes;

  /** Between stages in columns. @param {Link} link */
  function across(link) {
    const source = chain(link.from)[0], target = chain(link.to)[0], a = boxes[source], b = boxes[target];
    const from = /** @type {Spot} */ (spots.get(source)), to = /** @type {Spot} */ (spots.get(target));
    const x = flowOf(target), down = flowOf(source), middle = a.y + a.h / 2, end = endOf(source);
    const enter = b.y + (opened.has(target) ? 17 : b.h / 2);
    const column = roots.filter((root) => spots.get(root)?.row === from.row && spots.get(root)?.column === from.column);
    const beyond = Math.max(...column.map((root) => boxes[root].x + boxes[root].w));
    /** From the side of a closed box, or from below an open one. @param {number} side @returns {Points} */
    const leave = (side) => (opened.has(source)
      ? [[down, end], [down, end + 12], [side, end + 12]] : [[a.x + a.w, middle], [side, middle]]);
    if (from.row === to.row && to.column === from.column + 1) {
      line([...leave(beyond + 7), [beyond + 7, enter], [b.x, enter]]);
      label(link.label, (beyond + 7 + b.x - 4) / 2, enter - 6, "middle");
    } else if (from.row === to.row && to.column < from.column) {
      line([[a.x, enter], [b.x + b.w, enter]]);
      label(link.label, (a.x + b.x + b.w) / 2, enter - 6, "middle");
    } else if (link.kind === "step" && to.row > from.row && from.last) {
      const right = Math.max(...roots.map((root) => (boxes[root].y < b.y ? boxes[root].x + boxes[root].w : 0))) + 12;
      const lane = ends[to.row - 1] + 24, edge = b.x - 16;
      line([...leave(right), [right, lane], [edge, lane], [edge, enter], [b.x, enter]]);
      label(link.label, edge + 10, lane - 5);
    } else if (b.y < a.y) {
      const lane = endOf(target) + 44;
      line([[down, end], [down, end + 18], [14, end + 18], [14, lane], [x, lane], [x, endOf(target)]]);
      label(link.label, x + 6, endOf(target) + 40);
    } else {
      const isHidden = roots.some((root) => flowOf(root) === down && boxes[root].y > a.y && boxes[root].y < b.y);
      const deep = boxes[link.from], y = deep.y + deep.h / 2, apart = 9 + (link.from % 3) * 4;
      const lane = b.y - 20 - (source % 3) * 5, isOpen = !isHidden && isLastIn(link.from, source, link.model);
      const start = /** @type {Points} */ (isOpen ? [[down, end]]
        : from.last ? [[deep.x + deep.w, y], [a.x + a.w + apart, y]] : [[deep.x, y], [a.x - apart, y]]);
      const [begin] = start[start.length - 1];
      line([...start, .../** @type {Points} */ (begin === x ? [] : [[begin, lane], [x, lane]]), [x, b.y]], "tap arrow");
      label(link.label, x + 6, b.y - 8);
    }
  }
}
