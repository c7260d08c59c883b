// Three linear classes in the plane: which attacks on the input x find another class?

/** @typedef {{rows: Rows, x: Pair, radius: number, step: number, steps: number, across: Pair, up: Pair, words: Pair[]}} Data */

const NAMES = /** @type {Record<string, string>} */ ({
  plain: "the plain attack", margin: "greedy margin reflection", softmax: "greedy softmax reflection", targeted: "targeted reflection",
});

/** @param {Stage} stage @param {Data} data */
function figure(stage, data) {
  const state = {...data}, svg = stage.one(".map"), slider = /** @type {HTMLInputElement} */ (stage.one("#radius"));
  const marks = Object.fromEntries(["targeted", "plain", "margin", "softmax"].map((name) => {
    const g = make("g", {class: name}, stage.one(".walks"));
    return [name, {g, line: make("path", {}, g), end: make("circle", {r: 5}, g)}];
  }));
  const draw = stage.inFrame(() => {
    if (!sizeOf(svg).width) return;
    drawPlane(stage, state);
    const found = attacks(state.rows, state.x, state);
    for (const [name, one] of Object.entries(found.walks)) drawWalk(marks[name], one, placesIn(svg, state));
    tell(stage, state, found);
  });
  /** @param {Partial<Data>} to */
  const move = (to) => {
    Object.assign(state, to);
    state.x = [clip(state.x[0], state.across), clip(state.x[1], state.up)];
    draw();
  };
  slider.addEventListener("input", () => move({radius: Number(slider.value)}));
  stage.one(".again").addEventListener("click", () => move({x: data.x, radius: data.radius}));
  handle(stage, svg, state, move);
  fit(svg, draw);
}

/** @param {number} value @param {Pair} ends */
const clip = (value, [low, high]) => Math.round(Math.max(low, Math.min(high, value)) * 1000) / 1000;

/** @param {Element} svg @param {Data} state */
function placesIn(svg, {across, up}) {
  const {width, height} = sizeOf(svg);
  return {across: scale(across, [0, width]), down: scale(up, [height, 0]), unit: width / (across[1] - across[0])};
}

/** Drag the point, or move it by keys. @param {Stage} stage @param {Element} svg @param {Data} state
 *  @param {(to: Partial<Data>) => void} move */
function handle(stage, svg, state, move) {
  const point = stage.one(".point");
  let held = false;
  stage.drag(svg, ([u, v]) => {
    if (held) move({x: [scale([0, 1], state.across)(u), scale([1, 0], state.up)(v)]});
  }, (event) => {
    const box = svg.getBoundingClientRect(), {across, down} = placesIn(svg, state);
    held = Math.hypot(across(state.x[0]) + box.left - event.clientX, down(state.x[1]) + box.top - event.clientY) < 28;
    if (held) point.focus({preventScroll: true});
  });
  holdStill(svg, () => held);
  point.addEventListener("keydown", (event) => {
    const way = /** @type {Record<string, Pair>} */ ({ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]})[event.key];
    if (!way) return;
    event.preventDefault();
    move({x: [state.x[0] + 0.02 * way[0], state.x[1] + 0.02 * way[1]]});
  });
}

/** The part of the window where class k wins: the window, cut by a line for each other class.
 *  @param {Data} state @param {number} k @returns {Pair[]} */
function region({rows, across: [left, right], up: [low, high]}, k) {
  let corners = /** @type {Pair[]} */ ([[left, low], [right, low], [right, high], [left, high]]);
  for (const j of rows.keys()) {
    if (j === k) continue;
    const ahead = (/** @type {Pair} */ x) => outputs(rows, x)[k] - outputs(rows, x)[j];
    corners = corners.flatMap((here, i) => {
      const next = corners[(i + 1) % corners.length], [a, b] = [ahead(here), ahead(next)];
      const cut = /** @type {Pair} */ ([0, 1].map((e) => here[e] + (a / (a - b)) * (next[e] - here[e])));
      return [...(a >= 0 ? [here] : []), ...(a * b < 0 ? [cut] : [])];
    });
  }
  return corners;
}

/** @param {Stage} stage @param {Data} state */
function drawPlane(stage, state) {
  const svg = stage.one(".map"), {across, down, unit} = placesIn(svg, state), words = stage.one(".words");
  words.replaceChildren();
  ["one", "two", "three"].forEach((name, k) => {
    const corners = region(state, k).map(([x, y]) => /** @type {Pair} */ ([across(x), down(y)]));
    put(stage.one(`.region.${name}`), {d: `${through(corners)}Z`});
    const [x, y] = state.words[k];
    make("text", {x: across(x), y: down(y), "text-anchor": "middle"}, words).textContent = `class ${k + 1}`;
  });
  put(stage.one(".ball"), {cx: across(state.x[0]), cy: down(state.x[1]), r: unit * state.radius});
  put(stage.one(".point"), {transform: `translate(${across(state.x[0])},${down(state.x[1])})`});
}

/** @param {{g: Element, line: Element, end: Element}} mark @param {Walk} walked @param {ReturnType<typeof placesIn>} places */
function drawWalk({g, line, end}, {path, best, margin, at}, {across, down}) {
  const upTo = margin < 0 ? path.slice(0, at + 1) : path;
  put(line, {d: through(upTo.map(([x, y]) => /** @type {Pair} */ ([across(x), down(y)])))});
  const [x, y] = margin < 0 ? best : path[path.length - 1];
  put(end, {cx: across(x), cy: down(y)});
  g.classList.toggle("wins", margin < 0);
}

/** @param {Stage} stage @param {Data} state @param {ReturnType<typeof attacks>} found */
function tell(stage, {rows, x, radius}, {y, walks}) {
  const place = `(${x.map((v) => two(v)).join(", ")})`, winners = /** @type {string[]} */ ([]), losers = /** @type {string[]} */ ([]);
  for (const [name, {best, margin}] of Object.entries(walks)) {
    const item = stage.one(`.found .${name}`), f = outputs(rows, best), wins = margin < 0;
    (wins ? winners : losers).push(NAMES[name]);
    item.classList.toggle("wins", wins);
    stage.one(`.found .${name} output`).textContent =
      `${wins ? `finds class ${largest(f) + 1}` : "finds nothing"}: ${f.map((v) => two(v)).join(", ")}`;
  }
  stage.one("output.radius").textContent = two(radius);
  /** @type {HTMLInputElement} */ (stage.one("#radius")).value = String(radius);
  put(stage.one(".point"), {"aria-valuenow": x[0], "aria-valuetext": `x = ${place}, class ${y + 1}`});
  stage.say(`x = ${place} is of class ${y + 1}. Within ${two(radius)} ` + (
    !winners.length ? "no attack finds another class."
      : !losers.length ? "all four attacks find another class."
        : `another class is found by ${list(winners)}, and missed by ${list(losers)}.`));
}

/** @param {string[]} words */
const list = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`);

/** A number with two decimals. @param {number} value */
const two = (value) => value.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "−");
