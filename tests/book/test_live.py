"""Live figures on pages: the directive makes them, and each of the built book lives."""

from pathlib import Path

import book_pages
import pytest
from playwright.sync_api import Browser, expect
from sphinx.testing.util import SphinxTestApp

from advtheory.pages import live

WITH_LIVE = [
    name
    for name in book_pages.page_names()
    if "data-live=" in (book_pages.HTML / name).read_text(encoding="utf-8")
]
CONF = """import sys
sys.path.append({folder!r})
extensions = ["myst_parser", "live_figures"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
"""
PAGE = """# A page

:::{live} break-a-digit
**Mine.** With $x$ and a [link](https://example.org).
:::

:::{live} break-a-digit
:::
"""


def built(folder: Path, page: str) -> tuple[str, str]:
    """The HTML of a page, and what Sphinx warned of."""
    conf = CONF.format(folder=str(book_pages.ROOT / "tools" / "ext"))
    (folder / "conf.py").write_text(conf, encoding="utf-8")
    (folder / "index.md").write_text(page, encoding="utf-8")
    app = SphinxTestApp("html", srcdir=folder)
    app.build()
    app.cleanup()
    html = (folder / "_build/html/index.html").read_text(encoding="utf-8")
    return html, app.warning.getvalue()


def test_the_directive_puts_the_fragment_on_a_page(browser: Browser, tmp_path: Path) -> None:
    html, warnings = built(tmp_path, PAGE)
    assert warnings == ""
    figure = live.break_a_digit()
    assert html.count(figure.head) == html.count(figure.tail) == 2
    captions = [part.split("</figcaption>")[0] for part in html.split("<figcaption>")[1:]]
    assert "<strong>Mine.</strong>" in captions[0]
    assert 'class="math' in captions[0]
    assert captions[1] == figure.caption
    page = book_pages.new_page(browser)
    page.goto((tmp_path / "_build/html/index.html").as_uri())
    figures = page.locator("[data-live]")
    expect(figures.locator(".cards")).to_have_count(2)
    page.close()


def test_a_figure_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    _, warnings = built(tmp_path, "# A page\n\n:::{live} break-a-leg\n:::\n")
    assert "There is no live figure 'break-a-leg'." in warnings


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [book_pages.WIDE, book_pages.PHONE], ids=["wide", "phone"])
def test_every_live_figure_of_the_book_lives(
    browser: Browser, site: str, size: tuple[int, int], theme: str
) -> None:
    """Its script has run, the still picture is put away, and nothing sticks out of its place."""
    page = book_pages.new_page(browser, size, theme)
    for name in WITH_LIVE:
        book_pages.settle(page, f"{site}/{name}")
        for figure in page.locator("[data-live]").all():
            expect(figure.locator(".live").first).to_be_visible()
            expect(figure.locator("[slot=still]").first).to_be_hidden()
            assert figure.evaluate("(figure) => figure.scrollWidth <= figure.clientWidth + 1")
    page.close()
