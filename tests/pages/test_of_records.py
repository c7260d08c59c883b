"""What pages show of records (book label sec-records): nothing lost, nothing invented."""

import re

import pytest

from advtheory.contract import all_experiments
from advtheory.contract.claims import IN_WORDS, VERDICTS
from advtheory.pages import markup, of_records, show_status
from advtheory.pages.report import lines_of, stated
from advtheory.pages.report_text import with_error
from advtheory.records import MissingRecordError
from tests.largest import largest

FIGURES = ["wang-fig2", "wang-fig3", "wang-fig5", "wang-fig6", "wang-fig7"]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that is displayed, as HTML."""
    content: list[str] = []
    monkeypatch.setattr(markup, "display", content.append)
    return content


def cells(content: list[str]) -> list[str]:
    """What stands in the cells, in the signs of a keyboard."""
    text = "".join(content).replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", " ")
    return re.findall(r"<td[^>]*>(.*?)</td>", text)


@pytest.mark.parametrize("name", FIGURES)
def test_the_comparison_holds_every_claim_and_every_number(name: str, shown: list[str]) -> None:
    record = of_records.committed(name)
    of_records.show_comparison(record)
    lines = [line for line in lines_of(record) if line.claim is not None]
    assert lines
    inside = cells(shown)
    for line in lines:
        ours = with_error(line.ours) if line.ours else "not measured"
        assert any(cell.startswith(ours) for cell in inside)
        if line.claim and line.claim.words:
            assert f"“{line.claim.words}”" in shown[0]
        else:
            assert stated(line) in inside
    words = {*VERDICTS} - {IN_WORDS}
    judged = [line for line in lines if line.verdict != IN_WORDS]
    assert sum(cell.endswith(("✓", "✗")) or cell in words for cell in inside) == len(judged)
    assert "Errors: seeds" in shown[0]


def test_paper_and_book_are_told_apart(shown: list[str]) -> None:
    of_records.show_comparison(of_records.committed("lazy-worst-case"))
    assert {"this book", "Wang et al. (2022)"} <= set(cells(shown))
    assert "This book: " in shown[0]


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


def test_the_status_has_a_card_for_every_figure(shown: list[str]) -> None:
    show_status()
    page = "".join(shown)
    for number in range(1, 8):
        assert f"<h3>Figure {number}" in page
    assert re.search(r"Missing: \d+ of 57 points have \d+ of 10 seeds", page)
    assert "threshold[" not in page
    assert "threshold of V at m = 100" in page
    assert page.index("<h2>Wang et al. (2022)</h2>") < page.index("<h2>This book</h2>")


def test_a_reader_meets_names_and_no_columns(shown: list[str]) -> None:
    show_status()
    for name in all_experiments():
        of_records.show_comparison(largest(name))
    raw = [cell for cell in cells(shown) if re.search(r"\w_\w|\[|\de[+-]", cell)]
    assert raw == []


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


def test_a_figure_describes_itself_or_the_page_does(shown: list[str]) -> None:
    of_records.show_figure(of_records.committed("wang-fig7"))
    assert shown[0].count("skewness -0.") == 3
    with pytest.raises(ValueError, match="3 panels and 0 descriptions: give one each"):
        of_records.show_figure(of_records.committed("wang-fig7"), ())


def test_a_missing_record_names_the_command_that_makes_it() -> None:
    with pytest.raises(MissingRecordError, match="advtheory run wang-fig2 --scale laptop"):
        of_records.committed("wang-fig2", "laptop")
