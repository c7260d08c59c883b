// The lazy ball seen from one input. Lazy weights move each row (w_s, b_s) by at most V = C0 / sqrt m.
//
// At an input y the row's preactivation z_s then takes every value within V |(y, 1)| of its own, and no
// other (Cauchy and Schwarz; a move along (y, 1) reaches the ends). The rows move independently and the
// ReLU does not decrease. So the values at y of all lazy networks are the interval from `low` to `high`:
//
//   sum_s a_s max(z_s -+ a_s V |(y, 1)|, 0) / sqrt m.
//
// "Settled" is exact: no lazy network gives the other answer at y, and none gives 0, if and only if
// f(y) > 0 and low > 0, or f(y) < 0 and high < 0. The tests hold it against value_range of the package.

/** The three sums at (x, y), smallest, own and largest, and the largest entry before the ReLU in each.
 *  @param {Network} net with d = 2 @param {number} radius V @param {number} x @param {number} y */
function lazySums({m, w, a, b}, radius, x, y) {
  const shift = radius * Math.sqrt(x * x + y * y + 1), top = 1 / Math.sqrt(m);
  const sums = [0, 0, 0], most = [-Infinity, -Infinity, -Infinity];
  for (let s = 0; s < m; s++) {
    const z = w[2 * s] * x + w[2 * s + 1] * y + (b ? b[s] : 0);
    for (let k = 0; k < 3; k++) {
      const here = z + (k - 1) * a[s] * shift;
      if (here > 0) sums[k] += top * a[s] * here;
      if (here > most[k]) most[k] = here;
    }
  }
  return {sums, most};
}

/** @param {Network} net @param {number} radius @param {number} x @param {number} y */
function lazyRange(net, radius, x, y) {
  const [low, value, high] = lazySums(net, radius, x, y).sums;
  return {low, value, high};
}

/** Four numbers: the first is positive where f is, the second where f is negative, the others where
 *  that is settled. Where no neuron is active and the sum is 0, it is continued to a negative number
 *  that vanishes at the first line, so that the edge of that part can be drawn.
 *  @param {Network} net @param {number} radius @param {number} x @param {number} y */
function answers(net, radius, x, y) {
  const {sums, most} = lazySums(net, radius, x, y);
  const signed = (/** @type {number} */ k, /** @type {number} */ sign) => (most[k] > 0 ? sign * sums[k] : most[k] / Math.sqrt(net.m));
  return [signed(1, 1), signed(1, -1), signed(0, 1), signed(2, -1)];
}

/** The lazy network with the smallest value at x (sign -1) or the largest (sign +1).
 *  @param {Network} net @param {number} radius V @param {[number, number]} x @param {number} sign
 *  @returns {Network} */
function extremeNetwork(net, radius, [x, y], sign) {
  const far = (sign * radius) / Math.sqrt(x * x + y * y + 1);
  const w = Float64Array.from(net.w, (v, k) => v + far * net.a[k >> 1] * (k % 2 ? y : x));
  const b = Float64Array.from(net.a, (a, s) => (net.b ? net.b[s] : 0) + far * a);
  return {...net, w, b};
}
