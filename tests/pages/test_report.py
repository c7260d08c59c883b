"""The make_report: every number with its claim, and everything that is missing."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from advtheory.contract import SCALES, Estimate, Experiment, catalogue
from advtheory.pages.report import Line, Report, lines_of, make_report
from advtheory.records import Records, find_folder, read_claims
from advtheory.running import runner
from tests import toys
from tests.toys import TOY

CLAIMS = {
    "experiment": "toy",
    "source": "A. Author (2022)",
    "place": "Figure 1",
    "claims": [{"key": "slope", "symbol": "s", "text": "the slope", "value": 1.9}],
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


def toy_with(monkeypatch: pytest.MonkeyPatch, **change: Any) -> Experiment:
    """A changed toy takes the place of the toy."""
    changed = replace(TOY, **change)
    monkeypatch.setattr(catalogue, "_registry", lambda: {"toy": changed})
    return changed


def test_a_line_holds_the_claim_beside_the_record(folder: Path) -> None:
    smoke, paper = make_report(folder, folder).lines
    assert (smoke.scale, paper.scale) == ("smoke", "paper")
    assert (smoke.complete, paper.complete) == (True, False)
    estimate = TOY.summarise(Records(folder).read("toy", "paper").table)["slope"]
    assert (paper.ours, paper.error, paper.n) == (estimate.value, estimate.error, 3)
    assert (paper.claim, paper.text, paper.symbol) == (1.9, "the slope", "s")
    assert (paper.source, paper.place) == ("A. Author (2022)", "Figure 1")
    assert paper.difference == pytest.approx(estimate.value - 1.9)
    assert paper.sigmas == pytest.approx((estimate.value - 1.9) / (estimate.error or 0))
    assert (paper.seeds, paper.device, paper.data) == (3, "CPU", "toy")
    assert len(paper.date) == len("2026-11-20")
    assert lines_of(Records(folder).read("toy", "paper"), folder) == (paper,)


def test_what_is_missing_is_counted_in_points(folder: Path) -> None:
    gaps = {
        gap.scale: (gap.points, gap.wanted, gap.why) for gap in make_report(folder, folder).gaps
    }
    assert gaps == {
        "laptop": (0, 3, "no record"),
        "paper": (0, 4, "not all points are measured"),
    }


def test_without_records_everything_is_missing(tmp_path: Path) -> None:
    made = make_report(tmp_path, tmp_path)
    assert made.lines == ()
    assert [gap.scale for gap in made.gaps] == list(SCALES)


def test_programs_get_the_same_as_json(folder: Path) -> None:
    made = make_report(folder, folder)
    content = json.loads(made.json())
    assert [Line(**row) for row in content["rows"]] == list(made.lines)
    assert [row["scale"] for row in content["missing"]] == ["laptop", "paper"]


def test_json_has_no_infinities(folder: Path) -> None:
    line = replace(make_report(folder, folder).lines[0], ours=math.inf)
    content = json.loads(Report((line,), ()).json(), parse_constant=pytest.fail)
    assert content["rows"][0]["ours"] is None


def test_a_number_without_a_claim_stands_alone(folder: Path) -> None:
    write(folder, {**CLAIMS, "claims": []})
    line = make_report(folder, folder).lines[0]
    assert (line.claim, line.difference, line.sigmas, line.text) == (None, None, None, "")


def test_a_claim_about_nothing_is_missing_at_paper_scale(folder: Path) -> None:
    extra = {"key": "height", "symbol": "h", "text": "the height", "value": 1}
    write(folder, {**CLAIMS, "claims": [extra]})
    whys = [(gap.scale, gap.why) for gap in make_report(folder, folder).gaps]
    assert ("paper", "nothing is computed for the claim 'height'") in whys
    assert not any(scale == "smoke" for scale, _ in whys)


def test_a_record_too_small_for_its_numbers_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(table: pd.DataFrame) -> Mapping[str, Estimate]:
        raise ValueError("A slope needs at least two different x.")

    toy_with(monkeypatch, summarise=refuse)
    made = make_report(folder, folder)
    assert made.lines == ()
    assert ("smoke", "A slope needs at least two different x.") in [
        (gap.scale, gap.why) for gap in made.gaps
    ]


def test_an_estimate_without_error_has_no_distance_in_errors(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy_with(monkeypatch, summarise=lambda table: {"slope": Estimate(2.0, None, 1)})
    line = make_report(folder, folder).lines[0]
    assert line.difference == pytest.approx(0.1)
    assert line.sigmas is None


@pytest.mark.parametrize(
    "claims",
    [
        [],
        {**CLAIMS, "experiment": "other"},
        {**CLAIMS, "claims": [{"key": "slope"}]},
        {**CLAIMS, "claims": [{"key": "slope", "symbol": "s", "text": "t", "value": "two"}]},
        {"experiment": "toy", "claims": []},
    ],
)
def test_a_wrong_claims_file_is_named(tmp_path: Path, claims: object) -> None:
    write(tmp_path, claims)
    with pytest.raises(ValueError, match=r"claims file .*toy\.json is wrong") as error:
        read_claims("toy", tmp_path)
    assert "\n" not in str(error.value)


def test_most_experiments_may_have_no_claims(tmp_path: Path) -> None:
    assert read_claims("toy", tmp_path) == ()
    assert read_claims("toy") == ()


def test_the_claims_of_the_book_belong_to_its_experiments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    folder, _ = find_folder("claims")
    names = {path.stem for path in folder.glob("*.json")}
    assert names <= set(catalogue.all_experiments())
    for name in names:
        claims = read_claims(name)
        assert len({claim.key for claim in claims}) == len(claims) > 0
        assert all(math.isfinite(claim.value) and claim.place for claim in claims)
