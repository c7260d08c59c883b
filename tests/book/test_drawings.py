"""The drawings of the theory pages: drawn again, and inside their pages.

Their numbers may differ in the last digit on another machine.
"""

import re

import pytest
from book_pages import HTML
from drawings.__main__ import DRAWINGS, folder

from tests.book.sources import ROOT, pages

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
STYLE = (ROOT / "book" / "_static" / "drawings.css").read_text("utf-8")
TEXT = ("ink", "blue", "orange", "green", "grey")
PAPER = {"light": "#ffffff", "dark": "#14181e"}  # of the theme


def used() -> list[tuple[str, str]]:
    """Each page with each of its drawings."""
    found = re.compile(r"\{figure\} figures/(\S+)\.svg")
    return [(page, name) for page, text in pages().items() for name in found.findall(text)]


@pytest.mark.parametrize(("part", "name"), [(p, name) for p in DRAWINGS for name in DRAWINGS[p]])
def test_a_drawing_is_what_its_script_draws(part: str, name: str) -> None:
    drawn = DRAWINGS[part][name]().written()
    kept = (folder(part) / f"{name}.svg").read_text("utf-8")
    assert NUMBER.sub("#", drawn) == NUMBER.sub("#", kept)
    pairs = zip(NUMBER.findall(drawn), NUMBER.findall(kept), strict=True)
    assert all(abs(float(one) - float(other)) <= 0.2 for one, other in pairs)


def test_every_drawing_stands_on_a_page() -> None:
    """Of its part; some are drawn by hand and have no script."""
    for part, drawings in DRAWINGS.items():
        shown = {name for page, name in used() if page.startswith(f"book/{part}/")}
        assert {path.stem for path in folder(part).glob("*.svg")} == shown >= set(drawings)


@pytest.mark.parametrize(("page", "name"), used())
def test_a_drawing_is_inside_its_page_and_has_words(page: str, name: str) -> None:
    html = (HTML / page).with_suffix(".html").read_text("utf-8")
    figure = re.search(rf'<figure[^>]*id="fig-{name}">(.*?)</figure>', html, re.S)
    assert figure is not None
    drawing = re.search(r'<svg [^>]*class="drawing"[^>]*aria-label="([^"]+)"', figure[1])
    assert drawing is not None
    assert len(drawing[1]) > 60
    identifiers = re.findall(r' id="([^"]+)"', figure[1])
    assert all(identifier.startswith((name, "fig-", "id")) for identifier in identifiers)


def luminance(colour: str) -> float:
    """The relative luminance of a colour (WCAG)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", TEXT)
def test_words_of_a_drawing_can_be_read_in_both_themes(name: str) -> None:
    colours = re.findall(rf"--drawing-{name}: (#\w+);", STYLE)
    for colour, paper in zip(colours, PAPER.values(), strict=True):
        bright, dim = sorted((luminance(colour), luminance(paper)), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5


def test_a_drawing_alone_has_the_colours_of_the_light_theme() -> None:
    values = dict(re.findall(r"--drawing-(\w+): (#\w+);", STYLE.partition("@media")[0]))
    for path in (path for part in DRAWINGS for path in folder(part).glob("*.svg")):
        found = set(re.findall(r"var\(--drawing-(\w+), (#\w+)\)", path.read_text("utf-8")))
        assert {pair for pair in found if pair[0] != "paper"} <= set(values.items())
