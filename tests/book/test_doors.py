"""Everything that opens on the built pages opens by its whole bar, by keyboard and from a link."""

from collections.abc import Iterator
from functools import cache

import book_pages
import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Page

from advtheory.contract.catalogue import WINGS
from tests.book.sources import BOOK, ROOT

THEORY = "book/laziness/lazy-regime.html"
LAB = "book/laziness/worst-cases.html"
DOORS = "article details:is(.fold, .predict, .solution)"
LEVELS = {"routine", "medium", "hard", "research"}


@cache
def soups() -> dict[str, BeautifulSoup]:
    """Every built page, parsed."""
    texts = {name: (book_pages.HTML / name).read_text("utf-8") for name in book_pages.page_names()}
    return {name: BeautifulSoup(text, "html.parser") for name, text in texts.items()}


@pytest.fixture(params=[THEORY, LAB])
def page(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    opened = book_pages.new_page(browser)
    book_pages.settle(opened, f"{site}/{request.param}")
    yield opened
    opened.close()


# By hand and by keyboard.


def is_open(page: Page, number: int) -> bool:
    """Whether one of the doors of a page is open."""
    return bool(page.locator(DOORS).nth(number).evaluate("(door) => door.open"))


@pytest.mark.parametrize("part", [0.02, 0.5, 0.98])
def test_a_click_anywhere_on_the_bar_opens_it(page: Page, part: float) -> None:
    for number, bar in enumerate(page.locator(f"{DOORS} > summary").all()):
        box = bar.bounding_box()
        assert box is not None
        place = page.url
        bar.click(position={"x": part * box["width"], "y": box["height"] / 2})
        assert is_open(page, number)
        assert page.url == place


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_opens_and_closes(page: Page, key: str) -> None:
    bar = page.locator(f"{DOORS} > summary").first
    for expected in (True, False):
        bar.press(key)
        assert is_open(page, 0) is expected


def test_a_link_opens_what_it_leads_into(browser: Browser, site: str) -> None:
    page = book_pages.new_page(browser)
    book_pages.settle(page, f"{site}/{THEORY}#sol-rays")
    assert page.locator("details[open]").count() == 1
    page.evaluate(
        """() => {
        document.querySelector('#sol-leaky p').innerHTML = '<details><p id="deep">x</p></details>';
        location.hash = 'deep'; }"""
    )
    page.locator("#deep").wait_for()
    assert page.locator("#sol-leaky").evaluate("(door) => door.open")
    page.close()


def test_formulas_inside_are_as_large_as_outside(page: Page) -> None:
    """Beside the text around them; they are set while they cannot be seen."""
    for bar in page.locator(f"{DOORS} > summary").all():
        bar.click()
    sizes = page.evaluate(
        """() => [true, false].map((inside) =>
        [...document.querySelectorAll('article p > .math > mjx-container')]
        .filter((formula) => Boolean(formula.closest('details')) === inside)
        .map((formula) => [formula, formula.parentElement.parentElement]
          .map((element) => parseFloat(getComputedStyle(element).fontSize)))
        .map(([formula, text]) => (formula / text).toFixed(2)))"""
    )
    inside, outside = map(set, sizes)
    assert inside
    assert inside <= outside


# What the pages are made into.


def test_solutions_look_the_same_in_theory_pages_and_labs(browser: Browser, site: str) -> None:
    looks = []
    for name in (THEORY, LAB):
        page = book_pages.new_page(browser)
        book_pages.settle(page, f"{site}/{name}")
        for part in ("div.exercise", "details.solution", "details.solution > summary"):
            style = page.locator(f"article {part}").first.evaluate(
                "(part) => ['color', 'backgroundColor', 'fontSize', 'padding', 'borderLeft']"
                ".map((name) => getComputedStyle(part)[name]).join()"
            )
            looks.append(style)
        page.close()
    assert looks[:3] == looks[3:]


def test_no_details_are_without_a_kind() -> None:
    """In prose; what a cell shows, as on the status page, is its own."""
    found = [
        (name, str(door)[:60])
        for name, page in soups().items()
        for door in page.select("article details:not([class])")
        if not door.find_parent(class_="cell_output")
    ]
    assert found == []


def test_every_exercise_is_followed_by_its_solution() -> None:
    for name, page in soups().items():
        for exercise in page.select("article div.exercise"):
            number = exercise.select_one(".caption-number")
            after = exercise.find_next_sibling(True)
            assert number is not None
            assert isinstance(after, Tag)
            bar = after.select_one("summary")
            assert bar is not None, f"{name}: {exercise.get('id')}"
            assert bar.get_text() == f"Solution to {number.get_text().strip()}"


def test_the_collection_lists_every_exercise() -> None:
    """Each part has one, of its own exercises; none is of another page."""
    there = {
        name: [str(exercise["id"]) for exercise in page.select("article div.exercise")]
        for name, page in soups().items()
    }
    for part in WINGS:
        (table,) = soups()[f"book/{part}/exercises.html"].select("table.exercise-list")
        listed = [str(link["href"]).partition("#")[2] for link in table.select("td + td a")]
        ours = [name for name in there if name.startswith(f"book/{part}/")]
        assert sorted(listed) == sorted(one for name in ours for one in there.pop(name))
        rows = [
            [cell.get_text().strip() for cell in row.select("td")] for row in table.select("tr")
        ]
        assert {row[2] for row in rows if len(row) == 4} <= LEVELS
        assert all(row[0] for row in rows if len(row) == 4)
    assert {name for name, exercises in there.items() if exercises} == set()


def test_sources_are_one_line_with_links_to_files_and_records() -> None:
    leads = ("In code", "Measured", "Tested in")
    for name, page in soups().items():
        for paragraph in page.select("article p"):
            first = paragraph.find("em")
            assert not (first and first.get_text().startswith(leads)), name
        for code in page.select("p.sources code"):
            text, link = code.get_text(), code.find_parent("a")
            if (ROOT / text).is_file() and "/" in text:
                assert link is not None
                assert str(link["href"]).endswith(f"/blob/main/{text}")
            elif (BOOK / "records" / text / "paper.csv").is_file():
                assert link is not None
                assert str(link["href"]).endswith(f"status.html#record-{text}")


def test_statements_are_named_in_the_contents_and_in_tables() -> None:
    page = soups()["book/laziness/tools.html"]
    entry = page.select_one(".page-toc a[href='#tool-chi-square']")
    assert entry is not None
    assert entry.get_text() == "Chi-square tails"
    link = page.select_one("td a[href='#tool-chi-square']")
    assert link is not None
    assert "Chi-square tails" in link.get_text()
