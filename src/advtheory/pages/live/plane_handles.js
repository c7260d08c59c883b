// What moves the plane: a pointer that takes the nearest handle, and keys.

const ARROW = 0.42; // length of the arrow of a row of length 1; it grows like the root of the length
const NEAR = 22; // pixels within which a handle is taken
const STEP = 0.05;

/** A neuron with its knob on the visible part of its line. @param {[number, number, number, number]} row
 *  @param {number} index @returns {Neuron} */
function neuronOf([w1, w2, b, a], index) {
  const spread = ((index + 1) * 0.618) % 1; // knobs stand apart, also where lines meet
  return {w: [w1, w2], b, a, at: onLine([w1, w2], b, spread)};
}

/** A point of the line, a share of the way along its part inside the map. @param {Pair} w
 *  @param {number} b @param {number} share @returns {Pair} */
function onLine(w, b, share) {
  const square = w[0] ** 2 + w[1] ** 2, foot = [(-b * w[0]) / square, (-b * w[1]) / square];
  const along = [-w[1], w[0]].map((v) => v / Math.sqrt(square)), room = 0.85 * SPAN;
  let [from, to] = [-2 * SPAN, 2 * SPAN];
  for (const j of [0, 1]) {
    if (along[j] === 0) continue;
    const ends = [-room, room].map((side) => (side - foot[j]) / along[j]);
    [from, to] = [Math.max(from, Math.min(...ends)), Math.min(to, Math.max(...ends))];
  }
  const t = from + share * (to - from);
  return [inside(foot[0] + t * along[0]), inside(foot[1] + t * along[1])];
}

/** @param {number} v */
const inside = (v) => Math.max(-REACH, Math.min(REACH, v));

/** Uniform numbers from a seed (mulberry32). @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Row and bias standard normal, a fair sign; drawn again until its line can be seen.
 *  @param {() => number} random @param {number} index @returns {Neuron} */
function randomNeuron(random, index) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const [w1, w2, b] = [normal(), normal(), normal()], a = random() < 0.5 ? -1 : 1;
  const seen = Math.abs(b) < 0.8 * SPAN * Math.hypot(w1, w2);
  return seen ? neuronOf([w1, w2, b, a], index) : randomNeuron(random, index);
}

/** @param {Neuron} neuron @param {Pair} at */
function shift(neuron, at) {
  neuron.at = [inside(at[0]), inside(at[1])];
  neuron.b = -neuron.w[0] * neuron.at[0] - neuron.w[1] * neuron.at[1];
}

/** Another row through the same knob. @param {Neuron} neuron @param {number} angle @param {number} norm */
function point(neuron, angle, norm) {
  const long = Math.max(0.1, Math.min(6, norm));
  neuron.w = [long * Math.cos(angle), long * Math.sin(angle)];
  shift(neuron, neuron.at);
}

/** @param {Stage} stage @param {Plane} plane @param {Map_} map @param {(move: () => void) => void} moves
 *  @param {() => void} draw */
function handles(stage, plane, map, moves, draw) {
  for (let s = 0; s < 40; s++) map.marks.push(marksOf(stage, s, plane, moves, draw));
  const svg = /** @type {SVGElement} */ (map.svg);
  let held = /** @type {((to: Pair) => void) | null} */ (null);
  stage.drag(svg, ([u, v]) => {
    const take = held;
    if (take) moves(() => take([SPAN * (2 * u - 1), SPAN * (1 - 2 * v)]));
  }, (event) => {
    held = nearest(plane, map, event);
  });
  holdStill(svg, () => held !== null);
  const dot = stage.one(".point");
  dot.addEventListener("keydown", (event) => {
    const by = arrows(event);
    if (by) moves(() => (plane.x = [inside(plane.x[0] + STEP * by[0]), inside(plane.x[1] + STEP * by[1])]));
  });
  dot.addEventListener("focus", () => {
    plane.chosen = -1;
    draw();
  });
}

/** The lines and the knob of neuron s, and its keys. @param {Stage} stage @param {number} s
 *  @param {Plane} plane @param {(move: () => void) => void} moves @param {() => void} draw @returns {Marks} */
