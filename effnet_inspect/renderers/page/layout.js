// Where everything is: boxes in boxes from top to bottom, stages in columns, and between which boxes lines go.

/** Lengths between things; `tracks` is how many rails run beside one another at most. */
const ROOM = { side: 12, head: 34, enter: 16, gap: 24, bottom: 20, rail: 9, tracks: 12, between: 78, lane: 64,
  line: 62 };
/** @type {Record<string, [number, number]>} width and height of a closed part */
const CLOSED = { stage: [132, 76], "sub-block": [176, 42], module: [190, 38], layer: [216, 36] };

/**
 * A line from one part to another: a `step` to the next one, a `rail` along the left of the box `inside`, from the top
 * of it or from another part in it, or a `tap` between stages that are not neighbours.
 * @typedef {{kind: "step"|"rail"|"tap", model: number, from: number, to: number, label: string,
 *   inside: number|null, top: boolean, track: number}} Link
 * @typedef {{x: number, y: number, w: number, h: number, flow: number}} Box `flow` is where data go through, from x
 * @typedef {{row: number, column: number, last: boolean}} Spot where a stage stands
 * @typedef {{boxes: Box[], links: Link[], entered: Set<string>, left: Set<string>, width: number, height: number,
 *   lane: number, columns: boolean, spots: Map<number, Spot>, ends: number[], titles: [string, number][]}} Layout
 */

/** Whether one leaves a box behind a part that is in it: the last one, and in the last one.
 * @param {number} index @param {number} around @param {number} model */
const isLastIn = (index, around, model) =>
  chain(index).every((each) => each <= around || !placeIn(each, model).last);

/** @param {boolean} columns @param {Set<string>} entered boxes that data enter at the top, by network
 * @param {Set<string>} left boxes that data leave at the bottom */
function linksOf(columns, entered, left) {
  /** @type {Map<string, Link>} */
  const found = new Map();
  /** @param {Link} link */
  const add = (link) => found.set([link.kind, link.model, link.from, link.to].join(), link);
  parts.forEach((part, index) => part.cells.forEach((cell, model) => cell?.inputs.forEach((input) => {
    const from = shown(input), to = shown(index);
    if (from === to) return;
    const before = chain(from), behind = chain(to), depth = before.findIndex((each, at) => each !== behind[at]);
    const a = before[depth], b = behind[depth], leaves = isLastIn(from, a, model);
    const follows = placeIn(b, model).first === placeIn(a, model).first + 1;
    const inside = depth ? before[depth - 1] : null, label = parts[input].cells[model]?.leaving ?? "";
    const link = { model, from, to, label, inside, top: false, track: 0 };
    if (!follows || !leaves) return void add({ ...link, kind: inside === null && columns ? "tap" : "rail" });
    before.slice(depth, -1).forEach((each) => left.add(`${each} ${model}`));
    behind.slice(depth, -1).forEach((each) => entered.add(`${each} ${model}`));
    add({ ...link, kind: "step", from: a, to: b });
    const turn = behind.findIndex((each, at) => at > depth && placeIn(each, model).first > 0);
    if (turn > 0) add({ ...link, kind: "rail", from: behind[turn - 1], inside: behind[turn - 1], top: true });
  })));
  return [...found.values()];
}

/** Give rails that run beside one another tracks of their own; returns how many each box has. @param {Link[]} links */
function tracks(links) {
  /** @type {Map<number|null, number>} */
  const counts = new Map();
  /** @type {Map<string, number[]>} */
  const taken = new Map();
  const order = new Map(visible().map((index, at) => [index, at]));
  const at = (/** @type {number} */ index, last = false) => (order.get(index) ?? 0) + (last ? 0.5 : 0);
  const rails = links.filter((link) => link.kind === "rail");
  for (const link of rails.sort((one, other) => at(one.from, one.top) - at(other.from, other.top))) {
    const key = `${link.model} ${link.inside}`, ends = taken.get(key) ?? [];
    const free = ends.findIndex((end) => end <= at(link.from, link.top));
    link.track = Math.min(free < 0 ? ends.length : free, ROOM.tracks - 1);
    ends[link.track] = at(link.to);
    taken.set(key, ends);
    counts.set(link.inside, Math.max(counts.get(link.inside) ?? 0, link.track + 1));
  }
  return counts;
}

