// Drawing in SVG: elements, scales, axes, and where a function on a grid is positive.

/**
 * @typedef {[number, number]} Pair
 * @typedef {Record<string, string | number>} Attributes
 * @typedef {{values: Float64Array, columns: number, rows: number}} Grid values at the corners of the
 *   cells, row by row from the top
 */

/** A new SVG element at the end of its parent.
 *  @param {string} name @param {Attributes} attributes @param {Element} parent */
function make(name, attributes, parent) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  parent.append(put(element, attributes));
  return element;
}

/** @template {Element} T @param {T} element @param {Attributes} attributes */
function put(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** Keep a drawing in pixels of the page, so that text and handles have one size on every screen.
 *  @param {Element} svg @param {() => void} draw */
function fit(svg, draw) {
  new ResizeObserver(() => {
    const {width, height} = svg.getBoundingClientRect();
    if (width > 0) put(svg, {viewBox: `0 0 ${width} ${height}`});
    if (width > 0) draw();
  }).observe(svg);
}

/** The size that `fit` has found last, in pixels; 0 before that. It is not measured while drawing: Jupyter Lab
 *  hides all of itself for a moment when it changes its theme. @param {Element} svg */
function sizeOf(svg) {
  const [width = 0, height = 0] = (svg.getAttribute("viewBox") ?? "").split(" ").slice(2).map(Number);
  return {width, height};
}

/** A finger that holds something does not scroll the page; beside it, it does. (Chromium does not
 *  heed touch-action on parts of a drawing.) @param {Element} svg @param {() => boolean} holds */
function holdStill(svg, holds) {
  const still = (/** @type {Event} */ event) => holds() && event.preventDefault();
  svg.addEventListener("touchstart", still, {passive: false});
}

/** From numbers to pixels. @param {Pair} from @param {Pair} to */
const scale = ([low, high], [start, end]) => (/** @type {number} */ value) =>
  start + ((value - low) / (high - low)) * (end - start);

/** The path through points. @param {Pair[]} points */
const through = (points) =>
  points.length ? `M${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}` : "";

/** The values of a function at the corners of a grid over a rectangle, the first row at `top`.
 *  @param {(x: number, y: number) => number} f @param {Pair} across
 *  @param {Pair} down @param {number} columns @param {number} rows @returns {Grid} */
function sample(f, [left, right], [top, bottom], columns, rows) {
  const values = new Float64Array((columns + 1) * (rows + 1));
  for (let i = 0, k = 0; i <= rows; i++)
    for (let j = 0; j <= columns; j++, k++)
      values[k] = f(left + ((right - left) * j) / columns, top + ((bottom - top) * i) / rows);
  return {values, columns, rows};
}

/** The part where the grid is positive and its edge, as paths (marching squares). Both are exact
 *  where the function is linear in a cell.
 *  @param {Grid} grid @param {number} width @param {number} height */
function positivePart({values, columns, rows}, width, height) {
  const area = [], edge = /** @type {[string, string][]} */ ([]);
  const place = (/** @type {number[]} */ [x, y]) =>
    `${((x / columns) * width).toFixed(1)},${((y / rows) * height).toFixed(1)}`;
  for (let i = 0; i < rows; i++) {
    let full = 0; // whole cells just before this one: they become one rectangle
    for (let j = 0; j <= columns; j++) {
      const k = i * (columns + 1) + j, below = k + columns + 1;
      const cell = [values[k], values[k + 1], values[below + 1], values[below]];
      const above = j < columns ? cell.filter((value) => value > 0).length : 0;
      if (above === 4) full++;
      else if (full) area.push(`M${[[j - full, i], [j, i], [j, i + 1], [j - full, i + 1]].map(place).join("L")}Z`);
      if (above === 4) continue;
      full = 0;
      if (above === 0) continue;
      const {outline, cuts} = cutCell(cell, i, j);
      area.push(`M${outline.map(place).join("L")}Z`);
      for (let c = 0; c < cuts.length; c += 2) edge.push([place(cuts[c]), place(cuts[c + 1])]);
    }
  }
  return {area: area.join(""), edge: joined(edge)};
}

/** Pieces that meet become one path, so that dashes run on. @param {[string, string][]} pieces */
function joined(pieces) {
  const at = /** @type {Map<string, [string, string][]>} */ (new Map()), used = new Set(), paths = [];
  for (const piece of pieces) for (const end of piece) at.set(end, [...(at.get(end) ?? []), piece]);
  const follow = (/** @type {string} */ end) => {
    const points = [];
    for (let next; (next = at.get(end)?.find((piece) => !used.has(piece))); points.push(end)) {
      used.add(next);
      end = next[0] === end ? next[1] : next[0];
    }
    return points;
  };
  for (const piece of pieces) {
    if (used.has(piece)) continue;
    used.add(piece);
    paths.push(`M${[...follow(piece[0]).reverse(), ...piece, ...follow(piece[1])].join("L")}`);
  }
  return paths.join("");
}

/** The positive part of a cell, and the ends of the straight cuts that bound it, in pairs.
 *  @param {number[]} cell its corners, clockwise from the upper left @param {number} i @param {number} j */
function cutCell(cell, i, j) {
  const corners = [[j, i], [j + 1, i], [j + 1, i + 1], [j, i + 1]];
  const outline = /** @type {number[][]} */ ([]), cuts = /** @type {number[][]} */ ([]);
  cell.forEach((here, k) => {
    const next = (k + 1) % 4;
    if (here > 0) outline.push(corners[k]);
    if (here > 0 === cell[next] > 0) return;
    const t = here / (here - cell[next]);
    cuts.push([0, 1].map((e) => corners[k][e] + t * (corners[next][e] - corners[k][e])));
    outline.push(cuts[cuts.length - 1]);
  });
  if (cuts.length === 4 && cell[0] <= 0) cuts.push(.../** @type {number[][]} */ (cuts.splice(0, 1)));
  return {outline, cuts};
}