function marksOf(stage, s, plane, moves, draw) {
  const g = make("g", {}, stage.one(".lines"));
  const line = make("line", {}, g), arrow = make("path", {class: "arrow"}, g);
  const knob = /** @type {SVGElement} */ (make("g", {role: "button", "aria-describedby": "keys"}, stage.one(".knobs")));
  make("circle", {class: "hit", r: 14}, knob);
  make("circle", {class: "knob", r: 10}, knob);
  const sign = make("text", {dy: 5}, knob);
  knob.addEventListener("focus", () => {
    plane.chosen = s;
    draw();
  });
  knob.addEventListener("keydown", (event) => {
    const next = {PageUp: plane.m - 1, PageDown: 1}[event.key], change = keyOf(event, plane.neurons[s]);
    if (next !== undefined) focusNeuron(stage, (s + next) % plane.m);
    if (change) moves(change);
    if (change || next !== undefined) event.preventDefault();
  });
  return {g, line, arrow, knob, sign};
}

/** Give the keys to a neuron. @param {Stage} stage @param {number} s */
const focusNeuron = (stage, s) => stage.all(".knobs > g")[s].focus({preventScroll: true});

/** What a key does to a neuron. @param {KeyboardEvent} event @param {Neuron} neuron
 *  @returns {(() => void) | null} */
function keyOf(event, neuron) {
  const {w, at} = neuron, norm = Math.hypot(...w), by = arrows(event), angle = Math.atan2(w[1], w[0]);
  const longer = {"+": 1.1, "=": 1.1, "-": 1 / 1.1}[event.key];
  if (event.key === " " || event.key === "Enter") return () => (neuron.a *= -1);
  if (longer) return () => point(neuron, angle, norm * longer);
  if (by && by[0]) return () => point(neuron, angle - STEP * by[0], norm);
  if (by) return () => shift(neuron, [at[0] + (STEP * by[1] * w[0]) / norm, at[1] + (STEP * by[1] * w[1]) / norm]);
  return null;
}

/** The way of an arrow key. @param {KeyboardEvent} event @returns {Pair | null} */
function arrows(event) {
  const ways = /** @type {Record<string, Pair>} */ ({
    ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1],
  });
  if (ways[event.key]) event.preventDefault();
  return ways[event.key] ?? null;
}

/** What a pointer takes: the nearest of x, the tip, and the knobs. @param {Plane} plane @param {Map_} map
 *  @param {PointerEvent} event @returns {((to: Pair) => void) | null} */
function nearest(plane, map, event) {
  const {across, down} = places(map), box = map.svg.getBoundingClientRect(), chosen = plane.neurons[plane.chosen];
  const far = (/** @type {Pair} */ [x, y]) =>
    Math.hypot(across(x) - event.clientX + box.left, down(y) - event.clientY + box.top);
  const handles = [
    {far: far(plane.x), focus: () => map.stage.one(".point"), to: (/** @type {Pair} */ at) => void (plane.x = [inside(at[0]), inside(at[1])])},
    ...(chosen ? [{far: far(tipOf(chosen)), focus: () => map.marks[plane.chosen].knob, to: (/** @type {Pair} */ at) => stretch(chosen, at)}] : []),
    ...plane.neurons.slice(0, plane.m).map((one, s) => ({
      far: far(one.at), focus: () => map.marks[s].knob, to: (/** @type {Pair} */ at) => shift(one, at),
    })),
  ];
  const best = handles.reduce((one, other) => (other.far < one.far ? other : one));
  if (best.far > NEAR) return null;
  best.focus().focus({preventScroll: true});
  return best.to;
}

/** Point the arrow of a neuron to a place. @param {Neuron} neuron @param {Pair} to */
function stretch(neuron, to) {
  const [x, y] = [to[0] - neuron.at[0], to[1] - neuron.at[1]];
  point(neuron, Math.atan2(y, x), (Math.hypot(x, y) / ARROW) ** 2);
}
