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
  const nets = data.networks.map((entry) => core.unpack(entry.packed));
  const samples = data.images.map((image) => Float64Array.from(core.bytes(image.pixels), (v) => v / 255));
  const state = {r: 0, attack: "step", view: "image", open: false, reached: 0, raw: Float64Array.from(samples[0])};
  let x = unit(state.raw), flips = nets.map((net) => core.flip(net, x));
  const paint = painter(stage), later = stage.inFrame(draw);
  const cards = data.networks.map((entry) => makeCard(stage, data, entry, paint));
  const dots = makeDots(data, cards);
  const pad = makePad(stage, data.side, state.raw, changed);
  const guess = makeGuess(stage, cards, data.networks.map((entry) => entry.name), open);
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
    stage.one(".move input").setAttribute("aria-valuetext", `${state.r.toFixed(3)} times the length of the digit`);
    if (!state.open) return;
    const names = data.networks.map((entry) => entry.name);
    stage.say(empty ? "Nothing is drawn. Draw a digit, or take one of these." : sentence(names, found, state.r));
    if (state.attack === "pgd" && !empty) dots.fill(shareAfter, judge);
    judge();
  }
  function judge() {
    const empty = core.length(x) === 0, far = dots.flips(), names = data.networks.map((entry) => entry.name);
    const many = far ? lastOf(names, far, data.steps) : `Looking for flips with ${data.steps} steps …`;
    const told = () => verdict(guess.choices, names, flips.map((flip) => flip.distance), state.reached);
    stage.one(".verdict").textContent = empty ? "" : state.attack === "pgd" ? many : told();
    cards.forEach((card, k) => card.mark(state.attack === "pgd" ? far && far[k] : flips[k].distance, state.attack, empty));
  }
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

// ---- one network's card

/** @param {Stage} stage @param {Data} data @param {Entry} entry @param {Paint} paint */
function makeCard(stage, data, entry, paint) {
  const inside = /** @type {HTMLTemplateElement} */ (stage.one("template.card")).content.cloneNode(true);
  const root = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (inside).firstElementChild);
  stage.one(".cards").append(root);
  /** @template {Element} T @param {string} selector @returns {T} */
  const one = (selector) => /** @type {T} */ (/** @type {unknown} */ (root.querySelector(selector)));
  const picture = /** @type {HTMLCanvasElement} */ (one(".picture"));
  picture.width = picture.height = data.side;
  root.setAttribute("aria-label", entry.name);
  one("strong").textContent = entry.name;
  one(".note").textContent = entry.note;
  one(".end").textContent = String(data.longest);
  const X = (/** @type {number} */ r) => (160 * r) / data.longest;
  const Y = (/** @type {number} */ share) => 54 - 33 * Math.max(-3, Math.min(3, share));
  const path = (/** @type {[number, number][]} */ points) => points.map(([r, s]) => `${X(r).toFixed(1)},${Y(s).toFixed(1)}`).join(" ");

  function open() {
    one(".choose").remove();
    one(".plot").removeAttribute("hidden");
  }
  /** @param {Outcome} found @param {Flip} flip @param {{r: number, view: string, attack: string, open: boolean}} state
   *  @param {boolean} empty */
  function show(found, flip, state, empty) {
    paint(picture, found.picture, data.top);
    const answer = empty ? "no answer" : found.flipped ? `✕ now says ${found.says}` : `${state.r ? "● still says" : "● says"} ${found.says}`;
    root.classList.toggle("flipped", found.flipped);
    one(".answer").textContent = answer;
    const seen = state.view === "image" ? "the moved digit" : `the change times ${data.magnified}`;
    picture.setAttribute("aria-label", `${seen}; the network ${answer.replace(/^\W+/, "")}`);
    plot(found, flip, state, empty);
  }
  /** @param {Outcome} found @param {Flip} flip @param {{r: number, attack: string}} state @param {boolean} empty */
  function plot(found, flip, {r, attack}, empty) {
    const curve = empty ? [] : shares(flip, data.longest), falls = curve.length && curve[curve.length - 1][1] < -0.9;
    one(".curve").setAttribute("points", path(curve));
    set(one(".word"), {x: falls ? 157 : 3, "text-anchor": falls ? "end" : "start"}); // where no curve passes
    one(".dots").setAttribute("visibility", attack === "pgd" ? "visible" : "hidden");
    set(one(".dot"), {cx: X(r), cy: Math.min(81, Y(found.share))});
    set(one(".now"), {x1: X(r), x2: X(r)});
  }
  /** Where the margin has its first zero. @param {number | null} far @param {string} attack @param {boolean} empty */
  function mark(far, attack, empty) {
    const inside = !empty && far !== null && far <= data.longest, at = inside ? X(far) : 160;
    const about = attack === "pgd" ? "about " : "";
    const text = empty || far === null ? "" : far === Infinity ? "no flip found" : `flips at ${about}${far.toFixed(2)}`;
    set(one(".tick"), {x1: at, x2: at, visibility: inside ? "visible" : "hidden"});
    const half = 3.4 * text.length; // the text stands over its tick, inside the plot
    set(one(".flip"), {x: Math.max(half, Math.min(160 - half, at)), "text-anchor": "middle"});
    one(".flip").textContent = inside || !text ? text : `${text} →`;
    one(".plot").setAttribute("aria-label", `The margin as the digit is moved: ${text || "not known yet"}.`);
  }
  /** @param {[number, number][]} points */
  const dotted = (points) => one(".dots").setAttribute("points", path(points));
  return {root, open, show, mark, dotted, choose: /** @type {HTMLButtonElement} */ (one(".choose"))};
}

