"""Nothing on a page is cut: formulas, code and outputs, on a phone, a tablet and a wide screen.

Each page is opened once, with every fold open, and resized. What counts as seen does not depend on
the theme: what scrolls fades at its edge by a mask, which is the same in light and dark.
"""

from collections.abc import Iterator

import book_pages
import pytest
from playwright.sync_api import Browser, Page

PAGES = [name for name in book_pages.page_names() if name != "index.html"]  # it only redirects
PHONE, TABLET, WIDE = 390, 768, 1400

_OPEN_ALL = "() => document.querySelectorAll('details').forEach((box) => { box.open = true; })"
# Formulas are set again after their boxes changed: two frames later that is done.
_NEXT_FRAMES = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"""

_TOO_WIDE = """(selector) => [...document.querySelectorAll(selector)]
  .filter((box) => box.getClientRects().length && box.scrollWidth > box.clientWidth + 1)
  .map((box) => `${box.scrollWidth} > ${box.clientWidth}: ${box.textContent.slice(0, 80)}`)"""
# A formula in a line of text ends inside the block that holds the line.
_STICKING_OUT = """() => [...document.querySelectorAll('article span.math')].filter((formula) => {
  let block = formula.parentElement;
  while (getComputedStyle(block).display.startsWith('inline')) block = block.parentElement;
  const ends = [...formula.querySelectorAll('mjx-math *')].map(
    (part) => part.getBoundingClientRect().right);
  return Math.max(0, ...ends) > block.getBoundingClientRect().right + 2;
}).map((formula) => formula.querySelector('mjx-math').dataset.latex)"""
_UNDER_ITS_NUMBER = """() => [...document.querySelectorAll('article div.math > .eqno')]
  .filter((number) => {
    const mine = number.getBoundingClientRect();
    return [...number.parentElement.querySelectorAll('mjx-math *')].some((part) => {
      const other = part.getBoundingClientRect();
      return other.width && other.right > mine.left + 1 && other.left < mine.right - 1
        && other.bottom > mine.top + 1 && other.top < mine.bottom - 1;
    });
  }).map((number) => number.parentElement.id)"""
# Whatever hides a part of itself says so, and can be scrolled by keyboard.
_HIDDEN_WITHOUT_CUE = """() => [...document.querySelectorAll('article, article *')]
  .filter((box) => box.clientWidth > 1 && box.scrollWidth > box.clientWidth + 1
    && ['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(box).overflowX)
    && !box.closest('mjx-container, svg'))
  .filter((box) => box.tabIndex < 0 || getComputedStyle(box).maskImage === 'none')
  .map((box) => `${box.scrollWidth} > ${box.clientWidth}: ${box.outerHTML.slice(0, 120)}`)"""
_UNEVEN = """() => [...document.querySelectorAll('article .adv-panels')].map((figure) => {
  const rows = {};
  for (const panel of figure.children) {
    const top = Math.round(panel.getBoundingClientRect().top);
    rows[top] = (rows[top] ?? 0) + 1;
  }
  return Object.values(rows);
}).filter((rows) => new Set(rows).size > 1)"""
_LEFT_ALONE = r"""() => [...document.querySelectorAll('article span.math')]
  .filter((formula) => formula.nextSibling?.nodeType === Node.TEXT_NODE
    && /^[.,;:!?)]/.test(formula.nextSibling.data)
    && !formula.parentElement.matches('.adv-together'))
  .map((formula) => formula.parentElement.textContent.slice(0, 80))"""


@pytest.fixture(scope="module", params=PAGES)
def opened(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    page = book_pages.new_page(browser, (WIDE, 900))
    book_pages.settle(page, f"{site}/{request.param}")
    page.evaluate(_OPEN_ALL)
    yield page
    page.close()


@pytest.fixture(scope="module", params=[WIDE, TABLET, PHONE])
def sized(request: pytest.FixtureRequest, opened: Page) -> Page:
    opened.set_viewport_size({"width": request.param, "height": 900})
    opened.evaluate(_NEXT_FRAMES)
    return opened


def test_no_formula_is_cut(sized: Page) -> None:
    assert sized.evaluate(_TOO_WIDE, "article div.math") == []
    assert sized.evaluate(_STICKING_OUT) == []


def test_no_number_covers_its_formula(sized: Page) -> None:
    assert sized.evaluate(_UNDER_ITS_NUMBER) == []


def test_no_printed_output_is_cut(sized: Page) -> None:
    assert sized.evaluate(_TOO_WIDE, "article .cell_output pre") == []


def test_no_column_of_a_comparison_is_out_of_sight(sized: Page) -> None:
    assert sized.evaluate(_TOO_WIDE, "article .adv-stacks") == []


def test_no_panel_of_a_figure_is_left_over(sized: Page) -> None:
    assert sized.evaluate(_UNEVEN) == []


def test_code_is_cut_on_small_screens_only(sized: Page) -> None:
    cut = sized.evaluate(_TOO_WIDE, "article pre")
    viewport = sized.viewport_size
    assert viewport is not None
    assert viewport["width"] < WIDE or cut == []


def test_what_scrolls_shows_it(sized: Page) -> None:
    assert sized.evaluate(_HIDDEN_WITHOUT_CUE) == []


def test_punctuation_stays_with_its_formula(opened: Page) -> None:
    assert opened.evaluate(_LEFT_ALONE) == []
