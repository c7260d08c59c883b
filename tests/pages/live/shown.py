"""A page that holds nothing but live figures, opened from a file, and what went wrong on it."""

from pathlib import Path
from typing import Any, NamedTuple

import book_pages
from playwright.sync_api import Browser, Locator, Page

from advtheory.pages import live

PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Live figures</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body {{ margin: 0 auto; max-width: 46rem; padding: 0 1rem; }}
html[data-theme=dark] {{ background: #14181c; color: #eee; }}</style></head>
<body><main><h1>Live figures</h1>{content}</main></body></html>"""
AXE = (Path(__file__).parents[2] / "book/vendored/axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """async () => (await axe.run(document)).violations.flatMap((violation) =>
  violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 160)}`))"""
SMALL = """() => [...document.querySelectorAll('[data-live]')].flatMap((figure) =>
  [...figure.shadowRoot.querySelectorAll('button, input, label, [tabindex]')])
  .filter((target) => {
    const box = target.getBoundingClientRect();
    return box.width > 0 && (box.width < 24 || box.height < 24) && !target.matches('label[for]');
  }).map((target) => target.outerHTML.slice(0, 120))"""
STICKING_OUT = "() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"


def script(*names: str) -> str:
    """Some of the scripts that a fragment is made of."""
    folder = Path(live.__file__).parent
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


class Shown(NamedTuple):
    """An open page, and a line for each error, message of an error, or request."""

    page: Page
    wrong: list[str]

    @property
    def figure(self) -> Locator:
        return self.page.locator("[data-live]").first


def show(
    browser: Browser,
    folder: Path,
    content: str,
    size: tuple[int, int] = book_pages.WIDE,
    theme: str = "light",
    **options: Any,
) -> Shown:
    """Open `content` from a file; `options` go to the browser's context."""
    file = folder / "live.html"
    file.write_text(PAGE.format(theme=theme, content=content), encoding="utf-8")
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, **options)
    page.set_default_timeout(60_000)
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: wrong.append(asked.url[:120]) if outside(asked.url) else None)
    page.goto(file.as_uri())
    return Shown(page, wrong)


def outside(address: str) -> bool:
    return not address.startswith(("file:", "data:", "blob:"))


def touch(shown: Shown, start: tuple[float, float], to: tuple[float, float]) -> None:
    """A finger goes down, moves in ten steps and is lifted."""
    device = shown.page.context.new_cdp_session(shown.page)
    way = [(start[0] + k * (to[0] - start[0]) / 10, start[1] + k * (to[1] - start[1]) / 10)
           for k in range(11)]  # fmt: skip
    for k, (x, y) in enumerate(way):
        kind = "touchMove" if k else "touchStart"
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    device.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def check(shown: Shown) -> None:
    """It is accessible, fingers hit what they should, and nothing sticks out (after `AXE`)."""
    shown.page.wait_for_timeout(100)
    assert shown.page.evaluate(RUN_AXE) == []
    assert shown.page.evaluate(SMALL) == []
    assert shown.page.evaluate(STICKING_OUT) == 0


# Of the figure "break a digit".
PIXELS = """async (canvas) => {
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);  // what was asked for is drawn
  return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
}"""


def skip_the_guess(shown: Shown) -> None:
    shown.page.get_by_role("button", name="Skip the guess").click()


def move(shown: Shown, far: float) -> None:
    shown.page.get_by_role("slider").fill(str(far))


# Of the figure "a network in the plane".
def skip(shown: Shown) -> None:
    shown.page.get_by_role("button", name="just show me").click()