/** @param {Element} element @param {Record<string, string | number>} attributes */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/** The margin along the gradient as a share of the margin at 0, cut at the end of the plot.
 *  @param {Flip} flip @param {number} longest @returns {[number, number][]} */
function shares({corners, norm, slope, value}, longest) {
  const end = norm > 0 ? longest / norm : Infinity, size = Math.abs(value) || 1, kept = [];
  let [at, height] = corners[0], steep = slope;
  for (const corner of corners) {
    if (corner[0] > end) {
      steep = (corner[1] - height) / (corner[0] - at);
      break;
    }
    kept.push(corner);
    [at, height] = corner;
  }
  if (end < Infinity) kept.push([end, height + steep * (end - at)]);
  return kept.map(([eta, phi]) => [eta * norm, phi / size]);
}

/** What many steps find at each length: a dot at a time, when nothing else is to do.
 *  @param {Data} data @param {Card[]} cards */
function makeDots(data, cards) {
  const lengths = Array.from({length: 17}, (_, i) => (data.longest * i) / 16);
  let found = cards.map(() => /** @type {[number, number][]} */ ([])), waiting = 0;
  /** @param {(k: number, r: number) => number} share @param {() => void} done */
  function fill(share, done) {
    clearTimeout(waiting);
    const k = found.findIndex((points) => points.length < lengths.length);
    if (k < 0) return done();
    const r = lengths[found[k].length];
    found[k].push([r, share(k, r)]);
    cards[k].dotted(found[k]);
    waiting = window.setTimeout(fill, 0, share, done);
  }
  function forget() {
    clearTimeout(waiting);
    found = cards.map(() => []);
    cards.forEach((card) => card.dotted([]));
  }
  /** Where each dotted line falls to 0, or null while dots are missing. */
  const flips = () => (found.every((points) => points.length === lengths.length) ? found.map(crossing) : null);
  return {fill, forget, flips};
}

/** @param {[number, number][]} points */
function crossing(points) {
  const k = points.findIndex(([, share]) => share <= 0);
  if (k < 1) return Infinity;
  const [[r, high], [s, low]] = [points[k - 1], points[k]];
  return r + ((s - r) * high) / (high - low);
}

// ---- the digit: examples, and a pad for pointer and keys

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

/** @param {Stage} stage @param {number} side @param {Float64Array} raw @param {() => void} changed */
function makePad(stage, side, raw, changed) {
  const canvas = /** @type {HTMLCanvasElement} */ (stage.one(".paper canvas")), brush = stage.one(".brush");
  const rub = stage.one(".rub"), spot = {row: Math.floor(side / 2), column: Math.floor(side / 2)};
  let erase = false, last = /** @type {[number, number] | null} */ (null);
  canvas.width = canvas.height = side;

  /** A soft round brush, one and a half pixels wide. @param {number} cx @param {number} cy @param {boolean} rubbing */
  function ink(cx, cy, rubbing) {
    raw.forEach((v, at) => {
      const far = Math.hypot((at % side) + 0.5 - cx, Math.floor(at / side) + 0.5 - cy);
      const strength = Math.max(0, Math.min(1, 1.5 - far / 0.9));
      raw[at] = rubbing ? Math.min(v, 1 - strength) : Math.max(v, strength);
    });
  }
  stage.drag(
    canvas,
    ([left, top]) => {
      const to = /** @type {[number, number]} */ ([left * side, top * side]), from = last ?? to;
      const n = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / 0.5) || 1;
      for (let i = 1; i <= n; i++) ink(from[0] + ((to[0] - from[0]) * i) / n, from[1] + ((to[1] - from[1]) * i) / n, erase);
      last = to;
      changed();
    },
    () => (last = null)
  );
  function place() {
    const size = canvas.clientWidth / side;
    brush.style.cssText = `width:${size}px;height:${size}px;transform:translate(${1 + spot.column * size}px,${1 + spot.row * size}px)`;
  }
  canvas.addEventListener("keydown", (event) => {
    const way = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
    const draws = event.key === " " || event.key === "Enter", rubs = event.key === "Delete" || event.key === "Backspace";
    if (!way && !draws && !rubs) return;
    event.preventDefault();
    if (way) {
      spot.row = Math.max(0, Math.min(side - 1, spot.row + way[0]));
      spot.column = Math.max(0, Math.min(side - 1, spot.column + way[1]));
    } else {
      ink(spot.column + 0.5, spot.row + 0.5, rubs || erase);
      changed();
    }
    brush.hidden = false;
    place();
    const dark = Math.round(100 * raw[spot.row * side + spot.column]);
    stage.announce(`Row ${spot.row + 1}, column ${spot.column + 1}: ${dark} % ink.`);
  });
  canvas.addEventListener("focus", () => {
    brush.hidden = !canvas.matches(":focus-visible");
    place();
  });
  canvas.addEventListener("blur", () => (brush.hidden = true));
  rub.addEventListener("click", () => {
    erase = !erase;
    rub.setAttribute("aria-pressed", String(erase));
  });
  stage.one(".wipe").addEventListener("click", () => {
    raw.fill(0);
    changed();
  });
  return {canvas};
}

