// Two-layer networks, f(x) = sum_s a_s sigma(w_s . x + b_s) / sqrt(m) + c with the leaky ReLU sigma(z) =
// max(alpha z, z), as the book has them. The ReLU is alpha = 0.
//
//   core.network({m, d, w, a, b, c, alpha})   w row by row (m * d numbers); b, c and alpha may be left out
//   core.value(net, x)                 f(x)
//   core.gradient(net, x, g)           f(x), and its gradient written into g (left slope at a kink)
//   core.flip(net, x)                  the exact flipping step, and the corners of phi
//   core.step(x, g, y, length)         x moved by `length` against the sign y along the gradient g
//   core.pgd(net, x, y, radius, steps) projected gradient descent on the margin: its best iterate
//   core.nearest(x, point, radius)     the nearest point of the ball around x
//   core.unpack(packed)                a network from the weights that Python packed (fragment.py)
//   core.bytes(text)                   bytes from base64
//
// Sums are in float64, and rounding counts as in advtheory.attacks.flipping, which is the reference.

/**
 * @typedef {Float64Array | Float32Array} Numbers
 * @typedef {{m: number, d: number, w: Numbers, a: Numbers, b: Numbers | null, c: number, alpha: number}} Network
 * @typedef {{m: number, d: number, w: string, scale: string, a: string, b: string | null, c: number}} Packed
 * @typedef {{at: number, change: number}} Bend where phi changes its slope, and by how much
 * @typedef {object} Flip
 * @property {number} value f(x)
 * @property {Float64Array} gradient of f at x
 * @property {number} norm the gradient's length
 * @property {number} step smallest eta >= 0 at which f(x - eta sign(f) gradient) has lost its sign
 * @property {number} distance step * norm; both are Infinity where the sign never flips on the ray
 * @property {[number, number][]} corners of phi: [eta, phi(eta)], from eta = 0 on
 * @property {number} slope of phi beyond the last corner
 */

