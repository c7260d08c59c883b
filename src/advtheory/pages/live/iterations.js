// Radius against margin: what the page on the end of training promises, at a setting that the reader chooses.

const MOST = 20; // powers of ten in a bar

/** @param {Stage} stage @param {Setting} data */
function figure(stage, data) {
  const setting = {...data}, svg = stage.one(".picture");
  const draw = stage.inFrame(() => {
    if (!sizeOf(svg).width) return;
    const found = perceptron(inputs(setting), setting.nu);
    drawPlane(svg, setting, found.w);
    tell(stage, setting, found);
  });
  for (const input of /** @type {HTMLInputElement[]} */ (stage.all("input")))
    input.addEventListener("input", () => {
      const value = Number(input.value);
      Object.assign(setting, {[input.id]: input.id === "eps" ? 10 ** value : value});
      if (input.id === "radius") setting.gamma = Math.min(setting.gamma, setting.radius);
      if (input.id === "gamma") setting.radius = Math.max(setting.gamma, setting.radius);
      draw();
    });
  fit(svg, draw);
}

/** Both classes with their discs, the teacher's line and the perceptron's. @param {Element} svg
 *  @param {Setting} setting @param {Place} w */
function drawPlane(svg, setting, w) {
  const {width, height} = sizeOf(svg), {gamma, nu, radius} = setting;
  const unit = Math.min(width, height) / (2 * (radius + nu) + 0.1), [u, v] = [width / 2, height / 2];
  const line = (/** @type {string} */ name, /** @type {Place} */ [a, b], shift = 0) => {
    const far = radius * unit * 1.02;
    make("line", {class: name, x1: u + shift - a * far, y1: v + b * far, x2: u + shift + a * far, y2: v - b * far}, svg);
  };
  svg.replaceChildren();
  make("circle", {class: "circle", cx: u, cy: v, r: radius * unit}, svg);
  for (const side of [-1, 1]) line("edge", [0, 0.98 * Math.sqrt(Math.max(0, 1 - (gamma / radius) ** 2))], side * gamma * unit);
  for (const {x, y} of inputs(setting)) {
    const at = {cx: u + unit * x[0], cy: v - unit * x[1]}, name = y > 0 ? "plus" : "minus";
    make("circle", {class: `disc ${name}`, ...at, r: unit * nu}, svg);
    make("circle", {class: name, ...at, r: 3.5}, svg);
  }
  line("teacher", [0, 1]);
  const length = Math.hypot(...w);
  if (length) line("learned", [-w[1] / length, w[0] / length]);
}

/** Sliders, bars and the sentence. @param {Stage} stage @param {Setting} setting
 *  @param {ReturnType<typeof perceptron>} found */
function tell(stage, setting, found) {
  const {gamma, nu, radius, alpha, eps, width} = setting, ends = nu < gamma;
  const shown = {gamma: short(gamma), nu: short(nu), radius: short(radius), alpha: short(alpha), eps: short(eps), width: power(width)};
  for (const input of /** @type {HTMLInputElement[]} */ (stage.all("input"))) {
    const name = /** @type {keyof Setting} */ (input.id);
    input.value = String(name === "eps" ? Math.log10(eps) : setting[name]);
    input.setAttribute("aria-valuetext", shown[name]);
    stage.one(`.sliders output.${name}`).textContent = shown[name];
  }
  const numbers = ends ? promised(setting) : null;
  for (const name of /** @type {("mistakes" | "training" | "attack" | "cost")[]} */ (["mistakes", "training", "attack", "cost"]))
    bar(stage, name, numbers && numbers[name]);
  bar(stage, "made", found.mistakes);
  stage.one(".say").classList.toggle("silent", !ends);
  stage.say(numbers ? speech(setting, numbers, found) : silence(setting, found));
}

/** @param {Stage} stage @param {string} name @param {number | null} value */
function bar(stage, name, value) {
  stage.one(`.bars output.${name}`).textContent = value === null ? "no bound" : short(name === "mistakes" ? Math.floor(value + 1e-9) : value);
  const share = value === null ? 0 : Math.min(1, Math.max(0, Math.log10(Math.max(1, value)) / MOST));
  stage.one(`.bars li.${name} > i`).style.width = `${100 * share}%`;
}

/** @param {Setting} setting @param {ReturnType<typeof promised>} numbers @param {ReturnType<typeof perceptron>} found */
function speech({gamma, nu, alpha, width, eps}, {training, mistakes}, found) {
  const about = alpha === 1 ? "the robust error" : alpha > 0.5 ? "the β-robust error" : "no more than the clean error";
  return `A gap of γ − ν = ${short(gamma - nu)} is left, so training ends: ${short(training)} steps are enough for an error of ` +
    `${short(2 * eps)}, and m = ${power(width)} plays no part. The error is ${about}. The perceptron makes ${found.mistakes} ` +
    `${found.mistakes === 1 ? "mistake" : "mistakes"} here; more than ${short(Math.floor(mistakes + 1e-9))} are impossible.`;
}

/** @param {Setting} setting @param {ReturnType<typeof perceptron>} found */
function silence({gamma, nu}, found) {
  const run = found.ended ? `The perceptron ends here after ${found.mistakes} mistakes, but no bound says so.`
    : `The perceptron still errs after ${short(found.mistakes)} mistakes.`;
  return `Nothing is promised: the attack, ν = ${short(nu)}, is at least as long as the margin, γ = ${short(gamma)}, so it can move ` +
    `an input onto the teacher's line or across. ${run}`;
}
