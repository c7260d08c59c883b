// The map: regions of the answer, lines of the neurons, the ray from x, and the lazy ball.

/**
 * @typedef {{g: Element, line: Element, arrow: Element, knob: SVGElement, sign: Element}} Marks of a neuron
 * @typedef {{stage: Stage, svg: Element, marks: Marks[]}} Map_
 */

/** @param {Stage} stage @returns {Map_} */
const mapOf = (stage) => ({stage, svg: stage.one(".map"), marks: []});

/** Places in pixels. @param {Map_} map */
function places({svg}) {
  const {width} = sizeOf(svg);
  return {width, across: scale([-SPAN, SPAN], [0, width]), down: scale([SPAN, -SPAN], [0, width])};
}

/** @param {Map_} map @param {Plane} plane @param {ReturnType<typeof study>} studied */
function drawMap(map, plane, studied) {
  drawRegions(map, plane, studied);
  drawNeurons(map, plane);
  drawRay(map, plane, studied);
}

/** @param {Map_} map @param {Plane} plane @param {ReturnType<typeof study>} studied */
function drawRegions(map, plane, {net, radius, sign, settled}) {
  const {width} = places(map), size = (CELLS + 1) ** 2;
  const fields = [0, 1, 2, 3].map(() => new Float64Array(size));
  for (let k = 0; k < size; k++) answers(net, radius, ...cornerAt(k)).forEach((v, f) => (fields[f][k] = v));
  map.stage.one(".zero").toggleAttribute("hidden", !fields[0].some((v, k) => v <= 0 && fields[1][k] <= 0));
  const part = (/** @type {Float64Array} */ values) =>
    positivePart({values, columns: CELLS, rows: CELLS}, width, width);
  const path = (/** @type {string} */ selector, /** @type {string} */ d) => put(map.stage.one(selector), {d});
  const [plus, minus, plusSettled, minusSettled] = fields.map(part);
  path("path.plus.pale", plus.area);
  path("path.minus.pale", minus.area);
  path(".hatch", plus.area + minus.area);
  path("path.plus.settled", plusSettled.area);
  path("path.minus.settled", minusSettled.area);
  path(".boundary", plus.edge + minus.edge);
  const other = settled || sign === 0 ? null : extremeNetwork(net, radius, plane.x, -sign);
  path(".other", other ? part(everywhere((x, y) => core.value(other, Float64Array.of(x, y)))).edge : "");
  const one = plane.neurons[plane.chosen];
  const band = one && radius > 0
    ? part(everywhere((x, y) => radius * Math.hypot(x, y, 1) - Math.abs(one.w[0] * x + one.w[1] * y + one.b)))
    : {area: "", edge: ""};
  path(".band", band.area);
  path(".band-edge", band.edge);
}

/** The corner number k of the grid over the map. @param {number} k @returns {Pair} */
function cornerAt(k) {
  const row = Math.floor(k / (CELLS + 1)), column = k % (CELLS + 1);
  return [SPAN * ((2 * column) / CELLS - 1), SPAN * (1 - (2 * row) / CELLS)];
}

/** @param {(x: number, y: number) => number} f */
const everywhere = (f) => sample(f, [-SPAN, SPAN], [SPAN, -SPAN], CELLS, CELLS).values;

/** @param {Map_} map @param {Plane} plane */
function drawNeurons(map, plane) {
  const {across, down} = places(map), far = 4 * SPAN;
  map.svg.classList.toggle("many", plane.m > MANY);
  map.marks.forEach(({g, line, arrow, knob, sign}, s) => {
    const used = s < plane.m;
    for (const part of [g, knob]) part.toggleAttribute("hidden", !used);
    if (!used) return;
    const {w, a, at} = plane.neurons[s], norm = Math.hypot(...w), u = [-w[1] / norm, w[0] / norm];
    for (const part of [g, knob]) part.classList.toggle("chosen", s === plane.chosen);
    const [x1, y1, x2, y2] = [at[0] - far * u[0], at[1] - far * u[1], at[0] + far * u[0], at[1] + far * u[1]];
    put(line, {x1: across(x1), y1: down(y1), x2: across(x2), y2: down(y2)});
    const [x, y] = tipOf(plane.neurons[s]), barb = (/** @type {number} */ side) => /** @type {Pair} */ ([
      across(x - (0.09 * w[0] + side * 0.05 * w[1]) / norm), down(y - (0.09 * w[1] - side * 0.05 * w[0]) / norm),
    ]);
    const tip = /** @type {Pair} */ ([across(x), down(y)]);
    put(arrow, {d: through([[across(at[0]), down(at[1])], tip, barb(1), tip, barb(-1)])});
    put(knob, {
      transform: `translate(${across(at[0])} ${down(at[1])})`,
      tabindex: s === Math.max(plane.chosen, 0) ? 0 : -1,
      "aria-label": `Neuron ${s + 1} of ${plane.m}, sign ${a > 0 ? "plus" : "minus"}`,
    });
    sign.textContent = words(a);
  });
  const chosen = plane.neurons[plane.chosen], tip = map.stage.one(".tip");
  tip.toggleAttribute("hidden", !chosen);
  if (chosen) put(tip, {cx: across(tipOf(chosen)[0]), cy: down(tipOf(chosen)[1])});
}

/** The end of the arrow, in the direction of w; its length grows with |w|.
 *  @param {Neuron} neuron @returns {Pair} */
function tipOf({w, at}) {
  const norm = Math.hypot(...w), long = ARROW / Math.sqrt(norm);
  return [at[0] + long * w[0], at[1] + long * w[1]];
}

/** @param {Map_} map @param {Plane} plane @param {ReturnType<typeof study>} studied */
function drawRay(map, plane, {flip, sign}) {
  const {across, down} = places(map), {norm, gradient} = flip, {one} = map.stage;
  const at = (/** @type {number} */ r) => /** @type {Pair} */ ([
    across(plane.x[0] - (norm > 0 ? (r * sign * gradient[0]) / norm : 0)),
    down(plane.x[1] - (norm > 0 ? (r * sign * gradient[1]) / norm : 0)),
  ]);
  const end = Math.min(flip.distance, 6 * SPAN), shown = !plane.asked && sign !== 0;
  put(one(".ray"), {d: shown ? through([at(0), at(end)]) : ""});
  put(one(".rest"), {d: shown ? through([at(end), at(8 * SPAN)]) : ""});
  const ring = one(".flip"), [cx, cy] = at(end);
  ring.toggleAttribute("hidden", !shown || flip.distance === Infinity);
  put(ring, {cx, cy});
  const bends = one(".bends");
  bends.replaceChildren();
  for (const [eta] of shown ? flip.corners.slice(1) : []) {
    if (eta >= flip.step) break;
    const [x, y] = at(eta * norm);
    make("circle", {r: 4, cx: x, cy: y}, bends);
  }
  put(one(".point"), {
    transform: `translate(${at(0).join(" ")})`,
    "aria-valuenow": plane.x[0],
    "aria-valuetext": `${number(plane.x[0])}, ${number(plane.x[1])}`,
  });
}
