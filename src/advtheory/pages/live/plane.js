// A network in the plane. Every neuron is a line {x : w . x + b = 0} with a sign; its row w is an arrow.

/**
 * @typedef {{w: Pair, b: number, a: number, at: Pair}} Neuron `at` is the place of its knob on the line
 * @typedef {{rows: [number, number, number, number][], m: number, c0: number, x: Pair, seed: number}} PlaneData
 *   rows are [w_1, w_2, b, a]; the first m of them are the network at the beginning
 * @typedef {{m: number, c0: number, x: Pair, neurons: Neuron[], chosen: number, guess: string | null, asked: boolean}} Plane
 */

const SPAN = 2; // the map is the square from -SPAN to SPAN
const CELLS = 100;
const REACH = 1.92; // handles stay inside
const MANY = 12; // with more neurons only the chosen one shows its arrow
const FOUR = /** @type {[number, number, number, number][]} */ ([
  [1, 2, 0, 1], [-3, -5, 0, -1], [-2, 2, 0, -1], [1, -4, 0, 1],
]);

/** @param {Stage} stage @param {PlaneData} data */
function figure(stage, data) {
  const plane = /** @type {Plane} */ ({
    m: data.m, c0: data.c0, x: data.x, chosen: -1, guess: null, asked: true,
    neurons: data.rows.map(neuronOf),
  });
  const parts = {map: mapOf(stage), graph: stage.one(".phi")}, random = generator(data.seed);
  const draw = stage.inFrame(() => show(stage, plane, parts));
  /** Every move answers the question, and is drawn. @param {() => void} move */
  const moves = (move) => {
    move();
    plane.asked = false;
    plane.guess = null;
    draw();
  };
  question(stage, plane, draw);
  sliders(stage, plane, moves, random);
  buttons(stage, plane, moves, random);
  handles(stage, plane, parts.map, moves, draw);
  fit(stage.one(".map"), draw);
  fit(stage.one(".phi"), draw);
}

/** The network, its flip, and what the lazy ball does at x. @param {Plane} plane */
function study(plane) {
  const {m, x} = plane, used = plane.neurons.slice(0, m);
  const net = core.network({
    m, d: 2, w: Float64Array.from(used.flatMap((one) => one.w)),
    a: Float64Array.from(used, (one) => one.a), b: Float64Array.from(used, (one) => one.b),
  });
  const radius = plane.c0 / Math.sqrt(m), flip = core.flip(net, Float64Array.from(x));
  const sign = Math.sign(flip.value), here = lazyRange(net, radius, x[0], x[1]);
  const settled = sign > 0 ? here.low > 0 : here.high < 0;
  return {net, radius, flip, sign, settled};
}

/** @param {Stage} stage @param {Plane} plane @param {{map: Map_, graph: Element}} parts */
function show(stage, plane, parts) {
  if (![parts.map.svg, parts.graph].every((svg) => sizeOf(svg).width)) return;
  const studied = study(plane);
  drawMap(parts.map, plane, studied);
  drawGraph(parts.graph, plane, studied);
  tell(stage, plane, studied);
}

/** Words. @param {Stage} stage @param {Plane} plane @param {ReturnType<typeof study>} studied */
function tell(stage, plane, studied) {
  const {flip} = studied, first = Math.abs(flip.value) / flip.norm, where = flip.distance;
  stage.one(".asked").hidden = !plane.asked;
  stage.one(".question").textContent =
    `The answer at x is ${words(studied.sign)}. The step follows the gradient at x. The first slope of ` +
    `φ, drawn dashed, reaches 0 at the distance ${number(first)}. Where does the answer flip?`;
  const verdict = stage.one(".verdict"), truth = outcome(where, first);
  verdict.hidden = plane.guess === null;
  verdict.textContent = `${plane.guess === truth ? "Yes" : `You said “${plane.guess}”. It is`}: ${truth}. Where the ` +
    `ray crosses the line of a neuron, φ bends, and the first slope does not know that.`;
  stage.one("output.width").textContent = String(plane.m);
  stage.one("output.c0").textContent = plane.c0.toFixed(2);
  const chosen = plane.neurons[plane.chosen];
  stage.one(".which").textContent = chosen
    ? `Neuron ${plane.chosen + 1} of ${plane.m}, sign ${words(chosen.a)}` : `${plane.m} neurons`;
  stage.one(".turn").toggleAttribute("disabled", !chosen);
  stage.one(".banded").hidden = !chosen;
  stage.say(plane.asked ? "" : sentence(studied, first));
}

