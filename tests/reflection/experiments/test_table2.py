"""The experiment mianjy-table2: its grid, its rows, a kill inside a point, what is read off."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import torch

from advtheory.attacks.ascent import Schedule
from advtheory.contract import Key, Place, get
from advtheory.contract.experiment import plain_rows
from advtheory.networks import AutogradModel
from advtheory.pages.report import make_report
from advtheory.records import Records, read_claims
from advtheory.reflection.experiments import table2
from advtheory.reflection.experiments.table2 import TEST, attacked, step_size
from advtheory.running import runner
from advtheory.running.jobs import missing
from advtheory.training import adversarial

EXPERIMENT = get("mianjy-table2")
POINT = EXPERIMENT.points("smoke")[0]


def test_the_table_of_the_paper_is_the_grid_at_paper_scale() -> None:
    """16 cells and two of our own, both methods; three seeds where there are two steps."""
    points = EXPERIMENT.points("paper")
    usual = [p for p in points if p["rule"] == "code" and p["batch_norm"] == "train"]
    assert {(p["radius"], p["steps"]) for p in usual} == {
        (nu, steps) for nu in (2, 4, 8, 16) for steps in (2, 4, 16, 32)
    }
    assert len(usual) == 32
    assert len(points) == 36
    assert {(p["width"], p["epochs"], p["images"]) for p in points} == {(64, 20, 45_000)}
    seeds = {p["steps"]: EXPERIMENT.repeats(p) for p in points}
    assert seeds == {2: 3, 4: 1, 16: 1, 32: 1}


def test_the_laptop_begins_with_the_most_telling_cells() -> None:
    jobs = missing(EXPERIMENT, "laptop", 1, set())
    first = [(job.point["radius"], job.point["steps"]) for job in jobs[:10]]
    assert first == [(8, 2)] * 6 + [(8, 4)] * 2 + [(8, 16)] * 2
    assert len(jobs) == 3 * 2 * (3 + 1 + 1) + 4


def test_the_step_is_half_the_radius_for_two_steps_and_two_levels_for_more() -> None:
    for radius in (2, 4, 8, 16):
        assert step_size(radius, 2, "code") == radius / 2
        assert {step_size(radius, steps, "code") for steps in (4, 16, 32)} == {2.0}
        assert step_size(radius, 4, "quarter") == radius / 4
    assert Schedule(8 / 255, 2 / 255, 50, keep="last") == TEST


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    found = EXPERIMENT.measure(POINT, [0, 1], Place("cpu", "smoke"))
    return plain_rows(EXPERIMENT.columns, POINT, [0, 1], found)


def test_a_point_repeats_exactly_seed_by_seed(rows: list[dict[str, Any]]) -> None:
    (again,) = EXPERIMENT.measure(POINT, [1], Place("cpu", "smoke"))
    assert again == rows[1]
    assert rows[0] != {**rows[1], "seed": 0}


def test_stronger_attacks_leave_no_more(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert row["every_class"] <= row["any_restart"] <= row["largest_loss"]
        assert row["every_class"] <= row["standard"]
        assert (row["data"], row["step"], row["tested"]) == ("digits-8x8", 2.0, 40)


@pytest.mark.parametrize("killed_after", [1, 2])
def test_after_a_kill_inside_a_point_the_record_is_the_same(
    killed_after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run goes on from the last epoch, and what it kept on the way is gone at the end."""
    small = dataclasses.replace(EXPERIMENT, grid=lambda scale: [POINT])
    runner.run(small, "smoke", device="cpu", records=tmp_path / "whole", progress=False)
    keep, epoch, epochs = adversarial._keep, adversarial._epoch, list[int]()

    def kill(*arguments: Any) -> None:
        keep(*arguments)
        if len(epochs) == killed_after:
            raise KeyboardInterrupt

    def count(*arguments: Any) -> None:
        epochs.append(1)
        epoch(*arguments)

    monkeypatch.setattr(adversarial, "_epoch", count)
    monkeypatch.setattr(adversarial, "_keep", kill)
    with pytest.raises(KeyboardInterrupt):
        runner.run(small, "smoke", device="cpu", records=tmp_path / "killed", progress=False)
    monkeypatch.setattr(adversarial, "_keep", keep)
    kept = tmp_path / "killed" / EXPERIMENT.name / "smoke.scratch"
    assert list(kept.rglob("epochs.pt"))
    runner.run(small, "smoke", device="cpu", records=tmp_path / "killed", progress=False)
    assert not kept.exists()
    assert len(epochs) == int(POINT["epochs"])  # none was made twice
    whole, killed = (
        Records(tmp_path / name).read(EXPERIMENT.name, "smoke") for name in ("whole", "killed")
    )
    pd.testing.assert_frame_equal(whole.table, killed.table)


