// Below each result of the search: the title of its section, its page, and the section's beginning.
// The excerpts lie in excerpts.js, so that they are there when the book is read as a file.
(() => {
  const root = () => new URL(document.documentElement.dataset.content_root, location.href).href;
  const seen = new Set();

  // Another way to a place that stands in the list already is no result.
  const again = (place) => seen.has(place) || !seen.add(place);

  const add = (item, kind, text) => {
    const line = document.createElement("p");
    line.className = kind;
    line.textContent = text;
    item.append(line);
  };

  const describe = (item) => {
    const link = item.querySelector("a");
    if (!link) return;
    const place = decodeURI(link.href).replace(root(), "");
    if (again(place)) { item.remove(); return; }
    const [title, text] = window.bookExcerpts[place] ?? [];
    const [page] = window.bookExcerpts[place.split("#")[0]] ?? [];
    if (!title) return;
    link.textContent = title;
    if (page !== title) add(item, "search-page", page);
    if (text) add(item, "context", text);
  };

  // Sphinx has counted the repeated ones too.
  const recount = (results) => {
    const line = results.querySelector(".search-summary");
    const right = line?.textContent.replace(/found \d+/, `found ${results.querySelectorAll("li").length}`);
    if (line && line.textContent !== right) line.textContent = right;
  };

  const watch = (results) =>
    new MutationObserver((changes) => {
      changes.flatMap((change) => [...change.addedNodes])
        .filter((node) => node.tagName === "LI")
        .forEach(describe);
      recount(results);
    }).observe(results, { childList: true, subtree: true });

  document.addEventListener("DOMContentLoaded", () => watch(document.getElementById("search-results")));
})();
