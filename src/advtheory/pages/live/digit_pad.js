// The pad of "Break a digit": a digit is drawn by pointer, finger or keys.

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
    () => {
      last = null;
      canvas.focus({preventScroll: true}); // keys belong to what is drawn on, not to another cell of a notebook
    }
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
