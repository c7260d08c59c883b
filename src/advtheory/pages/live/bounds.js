// The constants of the proof that lazy networks are fragile: advtheory.laziness.bounds once more.
// The tests hold the two against each other.

const WINDOW = 32000;

/** F, a bound on the value of every lazy network. @type {(c0: number, gamma: number) => number} */
const valueBound = (c0, gamma) => c0 + 2 * Math.sqrt(Math.log(2) - Math.log(gamma));

/** G_-, a lower bound on the gradient at the start. @type {(d: number) => number} */
const gradientLower = (d) => Math.sqrt((3 / 16) * (d - 1));

/** R, a bound on the length of the step. @type {(c0: number, d: number, gamma: number) => number} */
const stepLength = (c0, d, gamma) => (20 * valueBound(c0, gamma)) / Math.sqrt(d - 1);

/**
 * Lambda(k), the largest singular value of any k rows.
 * @param {number} k @param {number} d @param {number} m @param {number} gamma
 */
function rowNorm(k, d, m, gamma) {
  const subsets = k * Math.log((Math.E * m) / k);
  return Math.sqrt(d) + Math.sqrt(k) + Math.sqrt(2 * subsets - 2 * Math.log(gamma));
}

/**
 * k_V, how many neurons can switch while the weights stay lazy.
 * @param {number} c0 @param {number} d @param {number} m @param {number} gamma
 */
function lazyCount(c0, d, m, gamma) {
  const patterns = 16 * (d + 1) * Math.log((2 * Math.E * m) / (d + 1));
  const count = 1.6 * c0 * Math.sqrt(m) + patterns + 8 * (Math.log(4) - Math.log(gamma));
  return Math.min(m, Math.ceil(count));
}

/**
 * E_W, how far the gradient moves while the weights stay lazy.
 * @param {number} c0 @param {number} d @param {number} m @param {number} gamma
 */
function lazyChange(c0, d, m, gamma) {
  const k = lazyCount(c0, d, m, gamma);
  return c0 + Math.sqrt(k / m) * rowNorm(k, d, m, gamma);
}

/**
 * k_R, how many neurons switch in the ball of inputs of the given radius.
 * @param {number} radius @param {number} d @param {number} m @param {number} gamma
 */
function ballCount(radius, d, m, gamma) {
  const patterns = 8 * d * Math.log((2 * Math.E * m) / d);
  const count = m * radius + patterns + 8 * (Math.log(4) - Math.log(gamma));
  return Math.min(m, Math.ceil(count));
}

/**
 * E_R, how far the gradient of a random network moves in that ball.
 * @param {number} radius @param {number} d @param {number} m @param {number} gamma
 */
function ballChange(radius, d, m, gamma) {
  const k = ballCount(radius, d, m, gamma);
  const longest = Math.sqrt(d) + Math.sqrt(2 * (Math.log(m) - Math.log(gamma)));
  const patterns = d * Math.log((Math.E * m) / d) - Math.log(gamma);
  const fluctuation = (rowNorm(k, d, m, gamma) / Math.sqrt(m)) * Math.sqrt(8 * patterns);
  return Math.sqrt(k / m) * longest + fluctuation;
}

/**
 * The three conditions of the theorem, as ratios that must be at most 1; with the lengths in them.
 * @param {number} c0 @param {number} d @param {number} m @param {number} gamma
 */
function conditions(c0, d, m, gamma) {
  const step = stepLength(c0, d, gamma);
  const gradient = gradientLower(d);
  const lazy = lazyChange(c0, d, m, gamma);
  const ball = ballChange(Math.min(step, 0.5), d, m, gamma);
  const ratios = { radius: 2 * step, lazy: (10 * lazy) / gradient, ball: (5 * ball) / gradient };
  return { value: valueBound(c0, gamma), gradient, step, lazy, ball, ratios };
}

/** log10 of the smallest width, d^2 log^2 d. @type {(d: number) => number} */
const lowestWidth = (d) => 2 * Math.log10(d * Math.log(d));

/** log10 of the largest width. @type {(c0: number, d: number, gamma: number) => number} */
const highestWidth = (c0, d, gamma) =>
  Math.sqrt(d) / (WINDOW * valueBound(c0, gamma) * Math.log(d)) / Math.LN10;

/**
 * log10 of where a condition that fails below and holds above first holds.
 * @param {(d: number) => boolean} holds
 * @param {number} low
 * @param {number} high
 */
function firstDimension(holds, low = Math.log10(4), high = 60) {
  if (!holds(10 ** high)) return Infinity;
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (holds(10 ** middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Where the two ends of the window meet. @type {(c0: number, gamma: number) => number} */
const windowOpens = (c0, gamma) =>
  firstDimension((d) => lowestWidth(d) <= highestWidth(c0, d, gamma), 2);
