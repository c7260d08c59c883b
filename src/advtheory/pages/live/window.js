// The explicit bounds of the theorem on lazy networks, at sizes that the reader chooses.

/** @typedef {{d: number, m: number, c0: number, gamma: number}} Sizes d and m are logarithms to base 10 */

const PRESETS = /** @type {Record<string, Sizes>} */ ({
  digits: {d: Math.log10(784), m: 4, c0: 10, gamma: 0.1},
  inside: {d: 19.5, m: 45, c0: 10, gamma: 0.1},
});

/** @param {Stage} stage @param {Sizes} data */
function figure(stage, data) {
  const sizes = {...data}, svg = stage.one(".widths");
  const draw = stage.inFrame(() => {
    if (![svg, stage.one(".ratios")].every((plot) => sizeOf(plot).width)) return;
    drawRatios(stage.one(".ratios"), sizes);
    drawWidths(svg, stage.one(".drawn"), stage.one(".chosen"), sizes);
    tell(stage, sizes);
  });
  /** @param {Partial<Sizes>} to */
  const move = (to) => {
    Object.assign(sizes, to);
    sizes.d = Math.max(0.7, Math.min(22, sizes.d));
    sizes.m = Math.max(sizes.d, Math.min(80, sizes.m)); // the bounds ask for m >= d
    draw();
  };
  sliders(stage, move);
  handle(stage, svg, sizes, move);
  for (const button of stage.all("button"))
    button.addEventListener("click", () => move(PRESETS[/** @type {HTMLButtonElement} */ (button).value]));
  fit(svg, draw);
  fit(stage.one(".ratios"), draw);
}

/** @param {Stage} stage @param {(to: Partial<Sizes>) => void} move */
function sliders(stage, move) {
  for (const input of /** @type {HTMLInputElement[]} */ (stage.all("input")))
    input.addEventListener("input", () => {
      const value = Number(input.value);
      move({[input.id]: input.id === "c0" || input.id === "gamma" ? 10 ** value : value});
    });
}

/** The point of the second plot: a pointer, and arrow keys. @param {Stage} stage @param {Element} svg
 *  @param {Sizes} sizes @param {(to: Partial<Sizes>) => void} move */
function handle(stage, svg, sizes, move) {
  const dot = stage.one(".chosen");
  let held = false;
  stage.drag(svg, ([u, v]) => {
    const {left, right, top, bottom} = frameOf(svg, WIDTHS), {width, height} = svg.getBoundingClientRect();
    if (held) move({d: scale([left, right], ACROSS)(u * width), m: scale([bottom, top], WIDTHS)(v * height)});
  }, (event) => {
    const box = svg.getBoundingClientRect(), {across, down} = frameOf(svg, WIDTHS);
    held = Math.hypot(across(sizes.d) + box.left - event.clientX, down(sizes.m) + box.top - event.clientY) < 24;
    if (held) dot.focus({preventScroll: true});
  });
  holdStill(svg, () => held);
  dot.addEventListener("keydown", (event) => {
    const ways = /** @type {Record<string, Partial<Sizes>>} */ ({
      ArrowLeft: {d: sizes.d - 0.1}, ArrowRight: {d: sizes.d + 0.1}, ArrowDown: {m: sizes.m - 0.5}, ArrowUp: {m: sizes.m + 0.5},
    });
    if (!ways[event.key]) return;
    event.preventDefault();
    move(ways[event.key]);
  });
}

/** Sliders, words and the chain. @param {Stage} stage @param {Sizes} sizes */
function tell(stage, sizes) {
  const {d, m, c0, gamma} = sizes, found = conditions(c0, 10 ** d, 10 ** m, gamma);
  const shown = {d: power(d), m: power(m), c0: short(c0), gamma: short(gamma)};
  const places = {d, m, c0: Math.log10(c0), gamma: Math.log10(gamma)};
  for (const input of /** @type {HTMLInputElement[]} */ (stage.all("input"))) {
    const name = /** @type {keyof Sizes} */ (input.id);
    input.value = String(places[name]);
    input.setAttribute("aria-valuetext", shown[name]);
    stage.one(`output.${name}`).textContent = shown[name];
  }
  put(stage.one(".chosen"), {"aria-valuenow": d, "aria-valuetext": `d = ${shown.d}, m = ${shown.m}`});
  chain(stage, found);
  const speaks = Object.values(found.ratios).every((ratio) => ratio <= 1);
  stage.one(".say").classList.toggle("speaks", speaks);
  stage.say(speaks ? speech(found, gamma) : silence(found));
}

/** @param {Stage} stage @param {ReturnType<typeof conditions>} found */
function chain(stage, {value, gradient, step, lazy, ball, ratios}) {
  const words = {
    value: short(value), least: gradient > lazy ? short(gradient - lazy) : "nothing", lazy: short(lazy),
    tenth: short(gradient / 10), change: short(2 * lazy + ball), ball: short(ball), fifth: short(gradient / 5), step: short(step),
  };
  for (const [name, text] of Object.entries(words)) stage.one(`.chain output.${name}`).textContent = text;
  for (const name of NAMES) stage.one(`.chain .${name}`).classList.toggle("fails", ratios[name] > 1);
}

/** @param {ReturnType<typeof conditions>} found @param {number} gamma */
const speech = ({step}, gamma) =>
  `The theorem speaks here: with probability at least 1 − 8γ = ${short(1 - 8 * gamma)}, one step of length at most ` +
  `${short(step)} changes the answer of every lazy network at x.`;

/** @param {ReturnType<typeof conditions>} found */
function silence({gradient, step, lazy, ball, ratios}) {
  const worst = NAMES.reduce((one, other) => (ratios[other] > ratios[one] ? other : one));
  const reason = {
    radius: `the bound on the step, ${short(step)}, exceeds 0.5, half the length of the input`,
    lazy: `the bound on how far lazy weights move the gradient, ${short(lazy)}, exceeds a tenth of the gradient, ${short(gradient / 10)}`,
    ball: `the bound on how far the gradient turns on the way, ${short(ball)}, exceeds a fifth of the gradient, ${short(gradient / 5)}`,
  }[worst];
  const failing = NAMES.filter((name) => ratios[name] > 1).length;
  return `The theorem says nothing here: ${reason}. ${["", "One condition fails.", "Two conditions fail.", "All three conditions fail."][failing]}`;
}
