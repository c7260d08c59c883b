// One network of "Break a digit": its picture, its answer, its margin curve with the flip.

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
  /** Where the margin has its first zero. @param {number | null} far @param {boolean} many @param {boolean} empty */
  function mark(far, many, empty) {
    const inside = !empty && far !== null && far <= data.longest, at = inside ? X(far) : 160;
    const about = many ? "about " : "";
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
