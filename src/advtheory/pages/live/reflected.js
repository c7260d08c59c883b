// Two walks: the margin, the step and the number of steps are chosen by the reader.

/** @typedef {{z: number, h: number, place: number}} Choice place: of the slider of steps, 0 to 100 */

const RANGE = /** @type {Pair} */ ([-3, 8]);
const PRESETS = /** @type {Record<string, Partial<Choice>>} */ ({
  sure: {z: 6, h: 1, place: 0},
  near: {z: 0.5, h: 0.25, place: 0},
});
const SECONDS = 4; // that a walk takes

/** From a place of the slider to a number of steps: 0 to 13779. @param {number} place */
const stepsAt = (place) => Math.round(1.1 ** place) - 1;

/** @param {Stage} stage @param {Choice} data */
function figure(stage, data) {
  const choice = {...data}, svg = stage.one(".losses"), walks = stage.one(".walks");
  const draw = stage.inFrame(() => {
    if (![svg, walks].every((plot) => sizeOf(plot).width)) return;
    drawLosses(svg, stage.one(".drawn"), stage.one(".chosen"), choice.z);
    drawWalks(walks, choice, stepsAt(choice.place));
    tell(stage, choice);
  });
  /** @param {Partial<Choice>} to */
  const move = (to) => {
    Object.assign(choice, to);
    choice.z = Math.round(10 * Math.max(RANGE[0], Math.min(RANGE[1], choice.z))) / 10;
    draw();
  };
  const run = runner(choice, move);
  sliders(stage, (to) => run.stop(to));
  handle(stage, svg, choice, (to) => run.stop(to));
  for (const button of /** @type {HTMLButtonElement[]} */ (stage.all("button")))
    button.addEventListener("click", () => (button.value === "walk" ? run.start() : run.stop(PRESETS[button.value])));
  fit(svg, draw);
  fit(walks, draw);
}

/** Walks from the start until both have arrived; whoever moves something stops it.
 *  @param {Choice} choice @param {(to: Partial<Choice>) => void} move */
function runner(choice, move) {
  let asked = 0;
  const stop = (/** @type {Partial<Choice>} */ to) => {
    cancelAnimationFrame(asked);
    move(to);
  };
  const start = () => {
    cancelAnimationFrame(asked);
    const last = arrival(choice), begun = performance.now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const frame = () => {
      const share = still ? 1 : Math.min(1, (performance.now() - begun) / (1000 * SECONDS));
      move({place: Math.round(share * last)});
      if (share < 1) asked = requestAnimationFrame(frame);
    };
    frame();
  };
  return {start, stop};
}

/** The place of the slider at which both walks have arrived. @param {Choice} choice */
function arrival({z, h}) {
  const most = Math.max(...KINDS.map((kind) => walk(z, h, kind, Infinity).steps));
  let place = 0;
  while (stepsAt(place) < most) place++;
  return place;
}

/** @param {Stage} stage @param {(to: Partial<Choice>) => void} move */
function sliders(stage, move) {
  for (const input of /** @type {HTMLInputElement[]} */ (stage.all("input")))
    input.addEventListener("input", () => move({[input.id]: input.id === "h" ? 2 ** Number(input.value) : Number(input.value)}));
}

/** The margin in the first plot: a pointer, and arrow keys. @param {Stage} stage @param {Element} svg
 *  @param {Choice} choice @param {(to: Partial<Choice>) => void} move */
function handle(stage, svg, choice, move) {
  const dot = stage.one(".chosen");
  let held = false;
  stage.drag(svg, ([u]) => {
    const {left, right} = frameOf(svg, LOSSES), {width} = svg.getBoundingClientRect();
    if (held) move({z: scale([left, right], MARGINS)(u * width)});
  }, (event) => {
    const {across} = frameOf(svg, LOSSES), {left} = svg.getBoundingClientRect();
    held = Math.abs(across(choice.z) + left - event.clientX) < 24;
    if (held) dot.focus({preventScroll: true});
  });
  holdStill(svg, () => held);
  dot.addEventListener("keydown", (event) => {
    const by = /** @type {Record<string, number>} */ ({ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1, PageDown: -1, PageUp: 1})[event.key];
    const to = /** @type {Record<string, number>} */ ({Home: RANGE[0], End: RANGE[1]})[event.key] ?? (by && choice.z + by);
    if (to === undefined) return;
    event.preventDefault();
    move({z: to});
  });
}

/** Sliders and words. @param {Stage} stage @param {Choice} choice */
function tell(stage, choice) {
  const {z, h, place} = choice, steps = stepsAt(place);
  const shown = {z: z.toFixed(1).replace("-", "−"), h: plain(h), place: String(steps)};
  const places = {z, h: Math.log2(h), place};
  for (const input of /** @type {HTMLInputElement[]} */ (stage.all("input"))) {
    const name = /** @type {keyof Choice} */ (input.id);
    input.value = String(places[name]);
    input.setAttribute("aria-valuetext", shown[name]);
    stage.one(`output.${name}`).textContent = shown[name];
  }
  stage.one("output.q").textContent = plain(WEIGHTS.upper(z));
  stage.one("output.s").textContent = plain(WEIGHTS.lower(z));
  put(stage.one(".chosen"), {"aria-valuenow": z, "aria-valuetext": `margin ${shown.z}`});
  stage.say(z > 0 ? `${steps ? after(z, h, steps) : first(z, shown.z)} ${needed(z, h)}` : wrong(z, shown.z));
}

/** @param {number} z @param {string} shown */
const first = (z, shown) =>
  `At the margin ${shown} a step along ℓ₋ is ${plain(Math.exp(z))} times as long as a step along ℓ, in the same direction.`;

/** @param {number} z @param {string} shown */
const wrong = (z, shown) =>
  `At the margin ${shown} the network is wrong already: there is nothing to attack. ` +
  (z < 0 ? `Here the step along ℓ is the longer one, ${plain(Math.exp(-z))} times.` : "Both steps have the same length.");

/** @param {number} z @param {number} h @param {number} steps */
function after(z, h, steps) {
  const [slow, fast] = KINDS.map((kind) => walk(z, h, kind, steps));
  const said = (/** @type {ReturnType<typeof walk>} */ one) =>
    one.z > 0 ? `the margin is ${plain(one.z)}` : `zero was reached at step ${one.steps}`;
  return `After ${steps} ${steps === 1 ? "step" : "steps"}: along ℓ ${said(slow)}, along ℓ₋ ${said(fast)}.`;
}

/** @param {number} z @param {number} h */
function needed(z, h) {
  const [slow, fast] = KINDS.map((kind) => walk(z, h, kind, Infinity).steps);
  return `To reach zero ℓ needs ${slow} steps of size ${plain(h)}, ℓ₋ needs ${fast}.`;
}

/** A number with three digits. @param {number} value */
const plain = (value) => String(Number(value.toPrecision(3))).replace("-", "−");
