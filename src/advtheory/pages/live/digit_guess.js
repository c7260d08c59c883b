// The guess of "Break a digit", and the sentences that say what happened.

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
 *  @param {number[]} choices @param {string[]} names @param {number[]} distances @param {number} reached
 *  @param {number} steps that the attacker may take instead of one */
function verdict([first, last], names, distances, reached, steps) {
  const order = inOrder(distances), winner = order[order.length - 1], second = order[order.length - 2];
  const known = reached >= distances[second], told = (/** @type {string} */ what, /** @type {number} */ is, /** @type {number} */ guess) =>
    `${what}: ${names[is]}, ${is === guess ? "as you guessed" : `not ${names[guess]}`}. `;
  const next = known ? `Now let the attacker take ${steps} steps.` : "";
  if (first === undefined) return next;
  if (reached < distances[order[0]]) return `Your guess: ${names[first]} first, ${names[last]} last.`;
  return told("First", order[0], first) + (known ? told("Last", winner, last) : "") + next;
}

/** @param {number[]} distances */
const inOrder = (distances) => distances.map((_, k) => k).sort((i, j) => distances[i] - distances[j]);

/** Who holds out longest; distances that are about the same are not told apart.
 *  @param {string[]} names @param {number[]} distances where many steps find a flip
 *  @param {number[]} before where one step finds it @param {number} steps */
function lastOf(names, distances, before, steps) {
  const far = Math.max(...distances), last = names.filter((_, k) => distances[k] === far || distances[k] > far - 0.02);
  const until = far < Infinity ? `, up to about ${far.toFixed(2)}` : "", was = names[inOrder(before)[names.length - 1]];
  const change = last.includes(was) ? "" : ` With one step it was ${was}.`;
  return `With ${steps} steps, ${list(last)} ${last.length > 1 ? "hold" : "holds"} out longest${until}.${change}`;
}
