// What is said of the part that is selected, and the list of what was found.

const panel = element("panel"), said = element("said");
const introduction = [...panel.childNodes];
const query = /** @type {HTMLInputElement} */ (element("query"));

/** @param {string} name @param {string} [text] @param {string} [kind] @param {...Node} children */
function html(name, text, kind, ...children) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (kind) made.className = kind;
  made.append(...children);
  return made;
}

/** @param {string} title @param {number} index */
function link(title, index) {
  return Object.assign(html("a", title), { href: `#${encodeURIComponent(parts[index].anchor)}` });
}

/** @param {string} title @param {string} kind @param {string} label @param {() => void} act */
function button(title, kind, label, act) {
  return Object.assign(html("button", title, kind), { ariaLabel: label, onclick: act });
}

/** @param {string} text @param {string} [title] */
function copyButton(text, title = "Copy") {
  const say = (/** @type {string} */ words) => () => void (said.textContent = words);
  const copy = () => void navigator.clipboard?.writeText(text).then(say("Copied"), say("The browser does not let it"));
  return button(title, "copy", title === "Copy" ? `Copy ${text}` : title, copy);
}

/** Rows of what is said: a label, then a value for each network. @param {number} index @param {"facts"|"names"} what */
function rowsOf(index, what) {
  const labels = new Set(parts[index].cells.flatMap((cell) => (cell ? cell[what] : []).map(([label]) => label)));
  return [...labels].map((label) => {
    const values = parts[index].cells.map((cell) =>
      (cell?.[what] ?? []).filter(([own]) => own === label).map(([, value]) => value).join("; "));
    return { label, values, differs: new Set(values).size > 1 };
  });
}

/** @param {number} index */
function showPanel(index) {
  panel.replaceChildren(...(index < 0 ? introduction : []));
  if (index < 0) return;
  const part = parts[index], cell = anyCell(index), isLayer = part.kind === "layer";
  const path = html("nav", "", "path");
  path.setAttribute("aria-label", "Where it is");
  chain(index).slice(0, -1).forEach((each) => path.append(link(nameOf(each), each), " › "));
  const close = button("×", "close", "Close", () => choose(-1));
  const facts = rowsOf(index, "facts"), names = rowsOf(index, "names");
  const table = html("table", "", "facts");
  if (several) table.append(html("tr", "", "", html("td"), ...models.map((title) => html("th", title))));
  for (const { label, values, differs } of facts) {
    const cells = values.map((value) => html("td", value || "–", differs ? "other" : ""));
    table.append(html("tr", "", "", html("th", label), ...cells));
  }
  panel.append(close, path, html("h2", nameOf(index)), html("p", isLayer ? cell.title : cell.note, "note"), table);
  /** @param {string[]} values @param {string} value */
  const whose = (values, value) => models.filter((_, at) => values[at] === value).map((each) => `, ${each}`).join("");
  const called = names.flatMap(({ label, values, differs }) => [...new Set(values.filter(Boolean))].flatMap((value) =>
    [html("dt", differs ? label + whose(values, value) : label),
      html("dd", "", "", html("code", value), copyButton(value))]));
  if (called.length) panel.append(html("h3", "In other code"), html("dl", "", "names", ...called));
  /** @param {string} title @param {number[]} indices */
  const around = (title, indices) => {
    if (!indices.length) return;
    const items = indices.map((each) => html("li", "", "", link(nameOf(each), each)));
    panel.append(html("h3", title), html("ul", "", "", ...items));
  };
  if (isLayer) {
    around("Takes", [...new Set(part.cells.flatMap((each) => each?.inputs ?? []))]);
    const takes = (/** @type {Part} */ other) => other.cells.some((each) => each?.inputs.includes(index));
    around("Goes to", parts.flatMap((other, at) => (takes(other) ? [at] : [])));
  } else around("Consists of", inner[index]);
  const words = [...facts, ...names].map(({ label, values }) => [label, ...values].join("\t"));
  panel.append(copyButton([nameOf(index), ...words].join("\n"), "Copy all of this"));
}

/** What a part must meet, for each word of a query.
 * @param {string} text @param {boolean} abroad whether the names in other code bases count
 * @returns {((index: number) => boolean)[]} */
function tests(text, abroad) {
  const plain = (/** @type {string} */ each) => each.toLowerCase().replace(/×/g, "x");
  return plain(text).split(/\s+/).filter(Boolean).map((word) => {
    const [, kind, rest] = /** @type {string[]} */ (/^(?:(op|shape):)?(.*)$/.exec(word));
    return (index) => parts[index].cells.some((cell) => {
      if (!cell) return false;
      const operation = `${cell.title} ${cell.facts.find(([label]) => label === "Operation")?.[1] ?? ""}`;
      if (kind === "shape") return plain(cell.leaving) === rest || plain(cell.leaving).startsWith(`${rest}x`);
      if (kind === "op") return plain(operation).replace(/[\W_]/g, "").includes(rest.replace(/[\W_]/g, ""));
      const all = [cell.note, ...(abroad ? cell.names.map(([, path]) => path) : []), operation, cell.leaving];
      return plain(all.join(" ")).includes(rest.replace(/^\*|\*$/g, ""));
    });
  });
}

/** @param {boolean} abroad */
function find(abroad) {
  const words = tests(query.value, abroad);
  return parts.flatMap((_, index) => (words.length && words.every((test) => test(index)) ? [index] : []));
}

/** Find what the reader looks for, by the names in other code bases where nothing is called so here, and list it. */
function search() {
  const own = find(false), isAsked = query.value.trim() !== "";
  view.hits = new Set(own.length ? own : find(true));
  element("found").hidden = !isAsked;
  element("found").replaceChildren(...[...view.hits].slice(0, 200).map((index) =>
    html("li", "", "", link(nameOf(index), index), html("span", ` ${anyCell(index).leaving}`))));
  said.textContent = isAsked ? `${view.hits.size} found` : "";
  const inside = new Set([...view.hits].flatMap(chain).map((index) => parts[index].anchor));
  for (const row of document.querySelectorAll("tr[data-anchor]")) {
    row.classList.toggle("hit", inside.has(row.getAttribute("data-anchor") ?? ""));
  }
  draw();
}
