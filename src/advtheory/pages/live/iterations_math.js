// The numbers of the page on the end of adversarial training, and a perceptron under attack in the plane.

/** @typedef {{gamma: number, nu: number, radius: number, alpha: number, width: number, eps: number}} Setting
 *    width is a logarithm to base 10 */
/** @typedef {[number, number]} Place */

/** Iterations of training, steps of the last attack, and all steps of attacks, for signs and a start of the
 *  norm sqrt(3)/(R + nu); the perceptron's mistakes. @param {Setting} setting */
function promised({gamma, nu, radius, alpha, eps}) {
  const reach = radius + nu, gap = gamma - nu, eta = 1 / reach ** 2;
  const training = Math.ceil(((64 * (1 + (Math.sqrt(3) / reach) * alpha * gap * (eps / 4))) / (eta * (alpha * gap * eps) ** 2)) * (1 - 1e-12));
  const square = 3 * eta + 0.612 * eta * (training - 1);
  return {
    mistakes: (reach / gap) ** 2,
    training,
    attack: Math.max(1, Math.ceil(((8 * nu ** 2 * square) / eps) * (1 - 1e-12))),
    cost: (196608 * (nu * reach) ** 2) / ((gap * alpha) ** 4 * eps ** 5),
  };
}

const INPUTS = 16;

/** Inputs at least gamma away from the upright line, in the disc of radius R: x, and the label y.
 *  @param {Setting} setting @returns {{x: Place, y: number}[]} */
function inputs({gamma, radius}) {
  const side = Math.sqrt(Math.max(0, radius ** 2 - gamma ** 2));
  return Array.from({length: INPUTS}, (_, k) => {
    // the golden ratio spreads the places; every third input lies at the margin, the first leads astray
    const u = k % 3 ? (k * 0.755) % 1 : 0, v = (0.97 + k * 0.382) % 1, y = k % 2 ? -1 : 1;
    const up = y * side * (2 * v - 1), room = Math.sqrt(radius ** 2 - up ** 2) - gamma;
    return {x: [y * (gamma + 0.9 * u * room), up], y};
  });
}

/** The perceptron under attack: the attacker shows the worst point of each disc.
 *  It ends after a pass without a mistake. @param {{x: Place, y: number}[]} data @param {number} nu @param {number} [passes] */
function perceptron(data, nu, passes = 4000) {
  let [a, b] = [0, 0], mistakes = 0;
  for (let pass = 0; pass < passes; pass++) {
    const before = mistakes;
    for (const {x, y} of data) {
      const length = Math.hypot(a, b) || 1, p = x[0] - (nu * y * a) / length, q = x[1] - (nu * y * b) / length;
      if (y * (a * p + b * q) > 0) continue;
      [a, b] = [a + y * p, b + y * q];
      mistakes++;
    }
    if (mistakes === before) return {w: /** @type {Place} */ ([a, b]), mistakes, ended: true};
  }
  return {w: /** @type {Place} */ ([a, b]), mistakes, ended: false};
}
