// What the page is about: the tree of parts that Python wrote into it, and what of it is open.
// The files of this folder are one script; each uses the names of those before it.

/**
 * What one network has at a part; see `webpage.Cell` in Python, and `TreePart` and `Line` there for the others.
 * @typedef {{title: string, note: string, entering: string, leaving: string, amounts: (number|null)[],
 *   facts: [string, string][], names: [string, string][], inputs: number[], residual: boolean,
 *   arrives: string, departs: string}} Cell
 * @typedef {{anchor: string, kind: "stage"|"sub-block"|"module"|"layer", role: string, parent: number|null,
 *   cells: (Cell|null)[], same: boolean}} Part
 * @typedef {{title: string, columns: number[][], below: [number, number][]}} Line
 * @typedef {{models: string[], totals: number[][], parts: Part[], lines: Line[], first_difference: number|null}} Page
 */

/** @param {string} id @returns {HTMLElement} */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {Page} */
const page = JSON.parse(element("data").textContent || "");
const { models, totals, parts, lines, first_difference: firstDifference } = page;
const several = models.length > 1;
const KINDS = ["stage", "sub-block", "module", "layer"];

/** @type {number[]} */
const roots = [];
/** @type {number[][]} */
const inner = parts.map(() => []);
/** What stands beside a part, itself among it. @param {number} index */
const beside = (index) => (parts[index].parent === null ? roots : inner[/** @type {number} */ (parts[index].parent)]);
parts.forEach((_, index) => beside(index).push(index));
/** By network, the place of each part among those beside it that the network has, from the first and from the last. */
const places = models.map((_, model) => {
  const rows = [roots, ...inner].map((row) => row.filter((index) => parts[index].cells[model]));
  return new Map(rows.flatMap((row) => row.map((index, at) => [index, { first: at, last: row.length - 1 - at }])));
});
/** The place of a part in a network that has it. @param {number} index @param {number} model */
const placeIn = (index, model) => places[model].get(index) ?? { first: -1, last: -1 };

const byAnchor = new Map(parts.map((part, index) => [part.anchor, index]));
parts.forEach((part, index) => part.cells.forEach((cell) => {
  // A layer may be called otherwise in the other networks.
  if (cell && part.kind === "layer" && !byAnchor.has(cell.note)) byAnchor.set(cell.note, index);
}));

/** @type {Set<number>} */
const opened = new Set();

/** The parts that a part is in, from the outside, and itself. @param {number} index @returns {number[]} */
function chain(index) {
  const { parent } = parts[index];
  return parent === null ? [index] : [...chain(parent), index];
}

/** The part that shows where this one is: itself, or the closed one that it is in. @param {number} index */
const shown = (index) => chain(index).find((each) => !opened.has(each)) ?? index;

/** The parts that show, each behind the one that it is in. @param {number[]} [among] @returns {number[]} */
const visible = (among = roots) =>
  among.flatMap((index) => [index, ...(opened.has(index) ? visible(inner[index]) : [])]);

/** @param {number} index @returns {Cell} */
const anyCell = (index) => /** @type {Cell} */ (parts[index].cells.find((cell) => cell));

/** What a part is called in a list. @param {number} index */
const nameOf = (index) => (parts[index].kind === "layer" ? anyCell(index).note : anyCell(index).title);

/** 5331000 as 5.331 M. @param {number} amount */
function short(amount) {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log10(amount || 1) / 3)));
  return power ? `${(amount / 1000 ** power).toPrecision(4)} ${" kMGT"[power]}` : String(amount);
}
