// What is said of the part that is selected, and the list of what was found.

const panel = element("panel");
const said = element("said");
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
  const made = /** @type {HTMLAnchorElement} */ (html("a", title));
  made.href = `#${encodeURIComponent(parts[index].anchor)}`;
  return made;
}

/** @param {string} text @param {string} [title] */
function copyButton(text, title = "Copy") {
  const button = html("button", title, "copy");
  button.setAttribute("aria-label", title === "Copy" ? `Copy ${text}` : title);
  button.addEventListener("click", () => {
    const done = () => (said.textContent = "Copied");
    navigator.clipboard?.writeText(text).then(done, () => (said.textContent = "The browser does not let this page copy"));
  });
  return button;
}

/** Rows of what is said: a label, then a value for each network. @param {number} index @param {"facts"|"names"} what */
function rowsOf(index, what) {
  const labels = new Set(parts[index].cells.flatMap((cell) => (cell ? cell[what] : []).map(([label]) => label)));
  return [...labels].map((label) => {
    const values = parts[index].cells.map((cell) => cell?.[what].filter(([own]) => own === label).map(([, value]) => value).join("; ") ?? "");
    return { label, values, differs: new Set(values).size > 1 };
  });
}

/** @param {number} index */
function showPanel(index) {
  panel.replaceChildren();
  const part = parts[index], cell = anyCell(index);
  const path = html("nav", "", "path");
  path.setAttribute("aria-label", "Where it is");
  chain(index).slice(0, -1).forEach((each) => path.append(link(nameOf(each), each), " › "));
  const close = html("button", "×", "close");
  close.setAttribute("aria-label", "Close");
  close.addEventListener("click", () => choose(-1));
  panel.append(close, path, html("h2", nameOf(index)));
  panel.append(html("p", part.kind === "layer" ? cell.title : cell.note, "note"));
  const facts = rowsOf(index, "facts"), names = rowsOf(index, "names");
  const table = html("table", "", "facts");
  if (several) table.append(html("tr", "", "", html("td"), ...models.map((title) => html("th", title))));
  for (const { label, values, differs } of facts) {
    const cells = values.map((value) => html("td", value || "–", differs ? "other" : ""));
    table.append(html("tr", "", "", html("th", label), ...cells));
  }
  panel.append(table);
  if (names.length) {
    panel.append(html("h3", "In other code"));
    const list = html("dl", "", "names");
    for (const { label, values } of names) {
      for (const value of new Set(values.filter(Boolean))) list.append(html("dt", label), html("dd", "", "", html("code", value), copyButton(value)));
    }
    panel.append(list);
  }
  /** @param {string} title @param {number[]} indices */
  const around = (title, indices) => {
    if (!indices.length) return;
    panel.append(html("h3", title), html("ul", "", "", ...indices.map((each) => html("li", "", "", link(nameOf(each), each)))));
  };
  if (part.kind === "layer") {
    around("Takes", [...new Set(part.cells.flatMap((each) => each?.inputs ?? []))]);
    around("Goes to", parts.flatMap((other, at) => (other.cells.some((each) => each?.inputs.includes(index)) ? [at] : [])));
  } else around("Consists of", inner[index]);
  const words = [...facts, ...names].map(({ label, values }) => [label, ...values].join("\t"));
  panel.append(copyButton([nameOf(index), ...words].join("\n"), "Copy all of this"));
}

/** Tests of all words of a query, which a part must meet. @param {string} text @returns {((index: number) => boolean)[]} */
function tests(text) {
  const plain = (/** @type {string} */ each) => each.toLowerCase().replace(/×/g, "x");
  return plain(text).split(/\s+/).filter(Boolean).map((word) => {
    const [, kind, rest] = /** @type {string[]} */ (/^(?:(op|shape|name):)?(.*)$/.exec(word));
    return (index) => parts[index].cells.some((cell) => {
      if (!cell) return false;
      const operation = `${cell.title} ${cell.facts.find(([label]) => label === "Operation")?.[1] ?? ""}`;
      if (kind === "shape") return plain(cell.leaving) === rest || plain(cell.leaving).startsWith(`${rest}x`);
      if (kind === "op") return plain(operation).replace(/[\W_]/g, "").includes(rest.replace(/[\W_]/g, ""));
      const named = [cell.note, ...cell.names.map(([, path]) => path)].join(" ");
      return plain(kind === "name" ? named : `${named} ${operation} ${cell.leaving}`).includes(rest.replace(/^\*|\*$/g, ""));
    });
  });
}

const MOST_LISTED = 200;
function search() {
  const words = tests(query.value);
  view.hits = new Set(words.length ? parts.flatMap((_, index) => (words.every((test) => test(index)) ? [index] : [])) : []);
  const layers = [...view.hits].filter((index) => parts[index].kind === "layer").length;
  const list = element("found");
  list.replaceChildren(...[...view.hits].slice(0, MOST_LISTED).map((index) => html("li", "", "", link(nameOf(index), index), html("span", ` ${anyCell(index).leaving}`))));
  list.hidden = !words.length;
  said.textContent = words.length ? `${view.hits.size} found${layers < view.hits.size ? `, ${layers} of them layers` : ""}` : "";
  const inside = new Set([...view.hits].flatMap(chain).map((index) => parts[index].anchor));
  document.querySelectorAll("tr[data-anchor]").forEach((row) => row.classList.toggle("hit", inside.has(/** @type {HTMLElement} */ (row).dataset.anchor ?? "")));
  draw();
}

/** The next hit behind the selected part. */
function nextHit() {
  const hits = [...view.hits];
  return hits.find((hit) => hit > view.selected) ?? hits[0] ?? -1;
}
