// The arcs of a map of statements: one for each use, beside the list, from what uses to what is used.
// Without this script the list itself still says everything.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element of a drawing.
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @returns {SVGElement}
 */
function drawn(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/**
 * Draw the arcs of one map anew, since the rows have other places after a change of width.
 * @param {HTMLElement} map
 */
function draw(map) {
  map.querySelector("svg")?.remove();
  const svg = drawn("svg", { "aria-hidden": "true" });
  const rows = [...map.querySelectorAll(".statement-row")];
  const top = map.getBoundingClientRect().top;
  const width = parseFloat(getComputedStyle(map).paddingLeft) - 6;
  /** @type {Map<string, number>} */
  const place = new Map();
  for (const row of rows) {
    const first = /** @type {HTMLElement} */ (row.firstElementChild ?? row).getBoundingClientRect();
    place.set(row.dataset.label, first.top - top + 12);
  }
  const longest = Math.max(...place.values()) - Math.min(...place.values());
  for (const row of rows) {
    const from = place.get(row.dataset.label);
    svg.append(drawn("circle", { cx: `${width}`, cy: `${from}`, r: "3" }));
    for (const used of row.dataset.uses.split(" ").filter((label) => place.has(label))) {
      const to = place.get(used);
      // a longer way bends further, but on a phone too it stays inside the margin
      const bend = (width - 4) * Math.sqrt(Math.abs(to - from) / longest) * 1.3;
      const x = Math.max(-width / 3, width - bend);
      const arc = `M${width} ${from} C${x} ${from} ${x} ${to} ${width} ${to}`;
      svg.append(Object.assign(drawn("path", { d: arc, "data-from": row.dataset.label, "data-to": used })));
    }
  }
  map.append(svg);
}

/**
 * Let the arcs of one row stand out; of none, where `row` is null.
 * @param {HTMLElement} map
 * @param {HTMLElement | null} row
 */
function choose(map, row) {
  const label = row?.dataset.label;
  map.classList.toggle("chosen", row !== null);
  for (const arc of map.querySelectorAll("svg path")) {
    arc.classList.toggle("uses", arc.dataset.from === label);
    arc.classList.toggle("used-by", arc.dataset.to === label);
  }
  const uses = (row?.dataset.uses ?? "").split(" ");
  for (const other of map.querySelectorAll(".statement-row")) {
    other.classList.toggle("here", other === row);
    other.classList.toggle("uses", uses.includes(other.dataset.label));
    other.classList.toggle("used-by", other.dataset.uses.split(" ").includes(label ?? " "));
  }
}

for (const map of document.querySelectorAll(".statement-map")) {
  const row = (event) => event.target.closest?.(".statement-row") ?? null;
  for (const kind of ["pointerover", "focusin"]) map.addEventListener(kind, (event) => choose(map, row(event)));
  for (const kind of ["pointerleave", "focusout"]) map.addEventListener(kind, () => choose(map, null));
  new ResizeObserver(() => draw(map)).observe(map);
}