/** Place everything. @param {number} room the width that there is @returns {Layout} */
function layOut(room) {
  const columns = !several && room > 620, entered = new Set(), left = new Set();
  const links = linksOf(columns, entered, left), rails = tracks(links);
  /** @type {Box[]} */
  const boxes = [];
  const flowOf = (/** @type {number[]} */ row) => Math.max(...row.map((index) => boxes[index].flow));
  const restOf = (/** @type {number[]} */ row) => Math.max(...row.map((index) => boxes[index].w - boxes[index].flow));

  /** @param {number} index */
  const measure = (index) => {
    const { kind } = parts[index], own = inner[index];
    let [w, h] = kind === "stage" && !columns ? [212, 48] : CLOSED[kind], flow = w / 2;
    if (opened.has(index)) {
      own.forEach(measure);
      const loops = own.some((each) => parts[each].cells.some((cell) => cell?.residual)) ? 14 : 0;
      flow = Math.max(ROOM.side + loops + (rails.get(index) ?? 0) * ROOM.rail + flowOf(own), 84);
      w = Math.max(flow + restOf(own) + ROOM.side, 168);
      h = ROOM.head + ROOM.enter + own.reduce((sum, each) => sum + boxes[each].h + ROOM.gap, -ROOM.gap) + ROOM.bottom;
    }
    boxes[index] = { x: 0, y: 0, w, h, flow };
  };
  /** Put parts under one another; returns where the last ends.
   * @param {number[]} row @param {number} flow @param {number} y */
  const stack = (row, flow, y) => row.reduce((top, index) => {
    Object.assign(boxes[index], { x: flow - boxes[index].flow, y: top });
    if (opened.has(index)) stack(inner[index], flow, top + ROOM.head + ROOM.enter);
    return top + boxes[index].h + ROOM.gap;
  }, y) - ROOM.gap;

  roots.forEach(measure);
  /** @type {Layout} */
  const layout = { boxes, links, entered, left, columns, width: 0, height: 0, lane: 0, spots: new Map(), ends: [],
    titles: [] };
  const margin = 30 + (rails.get(null) ?? 0) * ROOM.rail;
  let y = ROOM.line, right = 0;
  for (const line of lines) {
    const all = [...line.columns.flat(), ...line.below.map(([index]) => index)];
    const own = columns ? line : { columns: [all], below: [] };
    /** @param {number} column */
    const under = (column) => own.below.filter(([, at]) => at === column).map(([index]) => index);
    if (line.title) layout.titles.push([line.title, y - 46]);
    const most = Math.max(1, Math.floor((room * 1.25 + ROOM.between) / (CLOSED.stage[0] + ROOM.between)));
    const inLine = Math.ceil(own.columns.length / Math.ceil(own.columns.length / most));
    for (let start = 0; start < own.columns.length; start += inLine) {
      const row = own.columns.slice(start, start + inLine), flows = [];
      let x = margin, bottom = y;
      for (const [column, each] of row.entries()) {
        const both = [...each, ...under(start + column)], spot = { row: layout.ends.length, column };
        flows.push(x + flowOf(both));
        bottom = Math.max(bottom, stack(each, flows[column], y));
        x += flowOf(both) + restOf(both) + ROOM.between;
        each.forEach((index) => layout.spots.set(index, { ...spot, last: column === row.length - 1 }));
      }
      right = Math.max(right, x - ROOM.between);
      layout.ends.push(bottom);
      y = bottom;
      for (const column of row.keys()) {
        const below = under(start + column);
        if (below.length) y = Math.max(y, stack(below, flows[column], bottom + 50) + 44);
        below.forEach((index) => layout.spots.set(index, { row: layout.ends.length, column, last: false }));
      }
      if (y > bottom) layout.ends.push(y);
      y += ROOM.line;
    }
    if (lines.length > 1) y += 30;
  }
  layout.lane = several ? right + ROOM.lane - 16 : 0;
  return Object.assign(layout, { width: right + layout.lane * (models.length - 1) + 30, height: y - 10 });
}
