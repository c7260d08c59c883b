"""Every number that is typed in prose comes from a record, an assert, a test or arithmetic.

Looked at are powers of ten, percentages and decimal fractions in the text of pages, labs and the
README; whole numbers are not. An equation beside the number may bear it out ($\\sqrt{784/2}=19.8$).
For the others `numbers.toml` says where they come from, page by page. An entry quotes the words
around its numbers (`text`) and has one of

- `is`: for each number an expression that is rounded to it, or that is true;
- `asserted`: the assert or the check (`pages.show_checks`) of the same page, or the lines around
  it, that hold the numbers;
- `tested`: the test that recomputes them from the page;
- `why`: the reason why there is nothing to compute.
"""

import json
import math
import re
import tomllib
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pandas as pd
import pytest

from advtheory.contract import get
from advtheory.contract.fits import loglog_slope
from advtheory.laziness import bounds
from advtheory.records import Records
from tests.book.prose import HELD, Number, equations, numbers
from tests.book.sources import BOOK, LISTING, ROOT, pages

TRACES: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("numbers.toml").read_text("utf-8")
)
PAGES = {name.removeprefix("book/"): text for name, text in pages().items()}
PAGES["README"] = LISTING.sub("", (ROOT / "README.md").read_text("utf-8"))
TRACED = [(page, entry) for page, entries in TRACES.items() for entry in entries]
GROUNDS = {"is", "asserted", "tested", "why"}


def of_kind(*grounds: str) -> list[Any]:
    """The entries with one of these grounds, as cases of a test."""
    kept = [one for one in TRACED if one[1].keys() & set(grounds)]
    return [pytest.param(*one, id=f"{one[0]}: {one[1]['text'][:30]}") for one in kept]


def table(record: str, **point: float) -> pd.DataFrame:
    """The rows of a committed record at a point."""
    rows = Records(BOOK / "records").read(record, "paper").table
    for name, value in point.items():
        rows = rows[rows[name] == value]
    return rows


def mean(record: str, column: str, **point: float) -> float:
    """A column's mean over the seeds."""
    return float(table(record, **point)[column].mean())


def slope(record: str, column: str, above: float, **point: float) -> float:
    """The exponent of a column in the dimension, from the dimension `above` on."""
    rows = table(record, **point).query("d >= @above")
    return float(loglog_slope(rows["d"], rows[column], rows["seed"]).value)


def estimates(record: str, quantity: str) -> list[float]:
    """What the experiment reads off its record under that name, one value for each curve."""
    found = get(record).summarise(Records(BOOK / "records").read(record, "paper").table)
    return [estimate.value for key, estimate in found.items() if key.quantity == quantity]


NAMES = {
    **vars(math),
    "min": min,
    "max": max,
    "estimates": estimates,
    "normal": NormalDist(),
    "quartile": NormalDist().inv_cdf(3 / 4),
    "bounds": bounds,
    "F": float(bounds.value_bound(10, 1 / 800)),
    "log_width": lambda d: math.log(bounds.smallest_width(d)),
    "largest_log_width": lambda d: float(bounds.largest_log_width(10, d, 1 / 800)),
    "table": table,
    "mean": mean,
    "slope": slope,
}


def covered(page: str, entry: dict[str, Any]) -> list[Number]:
    """The numbers inside the words that an entry quotes."""
    start = PAGES[page].find(entry["text"])
    end = start + len(entry["text"]) * (start >= 0)
    return [number for number in numbers(PAGES[page]) if start <= number.start < end]


def code(page: str) -> list[str]:
    """The code of a page: its cells, or its listings; both run in other tests."""
    notebook = BOOK / f"{page}.ipynb"
    if notebook.exists():
        cells = json.loads(notebook.read_text("utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    text = (BOOK / f"{page}.md").read_text("utf-8")
    return re.findall(r"^ *```python\n(.*?)^ *```", text, re.M | re.S)


@pytest.mark.parametrize("page", PAGES)
def test_every_number_is_traced(page: str) -> None:
    traced = {number.start for entry in TRACES.get(page, []) for number in covered(page, entry)}
    borne_out = list(equations(PAGES[page]))
    untraced = [
        PAGES[page][max(0, number.start - 60) : number.start + len(number.text) + 20]
        for number in numbers(PAGES[page])
        if number.start not in traced
        and not any(start <= number.start < end for start, end in borne_out)
    ]
    assert untraced == [], "compute them or say where they come from: tests/book/numbers.toml"


@pytest.mark.parametrize(("page", "entry"), of_kind("text"))
def test_a_trace_quotes_its_page_once_and_gives_one_ground(
    page: str, entry: dict[str, Any]
) -> None:
    assert PAGES[page].count(entry["text"]) == 1
    assert covered(page, entry) != []
    assert len(entry.keys() & GROUNDS) == len(entry) - 1 == 1


@pytest.mark.parametrize(("page", "entry"), of_kind("is"))
def test_a_computed_number_is_rounded_from_what_is_computed(
    page: str, entry: dict[str, Any]
) -> None:
    for number, expression in zip(covered(page, entry), entry["is"], strict=True):
        found = eval(expression, dict(NAMES))
        assert found is True or (found is not False and number.agrees(found)), f"{number}: {found}"


@pytest.mark.parametrize(("page", "entry"), of_kind("asserted"))
def test_the_page_asserts_what_it_is_said_to(page: str, entry: dict[str, Any]) -> None:
    holders = [listing for listing in code(page) if entry["asserted"] in listing]
    assert [HELD.search(listing) is not None for listing in holders] == [True]


@pytest.mark.parametrize(("page", "entry"), of_kind("tested"))
def test_the_tests_that_are_named_exist(page: str, entry: dict[str, Any]) -> None:
    tests = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    assert sum(f"def {entry['tested']}(" in text for text in tests) == 1


def test_what_counts_as_a_number() -> None:
    page = "From 0.5 to 2 %, $3\\cdot10^{-4}$ or $10^6$, in 3.11.2, `0.7`, Lemmas 4.1 and B.2: 12."
    assert [number.text for number in numbers(page)] == ["0.5", "2 %", r"3\cdot10^{-4}", "10^6"]
    assert [number.size for number in numbers(page)] == pytest.approx([0.5, 0.02, 3e-4, 1e6])
    number = next(numbers("about $-0.53$"))
    assert number.agrees(-0.5337)
    assert not number.agrees(-0.5357)


@pytest.mark.parametrize(
    ("span", "holding"),
    [
        (r"$\sqrt{784/2}=19.8$", True),
        (r"$\sqrt{784/2}=19.9$", False),
        (r"$\frac12\big(1+\sqrt{2/\pi}\big)C_0\approx0.90\,C_0$", True),
        (r"$0.6\,C_0\approx0.6\,d$", False),
        (r"$d=0.5$", False),
    ],
)
def test_an_equation_bears_out_what_it_computes(span: str, holding: bool) -> None:
    assert (list(equations(span)) != []) is holding
