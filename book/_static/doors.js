// What opens: folds, predictions and solutions. They are details, which need no script to open;
// here is what opens them from elsewhere: a link to something inside, and the wish to print them.
(() => {
  const CLOSED = "details:not([open])";
  const DOORS = "article details:is(.fold, .predict, .solution):not([open])";

  // A link into closed details opens them all, from the inside out.
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    let closed = target?.closest(CLOSED);
    if (!closed) return;
    for (; closed; closed = closed.parentElement.closest(CLOSED)) closed.open = true;
    target.scrollIntoView();
  };

  const openAll = () => {
    const closed = [...document.querySelectorAll(DOORS)];
    closed.forEach((door) => { door.open = true; });
    return closed;
  };

  // For the button in the header: print with everything open, then leave the page as it was.
  window.printWithSolutions = () => {
    const opened = openAll();
    window.addEventListener("afterprint", () => opened.forEach((door) => { door.open = false; }), { once: true });
    window.print();
  };

  // Paper is white: a page in the dark theme is printed in the light one.
  let theme = null;
  window.addEventListener("beforeprint", () => {
    theme = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => { document.documentElement.dataset.theme = theme; });

  document.addEventListener("DOMContentLoaded", () => {
    if (new URLSearchParams(location.search).has("print")) openAll(); // the same without the button
    openTarget();
  });
  window.addEventListener("hashchange", openTarget);
})();
