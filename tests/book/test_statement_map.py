"""The map of statements says what the built pages say; the files of data say what exists."""

import re
import tomllib
from functools import cache
from urllib.parse import urldefrag

import book_pages
import pytest
from bs4 import BeautifulSoup, Tag

from advtheory.contract.catalogue import WINGS
from tests.book.sources import BOOK, ROOT
from tests.book.test_statements import KINDS, STATEMENTS, labels

MAPS = (*(f"book/{part}/map.html" for part in WINGS), "book/statements.html")
RELATIONS = {"reproduction", "special case", "variant"}


def toml(name: str) -> dict[str, dict[str, str]]:
    """A file of data about statements, by label."""
    return tomllib.loads((BOOK / "statements" / f"{name}.toml").read_text("utf-8"))


@cache
def page(name: str) -> BeautifulSoup:
    """A built page."""
    return BeautifulSoup((book_pages.HTML / name).read_text("utf-8"), "html.parser")


def links(part: Tag) -> list[str]:
    """The anchors that a part of a page links to, in the book."""
    hrefs = (str(link["href"]) for link in part.find_all("a", class_="internal", href=True))
    return [urldefrag(href).fragment for href in hrefs]


def is_statement(part: Tag) -> bool:
    """Whether a box of a built page is a theorem or one of its kin."""
    return bool(set(part.get("class") or ()) & set(KINDS))


@cache
def home() -> dict[str, str]:
    """The label of the statement in which an anchor of the built pages stands."""
    found: dict[str, str] = {}
    for name in {f"{one.page}.html" for one in STATEMENTS}:
        for box in filter(is_statement, page(name).select("div.proof")):
            anchors = [box, *box.find_all(id=True)]
            found |= {str(part["id"]): str(box["id"]) for part in anchors}
    return found


@cache
def uses() -> dict[str, set[str]]:
    """What each statement uses, as the links of the built pages say."""
    found: dict[str, set[str]] = {}
    for name in sorted({f"{one.page}.html" for one in STATEMENTS}):
        latest = ""
        for box in page(name).select("div.proof"):
            if is_statement(box):
                latest = str(box["id"])
            named = {home()[anchor] for anchor in links(box) if anchor in home()}
            if is_statement(box):
                found.setdefault(latest, set()).update(named - {latest})
            elif "proof" in str(box.get("id")):
                of = re.match(r"\s*Proof\.\s*\(of ", box.get_text())
                whose = next(a for a in links(box) if a in home()) if of else latest
                found.setdefault(whose, set()).update(named - {whose})
    return found


@pytest.mark.parametrize("name", MAPS)
def test_the_map_says_what_the_pages_say(name: str) -> None:
    rows = page(name).select(".statement-row")
    drawn = {str(row["data-label"]): set(str(row["data-uses"]).split()) for row in rows}
    below = name.removesuffix("map.html").removesuffix("statements.html")
    assert set(drawn) == {one.label for one in STATEMENTS if one.page.startswith(below)}
    assert drawn == {label: uses()[label] & set(drawn) for label in drawn}


@pytest.mark.parametrize("name", MAPS)
def test_nothing_rests_on_itself(name: str) -> None:
    """No circle: what is left after taking away, again and again, what rests on nothing left."""
    left = {
        str(r["data-label"]): set(str(r["data-uses"]).split())
        for r in page(name).select(".statement-row")
    }
    while ready := [label for label, needed in left.items() if not needed & set(left)]:
        for label in ready:
            del left[label]
    assert left == {}


def test_relations_are_about_statements_and_sources_that_exist() -> None:
    sources = re.findall(r"^@\w+\{(\w+),$", (BOOK / "references.bib").read_text("utf-8"), re.M)
    for label, entry in toml("relations").items():
        assert labels()[label] == 1
        assert set(entry) == {"paper", "place", "relation", "difference"}
        assert entry["paper"] in sources
        assert entry["relation"] in RELATIONS
        assert entry["difference"].endswith(".")


def test_statements_named_after_a_paper_say_what_they_are_to_it() -> None:
    titled = re.compile(r"^ .*\b(?:of Wang et al|Lemma B\.\d|Bubeck et al|of Mianjy)", re.M)
    named = {one.label for one in STATEMENTS if titled.match(one.body)}
    assert named
    assert named <= set(toml("relations"))


def test_machine_checked_entries_are_complete() -> None:
    """Where and at which commit it was read; it is a statement of the book."""
    for label, entry in toml("machine_checked").items():
        assert label in {one.label for one in STATEMENTS}
        assert re.fullmatch(r"[0-9a-f]{40}", entry["commit"])
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", entry["repository"])
        assert entry["file"].endswith(".lean")
        assert entry["declarations"]
        assert entry["difference"].endswith(".")


@pytest.mark.parametrize("name", ["relations", "machine_checked"])
def test_each_entry_stands_in_its_statement(name: str) -> None:
    """As a line at its end, and in the table of all statements."""
    pages = [
        page(f"{path.relative_to(ROOT).with_suffix('')}.html")
        for part in WINGS
        for path in (BOOK / part).glob("*.md")
    ]
    for label, entry in toml(name).items():
        box = next(found for one in pages if (found := one.find(id=label)))
        line = box.select("p.relation")
        first = re.split(r"[$`']", entry["difference"])[0]
        assert any(first in part.get_text() for part in line)
        assert first in page("book/statements.html").get_text()
