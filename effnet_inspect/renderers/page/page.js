// What the reader does: clicks, keys, search, the address, tables.

/** Select a part: its address is the page's. @param {number} index @param {boolean} [toggle] open or close it, too */
function choose(index, toggle = false) {
  if (toggle && inner[index]?.length) opened.has(index) ? opened.delete(index) : opened.add(index);
  view.selected = index;
  const hash = index < 0 ? "" : `#${encodeURIComponent(parts[index].anchor)}`;
  if (location.hash !== hash) history.pushState(null, "", hash || location.pathname + location.search);
  draw(index);
  document.body.classList.toggle("chosen", index >= 0);
  if (index >= 0) showPanel(index);
}

/** Show a part, wherever it is. @param {number} index @param {boolean} [focus] */
function reveal(index, focus = true) {
  chain(index).slice(0, -1).forEach((each) => opened.add(each));
  choose(index);
  const group = document.getElementById(`part-${index}`);
  group?.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  if (focus) group?.focus({ preventScroll: true });
}

function followAddress() {
  let anchor = location.hash.slice(1);
  try { anchor = decodeURIComponent(anchor); } catch { /* a broken address names what it says */ }
  const index = byAnchor.get(anchor);
  if (index !== undefined) reveal(index);
  else if (view.selected >= 0 && !anchor) choose(-1);
}

/** Open all that has parts of a kind in it, and close all others. @param {string} kind */
function openTo(kind) {
  opened.clear();
  const isOpen = (/** @type {number} */ each) => KINDS.indexOf(parts[each].kind) <= KINDS.indexOf(kind);
  inner.forEach((own, index) => own.some(isOpen) && opened.add(index));
  draw();
}

figure.addEventListener("click", (event) => {
  const group = /** @type {Element} */ (event.target).closest("[data-part]");
  if (!group || panned) return;
  const index = Number(/** @type {SVGElement} */ (group).dataset.part);
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
    Home: () => reveal(row[0]),
    End: () => reveal(row[row.length - 1]),
    Enter: () => choose(index, true),
    " ": () => choose(index, true),
    ArrowRight: () => (isOpen ? reveal(inner[index][0]) : inner[index].length ? choose(index, true) : undefined),
    ArrowLeft: () => (isOpen ? choose(index, true) : parts[index].parent !== null ? reveal(/** @type {number} */ (parts[index].parent)) : undefined),
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
    if (query.value) {
      query.value = "";
      search();
    } else choose(-1);
    /** @type {SVGElement|null} */ (figure.querySelector("[tabindex='0']"))?.focus({ preventScroll: true });
  } else if (!isTyping && !event.ctrlKey && !event.metaKey) {
    if (event.key === "+") zoom(view.scale * 1.25);
    if (event.key === "-") zoom(view.scale / 1.25);
    if (event.key === "0") fit();
  }
});

let waiting = 0, typing = 0;
query.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(search, 120);
});
query.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  search();
  if (nextHit() >= 0) reveal(nextHit(), false);
});

element("heat").addEventListener("change", (event) => {
  view.heat = Number(/** @type {HTMLSelectElement} */ (event.target).value);
  draw();
});
element("depth").addEventListener("change", (event) => openTo(/** @type {HTMLSelectElement} */ (event.target).value));
element("theme").addEventListener("change", (event) => {
  document.documentElement.style.colorScheme = /** @type {HTMLSelectElement} */ (event.target).value;
});
element("nearer").addEventListener("click", () => zoom(view.scale * 1.25));
element("further").addEventListener("click", () => zoom(view.scale / 1.25));
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
let panned = false;
scroller.addEventListener("pointerdown", (event) => {
  panned = false;
  if (event.pointerType !== "mouse" || event.button) return;
  const { scrollLeft, scrollTop } = scroller;
  const move = (/** @type {PointerEvent} */ now) => {
    panned ||= Math.hypot(now.clientX - event.clientX, now.clientY - event.clientY) > 4;
    if (panned) scroller.scrollTo(scrollLeft + event.clientX - now.clientX, scrollTop + event.clientY - now.clientY);
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", () => window.removeEventListener("pointermove", move), { once: true });
});

document.querySelectorAll("th[data-sorts]").forEach((head) => head.querySelector("button")?.addEventListener("click", () => {
  const body = /** @type {HTMLTableElement} */ (head.closest("table")).tBodies[0], at = /** @type {HTMLTableCellElement} */ (head).cellIndex;
  const down = head.getAttribute("aria-sort") !== "descending";
  head.parentElement?.querySelectorAll("th").forEach((each) => each.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rank = (/** @type {HTMLTableRowElement} */ row) => Number(row.cells[at].dataset.rank ?? -1);
  const rows = [...body.rows].filter((row) => !row.classList.contains("total"));
  rows.sort((one, other) => (down ? rank(other) - rank(one) : rank(one) - rank(other)));
  body.prepend(...rows);
}));

window.addEventListener("hashchange", followAddress);
window.addEventListener("popstate", followAddress);
window.addEventListener("resize", () => draw());
window.addEventListener("beforeprint", () => paint(true, true));
document.documentElement.classList.add("scripted");
if (firstDifference !== null) chain(firstDifference).slice(0, -1).forEach((each) => opened.add(each));
draw();
fit();
followAddress();
