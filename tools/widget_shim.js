// Loaded before RequireJS, only on pages that hold saved widgets (vendored/amd/require-config.js).
(() => {
  // Module names resolve below this folder, never on another host.
  window.require = { baseUrl: new URL(".", document.currentScript.src).href };

  // The theme's Font Awesome would replace icons inside widgets while they are in use.
  window.FontAwesomeConfig = { observeMutations: false, ...window.FontAwesomeConfig };

  // Widgets typeset labels through the interface of MathJax 2; hand that call to MathJax 3.
  const serveOldMathJaxCalls = () => {
    const mathjax = window.MathJax;
    if (!mathjax || mathjax.Hub || !mathjax.startup) return;
    const typeset = (element) => {
      element.classList.add("mathjax_process");
      mathjax.startup.promise = mathjax.startup.promise
        .then(() => mathjax.typesetPromise([element]))
        .catch((error) => console.warn(error));
    };
    const serve = (call) => {
      if (Array.isArray(call) && call[0] === "Typeset" && call[2]) typeset(call[2]);
    };
    mathjax.Hub = { Queue: (...calls) => calls.forEach(serve) };
  };

  // Slider handles come without a name or a readable value: give them the label and the readout.
  const nameHandle = (handle) => {
    const slider = handle.closest(".jupyter-widgets");
    const label = slider.querySelector(".widget-label");
    const readout = slider.querySelector(".widget-readout");
    handle.setAttribute("aria-label", (label && label.textContent.trim()) || "slider");
    if (label && label.title === "null") label.removeAttribute("title"); // no tooltip was asked for
    if (!readout) return;
    const speak = () => handle.setAttribute("aria-valuetext", readout.textContent.trim());
    speak();
    new MutationObserver(speak).observe(readout, { childList: true, characterData: true, subtree: true });
  };
  const nameNewHandles = () =>
    document.querySelectorAll(".jupyter-widgets .noUi-handle:not([aria-label])").forEach(nameHandle);

  window.addEventListener("load", () => {
    serveOldMathJaxCalls();
    nameNewHandles();
    new MutationObserver(nameNewHandles).observe(document.body, { childList: true, subtree: true });
  });
})();
