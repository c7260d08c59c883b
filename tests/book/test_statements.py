"""Every statement of the book has a proof or a source, code or a measurement, and a test.

The sources of the pages are read. After a statement and its proof, before the next statement or
heading, stand lines that begin with *In code:*, *Measured by* or *Measured in*, and *Tested in*. A
test names what it tests at the head of its docstring, as in "lem-b5, lem-b7: ...".
"""

from __future__ import annotations

import ast
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from advtheory.contract import SCALES, all_experiments
from advtheory.pages.report import lines_of
from advtheory.records import Records, read_claims
from tests.book.sources import BOOK, ROOT, pages

KINDS = ("theorem", "lemma", "corollary", "proposition")
EXPERIMENTS = all_experiments()
MEASURED = sorted(path.parent.name for path in (BOOK / "records").glob("*/paper.csv"))

DIRECTIVE = re.compile(
    r"^ *(?P<fence>:{3,}|`{3,})\{prf:(?P<kind>\w+)\}(?P<body>.*?)^ *(?P=fence)[ \t]*$", re.M | re.S
)
HEADING = re.compile(r"^#+ (.*)$", re.M)
TARGET = re.compile(r"^\(([\w-]+)\)=$|^ *:(?:label|name): (\S+)$|^ *\$\$ \(([\w-]+)\)$", re.M)
LINE = re.compile(r"^\*(In code|Measured by|Measured in|Tested in)\b:?\*:? (.*)$", re.M)
PROOF_OF = re.compile(r"\s*\*\(of \{prf:ref\}`([\w-]+)`\)\*")  # how a proof elsewhere begins
SECTION = re.compile(r"\[([^\]]+)\]\(([\w-]+)\.ipynb#([\w-]+)\)")  # of a lab
SPAN = re.compile(r"(?<![}`])`([^`]+)`")  # of code; a role has a brace before it


@cache
def labels() -> Counter[str]:
    """How often each label of the book is defined."""
    found = (match for text in pages().values() for match in TARGET.findall(text))
    return Counter(label for match in found for label in match if label)


@cache
def prefixes() -> str:
    """How labels begin, as a pattern."""
    return "|".join(sorted({label.split("-")[0] for label in labels()}))


@dataclass(frozen=True)
class Statement:
    """A theorem, lemma, corollary or proposition, and what follows it on its page."""

    page: str
    body: str
    after: str  # up to the next statement or heading

    @property
    def label(self) -> str:
        """The label, or an empty string."""
        found = re.search(r"^ *:label: (\S+)$", self.body, re.M)
        return found[1] if found else ""

    @property
    def proved(self) -> bool:
        """Whether a proof follows it, and not one of something else."""
        near = DIRECTIVE.search(self.after)
        return near is not None and near["kind"] == "proof" and not PROOF_OF.match(near["body"])

    @property
    def points_to_its_proof(self) -> bool:
        """Whether a sentence of its page links to the page with its proof."""
        said = rf"^.*\bproof of \{{prf:ref\}}`{self.label}`.*$"
        sentence = re.search(said, pages()[self.page], re.M | re.I)
        linked = docs(self.page, sentence[0]) if sentence else []
        return proofs_elsewhere().get(self.label) in linked

    def lines(self, *names: str) -> str:
        """The text of its lines with these names."""
        return "\n".join(text for name, text in LINE.findall(self.after) if name in names)


def read(page: str) -> Iterator[Statement]:
    """The statements of a page, in order."""
    text = pages()[page]
    blocks = [block for block in DIRECTIVE.finditer(text) if block["kind"] in KINDS]
    stops = [match.start() for match in (*blocks, *HEADING.finditer(text))]
    for block in blocks:
        end = min((stop for stop in stops if stop >= block.end()), default=len(text))
        yield Statement(page, block["body"], text[block.end() : end])


STATEMENTS = [statement for page in pages() for statement in read(page)]
EACH = pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: s.label or s.body[:20])


@cache
def proofs_elsewhere() -> dict[str, str]:
    """The page of every proof that says to which statement it belongs."""
    return {
        found[1]: page
        for page, text in pages().items()
        for block in DIRECTIVE.finditer(text)
        if block["kind"] == "proof" and (found := PROOF_OF.match(block["body"]))
    }


def docs(page: str, text: str) -> list[str]:
    """The pages that a text links to; fails where there is no such page."""
    named = re.findall(r"\{doc\}`(?:[^`<]*<)?([\w./-]+)>?`", text)
    folder = (ROOT / page).parent
    linked = [(folder / name).resolve().relative_to(ROOT).as_posix() for name in named]
    assert set(linked) <= set(pages())
    return linked


# Labels and proofs.


def test_every_label_is_defined_once() -> None:
    assert [label for label, count in labels().items() if count > 1] == []


@EACH
def test_a_statement_is_labelled_and_settled(statement: Statement) -> None:
    """A proof follows it, or its page says where the proof stands, or it names its source."""
    assert labels()[statement.label] == 1
    quoted = re.search(r"\{cite:[tp]\}`", statement.body)
    assert statement.proved or statement.points_to_its_proof or quoted


