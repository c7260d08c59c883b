// Where the theorem about the attack speaks: a leaky network with two inputs, a point and its disc.

/**
 * @typedef {{rows: [number, number, number][], alpha: number, nu: number, x: Pair}} VoidData rows are [w_1, w_2, a]
 * @typedef {ReturnType<typeof study>} Studied
 */

const SPAN = 2; // the map is the square from -SPAN to SPAN
const CELLS = 120;
const MOST = 400; // iterations that are followed
const KEY = 0.05; // what an arrow key moves

/** @param {Stage} stage @param {VoidData} data */
function figure(stage, data) {
  const state = {...data}, map = stage.one(".map"), line = stage.one(".line");
  const draw = stage.inFrame(() => {
    if (![map, line].every((svg) => sizeOf(svg).width)) return;
    const studied = study(state);
    drawMap(stage, state, studied);
    drawLine(stage, studied);
    tell(stage, state, studied);
  });
  /** @param {Partial<VoidData>} to */
  const move = (to) => {
    Object.assign(state, to);
    state.x = [clip(state.x[0]), clip(state.x[1])];
    draw();
  };
  for (const input of /** @type {HTMLInputElement[]} */ (stage.all("input")))
    input.addEventListener("input", () => move({[input.id]: Number(input.value)}));
  for (const button of stage.all("button"))
    button.addEventListener("click", () => move({...data, alpha: Number(/** @type {HTMLButtonElement} */ (button).value)}));
  handle(stage, state, move);
  fit(map, draw);
  fit(line, draw);
}

/** @param {number} v */
const clip = (v) => Math.max(-1.9, Math.min(1.9, v));

/** Everything that is shown. @param {VoidData} state */
function study({rows, alpha, nu, x}) {
  const w = Float64Array.from(rows.flatMap(([u, v]) => [u, v])), a = Float64Array.from(rows, (row) => row[2]);
  const net = core.network({m: rows.length, d: 2, w, a, alpha}), g = steepness(net), eta = 1 / (g * g);
  const needed = Math.ceil((4 * nu * nu) / eta), steps = Math.max(1, Math.min(MOST, needed));
  const path = attackPath(net, x, nu, eta, steps), best = bestAttack(net, x, nu);
  const found = path.slice(0, steps).reduce((one, other) => (other.margin < one.margin ? other : one));
  const threshold = 2 * (1 - alpha) * g * nu;
  return {net, reach: g * nu, threshold, steps, path, best, found, margin: path[0].margin, holds: best.margin <= -threshold};
}

/** The disc, the effective points in it, the attack and the best attack.
 *  @param {Stage} stage @param {VoidData} state @param {Studied} studied */
function drawMap(stage, {x, nu}, {net, threshold, path, best}) {
  const svg = stage.one(".map"), {width, height} = sizeOf(svg);
  const across = scale([-SPAN, SPAN], [0, width]), down = scale([SPAN, -SPAN], [0, height]);
  const margin = (/** @type {number} */ u, /** @type {number} */ v) => core.value(net, Float64Array.of(u, v));
  const grid = (/** @type {(u: number, v: number) => number} */ f) =>
    positivePart(sample(f, [-SPAN, SPAN], [SPAN, -SPAN], CELLS, CELLS), width, height);
  const wrong = grid((u, v) => -margin(u, v));
  const effective = grid((u, v) => Math.min(-threshold - margin(u, v), nu - Math.hypot(u - x[0], v - x[1])));
  put(stage.one(".wrong"), {d: wrong.area});
  put(stage.one(".boundary"), {d: wrong.edge});
  put(stage.one(".effective"), {d: effective.area});
  put(stage.one(".disc"), {cx: across(x[0]), cy: down(x[1]), r: (nu * width) / (2 * SPAN)});
  const at = (/** @type {Pair} */ [u, v]) => /** @type {Pair} */ ([across(u), down(v)]);
  put(stage.one(".path"), {d: through(path.map((one) => at(one.x)))});
  const dots = stage.one(".dots");
  dots.replaceChildren();
  for (const one of path.slice(0, 60)) {
    const [cx, cy] = at(one.x);
    make("circle", {cx, cy, r: 2.5}, dots);
  }
  put(stage.one(".best"), {transform: `translate(${at(best.x).join(" ")})`});
  put(stage.one(".point"), {
    transform: `translate(${at(x).join(" ")})`, "aria-valuenow": x[0], "aria-valuetext": `${number(x[0])}, ${number(x[1])}`,
  });
}