// ---- the guess, and the sentences

/** First a guess, then the slider. @param {Stage} stage @param {Card[]} cards @param {string[]} names
 *  @param {() => void} open */
function makeGuess(stage, cards, names, open) {
  const choices = /** @type {number[]} */ ([]), ask = stage.one(".ask");
  function next() {
    ask.textContent = choices.length ? "And which one holds out longest?" : "Which one changes its answer first?";
    cards.forEach(({choose}, k) => {
      const chosen = choices.includes(k);
      choose.textContent = chosen ? "First" : choices.length ? "This one last" : "This one first";
      choose.setAttribute("aria-label", `${choose.textContent}: ${names[k]}`);
      choose.disabled = chosen;
    });
    if (choices.length) stage.announce(`${ask.textContent}`);
  }
  cards.forEach(({choose}, k) =>
    choose.addEventListener("click", () => {
      choices.push(k);
      if (choices.length === 2) open();
      else next();
    })
  );
  stage.one(".skip").addEventListener("click", () => {
    choices.length = 0;
    open();
  });
  next();
  return {choices};
}

/** @param {string[]} names */
const list = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`);

/** What the slider did. @param {string[]} names @param {Outcome[]} found @param {number} r */
function sentence(names, found, r) {
  const broken = names.filter((_, k) => found[k].flipped), held = names.filter((_, k) => !found[k].flipped);
  if (r === 0) return "Nothing is moved yet. Drag the slider and watch who changes the answer.";
  if (!broken.length) return `Moved by ${r.toFixed(2)}: every network keeps its answer.`;
  if (!held.length) return `Moved by ${r.toFixed(2)}: every network has changed its answer.`;
  const verbs = [broken.length > 1 ? "change" : "changes", held.length > 1 ? "keep" : "keeps"];
  return `Moved by ${r.toFixed(2)}: ${list(broken)} ${verbs[0]} the answer, ${list(held)} ${verbs[1]} it.`;
}

/** What became of the guess, as far as the slider has shown it.
 *  @param {number[]} choices @param {string[]} names @param {number[]} distances @param {number} reached */
function verdict([first, last], names, distances, reached) {
  const order = inOrder(distances), winner = order[order.length - 1], second = order[order.length - 2];
  const known = reached >= distances[second], told = (/** @type {string} */ what, /** @type {number} */ is, /** @type {number} */ guess) =>
    `${what}: ${names[is]}, ${is === guess ? "as you guessed" : `not ${names[guess]}`}. `;
  const next = known ? "Now let the attacker take more steps." : "";
  if (first === undefined) return next;
  if (reached < distances[order[0]]) return `Your guess: ${names[first]} first, ${names[last]} last.`;
  return told("First", order[0], first) + (known ? told("Last", winner, last) : "") + next;
}

/** @param {number[]} distances */
const inOrder = (distances) => distances.map((_, k) => k).sort((i, j) => distances[i] - distances[j]);

/** Who holds out longest; distances that are about the same are not told apart.
 *  @param {string[]} names @param {number[]} distances where many steps find a flip @param {number} steps */
function lastOf(names, distances, steps) {
  const far = Math.max(...distances), last = names.filter((_, k) => distances[k] === far || distances[k] > far - 0.02);
  const until = far < Infinity ? `, up to about ${far.toFixed(2)}` : "";
  return `With ${steps} steps, ${list(last)} ${last.length > 1 ? "hold" : "holds"} out longest${until}.`;
}
