"""The search finds concepts by their usual names, and shows an excerpt, served or as a file."""

import tomllib
from pathlib import Path

import book_pages
import pytest
from playwright.sync_api import Browser, Page
from sphinx.testing.util import SphinxTestApp

from tests.book.sources import BOOK, pages
from tests.book.test_statements import labels

SYNONYMS: dict[str, list[str]] = tomllib.loads((BOOK / "synonyms.toml").read_text("utf-8"))
FIRST = "#search-results li >> nth=0"
RIGHT = {
    "gradient masking": "book/laziness/lazy-adversarial.html#measuring-robustness-from-both-sides",
    "NTK": "book/laziness/lazy-regime.html#what-lazy-means",
    "flipping step": "book/laziness/lazy-regime.html#the-exact-flipping-step",
    "saturated loss": "book/laziness/lazy-adversarial.html#measuring-robustness-from-both-sides",
    "lazy training": "book/laziness/lazy-regime.html#what-lazy-means",
    "FGSM": "book/laziness/lazy-regime.html#attacks",
    "Hoeffding": "book/laziness/tools.html#tool-hoeffding",
    "chi-square tails": "book/laziness/tools.html#tool-chi-square",
    "robust accuracy": "book/laziness/lazy-adversarial.html#measuring-robustness-from-both-sides",
    "adversarial training": "book/laziness/lazy-adversarial.html",
    "PGD": "book/laziness/lazy-regime.html#attacks",
    "adversarial example": "book/laziness/lazy-regime.html#attacks",
    "R-FGSM": "book/reflection/reflected-loss.html#cor-fgsm",
    "vanishing gradient": "book/reflection/reflected-loss.html#prop-steps",
    "errata": "book/reflection/agreed.html",
}


def search(page: Page, home: str, query: str) -> None:
    """Search on the built page and wait until all results stand there."""
    page.goto(f"{home}/search.html?q={query.replace(' ', '+')}")
    page.get_by_text("Search finished, found").wait_for()


@pytest.mark.parametrize("query", RIGHT)
def test_the_right_page_comes_first(browser: Browser, site: str, query: str) -> None:
    page = book_pages.new_page(browser)
    search(page, site, query)
    link = page.locator(f"{FIRST} >> a").get_attribute("href")
    assert link is not None
    place, _, anchor = RIGHT[query].partition("#")
    assert link.partition("#")[0] == place
    assert link.partition("#")[2] in (anchor, "adversarial-training-in-the-lazy-ball")
    page.close()


@pytest.mark.parametrize("served", [True, False], ids=["http", "file"])
def test_results_have_excerpts(browser: Browser, site: str, served: bool) -> None:
    page = book_pages.new_page(browser)
    search(page, site if served else book_pages.HTML.as_uri(), "chi-square tails")
    first = page.locator(FIRST)
    assert "Chi-square tails" in first.locator("a").inner_text()
    assert first.locator("p.search-page").inner_text().endswith("Probability tools")
    assert "degrees of freedom" in first.locator("p.context").inner_text()
    page.close()


def test_no_place_is_listed_twice(browser: Browser, site: str) -> None:
    page = book_pages.new_page(browser)
    search(page, site, "lazy training")
    links = [link.get_attribute("href") for link in page.locator("#search-results li a").all()]
    assert len(links) == len(set(links)) > 1
    page.get_by_text(f"Search finished, found {len(links)} page").wait_for()
    page.close()


def test_synonyms_are_of_places_that_exist() -> None:
    assert {name for name in SYNONYMS if not labels()[name] and name not in pages()} == set()


def test_a_word_leads_to_one_place() -> None:
    words = [word.lower() for listed in SYNONYMS.values() for word in listed]
    assert len(words) == len(set(words))


def test_words_stay_when_another_page_is_built_again(tmp_path: Path) -> None:
    """Sphinx alone forgets the words of all pages that a build does not read."""
    ext = str(book_pages.ROOT / "tools" / "ext")
    (tmp_path / "book").mkdir()
    (tmp_path / "book/synonyms.toml").write_text('third = ["gradient masking"]\n', "utf-8")
    conf = f'import sys\nsys.path.append({ext!r})\nextensions = ["myst_parser", "search_words"]\n'
    (tmp_path / "conf.py").write_text(conf, "utf-8")
    for page in ("index", "third"):
        (tmp_path / f"{page}.md").write_text(f"# {page}\n", "utf-8")
    for text in ("# Two\n", "# Two\n", "# Two\n\nChanged.\n"):
        (tmp_path / "other.md").write_text(text, "utf-8")
        app = SphinxTestApp("html", srcdir=tmp_path)
        app.build()
        app.cleanup()
        index = (tmp_path / "_build/html/searchindex.js").read_text("utf-8")
        assert '"gradient masking"' in index