def test_there_are_as_many_statements_as_proofs_and_sources() -> None:
    """Page by page: no proof belongs to nothing, and no statement has two."""
    elsewhere, settled = proofs_elsewhere(), 0
    assert set(elsewhere) <= {one.label for one in STATEMENTS if not one.proved}
    for page, text in pages().items():
        count = Counter(re.findall(r"^ *[:`]{3,}\{prf:(\w+)\}", text, re.M))
        ours = [one for one in STATEMENTS if one.page == page]
        unproved = [one.label for one in ours if not one.proved]
        pointers = sum(label in elsewhere for label in unproved)
        sources = len(unproved) - pointers
        own_proofs = count["proof"] - list(elsewhere.values()).count(page)
        assert sum(count[kind] for kind in KINDS) == len(ours) == own_proofs + pointers + sources
        settled += count["proof"] + sources
    assert len(STATEMENTS) == settled > 0


# Code, measurements, tests.


def measurements(statement: Statement) -> list[str]:
    """The experiments, sections and labels that it names; fails where one does not exist."""
    text = statement.lines("Measured by", "Measured in")
    spans, places = SPAN.findall(text), re.findall(r"\{ref\}`(?:[^`<]*<)?([\w-]+)>?`", text)
    named = [span for span in spans if span in EXPERIMENTS]
    named += [span for span in spans if (ROOT / span).is_file()]  # a benchmark
    columns = {
        column for name in EXPERIMENTS.keys() & spans for column in EXPERIMENTS[name].columns
    }
    assert set(spans) - set(named) <= columns
    sections = SECTION.findall(text)
    for title, lab, anchor in sections:
        headings = HEADING.findall(pages()[f"{Path(statement.page).parent}/{lab}"])
        assert anchor in {
            re.sub(r"[^\w-]", "", name.lower().replace(" ", "-")) for name in headings
        }
        assert title in headings
    assert set(places) <= set(labels())
    return [*named, *(title for title, _, _ in sections), *places]


@EACH
def test_a_statement_names_its_code_or_its_measurement(statement: Statement) -> None:
    """And all of it exists: functions and classes; experiments, sections of a lab, exercises."""
    names = re.findall(r"\{py:\w+\}`~?([\w.]+)`", statement.lines("In code"))
    code = [pkgutil.resolve_name(name) for name in names]
    assert measurements(statement) or any(callable(thing) for thing in code)


@cache
def heads(path: Path) -> set[str]:
    """What stands at the heads of the docstrings of the tests in a file."""
    tree = ast.parse(path.read_text("utf-8"))
    tests = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    words = (ast.get_docstring(test) or "" for test in tests if test.name.startswith("test_"))
    found = (re.match(r"([a-z][\w-]*(?:, [a-z][\w-]*)*): ", text) for text in words)
    return {label for match in found if match for label in match[1].split(", ")}


@EACH
def test_a_statement_names_its_tests_and_they_name_it(statement: Statement) -> None:
    """Every file of its one line *Tested in* holds a test that is headed by its label."""
    names = [name for name, _ in LINE.findall(statement.after)]
    assert names.count("Tested in") == 1
    files = SPAN.findall(statement.lines("Tested in"))
    assert files
    assert [file for file in files if statement.label not in heads(ROOT / file)] == []


# The other way round.


def test_tests_name_labels_that_exist() -> None:
    named = {label for path in (ROOT / "tests").rglob("test_*.py") for label in heads(path)}
    assert {label for label in named if re.match(f"({prefixes()})-", label)} <= set(labels())


def test_docstrings_name_labels_that_exist() -> None:
    unknown = {}
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text("utf-8")
        named = re.findall(rf"``((?:{prefixes()})-[a-z0-9-]+)``", text)
        named += re.findall(r"[Bb]ook\s+labels?\s+``([^`]+)``", text)
        unknown[path.name] = sorted(set(named) - set(labels()))
    assert {name: missing for name, missing in unknown.items() if missing} == {}


def test_experiments_name_labels_that_exist() -> None:
    assert [name for name, one in EXPERIMENTS.items() if not labels()[one.label]] == []


def test_every_record_belongs_to_an_experiment() -> None:
    files = list((BOOK / "records").glob("*/[!.]*"))  # a hidden one is a run in progress
    assert {file.parent.name for file in files} <= set(EXPERIMENTS)
    assert {file.stem for file in files} <= set(SCALES)


@pytest.mark.parametrize("name", MEASURED)
def test_every_claim_is_about_a_number_of_the_record(name: str) -> None:
    """From the moment on when each point of the grid has been measured at least once."""
    record = Records(BOOK / "records").read(name, "paper")
    points = EXPERIMENTS[name].points("paper")
    if len(record.table[list(points[0])].drop_duplicates()) == len(points):
        keys = {line.key for line in lines_of(record) if line.ours}
        claimed = {claim.key for claim in read_claims(name, BOOK / "claims")}
        assert {key for key in claimed if key.curve} <= keys
        # a claim without a curve may be about every curve of its quantity
        assert {key.quantity for key in claimed} <= {key.quantity for key in keys}
