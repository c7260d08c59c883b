// What every live figure needs of its page: its own root, the theme's colours, a voice, dragging.
//
// A figure NAME is three files beside this one, NAME.html, NAME.css and NAME.js. The last one defines
//
//   /** @param {Stage} stage @param {...} data */
//   function figure(stage, data) { ... }
//
// which is called once for each place of the figure on a page. All HTML and CSS stand in a shadow tree:
// ids, class names and radio names cannot meet those of the page or of another figure.

/**
 * @typedef {object} Stage
 * @property {<T extends Element = HTMLElement>(selector: string) => T} one the element, which must be there
 * @property {(selector: string) => HTMLElement[]} all the elements, maybe none
 * @property {(name: string) => [number, number, number]} colour red, green, blue of the variable --NAME
 * @property {(draw: () => void) => void} onTheme draw now, and whenever the page changes its colours
 * @property {(draw: () => void) => () => void} inFrame what asks for one drawing in the next frame
 * @property {(text: string) => void} say show a sentence in .say; when it has settled it is read aloud
 * @property {(text: string) => void} announce read a sentence aloud, by .heard, and show it nowhere
 * @property {(element: Element, moved: (spot: [number, number], event: PointerEvent) => void, begun?: (event: PointerEvent) => void) => void} drag
 *   follow a pointer on an element: its place there, 0 to 1 from left and top
 */

/**
 * @template Data
 * @param {string} key of the fragment; the same fragment may stand on a page twice
 * @param {(stage: Stage, data: Data) => void} figure @param {Data} data
 */
function start(key, figure, data) {
  for (const root of document.querySelectorAll(`[data-live="${key}"]:not([data-on])`)) {
    const inside = root.querySelector("template");
    if (!(inside && root instanceof HTMLElement)) continue;
    root.dataset.on = "";
    root.attachShadow({mode: "open"}).append(inside.content.cloneNode(true));
    root.addEventListener("keydown", (event) => event.stopPropagation()); // no shortcuts of the page
    figure(stageIn(root), data);
  }
}

/** @param {HTMLElement} root @returns {Stage} */
function stageIn(root) {
  const tree = /** @type {ShadowRoot} */ (root.shadowRoot);
  /** @template {Element} T @param {string} selector @returns {T} */
  function one(selector) {
    const found = tree.querySelector(selector);
    if (!found) throw new Error(`the figure has no ${selector}`);
    return /** @type {T} */ (found);
  }
  const all = (/** @type {string} */ selector) =>
    /** @type {HTMLElement[]} */ ([...tree.querySelectorAll(selector)]);
  const probe = document.createElement("i");
  probe.hidden = true;
  tree.append(probe);
  const colour = (/** @type {string} */ name) => {
    probe.style.color = `var(--${name})`;
    return /** @type {[number, number, number]} */ (getComputedStyle(probe).color.match(/[\d.]+/g)?.map(Number));
  };
  return {one, all, colour, onTheme, inFrame, ...voice(tree), drag};
}

/** The book marks its theme on <html>, Jupyter on <body>, and a browser has its own.
 *  @param {() => void} draw */
function onTheme(draw) {
  const watch = new MutationObserver(draw);
  const attributeFilter = ["class", "data-theme", "data-jp-theme-light", "theme"];
  for (const element of [document.documentElement, document.body])
    watch.observe(element, {attributes: true, attributeFilter});
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
}

/** @param {() => void} draw */
function inFrame(draw) {
  let asked = 0;
  const now = () => {
    asked = 0;
    draw();
  };
  return () => void (asked ||= requestAnimationFrame(now));
}

/** A sentence that is seen at once, and read aloud when it has stood for half a second.
 *  @param {ShadowRoot} tree */
function voice(tree) {
  const seen = tree.querySelector(".say"), heard = tree.querySelector(".heard");
  let waiting = 0;
  const announce = (/** @type {string} */ text) => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      if (heard && heard.textContent !== text) heard.textContent = text;
    }, 500);
  };
  const say = (/** @type {string} */ text) => {
    if (seen && seen.textContent !== text) seen.textContent = text;
    announce(text);
  };
  return {say, announce};
}

/** @type {Stage["drag"]} */
function drag(element, moved, begun) {
  const tell = (/** @type {PointerEvent} */ event) => {
    const box = element.getBoundingClientRect();
    moved([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height], event);
  };
  let held = false;
  const down = (/** @type {PointerEvent} */ event) => {
    if (event.button) return;
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    held = true;
    begun?.(event);
    tell(event);
  };
  const move = (/** @type {PointerEvent} */ event) => {
    if (held) (event.getCoalescedEvents?.() ?? [event]).forEach(tell);
  };
  element.addEventListener("pointerdown", /** @type {EventListener} */ (down));
  element.addEventListener("pointermove", /** @type {EventListener} */ (move));
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    element.addEventListener(end, () => (held = false));
}