/** @param {ReturnType<typeof study>} studied @param {number} first */
function sentence({flip, sign, settled}, first) {
  if (sign === 0) return "At x no neuron is active, or they cancel: f(x) = 0, and there is no answer to flip.";
  const bends = flip.corners.slice(1).filter(([eta]) => eta < flip.step).length;
  const after = `${bends === 0 ? "before any bend" : bends === 1 ? "after 1 bend" : `after ${bends} bends`}`;
  const flips = flip.distance < Infinity
    ? `Along it the answer flips at the distance ${number(flip.distance)}, ${after}; the first slope says ${number(first)}.`
    : `Along it the answer never flips; the first slope says ${number(first)}.`;
  const lazy = settled ? "Every lazy network gives the same answer at x."
    : `Some lazy network says ${words(-sign)} at x: the dashed line is its boundary.`;
  const here = `f(x) = ${number(flip.value)}, so the answer is ${words(sign)}; the gradient has length ${number(flip.norm)}.`;
  return `${here} ${flips} ${lazy}`;
}

/** @param {number} sign */
const words = (sign) => (sign > 0 ? "+" : sign < 0 ? "−" : "0");

/** @param {number} value */
const number = (value) => value.toFixed(2).replace("-", "−");

/** @param {number} where @param {number} first */
const outcome = (where, first) =>
  where === Infinity ? "never" : Math.abs(where - first) < 0.005 ? "just there" : where < first ? "earlier" : "later";

/** @param {Stage} stage @param {Plane} plane @param {() => void} draw */
function question(stage, plane, draw) {
  for (const button of stage.all(".answers button"))
    button.addEventListener("click", () => {
      plane.asked = false;
      plane.guess = button.classList.contains("skip") ? null : String(button.textContent);
      draw();
      stage.one(".point").focus({preventScroll: true});
    });
}

/** @param {Stage} stage @param {Plane} plane @param {(move: () => void) => void} moves
 *  @param {() => number} random */
function sliders(stage, plane, moves, random) {
  const width = /** @type {HTMLInputElement} */ (stage.one("#width"));
  const c0 = /** @type {HTMLInputElement} */ (stage.one("#c0"));
  width.value = String(plane.m);
  c0.value = String(plane.c0);
  c0.addEventListener("input", () => moves(() => (plane.c0 = Number(c0.value))));
  width.addEventListener("input", () =>
    moves(() => {
      plane.m = Number(width.value);
      while (plane.neurons.length < plane.m) plane.neurons.push(randomNeuron(random, plane.neurons.length));
      plane.chosen = -1;
    }));
}

/** @param {Stage} stage @param {Plane} plane @param {(move: () => void) => void} moves
 *  @param {() => number} random */
function buttons(stage, plane, moves, random) {
  const width = /** @type {HTMLInputElement} */ (stage.one("#width"));
  const step = (/** @type {number} */ by) =>
    moves(() => (plane.chosen = (Math.max(plane.chosen, by > 0 ? -1 : 0) + by + plane.m) % plane.m));
  stage.one(".before").addEventListener("click", () => step(-1));
  stage.one(".after").addEventListener("click", () => step(1));
  stage.one(".turn").addEventListener("click", () => moves(() => (plane.neurons[plane.chosen].a *= -1)));
  stage.one(".again").addEventListener("click", () =>
    moves(() => {
      plane.neurons = plane.neurons.map((_, s) => randomNeuron(random, s));
      plane.chosen = -1;
    }));
  stage.one(".four").addEventListener("click", () =>
    moves(() => {
      plane.neurons = FOUR.map(neuronOf);
      Object.assign(plane, {m: 4, x: [1, 0], chosen: -1});
      width.value = "4";
    }));
}