const core = (() => {
  const ROUNDING = 16 * 2 ** -52; // relative error within which a value or a slope of phi counts as 0

  /** @param {{m: number, d: number, w: Numbers, a: Numbers, b?: Numbers | null, c?: number, alpha?: number}} parts
   *  @returns {Network} */
  const network = ({m, d, w, a, b = null, c = 0, alpha = 0}) => ({m, d, w, a, b, c, alpha});

  /** Inner product of x with the d numbers of w that begin at `from`; four sums at a time are faster.
   *  @param {Numbers} w @param {number} from @param {Numbers} x @param {number} d */
  function dot(w, from, x, d) {
    let p = 0, q = 0, r = 0, s = 0, j = 0;
    for (; j + 3 < d; j += 4) {
      p += w[from + j] * x[j];
      q += w[from + j + 1] * x[j + 1];
      r += w[from + j + 2] * x[j + 2];
      s += w[from + j + 3] * x[j + 3];
    }
    for (; j < d; j++) p += w[from + j] * x[j];
    return p + q + r + s;
  }

  /** @param {Numbers} v */
  const length = (v) => Math.sqrt(dot(v, 0, v, v.length));

  /** z_s = w_s . x + b_s. @param {Network} net @param {Numbers} x @param {number} s */
  const preactivation = (net, x, s) => dot(net.w, s * net.d, x, net.d) + (net.b ? net.b[s] : 0);

  /** @param {Network} net @param {Numbers} x */
  function value(net, x) {
    let sum = 0;
    for (let s = 0; s < net.m; s++) {
      const z = preactivation(net, x, s);
      sum += net.a[s] * (z > 0 ? z : net.alpha * z);
    }
    return sum / Math.sqrt(net.m) + net.c;
  }

  /** @param {Network} net @param {Numbers} x @param {Float64Array} g @returns {number} f(x) */
  function gradient(net, x, g) {
    const {m, d, w, a, alpha} = net, top = 1 / Math.sqrt(m);
    let sum = 0;
    g.fill(0);
    for (let s = 0; s < m; s++) {
      const z = preactivation(net, x, s);
      const slope = z > 0 ? 1 : alpha;
      if (slope === 0) continue;
      sum += a[s] * slope * z;
      const h = a[s] * slope * top;
      for (let j = 0, o = s * d; j < d; j++) g[j] += h * w[o + j];
    }
    return sum * top + net.c;
  }

  /** The neurons that the ray x - eta sign g drives towards their kink, in the order of the ray.
   *  @param {Network} net @param {Numbers} x @param {Float64Array} g @param {number} sign
   *  @returns {Bend[]} */
  function bends(net, x, g, sign) {
    const found = [], top = (sign * (1 - net.alpha)) / Math.sqrt(net.m);
    for (let s = 0; s < net.m; s++) {
      const z = preactivation(net, x, s), q = -sign * dot(net.w, s * net.d, g, net.d);
      if (q !== 0 && z > 0 !== q > 0) found.push({at: -z / q, change: Math.abs(q) * net.a[s] * top});
    }
    return found.sort((one, other) => one.at - other.at);
  }

  /** The first root of phi, from its pieces between sorted breakpoints.
   *  @param {number} start phi(0) @param {number} slope phi'(0) @param {Bend[]} found */
  function firstRoot(start, slope, found) {
    const touch = ROUNDING * start, corners = /** @type {[number, number][]} */ ([[0, start]]);
    let at = 0, height = start, size = Math.abs(slope), step = Infinity;
    const steep = () => (Math.abs(slope) > ROUNDING * size ? slope : 0); // 0 where every neuron died
    for (const {at: end, change} of found) {
      const s = steep(), low = height + s * (end - at);
      if (step === Infinity && low <= touch) step = s < 0 ? Math.min(Math.max(at - height / s, at), end) : at;
      corners.push([(at = end), (height = low)]);
      slope += change;
      size += Math.abs(change);
    }
    slope = steep();
    if (step === Infinity && slope < 0) step = Math.max(at - height / slope, at);
    return {step, corners, slope};
  }

  /** @param {Network} net @param {Numbers} x @returns {Flip} */
  function flip(net, x) {
    const g = new Float64Array(net.d), f = gradient(net, x, g), sign = Math.sign(f), norm = length(g);
    if (f === 0) return {value: f, gradient: g, norm, step: 0, distance: 0, corners: [[0, 0]], slope: 0};
    const root = firstRoot(Math.abs(f), -norm * norm, bends(net, x, g, sign));
    const distance = root.step === Infinity ? Infinity : root.step * norm;
    return {value: f, gradient: g, norm, distance, ...root};
  }

  /** @param {Numbers} x @param {Float64Array} g @param {number} y @param {number} far */
  function step(x, g, y, far) {
    const scale = (y * far) / (length(g) || 1);
    return Float64Array.from(x, (v, j) => v - scale * g[j]);
  }

  /** @param {Network} net @param {Numbers} x @param {number} y @param {number} radius @param {number} steps */
  function pgd(net, x, y, radius, steps = 20) {
    const g = new Float64Array(net.d), best = Float64Array.from(x);
    let point = /** @type {Float64Array} */ (Float64Array.from(x)), low = Infinity;
    for (let k = 0; k <= steps; k++) {
      const margin = y * gradient(net, point, g);
      if (margin < low) best.set(point);
      low = Math.min(low, margin);
      if (k < steps) point = nearest(x, step(point, g, y, (2.5 * radius) / steps), radius);
    }
    return best;
  }

  /** The nearest point of the ball around x. @param {Numbers} x @param {Float64Array} point
   *  @param {number} radius */
  function nearest(x, point, radius) {
    const move = point.map((v, j) => v - x[j]), far = length(move);
    return far > radius ? move.map((v, j) => x[j] + (v * radius) / far) : point;
  }

  /** @param {string} text */
  function bytes(text) {
    const letters = atob(text), found = new Uint8Array(letters.length);
    for (let k = 0; k < found.length; k++) found[k] = letters.charCodeAt(k);
    return found;
  }

  /** Little-endian float32. @param {string} text */
  const floats = (text) => new Float32Array(bytes(text).buffer);

  /** Weights are whole numbers from -127 to 127 times the scale of their row: exact in float32.
   *  @param {Packed} packed @returns {Network} */
  function unpack({m, d, w, scale, a, b, c}) {
    const scales = floats(scale), whole = new Int8Array(bytes(w).buffer);
    const rows = new Float32Array(m * d);
    for (let s = 0, k = 0; s < m; s++) for (const end = k + d; k < end; k++) rows[k] = whole[k] * scales[s];
    const signs = Float32Array.from(new Int8Array(bytes(a).buffer));
    return {m, d, w: rows, a: signs, b: b === null ? null : floats(b), c, alpha: 0};
  }

  return {network, length, dot, value, gradient, flip, step, pgd, nearest, unpack, bytes};
})();
