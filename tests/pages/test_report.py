"""The report: every number with its claim and its verdict, and everything that is missing."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from advtheory.contract import SCALES, Estimate, Experiment, Key, all_experiments, catalogue
from advtheory.pages.report import Report, Sheet, curve_name, lines_of, make_report, stated
from advtheory.pages.report_json import report_json
from advtheory.records import Records, read_claims
from advtheory.running import runner
from tests import toys
from tests.toys import TOY

SLOPE = {"quantity": "slope", "symbol": "s", "text": "the slope", "value": 1.9}
CLAIMS = {
    "experiment": "toy",
    "source": "A. Author (2022)",
    "place": "Figure 1",
    "claims": [SLOPE],
}


@pytest.fixture(autouse=True)
def only_toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy is the only experiment."""
    monkeypatch.setattr(catalogue, "_registry", toys.registry)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole record at smoke scale, half of one at paper scale, and a claim."""
    runner.run(TOY, "smoke", seeds=3, device="cpu", records=tmp_path, progress=False)
    runner.run(TOY, "paper", seeds=3, device="cpu", records=tmp_path, progress=False)
    write(tmp_path, CLAIMS)
    return tmp_path


def write(folder: Path, claims: object) -> None:
    """Put claims beside the records."""
    (folder / "toy.json").write_text(json.dumps(claims), encoding="utf-8")


def sheets(folder: Path) -> dict[str, Sheet]:
    """The toy's sheets by their scales."""
    return {sheet.scale: sheet for sheet in make_report(folder, folder).sheets}


def toy_with(monkeypatch: pytest.MonkeyPatch, **change: Any) -> Experiment:
    """A changed toy takes the place of the toy."""
    changed = replace(TOY, **change)
    monkeypatch.setattr(catalogue, "_registry", lambda: {"toy": changed})
    return changed


def test_a_line_holds_the_claim_beside_the_record(folder: Path) -> None:
    paper = sheets(folder)["paper"]
    (line,) = paper.lines
    estimate = TOY.summarise(Records(folder).read("toy", "paper").table)[Key("slope")]
    assert (line.ours, line.key, line.name) == (estimate, Key("slope"), "the slope")
    assert line.claim == read_claims("toy", folder)[0]
    assert line.difference == pytest.approx(estimate.value - 1.9)
    assert line.sigmas == pytest.approx((estimate.value - 1.9) / (estimate.error or 0))
    assert line.verdict == "disagrees"
    assert lines_of(Records(folder).read("toy", "paper"), folder) == (line,)
    assert (paper.source, paper.place, paper.title) == ("A. Author (2022)", "Figure 1", "A toy")
    assert (paper.made or "").startswith("paper scale · CPU, ")
    assert paper.verdicts() == {"disagrees": 1}


def test_what_is_missing_is_counted_in_points_and_seeds(folder: Path) -> None:
    missing = {scale: sheet.missing for scale, sheet in sheets(folder).items()}
    assert missing == {
        "smoke": (),
        "laptop": ("no record",),
        "paper": ("4 of 4 points have 3 of 5 seeds",),
    }


def test_without_records_everything_is_missing(tmp_path: Path) -> None:
    found = sheets(tmp_path)
    assert set(found) == set(SCALES)
    assert all(not one.lines and one.made is None and one.missing for one in found.values())


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"folder .*nowhere is not there; give the folder"):
        make_report(tmp_path / "nowhere")


def test_programs_get_the_same_as_json(folder: Path) -> None:
    made = make_report(folder, folder)
    content = json.loads(report_json(made))["records"]
    assert [row["scale"] for row in content] == [sheet.scale for sheet in made.sheets]
    (number,) = next(row for row in content if row["scale"] == "paper")["numbers"]
    ours = sheets(folder)["paper"].lines[0].ours
    assert ours is not None
    assert (number["ours"], number["error"], number["n"]) == (ours.value, ours.error, 3)
    assert (number["quantity"], number["curve"], number["verdict"]) == ("slope", "", "disagrees")
    assert (number["claim"]["value"], number["error_of"]) == (1.9, "seeds")


