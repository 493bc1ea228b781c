// What the reader does: clicks, keys, search, the address, tables.

/** Select a part: its address is the page's. @param {number} index @param {boolean} [toggle] open or close it, too */
function choose(index, toggle = false) {
  if (toggle && inner[index]?.length) opened.has(index) ? opened.delete(index) : opened.add(index);
  view.selected = index;
  draw(index);
  document.body.classList.toggle("chosen", index >= 0);
  showPanel(index);
  const hash = index < 0 ? "" : `#${encodeURIComponent(parts[index].anchor)}`;
  if (location.hash !== hash && hasAddress) history.pushState(null, "", hash || location.pathname + location.search);
}

// Within another page, such as a notebook, there is no address, and a link would lead away to that of the other page.
const hasAddress = location.href !== "about:srcdoc";
if (!hasAddress) document.addEventListener("click", (event) => {
  const anchor = /** @type {Element} */ (event.target).closest("a[href^='#']")?.getAttribute("href");
  if (!anchor) return;
  event.preventDefault();
  followAddress(anchor);
});

/** Show a part, wherever it is. @param {number} index @param {boolean} [focus] */
function reveal(index, focus = true) {
  chain(index).slice(0, -1).forEach((each) => opened.add(each));
  choose(index);
  const group = document.getElementById(`part-${index}`);
  group?.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  if (focus) group?.focus({ preventScroll: true });
}

/** Show what an address names, a part or something else on the page. */
function followAddress(hash = location.hash) {
  let anchor = hash.slice(1);
  try { anchor = decodeURIComponent(anchor); } catch { /* a broken address names what it says */ }
  const index = byAnchor.get(anchor);
  if (index !== undefined) reveal(index);
  else if (anchor) document.getElementById(anchor)?.scrollIntoView();
  else if (view.selected >= 0) choose(-1);
}

/** Open all that has parts of a kind in it, and close all others. @param {string} kind */
function openTo(kind) {
  opened.clear();
  const isOpen = (/** @type {number} */ each) => KINDS.indexOf(parts[each].kind) <= KINDS.indexOf(kind);
  inner.forEach((own, index) => own.some(isOpen) && opened.add(index));
  draw();
}

figure.addEventListener("click", (event) => {
  const group = /** @type {SVGElement|null} */ (/** @type {Element} */ (event.target).closest("[data-part]"));
  if (!group || panned > 6) return;
  const index = Number(group.dataset.part);
  choose(index, true);
  document.getElementById(`part-${index}`)?.focus({ preventScroll: true });
});

figure.addEventListener("keydown", (event) => {
  const target = /** @type {SVGElement} */ (event.target);
  if (target.dataset.part === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const index = Number(target.dataset.part), row = visible(), at = row.indexOf(index), isOpen = opened.has(index);
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowDown: () => reveal(row[Math.min(at + 1, row.length - 1)]),
    ArrowUp: () => reveal(row[Math.max(at - 1, 0)]),
    Home: () => reveal(row[0]), End: () => reveal(row[row.length - 1]),
    Enter: () => choose(index, true), " ": () => choose(index, true),
    ArrowRight: () => (isOpen ? reveal(inner[index][0]) : inner[index].length ? choose(index, true) : undefined),
    ArrowLeft: () => (isOpen ? choose(index, true) : reveal(parts[index].parent ?? index)),
  };
  if (!(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
  document.getElementById(`part-${view.selected}`)?.focus({ preventScroll: true });
});

document.addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(/** @type {Element} */ (event.target).tagName);
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    query.select();
  } else if (event.key === "Escape") {
    query.value = "";
    search();
    choose(-1);
    /** @type {SVGElement|null} */ (figure.querySelector("[tabindex='0']"))?.focus({ preventScroll: true });
  } else if (!isTyping && !event.ctrlKey && !event.metaKey) {
    if ("+-".includes(event.key)) zoom(view.scale * (event.key === "+" ? 1.25 : 0.8));
    if (event.key === "0") fit();
  }
});

query.addEventListener("input", search);
query.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  search();
  const hits = [...view.hits], next = hits.find((hit) => hit > view.selected) ?? hits[0];
  if (next !== undefined) reveal(next, false);
});

/** @param {string} id @param {(value: string) => void} act */
const onChoice = (id, act) => element(id).addEventListener("change", (event) =>
  act(/** @type {HTMLSelectElement} */ (event.target).value));
onChoice("heat", (value) => { view.heat = Number(value); draw(); });
onChoice("depth", openTo);
onChoice("theme", (value) => { document.documentElement.style.colorScheme = value; });
element("nearer").addEventListener("click", () => zoom(view.scale * 1.25));
element("further").addEventListener("click", () => zoom(view.scale * 0.8));
element("fit").addEventListener("click", fit);

scroller.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const around = scroller.getBoundingClientRect();
  zoom(view.scale * Math.exp(-event.deltaY / 300), event.clientX - around.left, event.clientY - around.top);
}, { passive: false });
scroller.addEventListener("scroll", () => {
  laneGroup.style.transform = `translateY(${scroller.scrollTop / view.scale}px)`;
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(() => paint());
});
let panned = 0, waiting = 0;
scroller.addEventListener("pointerdown", () => { panned = 0; });
scroller.addEventListener("pointermove", (event) => {
  if (event.pointerType !== "mouse" || event.buttons !== 1) return;
  panned += Math.abs(event.movementX) + Math.abs(event.movementY);
  scroller.scrollBy(-event.movementX, -event.movementY);
});

/** Put the rows of a table in the order of a column. @param {HTMLTableCellElement} head */
function sortBy(head) {
  const body = /** @type {HTMLTableElement} */ (head.closest("table")).tBodies[0], at = head.cellIndex;
  const down = head.getAttribute("aria-sort") !== "descending";
  head.parentElement?.querySelectorAll("th").forEach((each) => each.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rank = (/** @type {HTMLTableRowElement} */ row) => Number(row.cells[at].dataset.rank ?? -1);
  const rows = [...body.rows].filter((row) => !row.classList.contains("total"));
  body.prepend(...rows.sort((one, other) => (rank(other) - rank(one)) * (down ? 1 : -1)));
}
for (const head of document.querySelectorAll("th[data-sorts]")) {
  head.firstElementChild?.addEventListener("click", () => sortBy(/** @type {HTMLTableCellElement} */ (head)));
}

window.addEventListener("hashchange", () => followAddress());
window.addEventListener("resize", () => draw());
window.addEventListener("beforeprint", () => paint(true, true));
document.documentElement.classList.add("scripted");
if (firstDifference !== null) chain(firstDifference).slice(0, -1).forEach((each) => opened.add(each));
draw(); fit(); followAddress();
