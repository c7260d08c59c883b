// Two plots against the dimension, both axes logarithmic: the three ratios, and the widths.

const ACROSS = /** @type {Pair} */ ([0.6, 22]); // log10 d
const RATIOS = /** @type {Pair} */ ([-3, 4]); // log10 of a ratio
const WIDTHS = /** @type {Pair} */ ([0, 80]); // log10 m
const MARGIN = {left: 40, right: 10, top: 8, bottom: 24};
const NAMES = /** @type {("radius" | "lazy" | "ball")[]} */ (["radius", "lazy", "ball"]);
const NAMED = {radius: [-2.4, -8, 0, "end"], lazy: [-2.4, 8, 0, "start"], ball: [9, 8, -6, "start"]};
const WORDS = {radius: "step", lazy: "gradient", ball: "straightness"};

/** @param {Element} svg @param {Pair} range */
function frameOf(svg, range) {
  const {width, height} = sizeOf(svg);
  const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, height - MARGIN.bottom];
  return {left, right, top, bottom, across: scale(ACROSS, [left, right]), down: scale(range, [bottom, top])};
}

/** Powers of ten along both axes. @param {Element} svg @param {ReturnType<typeof frameOf>} frame
 *  @param {number[]} ticks */
function axes(svg, frame, ticks) {
  const {left, right, top, bottom, across, down} = frame;
  for (const d of [5, 10, 15, 20]) {
    make("line", {class: "grid", x1: across(d), x2: across(d), y1: top, y2: bottom}, svg);
    make("text", {x: across(d), y: bottom + 16, "text-anchor": "middle"}, svg).textContent = power(d);
  }
  for (const v of ticks) make("text", {x: left - 6, y: down(v) + 4, "text-anchor": "end"}, svg).textContent = power(v);
  make("line", {class: "axis", x1: left, x2: right, y1: bottom, y2: bottom}, svg);
  make("line", {class: "axis", x1: left, x2: left, y1: top, y2: bottom}, svg);
  make("text", {x: left + 6, y: bottom + 16, "font-style": "italic"}, svg).textContent = "d";
}

/** The smallest admitted width, at least d. @param {number} d */
const smallest = (d) => Math.max(d, (d * Math.log(d)) ** 2);

/** @param {Element} svg @param {Sizes} sizes */
function drawRatios(svg, {d, m, c0, gamma}) {
  svg.replaceChildren();
  const frame = frameOf(svg, RATIOS), {left, right, top, bottom, across, down} = frame;
  make("rect", {class: "below", x: left, y: down(0), width: right - left, height: bottom - down(0)}, svg);
  axes(svg, frame, [-2, 0, 2, 4]);
  make("line", {class: "one", x1: left, x2: right, y1: down(0), y2: down(0)}, svg);
  make("line", {class: "at", x1: across(d), x2: across(d), y1: top, y2: bottom}, svg);
  const at = (/** @type {number} */ log, /** @type {number} */ width) => conditions(c0, 10 ** log, width, gamma).ratios;
  const points = Array.from({length: 241}, (_, k) => ACROSS[0] + ((ACROSS[1] - ACROSS[0]) * k) / 240);
  const curves = points.map((log) => at(log, smallest(10 ** log))), here = at(d, 10 ** m);
  for (const name of NAMES) {
    const inside = points.flatMap((log, k) => {
      const height = Math.log10(curves[k][name]);
      return height < RATIOS[0] || height > RATIOS[1] ? [] : [/** @type {Pair} */ ([across(log), down(height)])];
    });
    make("path", {class: name, d: through(inside)}, svg);
    const first = firstDimension((size) => at(Math.log10(size), smallest(size))[name] <= 1, Math.log10(4), 40);
    if (first < ACROSS[1]) {
      make("circle", {class: "crossing", r: 4, cx: across(first), cy: down(0)}, svg);
      const [x, y, anchor] = /** @type {[number, number, string]} */ ( name === "lazy" ? [7, -8, "start"] : [-7, 18, "end"]);
      const label = make("text", {class: name, x: across(first) + x, y: down(0) + y, "text-anchor": anchor}, svg);
      label.textContent = power(first);
    }
    const [log, dx, dy, anchor] = /** @type {[number, number, number, string]} */ (NAMED[name]);
    const k = name === "ball" ? points.findIndex((x) => x > log) : curves.findIndex((one, at) => points[at] > 4 && one[name] < 10 ** log);
    if (k >= 0) {
      const [x, y] = [across(points[k]) + dx, down(Math.log10(curves[k][name])) + dy];
      make("text", {class: name, x, y, "text-anchor": anchor}, svg).textContent = WORDS[name];
    }
    const height = Math.min(Math.max(Math.log10(here[name]), RATIOS[0]), RATIOS[1]);
    make("circle", {class: name, r: 5, cx: across(d), cy: down(height)}, svg);
  }
}

/** @param {Element} svg @param {Element} drawn @param {Element} chosen @param {Sizes} sizes */
function drawWidths(svg, drawn, chosen, {d, m, c0, gamma}) {
  drawn.replaceChildren();
  const frame = frameOf(svg, WIDTHS), {left, right, top, bottom, across, down} = frame;
  const speaks = sample((x, y) => {
    const ratios = y < x ? null : conditions(c0, 10 ** x, 10 ** y, gamma).ratios;
    return ratios ? -Math.log(Math.max(ratios.radius, ratios.lazy, ratios.ball)) : -1;
  }, ACROSS, [WIDTHS[1], WIDTHS[0]], 110, 80);
  const {area} = positivePart(speaks, right - left, bottom - top);
  make("path", {class: "speaks", d: area, transform: `translate(${left} ${top})`}, drawn);
  const opens = windowOpens(c0, gamma), clip = (/** @type {number} */ y) => down(Math.min(Math.max(y, WIDTHS[0]), WIDTHS[1]));
  const from = (/** @type {number} */ start, /** @type {(x: number) => number} */ f) => {
    const points = Array.from({length: 161}, (_, k) => start + ((ACROSS[1] - start) * k) / 160);
    return points.map((x) => /** @type {Pair} */ ([across(x), clip(f(x))]));
  };
  const low = (/** @type {number} */ x) => lowestWidth(10 ** x), high = (/** @type {number} */ x) => highestWidth(c0, 10 ** x, gamma);
  if (opens < ACROSS[1]) make("path", {class: "proposition", d: through([...from(opens, high), ...from(opens, low).reverse()])}, drawn);
  make("path", {class: "none", d: `${through([...from(ACROSS[0], (x) => x), [right, bottom], [left, bottom]])}Z`}, drawn);
  axes(drawn, frame, [0, 20, 40, 60, 80]);
  make("path", {class: "end", d: through(from(ACROSS[0], low))}, drawn);
  make("path", {class: "end high", d: through(from(ACROSS[0], high).filter(([, y]) => y > top))}, drawn);
  make("text", {x: left + 6, y: top + 8, "font-style": "italic"}, drawn).textContent = "m";
  if (opens < ACROSS[1]) {
    make("circle", {class: "crossing", r: 4, cx: across(opens), cy: clip(low(opens))}, drawn);
    make("text", {x: across(opens) - 8, y: clip(low(opens)) - 10, "text-anchor": "end"}, drawn).textContent = `opens at ${power(opens)}`;
  }
  put(chosen, {transform: `translate(${across(d)} ${down(m)})`});
}