def test_json_has_no_infinities(folder: Path) -> None:
    sheet = sheets(folder)["smoke"]
    line = replace(sheet.lines[0], ours=Estimate(math.inf, None, 1))
    text = report_json(Report((replace(sheet, lines=(line,)),)))
    (record,) = json.loads(text, parse_constant=pytest.fail)["records"]
    assert record["numbers"][0]["ours"] is None


def test_a_number_without_a_claim_stands_alone(folder: Path) -> None:
    write(folder, {**CLAIMS, "claims": []})
    line = sheets(folder)["smoke"].lines[0]
    assert (line.claim, line.difference, line.sigmas) == (None, None, None)
    assert (line.verdict, line.name, stated(line)) == ("our own", "slope of the value", "")


def test_a_claim_about_nothing_is_not_measured_at_paper_scale(folder: Path) -> None:
    write(folder, {**CLAIMS, "claims": [{**SLOPE, "quantity": "height", "text": "the height"}]})
    found = sheets(folder)
    assert found["paper"].verdicts() == {"not measured": 1, "our own": 1}
    assert found["smoke"].verdicts() == {"our own": 1}
    assert found["paper"].lines[-1].name == "the height"


def test_without_a_record_the_claims_are_not_measured(tmp_path: Path) -> None:
    write(tmp_path, CLAIMS)
    found = sheets(tmp_path)
    assert found["paper"].verdicts() == {"not measured": 1}
    assert found["laptop"].verdicts() == found["smoke"].verdicts() == {}


def test_a_claim_without_a_curve_is_about_every_curve(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = (Key("drop", "d=25"), Key("drop", "d>=49"))
    toy_with(monkeypatch, summarise=lambda table: {key: Estimate(4.0, 1.0, 3) for key in keys})
    words = {"quantity": "drop", "symbol": "r", "text": "width of the drop", "words": "sharp"}
    write(folder, {**CLAIMS, "claims": [words]})
    lines = sheets(folder)["paper"].lines
    assert [line.name for line in lines] == [
        "width of the drop at d = 25",
        "width of the drop at d ≥ 49",
    ]
    assert {line.verdict for line in lines} == {"in words"}
    assert {stated(line) for line in lines} == {"not a number: “sharp”"}


def test_a_bound_says_so(folder: Path) -> None:
    write(folder, {**CLAIMS, "claims": [{**SLOPE, "relation": "at most", "value": 3}]})
    line = sheets(folder)["paper"].lines[0]
    assert (line.verdict, stated(line)) == ("holds", "at most 3")


def test_a_record_too_small_for_its_numbers_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(table: pd.DataFrame) -> Mapping[Key, Estimate]:
        raise ValueError("A slope needs at least two different x.")

    toy_with(monkeypatch, summarise=refuse)
    smoke = sheets(folder)["smoke"]
    assert (smoke.lines, smoke.missing) == ((), ("A slope needs at least two different x.",))


def test_an_estimate_without_error_has_no_distance_in_errors(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy_with(monkeypatch, summarise=lambda table: {Key("slope"): Estimate(2.0, None, 1)})
    line = sheets(folder)["paper"].lines[0]
    assert line.difference == pytest.approx(0.1)
    assert line.sigmas is None


@pytest.mark.parametrize(
    ("curve", "name"),
    [("m=1000", "m = 1000"), ("c0=5, d>=196", "C0 = 5, d ≥ 196"), ("trained", "trained")],
)
def test_curves_have_names_for_people(curve: str, name: str) -> None:
    assert curve_name(curve) == name


def test_every_number_of_the_book_has_a_name_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    catalogue._registry.cache_clear()
    for sheet in make_report().sheets:
        for line in sheet.lines:
            known = all_experiments()[sheet.experiment].quantities
            assert line.claim or {line.key.quantity, str(line.key)} & known.keys(), line.key
            assert "_" not in line.name
