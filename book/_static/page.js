// Small repairs to the theme's pages, for those who read with a keyboard or a screen reader.
(() => {
  // The icons of a named button carry titles of their own, which contradict its name.
  const dropIconTitles = () =>
    document.querySelectorAll("button[aria-label]").forEach((button) => {
      button.querySelectorAll("i[title]").forEach((icon) => icon.removeAttribute("title"));
      button.querySelectorAll("svg > title").forEach((title) => {
        title.parentElement.removeAttribute("aria-labelledby");
        title.parentElement.setAttribute("aria-hidden", "true");
        title.remove();
      });
    });

  // A control whose visible text is missing from its name takes the text as its name.
  const nameAfterText = () =>
    document.querySelectorAll("button[aria-label], summary[aria-label]").forEach((button) => {
      const text = button.textContent.trim().replace(/\s+/g, " ");
      if (text && !button.getAttribute("aria-label").includes(text)) button.removeAttribute("aria-label");
    });

  // The arrows that unfold a chapter in the sidebar have no text at all.
  const nameArrows = () =>
    document.querySelectorAll("nav li.has-children > details > summary").forEach((arrow) => {
      const chapter = arrow.closest("li").querySelector("a");
      arrow.setAttribute("aria-label", `Pages of ${chapter.textContent.trim()}`);
    });

  // Entries of the bibliography have a role that was withdrawn; their list asks for list items.
  const renameEntries = () =>
    document.querySelectorAll("[role='doc-biblioentry']").forEach((entry) => {
      entry.setAttribute("role", "listitem");
    });

  // A link to something inside closed details opens them all, from the outside in.
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const closed = [];
    for (let box = target?.closest("details:not([open])"); box; box = box.parentElement.closest("details:not([open])"))
      closed.push(box);
    closed.forEach((box) => { box.open = true; });
    if (closed.length) target.scrollIntoView();
  };

  const repairs = [dropIconTitles, nameAfterText, nameArrows, renameEntries];
  const repair = () => repairs.forEach((step) => step());
  document.addEventListener("DOMContentLoaded", repair);
  window.addEventListener("load", repair); // once more, after the icons were replaced
  document.addEventListener("DOMContentLoaded", openTarget);
  window.addEventListener("hashchange", openTarget);
})();
