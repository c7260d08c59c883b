"""A theory page and a lab on paper: solutions on request, nothing cut, no page nearly empty."""

from collections.abc import Iterator

import book_pages
import pytest
from playwright.sync_api import Browser, Page

from tests.book import paper

PAPER = (673, 952)  # what is left of A4 beside the margins, in pixels
PAGES = [
    "book/laziness/lazy-regime.html",
    "book/laziness/worst-cases.html",
    "book/reflection/training-ends.html",
]
SOLUTION = "article details.solution"

# What sticks out of the paper, or is hidden by a box that scrolls on a screen.
_CUT = """() => {
  const width = document.documentElement.clientWidth;
  const seen = [...document.querySelectorAll('article *:not(mjx-container *, svg *)')]
    .filter((element) => element.checkVisibility() && !element.closest('.MathJax_Preview'));
  const out = seen.filter((element) => element.getBoundingClientRect().right > width + 1);
  const hidden = seen.filter((element) => element.matches('pre, table, .output')
    && element.scrollWidth > element.clientWidth + 1
    && getComputedStyle(element).overflowX !== 'visible');
  return [...out, ...hidden].map((element) => element.outerHTML.slice(0, 120));
}"""
_AROUND = """() => [...document.querySelectorAll('nav, .bd-header-article, .copybtn, .headerlink')]
  .filter((element) => element.checkVisibility() && !element.closest('#jb-print-docs-body'))
  .map((element) => element.outerHTML.slice(0, 120))"""


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    opened = book_pages.new_page(browser, PAPER, theme="dark")
    book_pages.settle(opened, f"{site}/{request.param}")
    yield opened
    opened.close()


def shown(page: Page) -> list[bool]:
    """Whether each solution's body is there on paper."""
    page.emulate_media(media="print")
    bodies = page.locator(f"{SOLUTION} > :nth-child(2)")
    return [body.is_visible() for body in bodies.all()]


def test_solutions_stay_closed_unless_asked_for(page: Page) -> None:
    assert shown(page)
    assert not any(shown(page))


def test_the_address_asks_for_solutions(page: Page) -> None:
    closed = page.pdf(format="A4")
    book_pages.settle(page, f"{page.url}?print")
    assert all(shown(page))
    assert len(paper.contents(page.pdf(format="A4"))) > len(paper.contents(closed))


def test_the_button_prints_solutions_and_closes_them_again(page: Page) -> None:
    page.set_viewport_size({"width": book_pages.WIDE[0], "height": book_pages.WIDE[1]})
    page.evaluate(
        f"""() => {{ window.print = () => {{
        window.printed = document.querySelectorAll('{SOLUTION}[open]').length;
        window.dispatchEvent(new Event('afterprint')); }} }}"""
    )
    page.get_by_role("button", name="Print with solutions open").click()
    assert page.evaluate("window.printed") == page.locator(SOLUTION).count() > 0
    assert page.locator(f"{SOLUTION}[open]").count() == 0


def test_nothing_is_cut(page: Page) -> None:
    book_pages.settle(page, f"{page.url}?print")
    page.emulate_media(media="print")
    assert page.evaluate(_CUT) == []
    assert page.evaluate(_AROUND) == []


def test_no_page_is_nearly_empty(page: Page) -> None:
    book_pages.settle(page, f"{page.url}?print")
    *sheets, last = paper.contents(page.pdf(format="A4"))
    assert [number for number, sheet in enumerate(sheets, 1) if paper.used(sheet) < 0.35] == []
    assert paper.used(last) > 0


def test_the_reading_of_a_page() -> None:
    text, picture = b"BT 1 0 0 -1 10 100 Tm <0041> Tj ET", b"q 5 0 0 -50 0 300 cm /X Do Q"
    content = b"q 1 0 0 -1 0 800 cm " + text + b" " + picture + b" Q"
    assert list(paper.heights(content)) == [700, 500, 550]
    assert paper.used(content) == pytest.approx(200 / paper.HEIGHT)
    assert paper.used(b"") == 0


def test_paper_is_white_in_the_dark_theme(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
