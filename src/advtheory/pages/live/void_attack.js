// The attack with the reflected loss on a network with two inputs and no biases, and the best attack.

/** @typedef {{x: Pair, margin: number}} Attack a point and its margin; the label is +1 */

/** G = kappa sqrt(m) |W|, which bounds the gradient. @param {Network} net */
const steepness = ({w, a}) => Math.max(...Array.from(a, Math.abs)) * core.length(w);

/** The lines of the neurons through the origin. @param {Network} net @returns {Pair[]} unit vectors along them */
function linesOf({m, w}) {
  const lines = /** @type {Pair[]} */ ([]);
  for (let s = 0; s < m; s++) {
    const size = Math.hypot(w[2 * s], w[2 * s + 1]);
    if (size > 0) lines.push([-w[2 * s + 1] / size, w[2 * s] / size]);
  }
  return lines;
}

/** A unit vector inside each of the cones between the lines. @param {Pair[]} lines @returns {Pair[]} */
function cones(lines) {
  const turn = lines.map(([u, v]) => (Math.atan2(v, u) + 2 * Math.PI) % Math.PI).sort((a, b) => a - b);
  const around = [...turn, ...turn.map((angle) => angle + Math.PI)];
  return around.map((angle, k) => {
    const next = k + 1 < around.length ? around[k + 1] : around[0] + 2 * Math.PI, middle = (angle + next) / 2;
    return [Math.cos(middle), Math.sin(middle)];
  });
}

/** Points of the disc among which is the best one: the origin, where lines meet the circle, and the ends of
 *  radii against the gradients of the cones. @param {Network} net @param {Pair} x @param {number} nu */
function candidates(net, x, nu) {
  const points = /** @type {Pair[]} */ (Math.hypot(...x) <= nu ? [x, [0, 0]] : [x]);
  const lines = linesOf(net), g = new Float64Array(2);
  for (const [u, v] of lines) {
    const middle = x[0] * u + x[1] * v, away = Math.abs(x[1] * u - x[0] * v);
    const half = Math.sqrt(Math.max(nu * nu - away * away, 0));
    if (away <= nu) for (const t of [middle - half, middle + half]) points.push([t * u, t * v]);
  }
  for (const inside of cones(lines)) {
    core.gradient(net, Float64Array.from(inside), g);
    const size = Math.hypot(...g);
    if (size > 0) points.push([x[0] - (nu * g[0]) / size, x[1] - (nu * g[1]) / size]);
  }
  return points;
}

/** @param {Network} net @param {Pair} x @param {number} nu @returns {Attack} */
function bestAttack(net, x, nu) {
  const all = candidates(net, x, nu).map((point) => ({x: point, margin: core.value(net, Float64Array.from(point))}));
  return all.reduce((one, other) => (other.margin < one.margin ? other : one));
}

/** x_1, ..., x_{T+1} of the attack, with their margins. @param {Network} net @param {Pair} x
 *  @param {number} nu @param {number} eta @param {number} steps @returns {Attack[]} */
function attackPath(net, x, nu, eta, steps) {
  const found = /** @type {Attack[]} */ ([]), g = new Float64Array(2);
  let point = Float64Array.from(x);
  for (let t = 0; t <= steps; t++) {
    const margin = core.gradient(net, point, g), s = 1 / (1 + Math.exp(-margin));
    found.push({x: [point[0], point[1]], margin});
    const moved = Float64Array.from(point, (v, j) => v - eta * s * g[j]);
    point = Float64Array.from(core.nearest(Float64Array.from(x), moved, nu));
  }
  return found;
}
