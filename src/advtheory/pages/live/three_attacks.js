// Attacks on a linear classifier of many classes in the plane: raw gradient steps, then the ball.
// Losses and steps are those of advtheory.losses and advtheory.attacks, which are the reference.

/**
 * @typedef {number[][]} Rows a row of weights for each class
 * @typedef {(f: number[], y: number) => number[]} Slope the derivative of a loss in the outputs
 * @typedef {{radius: number, step: number, steps: number}} Budget
 * @typedef {{path: Pair[], best: Pair, margin: number, at: number}} Walk all iterates, the one with the lowest
 *   margin, that margin, and the number of its step
 */

/** @param {Rows} rows @param {Pair} x */
const outputs = (rows, x) => rows.map((w) => w[0] * x[0] + w[1] * x[1]);

/** The class with the largest of some outputs. @param {number[]} f @param {number} [besides] a class that is left out */
const largest = (f, besides = -1) => f.reduce((best, value, k) => (k !== besides && (best < 0 || value > f[best]) ? k : best), -1);

/** @param {number[]} f @param {number} y */
const marginOf = (f, y) => f[y] - f[largest(f, y)];

/** @param {number[]} f */
function softmax(f) {
  const top = Math.max(...f), e = f.map((value) => Math.exp(value - top)), sum = e.reduce((a, b) => a + b);
  return e.map((value) => value / sum);
}

/** The reflected loss of the pair margin f_y - f_k. @param {number} k @returns {Slope} */
const towards = (k) => (f, y) => {
  const s = 1 / (1 + Math.exp(f[k] - f[y]));
  return f.map((_, j) => (j === y ? -s : j === k ? s : 0));
};

const SLOPES = /** @type {Record<string, Slope>} */ ({
  plain: (f, y) => softmax(f).map((p, k) => p - (k === y ? 1 : 0)),
  margin: (f, y) => towards(largest(f, y))(f, y),
  softmax: (f, y) => softmax(f).map((p, k) => (k === largest(f, y) ? 1 : 0) - p),
});

/** @param {Rows} rows @param {Pair} x @param {number} y @param {Slope} slope @param {Budget} budget @returns {Walk} */
function walk(rows, x, y, slope, {radius, step, steps}) {
  const path = [x];
  let best = x, margin = marginOf(outputs(rows, x), y), at = 0;
  for (let t = 1; t <= steps; t++) {
    const here = path[path.length - 1], c = slope(outputs(rows, here), y);
    const shift = [0, 1].map((i) => here[i] - x[i] + step * rows.reduce((sum, w, k) => sum + c[k] * w[i], 0));
    const far = Math.hypot(...shift), shrink = far <= radius ? 1 : radius / far;
    const next = /** @type {Pair} */ ([x[0] + shrink * shift[0], x[1] + shrink * shift[1]]);
    path.push(next);
    const z = marginOf(outputs(rows, next), y);
    if (z < margin) [best, margin, at] = [next, z, t];
  }
  return {path, best, margin, at};
}

/** The four attacks of the figure; targeted is the better one of its runs.
 *  @param {Rows} rows @param {Pair} x @param {Budget} budget @returns {{y: number, walks: Record<string, Walk>}} */
function attacks(rows, x, budget) {
  const y = largest(outputs(rows, x));
  const walks = Object.fromEntries(Object.entries(SLOPES).map(([name, slope]) => [name, walk(rows, x, y, slope, budget)]));
  const runs = rows.map((_, ahead) => (y + ahead) % rows.length).slice(1).map((k) => walk(rows, x, y, towards(k), budget));
  return {y, walks: {...walks, targeted: runs.reduce((one, other) => (other.margin < one.margin ? other : one))}};
}
