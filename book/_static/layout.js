// What is wider than its place shows that it scrolls; the word that opens a proof is set apart.
(() => {
  const openProof = (paragraph) => {
    const first = paragraph.firstChild;
    if (first?.nodeType !== Node.TEXT_NODE || !first.data.startsWith("Proof. ")) return;
    const word = document.createElement("em");
    word.className = "adv-proof";
    word.textContent = "Proof.";
    first.data = first.data.slice("Proof.".length);
    paragraph.prepend(word);
  };

  // What scrolls can be reached by keyboard, and fades at the side where there is more.
  const SCROLLERS =
    "article pre, article table, article .pst-scrollable-table-container, article .table-wrapper, " +
    "article .cell_output .output, article .paper-vs-ours, article div.math";
  const look = (box) => {
    const scrolls = ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
    const hidden = scrolls ? box.scrollWidth - box.clientWidth : 0;
    const left = box.scrollLeft;
    return { box, scrolls: hidden > 1, left: hidden > 1 && left > 1, right: hidden > 1 && left < hidden - 1 };
  };
  const show = ({ box, scrolls, left, right }) => {
    box.classList.toggle("adv-more-left", left);
    box.classList.toggle("adv-more-right", right);
    if (scrolls) box.tabIndex = 0;
    else if (box.matches(".adv-scrolls")) box.removeAttribute("tabindex");
    box.classList.toggle("adv-scrolls", scrolls);
  };
  const mark = (boxes) => boxes.map(look).forEach(show); // all are looked at before one is touched
  const watchScrollers = () => {
    const boxes = [...document.querySelectorAll(SCROLLERS)];
    const observer = new ResizeObserver((entries) => mark(entries.map(({ target }) => target)));
    boxes.forEach((box) => {
      box.addEventListener("scroll", () => mark([box]), { passive: true });
      observer.observe(box);
    });
    document.addEventListener("formulas-set", () => mark(boxes));
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("article div.proof > p:first-child").forEach(openProof);
    watchScrollers();
  });
})();
