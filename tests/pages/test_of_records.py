"""What pages show of records (book label sec-records): nothing lost, nothing invented."""

import re

import pandas as pd
import pytest

from advtheory.contract import all_experiments
from advtheory.pages import of_records
from advtheory.pages.report import lines_of
from advtheory.records import MissingRecordError

FIGURES = ["wang-fig2", "wang-fig3", "wang-fig5", "wang-fig6", "wang-fig7"]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that is displayed, as HTML."""
    content: list[str] = []
    monkeypatch.setattr(of_records, "_display", content.append)
    return content


def cells(content: list[str]) -> list[str]:
    return re.findall(r"<td[^>]*>(.*?)</td>", "".join(content))


@pytest.mark.parametrize("name", FIGURES)
def test_the_comparison_holds_every_claim_and_every_number(name: str, shown: list[str]) -> None:
    record = of_records.committed(name)
    of_records.show_comparison(record)
    lines = [line for line in lines_of(record) if line.claim is not None]
    assert lines
    numbers = [cell for cell in cells(shown) if re.match(r"[-+]?\d", cell)]
    claims = {(line.text.split(",")[0], f"{line.claim:g}") for line in lines}
    for line in lines:
        assert f"{line.ours:.3g}" in " ".join(numbers)
    assert all(claim in numbers for _, claim in claims)


@pytest.mark.parametrize("name", FIGURES)
def test_the_records_at_paper_scale_are_whole(name: str) -> None:
    experiment = all_experiments()[name]
    record = of_records.committed(name)
    points = experiment.points("paper")
    assert len(record.table.groupby(["d", "m"])) == len(points)
    assert set(record.table["seed"]) == set(range(experiment.seeds["paper"]))
    assert (record.table["data"] == "mnist").all()
    assert (
        "deviation" not in record.table or (record.table["deviation"] <= record.table["c0"]).all()
    )


def test_the_status_names_every_experiment_and_what_is_missing(shown: list[str]) -> None:
    of_records.show_status()
    assert set(FIGURES) <= set(cells(shown))
    assert "Missing at paper scale" in shown[-1]


def test_every_column_of_every_record_is_explained(shown: list[str]) -> None:
    of_records.show_columns()
    named = set(cells(shown))
    for experiment in all_experiments().values():
        assert set(experiment.columns) <= named


def test_a_live_measurement_is_drawn_with_its_maker(shown: list[str]) -> None:
    record = of_records.measured("wang-fig6", "smoke")
    of_records.show_figure(record, ("gradient", "step", "perturbation"))
    assert shown[0].count("<img") == 3
    assert "smoke scale" in shown[0]
    with pytest.raises(ValueError, match="give one each"):
        of_records.show_figure(record, ("gradient",))


def test_lines_under_pictures(shown: list[str]) -> None:
    of_records.show_made_here("laptop", "mnist", 1)
    of_records.show_made_here("laptop", "digits-8x8")
    assert " 1 seed " in shown[0]
    assert "MNIST" in shown[0]
    assert "seed" not in shown[1]
    assert "scikit-learn" in shown[1]


def test_a_table_is_escaped_and_keeps_numbers_on_one_line(shown: list[str]) -> None:
    of_records.show_table(pd.DataFrame({"a<b": [0.123456, -2.0], "word": ["x & y", "z"]}))
    assert "a&lt;b" in shown[0]
    assert "x &amp; y" in shown[0]
    assert '<td class="number">0.1235</td>' in shown[0]


def test_a_missing_record_names_the_command_that_makes_it() -> None:
    with pytest.raises(MissingRecordError, match="advtheory run wang-fig2 --scale laptop"):
        of_records.committed("wang-fig2", "laptop")
