// One margin: two bounds on the 0-1 loss, and walks z - h q(z) and z - h s(z) towards zero.

const MARGINS = /** @type {Pair} */ ([-4, 8]);
const LOSSES = /** @type {Pair} */ ([-9, 4]);
const KINDS = /** @type {("upper" | "lower")[]} */ (["upper", "lower"]);
const WEIGHTS = {
  upper: (/** @type {number} */ z) => 1 / (1 + Math.exp(z)),
  lower: (/** @type {number} */ z) => 1 / (1 + Math.exp(-z)),
};
const softplus = (/** @type {number} */ z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const BOUNDS = {
  upper: (/** @type {number} */ z) => softplus(-z) / Math.LN2,
  lower: (/** @type {number} */ z) => 1 - softplus(z) / Math.LN2,
};

/** The margin after at most `most` steps, and how many were made before it was zero or less.
 *  @param {number} z @param {number} h @param {"upper" | "lower"} kind @param {number} most */
function walk(z, h, kind, most) {
  let steps = 0;
  for (; steps < most && z > 0; steps++) z -= h * WEIGHTS[kind](z);
  return {z, steps};
}

/** @param {Element} svg @param {Pair} range */
function frameOf(svg, range) {
  const {width, height} = sizeOf(svg);
  const [left, right, top, bottom] = [26, width - 12, 8, height - 24];
  return {left, right, top, bottom, across: scale(MARGINS, [left, right]), up: scale(range, [bottom, top])};
}

/** @param {Element} svg @param {ReturnType<typeof frameOf>} frame @param {number} height */
function axis(svg, {left, right, bottom, across}, height) {
  make("line", {class: "axis", x1: left, x2: right, y1: height, y2: height}, svg);
  for (const z of [-4, 0, 4, 8]) {
    const label = make("text", {x: across(z), y: bottom + 16, "text-anchor": z === 8 ? "end" : "middle"}, svg);
    label.textContent = z === 8 ? "z = 8" : String(z).replace("-", "−");
  }
}

/** @param {Element} svg @param {Element} drawn @param {Element} chosen @param {number} z */
function drawLosses(svg, drawn, chosen, z) {
  drawn.replaceChildren();
  const frame = frameOf(svg, LOSSES), {left, top, bottom, across, up} = frame;
  axis(drawn, frame, up(0));
  make("line", {class: "axis", x1: left, x2: left, y1: top, y2: bottom}, drawn);
  for (const y of [-8, -4, 0, 4]) make("text", {x: left - 6, y: up(y) + 4, "text-anchor": "end"}, drawn).textContent = String(y).replace("-", "−");
  const step = /** @type {Pair[]} */ ([[-4, 1], [0, 1], [0, 0], [8, 0]]);
  make("path", {class: "step", d: through(step.map(([x, y]) => /** @type {Pair} */ ([across(x), up(y)])))}, drawn);
  make("line", {class: "at", x1: across(z), x2: across(z), y1: top, y2: bottom}, drawn);
  for (const kind of KINDS) curve(drawn, frame, kind, z);
  put(chosen, {transform: `translate(${across(z)} ${bottom})`});
}

/** A bound, and its tangent at z where that is in sight. @param {Element} drawn
 *  @param {ReturnType<typeof frameOf>} frame @param {"upper" | "lower"} kind @param {number} z */
function curve(drawn, {across, up}, kind, z) {
  const f = BOUNDS[kind], inside = (/** @type {number} */ y) => y >= LOSSES[0] && y <= LOSSES[1];
  const points = Array.from({length: 241}, (_, k) => MARGINS[0] + ((MARGINS[1] - MARGINS[0]) * k) / 240);
  const place = (/** @type {number} */ x, /** @type {number} */ y) => /** @type {Pair} */ ([across(x), up(y)]);
  make("path", {class: kind, d: through(points.filter((x) => inside(f(x))).map((x) => place(x, f(x))))}, drawn);
  if (!inside(f(z))) return;
  const slope = -WEIGHTS[kind](z) / Math.LN2, reach = 0.9 / Math.hypot(1, slope);
  const ends = [-reach, reach].map((dx) => place(z + dx, f(z) + slope * dx));
  make("path", {class: `tangent ${kind}`, d: through(ends)}, drawn);
  make("circle", {class: kind, r: 5, cx: across(z), cy: up(f(z))}, drawn);
}

/** @param {Element} svg @param {{z: number, h: number}} sizes @param {number} steps */
function drawWalks(svg, {z, h}, steps) {
  svg.replaceChildren();
  const frame = frameOf(svg, [0, 1]), {left, top, bottom, across, up} = frame;
  make("rect", {class: "wrong", x: left, y: top, width: across(0) - left, height: bottom - top}, svg);
  make("line", {class: "boundary", x1: across(0), x2: across(0), y1: top, y2: bottom}, svg);
  make("text", {x: left + 6, y: top + 14}, svg).textContent = "wrong";
  make("text", {x: across(0) + 8, y: top + 14}, svg).textContent = "right";
  axis(svg, frame, bottom);
  KINDS.forEach((kind, k) => lane(svg, across, up(0.64 - 0.4 * k), kind, {z, h}, steps));
}

/** Start, places on the way, the present place and, before the boundary, the arrow of the next step.
 *  @param {Element} svg @param {(z: number) => number} across @param {number} y
 *  @param {"upper" | "lower"} kind @param {{z: number, h: number}} sizes @param {number} steps */
function lane(svg, across, y, kind, {z, h}, steps) {
  const at = (/** @type {number} */ margin) => across(Math.max(margin, MARGINS[0] + 0.1));
  const now = walk(z, h, kind, steps), text = kind === "upper" ? "ℓ" : "ℓ₋";
  make("text", {class: kind, x: across(MARGINS[1]), y: y - 14, "text-anchor": "end"}, svg).textContent = `along ${text}`;
  const every = Math.ceil(now.steps / 200);
  for (let here = z, k = 0; k < now.steps; k++, here -= h * WEIGHTS[kind](here))
    if (k % every === 0) make("circle", {class: `been ${kind}`, r: 2.5, cx: at(here), cy: y}, svg);
  make("circle", {class: "start", r: 6, cx: at(z), cy: y}, svg);
  make("circle", {class: kind, r: 5, cx: at(now.z), cy: y}, svg);
  if (now.z <= 0) return;
  const end = at(now.z - h * WEIGHTS[kind](now.z)), from = at(now.z);
  make("path", {class: kind, d: `M${from},${y}L${Math.min(from, end + 8)},${y}`}, svg);
  if (from - end > 8) make("path", {class: `head ${kind}`, d: `M${end},${y}l9,-5v10Z`}, svg);
}
