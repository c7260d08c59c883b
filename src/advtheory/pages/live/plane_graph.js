// The graph of phi along the ray, with its corners, and the values of all lazy networks there.

const INSET = {left: 34, right: 8, top: 10, bottom: 8}; // room for the words beside the axes

/** @param {Element} svg @param {Plane} plane @param {ReturnType<typeof study>} studied */
function drawGraph(svg, plane, {net, radius, flip, sign}) {
  svg.replaceChildren();
  if (sign === 0) return;
  const {norm} = flip, first = Math.abs(flip.value) / norm, far = longest(plane.asked ? first : flip.distance, first);
  const corners = phiUpTo(flip, far), reach = lazyAlong(net, radius, plane.x, flip, sign, far);
  const [low, high] = heights(corners, reach), {width, height} = sizeOf(svg);
  const across = scale([0, far], [INSET.left, width - INSET.right]);
  const down = scale([high, low], [INSET.top, height - INSET.bottom]);
  const place = (/** @type {Pair} */ [r, v]) => /** @type {Pair} */ ([across(r), down(v)]);
  const shown = !plane.asked;
  if (shown) make("path", {class: "lazy", d: through(reach.map(place))}, svg);
  axes(svg, {across, down, far, high}, first, shown ? flip.distance : Infinity);
  make("path", {class: "guess", d: through([[0, corners[0][1]], /** @type {Pair} */ ([first, 0])].map((p) => place(/** @type {Pair} */ (p))))}, svg);
  make("circle", {class: "guess", r: 4, cx: across(first), cy: down(0)}, svg);
  if (!shown) return;
  make("path", {class: "curve", d: through(corners.map(place))}, svg);
  for (const corner of corners.slice(1, -1)) {
    const [cx, cy] = place(corner);
    make("circle", {class: "bend", r: 3.5, cx, cy}, svg);
  }
  if (flip.distance < Infinity) make("circle", {class: "flip", r: 6, cx: across(flip.distance), cy: down(0)}, svg);
}

/** How far the graph goes: beyond the flip, in steps, so that it seldom jumps.
 *  @param {number} distance @param {number} first */
function longest(distance, first) {
  const need = 1.25 * (distance < Infinity ? Math.max(distance, first) : first);
  return [0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16].find((far) => far >= need) ?? need;
}

/** The corners of phi as [distance, value], up to a distance. @param {Flip} flip @param {number} far
 *  @returns {Pair[]} */
function phiUpTo({corners, norm, slope}, far) {
  const inside = corners.filter(([eta]) => eta * norm < far);
  const last = inside[inside.length - 1], next = corners[inside.length];
  const steep = next ? (next[1] - last[1]) / (next[0] - last[0]) : slope;
  const end = /** @type {Pair} */ ([far, last[1] + steep * (far / norm - last[0])]);
  return [...inside.map(([eta, value]) => /** @type {Pair} */ ([eta * norm, value])), end];
}

/** Around the values at a distance of all lazy networks, times the sign at x.
 *  @param {Network} net @param {number} radius @param {Pair} x @param {Flip} flip @param {number} sign
 *  @param {number} far @returns {Pair[]} */
function lazyAlong(net, radius, x, {gradient, norm}, sign, far) {
  const top = /** @type {Pair[]} */ ([]), bottom = /** @type {Pair[]} */ ([]);
  for (let k = 0; k <= 120; k++) {
    const r = (far * k) / 120, [y1, y2] = [0, 1].map((j) => x[j] - (r * sign * gradient[j]) / norm);
    const {low, high} = lazyRange(net, radius, y1, y2);
    top.push([r, sign > 0 ? high : -low]);
    bottom.unshift([r, sign > 0 ? low : -high]);
  }
  return [...top, ...bottom];
}

/** The lowest and the highest value drawn. @param {Pair[]} corners @param {Pair[]} reach */
function heights(corners, reach) {
  const start = corners[0][1], most = Math.max(...corners.map(([, v]) => v), ...reach.map(([, v]) => v));
  return [-0.6 * start, Math.min(Math.max(1.15 * start, most), 2 * start)];
}

/** The axes, with the two distances that matter: the first slope's, and the flip's where it is shown.
 *  @param {Element} svg @param {{across: (r: number) => number, down: (v: number) => number, far: number, high: number}} frame
 *  @param {number} first @param {number} flip */
function axes(svg, {across, down, far, high}, first, flip) {
  const text = (/** @type {string} */ words, /** @type {Attributes} */ where) =>
    (make("text", where, svg).textContent = words);
  make("line", {class: "axis", x1: across(0), x2: across(far), y1: down(0), y2: down(0)}, svg);
  make("line", {class: "axis", x1: across(0), x2: across(0), y1: down(high), y2: down(0)}, svg);
  text("0", {x: across(0) - 6, y: down(0) + 4, "text-anchor": "end"});
  text("φ", {x: across(0) - 8, y: down(high) + 8, "text-anchor": "end", "font-style": "italic"});
  text("distance along the gradient", {x: across(0) + 6, y: down(0) + 36});
  const flips = across(Math.min(flip, 2 * far)), y = down(0) + 18;
  if (Math.abs(across(first) - flips) > 60) text(number(first), {x: across(first), y, "text-anchor": "middle"});
  if (flip < Infinity) text(number(flip), {x: flips - 4, y, class: "flipped", "text-anchor": "end"});
}