/** The margins on a line: what the disc could reach at most, what it does reach, what is asked for.
 *  @param {Stage} stage @param {Studied} studied */
function drawLine(stage, {reach, threshold, margin, best, found}) {
  const svg = stage.one(".line"), {width} = sizeOf(svg), far = 2.1 * reach;
  const across = scale([-far, far], [14, width - 14]), level = 58;
  const bar = (/** @type {string} */ name, /** @type {number} */ low, /** @type {number} */ high) =>
    put(stage.one(name), {x: across(low), width: Math.max(across(high) - across(low), 0), y: level - 7, height: 14});
  bar(".asked", -far, -threshold);
  bar(".reach", margin - reach, margin);
  put(stage.one(".axis"), {d: `M14,${level}H${width - 14}M${across(0)},${level - 12}V${level + 12}`});
  const marks = /** @type {[string, number, number][]} */ ([
    ["zero", 0, level + 28], ["asks", -threshold, level - 34], ["at", margin, level - 16],
    ["lowest", best.margin, level + 28], ["reached", found.margin, level],
  ]);
  for (const [name, value, y] of marks) put(stage.one(`.line .${name}`), {transform: `translate(${across(value)} ${y})`});
}

/** @param {Stage} stage @param {VoidData} state @param {Studied} studied */
function tell(stage, state, studied) {
  for (const name of /** @type {const} */ (["alpha", "nu"])) {
    const input = /** @type {HTMLInputElement} */ (stage.one(`#${name}`));
    input.value = String(state[name]);
    stage.one(`output.${name}`).textContent = state[name].toFixed(2);
  }
  const numbers = {reach: studied.reach, threshold: studied.threshold, margin: studied.margin, lowest: studied.best.margin, found: studied.found.margin};
  for (const [name, value] of Object.entries(numbers)) stage.one(`.table .${name}`).textContent = number(value);
  stage.one(".say").classList.toggle("speaks", studied.holds);
  stage.say(sentence(state.alpha, studied));
}

/** @param {number} alpha @param {Studied} studied */
function sentence(alpha, {reach, threshold, margin, best, found, holds, steps}) {
  const right = margin > 0, asks = `the theorem asks for ${number(-threshold)}`;
  if (holds && right) return `The hypothesis holds: the best attack has the margin ${number(best.margin)}, and ${asks}. ` +
    `After ${steps} iterations the attack has found ${number(found.margin)}.`;
  const here = right ? "" : "The answer at x is wrong before any attack. ";
  if (holds) return `${here}The hypothesis holds: the best attack has ${number(best.margin)}, and ${asks}.`;
  if (right && alpha <= 0.5) return `The hypothesis is void: α is at most ½, so ${asks}, and from a margin above 0 ` +
    `the disc cannot go below ${number(margin - reach)}. ${stillFinds(best, found)}`;
  return `${here}The hypothesis does not hold: the best attack has the margin ${number(best.margin)}, and ${asks}. ${stillFinds(best, found)}`;
}

/** @param {Attack} best @param {Attack} found */
const stillFinds = (best, found) => (best.margin > 0 ? "No point of the disc changes the answer."
  : found.margin <= 0 ? `The attack still finds ${number(found.margin)}.` : `The attack finds ${number(found.margin)} only.`);

/** @param {number} value */
const number = (value) => value.toFixed(2).replace("-0.00", "0.00").replace("-", "−");

/** The point x: a pointer, and arrow keys. @param {Stage} stage @param {VoidData} state
 *  @param {(to: Partial<VoidData>) => void} move */
function handle(stage, state, move) {
  const svg = stage.one(".map"), dot = stage.one(".point");
  let held = false;
  stage.drag(svg, ([u, v]) => {
    if (held) move({x: [SPAN * (2 * u - 1), SPAN * (1 - 2 * v)]});
  }, (event) => {
    const box = svg.getBoundingClientRect(), half = box.width / (2 * SPAN);
    held = Math.hypot(event.clientX - box.left - half * (SPAN + state.x[0]), event.clientY - box.top - half * (SPAN - state.x[1])) < 26;
    if (held) dot.focus({preventScroll: true});
  });
  holdStill(svg, () => held);
  dot.addEventListener("keydown", (event) => {
    const ways = /** @type {Record<string, Pair>} */ ({ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]});
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    move({x: [state.x[0] + KEY * way[0], state.x[1] + KEY * way[1]]});
  });
}
