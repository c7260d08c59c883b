// "Break a digit": one digit, several networks, one slider for how far each picture is moved.

/**
 * @typedef {{label: number, pixels: string}} Image
 * @typedef {{name: string, note: string, packed: Packed}} Entry
 * @typedef {{side: number, longest: number, steps: number, top: number, magnified: number, images: Image[], networks: Entry[]}} Data
 * @typedef {{picture: Float64Array, margin: number, share: number, says: number, said: number, flipped: boolean}} Outcome
 * @typedef {ReturnType<typeof makeCard>} Card
 * @typedef {(canvas: HTMLCanvasElement, values: Numbers, top: number) => void} Paint
 */

/** @param {Stage} stage @param {Data} data */
function figure(stage, data) {
  const nets = data.networks.map((entry) => core.unpack(entry.packed)), names = data.networks.map((entry) => entry.name);
  const samples = data.images.map((image) => Float64Array.from(core.bytes(image.pixels), (v) => v / 255));
  const state = {r: 0, attack: "step", view: "image", open: false, reached: 0, raw: Float64Array.from(samples[0])};
  let x = unit(state.raw), flips = nets.map((net) => core.flip(net, x));
  const paint = painter(stage), later = stage.inFrame(draw);
  const cards = data.networks.map((entry) => makeCard(stage, data, entry, paint));
  const dots = makeDots(data, cards);
  const pad = makePad(stage, data.side, state.raw, changed);
  const guess = makeGuess(stage, cards, names, open);
  const thumbs = makeThumbs(stage, data, choose);

  /** @param {number} k */
  function choose(k) {
    state.raw.set(samples[k]);
    changed();
  }
  /** The digit is another one: everything that belongs to it is computed anew. */
  function changed() {
    x = unit(state.raw);
    flips = nets.map((net) => core.flip(net, x));
    state.reached = state.r;
    dots.forget();
    later();
  }
  function open() {
    state.open = true;
    stage.one(".question").hidden = true;
    stage.one(".move").hidden = stage.one(".switches").hidden = false;
    for (const card of cards) card.open();
    stage.one(".move input").focus({preventScroll: true});
    later();
  }
  /** @param {number} k @param {number} r @returns {Float64Array} */
  function attacked(k, r) {
    const {value, gradient} = flips[k], y = Math.sign(value);
    return state.attack === "pgd" ? core.pgd(nets[k], x, y, r, data.steps) : core.step(x, gradient, y, r);
  }
  /** @param {number} k @returns {Outcome} */
  function outcome(k) {
    const {value} = flips[k], y = Math.sign(value), moved = attacked(k, state.r);
    const margin = y * core.value(nets[k], moved), flipped = value !== 0 && margin <= 0, said = value > 0 ? 1 : 0;
    const picture = state.view === "image" ? moved : moved.map((v, j) => data.magnified * (v - x[j]));
    return {picture, margin, share: margin / (Math.abs(value) || 1), said, says: flipped ? 1 - said : said, flipped};
  }
  function draw() {
    const found = nets.map((_, k) => outcome(k)), empty = core.length(x) === 0;
    state.reached = Math.max(state.reached, state.r);
    paint(pad.canvas, state.raw, 1);
    cards.forEach((card, k) => card.show(found[k], flips[k], state, empty));
    stage.one("output").textContent = state.r.toFixed(2);
    stage.one(".move input").setAttribute("aria-valuetext", `${state.r.toFixed(2)} times the length of the digit`);
    if (!state.open) return;
    stage.say(empty ? "Nothing is drawn. Draw a digit, or take one of these." : sentence(names, found, state.r));
    if (state.attack === "pgd" && !empty) dots.fill(shareAfter, judge);
    judge();
  }
  function judge() {
    const empty = core.length(x) === 0, many = state.attack === "pgd", found = dots.flips();
    const far = many ? found : flips.map((flip) => flip.distance);
    const text = empty ? "" : many ? search(found) : verdict(guess.choices, names, far ?? [], state.reached, data.steps);
    stage.one(".verdict").textContent = text;
    stage.announce(`${stage.one(".say").textContent} ${text}`.trim());
    cards.forEach((card, k) => card.mark(far && far[k], many, empty));
  }
  /** @param {number[] | null} found */
  const search = (found) => (found ? lastOf(names, found, flips.map((flip) => flip.distance), data.steps) : `Looking for flips with ${data.steps} steps …`);
  /** The margin that many steps leave, as a share of the margin at 0. @param {number} k @param {number} r */
  function shareAfter(k, r) {
    const {value} = flips[k], y = Math.sign(value);
    return core.value(nets[k], core.pgd(nets[k], x, y, r, data.steps)) / value;
  }

  const slider = /** @type {HTMLInputElement} */ (stage.one(".move input"));
  slider.max = String(data.longest);
  slider.addEventListener("input", () => {
    state.r = Number(slider.value);
    later();
  });
  for (const kind of /** @type {const} */ (["attack", "view"]))
    for (const input of stage.all(`[name=${kind}]`))
      input.addEventListener("change", () => {
        state[kind] = /** @type {HTMLInputElement} */ (input).value;
        later();
      });
  stage.one(".steps").textContent = `${data.steps} steps`;
  stage.one(".magnified").textContent = `the change × ${data.magnified}`;
  stage.one(".low").textContent = `−${data.top}`;
  stage.one(".high").textContent = `${data.top}`;
  stage.onTheme(() => {
    paint.refresh();
    thumbs.forEach((canvas, k) => paint(canvas, samples[k], 1));
    const bar = /** @type {HTMLCanvasElement} */ (stage.one(".scale canvas"));
    paint(bar, Float64Array.from({length: bar.width}, (_, i) => (2 * i) / (bar.width - 1) - 1), 1);
    later();
  });
}

/** @param {Numbers} v */
function unit(v) {
  const far = core.length(v) || 1;
  return Float64Array.from(v, (e) => e / far);
}

/** Signed pixels over the colour of the page: ink where positive, orange where negative, clear at 0.
 *  @param {Stage} stage */
function painter(stage) {
  let plus = [0, 0, 0], minus = [0, 0, 0];
  /** @type {Paint} */
  const paint = (canvas, values, top) => {
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const image = context.createImageData(canvas.width, canvas.height);
    values.forEach((/** @type {number} */ v, /** @type {number} */ i) => {
      image.data.set(v < 0 ? minus : plus, 4 * i);
      image.data[4 * i + 3] = Math.round(255 * Math.min(1, Math.abs(v) / top));
    });
    context.putImageData(image, 0, 0);
  };
  const refresh = () => {
    plus = stage.colour("plus");
    minus = stage.colour("minus");
  };
  refresh();
  return Object.assign(paint, {refresh});
}

/** @param {Stage} stage @param {Data} data @param {(k: number) => void} choose */
function makeThumbs(stage, data, choose) {
  return data.images.map((image, k) => {
    const label = document.createElement("label");
    label.innerHTML = `<input type="radio" name="digit" aria-label="a ${image.label}, number ${k + 1} of ${data.images.length}"><canvas width="${data.side}" height="${data.side}" aria-hidden="true"></canvas>`;
    const input = /** @type {HTMLInputElement} */ (label.firstChild);
    input.checked = k === 0;
    input.addEventListener("click", () => choose(k)); // also if it is chosen: what was drawn goes
    stage.one(".digits > div").append(label);
    return /** @type {HTMLCanvasElement} */ (label.lastChild);
  });
}
