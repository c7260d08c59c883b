// Where a formula may break, and for which width.
//
// MathJax breaks long formulas by itself, but as early inside a bracket as between two relations.
// Here each formula is looked at before it is set: short ones and short brackets stay whole, others
// break at relations first. Widths are estimates in em, good enough to tell short from long.
(() => {
  const SHORT = 8.5; // a piece up to this width is never broken: half a line on a phone
  const LONG = 12; // a longer one may be broken wherever it can be
  const CELL = 4.5; // a column of a table is narrow
  const WIDE_SPACE = 0.9; // \quad and wider parts clauses, narrower spaces hold factors together
  const WIDTHS = { mn: 0.5, mi: 0.55, mtext: 0.47, ms: 0.5 };
  const OP = 1, BIN = 2, REL = 3, OPEN = 4, CLOSE = 5, PUNCT = 6; // classes of TeX
  const BARS = ["|", "\u2016", "\u2223", "\u2225"];
  const OPERATORS = { [OP]: 1.3, [BIN]: 1.2, [REL]: 1.33, [OPEN]: 0.39, [CLOSE]: 0.39, [PUNCT]: 0.45 };

  const text = (node) => (node.isEmbellished ? node.coreMO() : node).getText?.() ?? "";
  // \Big( is an ordinary sign to MathJax.
  const classOf = (node) =>
    node.isEmbellished && "([{\u27e8\u230a\u2308".includes(text(node)) ? OPEN
    : node.isEmbellished && ")]}\u27e9\u230b\u2309".includes(text(node)) ? CLOSE
    : node.texClass;
  const space = (node) => parseFloat(node.attributes.get("width")) || 0;
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

  // About how wide a part of a formula is.
  const width = (node) => {
    const parts = (node.childNodes ?? []).map(width);
    if (node.isKind("mspace")) return space(node);
    if (node.isKind("mo")) return OPERATORS[node.texClass] ?? Math.max(0.5, 0.5 * text(node).length);
    if (node.kind in WIDTHS) return WIDTHS[node.kind] * node.getText().length;
    if (node.isKind("mfrac")) return 0.24 + Math.max(...parts);
    if (node.isKind("msqrt")) return 0.85 + sum(parts);
    if (node.isKind("mtable")) return Math.max(0, ...parts);
    if (/^m(sub|sup|under|over)/.test(node.kind))
      return parts[0] + 0.7 * Math.max(0, ...parts.slice(1));
    return sum(parts);
  };

  // The parts of a row side by side, each with the number of brackets around it.
  const flat = (node) =>
    node.isInferred || node.isKind("mstyle") || node.isKind("math")
      ? node.childNodes.flatMap(flat)
      : [node];
  const row = (node) => {
    let depth = 0;
    let bar = ""; // inside |...| or ||...||, whose ends look alike
    return flat(node).map((part) => {
      const sign = text(part);
      const isBar = part.isEmbellished && BARS.includes(sign) && classOf(part) !== REL;
      const closes = classOf(part) === CLOSE || (isBar && bar === sign);
      if (closes) depth = Math.max(0, depth - 1);
      const here = { part, depth, isBar, width: width(part), kind: classOf(part) };
      if (isBar) bar = closes ? "" : sign;
      if (!closes && (classOf(part) === OPEN || isBar)) depth += 1;
      return here;
    });
  };

  const keep = (node) => (node.isEmbellished ? node.coreMO() : node).attributes.set("linebreak", "nobreak");
  const isSpace = ({ part }) => part.isKind("mspace");
  const isGap = ({ part, depth }) =>
    part.isKind("mspace") && depth === 0 && part.attributes.get("linebreak") !== "nobreak" && space(part) >= WIDE_SPACE;
  const isBracket = ({ kind, isBar }) => isBar || kind === OPEN || kind === CLOSE;
  const isBreak = (piece) => piece.part.isEmbellished || isSpace(piece);

  // Cut `pieces` before each one that `at` accepts.
  const cut = (pieces, at) =>
    pieces.reduce(
      (groups, piece) => (at(piece) ? [...groups, [piece]] : [...groups.slice(0, -1), [...groups.at(-1), piece]]),
      [[]],
    );
  const total = (pieces) => sum(pieces.map((piece) => piece.width));
  const longest = (pieces, at) =>
    Math.max(...cut(pieces, at).map((group) => total(group)));

  // In a line of text: whole if short, else at relations, else at operators, else anywhere.
  const isRelation = ({ depth, kind }) => depth === 0 && kind === REL;
  const isOperator = ({ depth, kind }) => depth === 0 && (kind === REL || kind === BIN);
  const LEVELS = [() => false, isRelation, isOperator];
  const fits = (pieces, limit) =>
    LEVELS.find((at) => longest(pieces, (piece) => isGap(piece) || at(piece)) <= limit);
  const prepareInline = (root, inTable) => {
    const pieces = row(root);
    const level = fits(pieces, inTable ? CELL : SHORT) ?? (inTable ? undefined : fits(pieces, LONG));
    pieces.filter(isBreak).forEach((piece) => {
      const narrow = isSpace(piece) && !isGap(piece);
      if (narrow || (level && !isSpace(piece) && !level(piece))) keep(piece.part);
      else if (!isSpace(piece)) piece.part.coreMO().attributes.set("linebreakstyle", "after");
    });
  };

  // Displayed: narrow spaces, short brackets and short clauses between wide spaces stay whole.
  const keepAll = (node) => {
    if (node.isKind("mo") || node.isKind("mspace")) node.attributes.set("linebreak", "nobreak");
    else (node.childNodes ?? []).forEach(keepAll);
  };
  const keepShort = (pieces, limit) => {
    if (total(pieces) <= limit)
      pieces.filter((piece) => !isGap(piece)).forEach(({ part }) => keepAll(part));
  };
  const keepFactors = (pieces) => {
    const isLong = total(pieces) > SHORT + 2; // then better here than nowhere
    const mayBreak = (piece, index) =>
      isLong && piece.depth === 0 && (isSpace(piece) || pieces[index - 1]?.kind === CLOSE);
    pieces
      .filter((piece, index) => (isSpace(piece) || isBracket(piece)) && !isGap(piece) && !mayBreak(piece, index))
      .forEach(({ part }) => keep(part));
  };
  const prepareRow = (node, room) => {
    const pieces = row(node);
    cut(pieces, (piece) => isGap(piece) || isOperator(piece)).forEach(keepFactors);
    const clauses = cut(pieces, isGap);
    if (clauses.length > 1) clauses.forEach((clause) => keepShort(clause, LONG));
    if (total(pieces) > room && clauses.some((clause) => total(clause) > LONG))
      pieces.filter(isGap).forEach(({ part }) => part.attributes.set("linebreak", "newline"));
    cut(pieces, ({ depth, kind }) => depth === 0 && kind !== CLOSE).forEach((group) => {
      const inside = group.slice(1); // what the bracket that opens the group holds
      keepShort(inside, SHORT + 2);
    });
  };

  // On a phone aligned columns leave no room: put the cells of a row into one line.
  const PHONE = 600;
  const isAligned = (node) => node.isKind("mtable") && `${node.attributes.get("columnalign")}`.startsWith("right");
  const shift = (mo) => mo.attributes.set("indentshift", "2em"); // where the row goes on after a break
  const joinRow = (mtr) => {
    const [first, ...others] = mtr.childNodes;
    const line = first.childNodes[0];
    const goesOn = width(first) === 0; // nothing left of the relation: the row above goes on
    row(line).filter(({ part }) => part.isEmbellished).forEach(({ part }) => shift(part.coreMO()));
    others.flatMap((cell) => [...cell.childNodes[0].childNodes]).forEach((part) => line.appendChild(part));
    mtr.setChildren([first]);
    first.attributes.set("columnalign", "left");
    if (!goesOn) return;
    const indent = mtr.factory.create("mspace", { width: "1em", linebreak: "nobreak" });
    line.setChildren([indent, ...line.childNodes]);
  };
  const joinColumns = (mtable) => {
    mtable.childNodes.forEach(joinRow);
    mtable.attributes.set("columnalign", "left");
  };

  const prepareDisplay = (node, room) => {
    if (isAligned(node) && window.innerWidth <= PHONE) joinColumns(node);
    if (node.isKind("math") || node.isKind("mtd") || node.isKind("mrow")) prepareRow(node, room);
    (node.childNodes ?? []).forEach((part) => prepareDisplay(part, Infinity));
  };

  // How wide a display may be, in em; the first time nothing was measured yet.
  const roomOf = ({ metrics, start }) => {
    const width = metrics?.containerWidth || start.node.parentElement?.clientWidth || Infinity;
    return width / (metrics?.em * metrics?.scale || 20);
  };
  const prepare = ({ math, data }) => {
    data.root.setTeXclass(null); // else a minus sign after a bracket would count as an operator
    if (!math.display) return prepareInline(data.root, Boolean(math.start.node.parentElement?.closest("td, th")));
    prepareDisplay(data.root, roomOf(math));
    return data.root.setInheritedAttributes({}, true, 0, false); // some parts stand in other cells
  };

  // A formula on display is set for the width it found: set it again when that changes, as when a
  // phone is turned, a fold opens or the page goes to paper.
  const tell = () => document.dispatchEvent(new Event("formulas-set")); // layout.js listens
  const PAPER = 640; // pixels of an article on A4 or Letter
  const widths = new WeakMap();
  const displays = () => [...window.MathJax.startup.document.math].filter((item) => item.display && item.typesetRoot);
  const boxOf = (item) => item.typesetRoot.parentNode;
  const refit = (items, widthOf) => {
    const page = window.MathJax.startup.document;
    items.forEach((item) => {
      const { em, ex, containerWidth, scale } = page.outputJax.getMetricsFor(boxOf(item), true);
      item.setMetrics(em, ex, widthOf?.(boxOf(item)) ?? containerWidth, scale);
      item.rerender(page, window.MathJax._.core.MathItem.STATE.COMPILED); // columns may join or part
    });
    if (items.length) page.outputJax.styleSheet(page);
    tell();
  };
  const refitChanged = (boxes) =>
    refit(
      displays().filter((item) => {
        const box = boxOf(item);
        const changed = boxes.has(box) && box.clientWidth && widths.get(box) !== box.clientWidth;
        if (changed) widths.set(box, box.clientWidth);
        return changed;
      }),
    );
  const watchWidths = () => {
    const observer = new ResizeObserver((entries) => refitChanged(new Set(entries.map(({ target }) => target))));
    displays().map(boxOf).forEach((box) => {
      widths.set(box, box.clientWidth);
      observer.observe(box);
    });
    const share = (box) => (box.clientWidth || 0) / box.closest("article").clientWidth || 0.85; // folded: a guess
    window.addEventListener("beforeprint", () => refit(displays(), (box) => PAPER * share(box)));
    window.addEventListener("afterprint", () => refit(displays()));
  };

  // Punctuation stays with the formula before it, an opening bracket with the one after it.
  const together = (formula) => {
    const before = formula.previousSibling?.nodeType === Node.TEXT_NODE ? formula.previousSibling : null;
    const after = formula.nextSibling?.nodeType === Node.TEXT_NODE ? formula.nextSibling : null;
    const opening = before?.data.match(/[([\u201c\u2018]+$/)?.[0] ?? "";
    const closing = after?.data.match(/^(?:[^\s\p{L}\p{N}\u2013\u2014]+|\p{L}{1,2}(?!\p{L}))+/u)?.[0] ?? "";
    if (!opening && !closing) return;
    const whole = document.createElement("span");
    whole.className = "adv-together";
    formula.replaceWith(whole);
    whole.append(opening, formula, closing);
    if (opening) before.data = before.data.slice(0, -opening.length);
    if (closing) after.data = after.data.slice(closing.length);
  };

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("article span.math").forEach(together));
  window.MathJax = {
    ...window.MathJax,
    startup: {
      ready: () => {
        delete window.MathJax.config.options.menuOptions; // a setting of a menu that is not loaded
        window.MathJax.startup.defaultReady();
        window.MathJax.startup.document.inputJax[0].postFilters.add(prepare);
        window.MathJax.startup.promise = window.MathJax.startup.promise.then(() => {
          watchWidths();
          tell();
        });
      },
    },
  };
})();
