"""Every built page in a real browser without a network: clean, readable, narrow, accessible."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import book_pages
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

PAGES = [name for name in book_pages.page_names() if name != "index.html"]  # it only redirects
AXE = (Path(__file__).parent / "vendored" / "axe.min.js").read_text(encoding="utf-8")

_UNTYPESET = """() => {
  const article = document.querySelector('article') ?? document.body;
  const waiting = [...article.querySelectorAll('.math')].filter(
    (formula) => !formula.querySelector('mjx-container'));
  const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  const raw = [];
  while (texts.nextNode()) {
    const node = texts.currentNode;
    if (node.parentElement.closest('pre, code, script, style, mjx-container')) continue;
    if (/\\$|\\\\[a-zA-Z([]/.test(node.data)) raw.push(node);
  }
  return [...waiting, ...raw].map((node) => node.textContent.trim().slice(0, 80));
}"""
# A screen reader is given MathML; what is seen is hidden from it, and no formula is a tab stop.
_UNSPOKEN = """() => [...document.querySelectorAll('mjx-container')]
  .filter((formula) => !formula.querySelector('mjx-assistive-mml math')?.textContent
    || !formula.querySelector('mjx-math[aria-hidden="true"]') || formula.tabIndex >= 0)
  .map((formula) => formula.outerHTML.slice(0, 120))"""
_BAD_PICTURES = """() => [...document.querySelectorAll('article img')]
  .filter((picture) => !picture.alt.trim() || /[0-9a-f]{16}/.test(picture.alt)
    || !picture.complete || picture.naturalWidth === 0)
  .map((picture) => `${picture.src.slice(0, 60)} alt=${picture.alt}`)"""
# What sticks out, unless it stands in a box that scrolls by itself.
_STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (element) => {
    for (let box = element.parentElement; box; box = box.parentElement)
      if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(box).overflowX)
          && box.getBoundingClientRect().right <= width + 1) return true;
    return false;
  };
  const out = [...document.querySelectorAll('article *')].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.right > width + 1 && !scrolls(element);
  });
  const wide = document.scrollingElement.scrollWidth - width;
  return { wide, out: out.map((element) => element.outerHTML.slice(0, 120)) };
}"""
_OPEN_ALL = "() => document.querySelectorAll('details').forEach((box) => { box.open = true; })"
_RUN_AXE = """async () => {
  const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
  const found = await axe.run(document, { runOnly: rules });
  return found.violations.flatMap((violation) => violation.nodes.map(
    (node) => `${violation.id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`));
}"""


def watch(page: Page, home: str) -> list[str]:
    """Collect everything that goes wrong on `page`, as lines of text."""
    wrong: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith((home, "data:", "blob:")):
            wrong.append(f"outside: {request.url[:120]}")

    def answered(answer: Response) -> None:
        if answer.status >= 400:
            wrong.append(f"{answer.status}: {answer.url}")

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(f"console: {message.text}")

    page.on("request", asked)
    page.on("response", answered)
    page.on("console", said)
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url[:120]}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    return wrong


class Opened(NamedTuple):
    """A page that was opened wide and light, and what went wrong meanwhile."""

    page: Page
    wrong: list[str]


@pytest.fixture(scope="module", params=PAGES)
def opened(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Opened]:
    page = book_pages.new_page(browser)
    wrong = watch(page, site)
    book_pages.settle(page, f"{site}/{request.param}")
    yield Opened(page, wrong)
    page.close()


def test_the_book_is_built() -> None:
    assert "book/index.html" in PAGES, "There is no built book: run `make book` first."


def test_there_is_a_browser() -> None:
    if book_pages.chromium_path() is None:
        pytest.skip("NO CHROMIUM: NO PAGE WAS LOOKED AT. Install chromium to check the pages.")


def test_page_needs_nothing_from_outside(opened: Opened) -> None:
    assert opened.wrong == []


def test_every_formula_is_set(opened: Opened) -> None:
    assert opened.page.evaluate(_UNTYPESET) == []
    assert opened.page.locator("mjx-merror").count() == 0


def test_every_formula_can_be_read_aloud(opened: Opened) -> None:
    assert opened.page.evaluate(_UNSPOKEN) == []


def test_every_picture_is_described(opened: Opened) -> None:
    assert opened.page.evaluate(_BAD_PICTURES) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_is_accessible(opened: Opened, theme: str) -> None:
    opened.page.evaluate(_OPEN_ALL)
    opened.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    opened.page.wait_for_timeout(400)  # colours fade from one theme to the other
    opened.page.evaluate(AXE)
    assert opened.page.evaluate(_RUN_AXE) == []


def test_page_fits_a_phone(opened: Opened) -> None:
    opened.page.set_viewport_size({"width": book_pages.PHONE[0], "height": book_pages.PHONE[1]})
    assert opened.page.evaluate(_STICKING_OUT) == {"wide": 0, "out": []}


@pytest.mark.parametrize("name", PAGES)
def test_page_works_as_a_file_too(browser: Browser, name: str) -> None:
    page = book_pages.new_page(browser)
    wrong = watch(page, book_pages.HTML.as_uri())
    book_pages.settle(page, f"{book_pages.HTML.as_uri()}/{name}")
    assert wrong == []
    assert page.evaluate(_UNTYPESET) == []
    page.close()


def test_the_front_door_leads_to_the_book(browser: Browser, site: str) -> None:
    page = book_pages.new_page(browser)
    page.goto(f"{site}/index.html")
    page.wait_for_url(f"{site}/book/index.html")
    page.close()


def test_search_finds_a_page(browser: Browser, site: str) -> None:
    index = (book_pages.HTML / "searchindex.js").read_text(encoding="utf-8")
    titles = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))["titles"]
    page = book_pages.new_page(browser)
    wrong = watch(page, site)
    book_pages.settle(page, f"{site}/search.html?q={titles[-1].split()[0]}")
    page.locator("#search-results li a").first.wait_for()
    assert wrong == []
    page.close()