def test_on_a_linear_classifier_the_best_attack_is_known() -> None:
    """Right at every point of the ball: (f_y - f_k)(x) > (8/255) ||w_y - w_k||_1 for each k."""
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(10, 12, generator=generator, dtype=torch.float64)
    x = 0.5 + 0.3 * (torch.rand(300, 12, generator=generator, dtype=torch.float64) - 0.5)
    f = x @ weights.T
    y = f.argmax(1)
    y[::10] = (y[::10] + 1) % 10  # some are wrong without attack
    gap = f.gather(1, y[:, None]) - f
    room = 8 / 255 * (weights[y][:, None] - weights[None]).abs().sum(-1)
    exact = ((gap > room) | (torch.arange(10) == y[:, None])).all(1)
    model = AutogradModel(lambda rows: rows @ weights.T, classes=10)
    clean, any_restart, largest, every = attacked(model, x, y, TEST, 3, generator)
    assert clean.equal(f.argmax(1) == y)
    assert every.equal(exact)
    assert 0 < int(exact.sum()) < int(clean.sum())
    assert not (exact & ~any_restart).any()
    assert not (any_restart & ~largest).any()


def table() -> pd.DataFrame:
    """Made-up accuracies of two cells, three seeds each, and one of another batch norm."""
    made = []
    for k, method in enumerate(("PGD", "R-PGD")):
        for steps in (2, 4):
            for seed in range(3):
                base = 0.2 + 0.1 * (steps == 4) + 0.01 * seed + 0.02 * k * (seed == 1)
                made.append((method, 8, steps, "code", "train", 64, seed, base))
        made.append((method, 8, 4, "code", "eval", 64, 0, 0.5))
    names = ["method", "radius", "steps", "rule", "batch_norm", "width", "seed", "largest_loss"]
    frame = pd.DataFrame(made, columns=names)
    return frame.assign(
        any_restart=frame["largest_loss"] - 0.01,
        every_class=frame["largest_loss"] - 0.05,
        standard=frame["largest_loss"] + 0.5,
    )


def test_the_numbers_are_means_over_seeds_and_changes_within_pairs() -> None:
    found = EXPERIMENT.summarise(table())
    cell = "radius=8/255, steps=2"
    assert found[Key("robust", f"PGD, {cell}")].value == pytest.approx(21)
    assert found[Key("any", f"R-PGD, {cell}")].value == pytest.approx(20 + 2 / 3)
    assert found[Key("margin", f"PGD, {cell}")].value == pytest.approx(16)
    assert found[Key("standard", f"PGD, {cell}")].value == pytest.approx(71)
    change = found[Key("change", cell)]
    assert change.value == pytest.approx(2 / 3)  # 0, 2, 0 points
    assert change.n == 3
    assert change.error == pytest.approx(2 / 3)
    assert found[Key("change", "radius=8/255, steps=4, batch norm=eval")].value == pytest.approx(0)


def test_the_paper_is_compared_with_the_usual_width_only() -> None:
    claims = {claim.key for claim in read_claims("mianjy-table2")}
    wide = EXPERIMENT.summarise(table())
    narrow = EXPERIMENT.summarise(table().assign(width=8))
    assert len([key for key in wide if key in claims]) == 2 * 2 * 2
    assert [key for key in narrow if key in claims] == []


def test_the_claims_are_the_64_numbers_of_the_table() -> None:
    claims = read_claims("mianjy-table2")
    numbers = [claim for claim in claims if claim.value is not None]
    assert len(numbers) == 4 * 4 * 2 * 2
    by_key = {str(claim.key): claim.value for claim in numbers}
    assert by_key["robust[PGD, radius=8/255, steps=16]"] == 48.916
    assert by_key["standard[R-PGD, radius=16/255, steps=32]"] == 58.486


def test_a_laptop_record_is_reported_and_the_paper_is_missing(tmp_path: Path) -> None:
    point = EXPERIMENT.points("laptop")[0]

    def measure(point: Any, seeds: Any, place: Any) -> list[dict[str, Any]]:
        made = {"step": 4.0, "tested": 1000, "data": "cifar10-jpeg"}
        return [{**point, **made, "seed": s, **dict.fromkeys(table2.MEASURED, 0.25)} for s in seeds]

    some = dataclasses.replace(EXPERIMENT, grid=lambda scale: [point], measure=measure)
    runner.run(some, "laptop", device="cpu", records=tmp_path, progress=False)
    sheets = {
        sheet.scale: sheet
        for sheet in make_report(tmp_path).sheets
        if sheet.experiment == EXPERIMENT.name
    }
    assert sheets["laptop"].verdicts() == {"our own": 4}
    assert sheets["laptop"].missing == ("1 of 22 points has 1 of 1 seeds, 21 have none",)
    assert sheets["paper"].verdicts() == {"not measured": 65}
    assert json.dumps(sheets["laptop"].made).count("cifar10-jpeg") == 1


def test_the_figure_has_a_panel_for_each_radius_also_where_a_method_is_missing() -> None:
    both = pd.concat([table(), table().assign(radius=16)])
    for rows in (both, both[both["method"] == "PGD"]):
        figure = EXPERIMENT.draw(rows)
        assert EXPERIMENT.alts is not None
        assert len(figure.axes) == len(EXPERIMENT.alts(rows)) == 2
        plt.close(figure)
    first = EXPERIMENT.alts(both)[0] if EXPERIMENT.alts else ""
    assert "2 steps: PGD 21 and 71, R-PGD 22 and 72" in first
