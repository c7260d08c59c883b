// Sliders over pictures. Without scripts the first picture of each stands, and its slider is off.
document.querySelectorAll(".adv-frames:not([data-moves])").forEach((box) => {
  const slider = box.querySelector("input");
  const value = box.querySelector("output");
  const pictures = [...box.querySelectorAll("img")];
  const texts = JSON.parse(slider.dataset.texts);
  const show = () => {
    const chosen = Number(slider.value);
    pictures.forEach((picture, index) => { picture.hidden = index !== chosen; });
    value.textContent = texts[chosen];
    slider.setAttribute("aria-valuetext", texts[chosen]);
  };
  slider.addEventListener("input", show);
  slider.disabled = false;
  box.dataset.moves = "";
  show(); // a browser that comes back to a page keeps the place of its sliders
});
