"""Figure 4 of Wang et al.: what is measured, where the thresholds lie, and what is drawn."""

from __future__ import annotations

import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advtheory import data
from advtheory.attacks import pgd
from advtheory.contract import Place, Point, catalogue
from advtheory.contract.experiment import plain_rows
from advtheory.laziness import alignment, predicted
from advtheory.laziness.experiments import projected, projected_thresholds
from advtheory.networks import initialise
from advtheory.records import open_records, read_claims
from advtheory.training import Plan, train_projected
from tests.names import named

LEFT, RIGHT = catalogue.get("wang-fig4-left"), catalogue.get("wang-fig4-right")
POINT: Point = {
    "d": 25,
    "m": 40,
    "eps": 0.2,
    "radius": 1.5,
    "projection": "step",
    "epochs": 2,
    "steps": 6,
}


@pytest.fixture(scope="module")
def rows() -> dict[str, list[dict[str, Any]]]:
    """One small measurement for each protocol, with two seeds."""
    measured = {}
    for way in ("step", "epoch"):
        point = {**POINT, "projection": way}
        plain = plain_rows(
            LEFT.columns, point, [0, 3], LEFT.measure(point, [0, 3], Place("cpu", "smoke"))
        )
        measured[way] = [dict(row) for row in plain]
    return measured


def test_a_row_keeps_the_order_of_the_shares(rows: dict[str, list[dict[str, Any]]]) -> None:
    """thm-certificate: proved <= attacked <= one step <= clean; alg-projected: inside the ball."""
    for way, row in ((way, row) for way, both in rows.items() for row in both):
        assert 0 <= row["certified"] <= row["robust"] <= row["one_step"] <= 1 - row["test_error"]
        assert 0 < row["deviation"] <= row["c0"] * (1 + 1e-5)
        if way == "step":
            assert (row["robust_before"], row["deviation_before"]) == (
                row["robust"],
                row["deviation"],
            )
        else:
            assert row["deviation_before"] >= row["deviation"]
        assert row["ran"] == 2


def test_the_numbers_of_a_row(rows: dict[str, list[dict[str, Any]]]) -> None:
    """alg-projected: trained again, alone, and measured by other means."""
    images = data.pair(5, sphere=True)
    start = initialise(25, 40, [3])
    (one,) = train_projected(
        start,
        images.train.x,
        images.train.y,
        budgets=[0.2],
        radii=[1.5],
        seeds=[3],
        plan=Plan(epochs=2, attack_steps=6),
    )
    x, y = images.test.x.double(), images.test.y.double()
    w, a = one.net.w.double().numpy(), one.net.a.double().numpy()
    f = np.maximum(x.numpy() @ w.T, 0) @ a / math.sqrt(40)
    gradient = ((x.numpy() @ w.T > 0) * a) @ w / math.sqrt(40)
    row = rows["step"][1]
    assert row["test_error"] == pytest.approx(float((y.numpy() * f <= 0).mean()), abs=2e-3)
    assert row["margin"] == pytest.approx(float((y.numpy() * f).mean()), rel=1e-3)
    norm = float(np.linalg.norm(gradient, axis=1).mean())
    assert row["gradient_norm"] == pytest.approx(norm, rel=1e-3)
    far = np.linalg.norm(w - start.member(0).w.double().numpy(), axis=1).max()
    assert row["deviation"] == pytest.approx(far * math.sqrt(40), rel=1e-4)
    attacked = pgd(one.net, images.test.x, images.test.y, radius=0.2, steps=6)
    survivors = float((images.test.y * one.net.value(attacked) > 0).double().mean())
    assert survivors - 0.02 <= row["robust"] <= survivors + 2e-3


def test_alignment() -> None:
    """sec-prediction: half the mean of y v.x, from the class means and their frequencies."""
    split = data.pair(5, sphere=True).train
    x, y = split.x.double().numpy(), split.y.numpy()
    up, down = x[y > 0].mean(0), x[y < 0].mean(0)
    share, v = (y > 0).mean(), (up - down) / np.linalg.norm(up - down)
    expected = (share * (v @ up) - (1 - share) * (v @ down)) / 2
    assert alignment(split) == pytest.approx(float(expected))
    assert 0 < alignment(split) < 0.5


@given(st.floats(0.05, 3), st.booleans(), st.integers(3, 12))
def test_crossing_of_a_straight_line(place: float, falls: bool, n: int) -> None:
    """sec-figure4: exact for a line in log y, from either side."""
    places = np.geomspace(0.01, 10, n)
    shares = 0.5 + (-1 if falls else 1) * 0.1 * np.log(places / place)
    assert projected_thresholds.crossing(places, shares) == pytest.approx(place)


def test_crossing_where_there_is_none() -> None:
    """sec-figure4: inf; and of several the first."""
    places = np.array([0.1, 0.2, 0.4, 0.8])
    assert projected_thresholds.crossing(places, np.array([0.9, 0.8, 0.7, 0.6])) == math.inf
    assert projected_thresholds.crossing(places, np.array([0.1, 0.0, 0.0, 0.0])) == math.inf
    assert 0.1 < projected_thresholds.crossing(places, np.array([1.0, 0.0, 1.0, 0.0])) < 0.2


def table(experiment: str, constant: float = 1.0) -> pd.DataFrame:
    """A table whose thresholds are the prediction times a constant; robust accuracy is 0.2 or 0.8
    two steps of the grid away, and a line in between.
    """
    left = experiment == "left"
    grid = projected.left_grid("paper") if left else projected.right_grid("paper")
    made = pd.DataFrame([dict(point) for point in grid])
    made["c0"] = made["radius"] * np.sqrt(made["m"])
    made = made.assign(alignment=0.2, start_value=0.5)
    axis = projected_thresholds.LEFT if left else projected_thresholds.RIGHT
    steps = np.log(made[axis.y] / (constant * predicted(made, axis))) / math.log(2)
    made["robust"] = np.clip(0.5 + (-0.3 if left else 0.3) * steps, 0.0, 1.0)
    made["robust_before"], made["deviation_before"] = made["robust"] / 2, made["c0"] + 1
    made["deviation"] = np.minimum(made["c0"], 40.0)  # the largest balls are not filled
    return pd.concat([made.assign(seed=seed) for seed in range(3)], ignore_index=True)


def test_predicted() -> None:
    """sec-prediction: at the threshold the margin pays for the start and for the attack."""
    for name, axis in (("left", projected_thresholds.LEFT), ("right", projected_thresholds.RIGHT)):
        made = table(name)
        made[axis.y] = predicted(made, axis)
        if axis.y == "radius":
            made["c0"] = made["radius"] * np.sqrt(made["m"])
        pays = made["start_value"] + made["eps"] * np.sqrt(made["d"] / 2)
        np.testing.assert_allclose(made["c0"] * made["alignment"], pays)


@pytest.mark.parametrize("constant", [0.7, 1.0])
@pytest.mark.parametrize("name", ["left", "right"])
def test_summarise_finds_the_law(name: str, constant: float) -> None:
    """sec-figure4: exponent -1/2, the constant of the prediction, no error without scatter."""
    experiment, made = catalogue.get(f"wang-fig4-{name}"), table(name, constant)
    estimates = named(experiment.summarise(made))
    assert estimates["exponent"].value == pytest.approx(-0.5, abs=1e-3)
    assert estimates["measured/predicted"].value == pytest.approx(constant, rel=1e-3)
    lines = {claim.key.quantity for claim in read_claims(f"wang-fig4-{name}")}
    assert lines <= {key.partition("[")[0] for key in estimates}
    # a line of slope 0.3 for each doubling takes 8/3 doublings from 90 % to 10 %
    widths = [one.value for key, one in estimates.items() if key.startswith("drop")]
    assert widths == pytest.approx([2 ** (8 / 3)] * len(widths), rel=0.05)
    assert estimates["most robust"].value == made["robust"].max()
    if name == "left":
        assert estimates["deviation before the projection"].value == pytest.approx(11, rel=1e-3)
        gap = estimates["robust before - after the projection"].value
        once = made[made["projection"] == "epoch"]
        assert gap == pytest.approx(-once["robust"].mean() / 2)


def test_summarise_of_a_run_in_progress() -> None:
    """sec-figure4: nothing before two thresholds are known; then what is known."""
    made = table("right")
    assert named(projected_thresholds.summarise_right(made[made["m"] == 100])) == {}
    # several seeds, and none of them at every width yet: means, but no exponent
    begun = made[
        (made["seed"] == 0) & (made["m"] == 100) | (made["seed"] == 1) & (made["m"] == 316)
    ]
    assert {"threshold[m=100]", "threshold[m=316]"} <= set(
        named(projected_thresholds.summarise_right(begun))
    )
    assert "exponent" not in named(projected_thresholds.summarise_right(begun))
    some = named(projected_thresholds.summarise_right(made[made["m"] <= 1000]))
    assert {"threshold[m=100]", "threshold[m=1000]"} <= set(some)
    assert "threshold[m=3162]" not in some


@pytest.mark.parametrize(("name", "panels"), [("left", 3), ("right", 3)])
def test_the_figure(name: str, panels: int) -> None:
    """sec-figure4: every panel, also of an unfinished record."""
    experiment, made = catalogue.get(f"wang-fig4-{name}"), table(name)
    for part in (made, made[made["d"] * made["m"] < made["d"].max() * made["m"].max()]):
        if not part.empty:
            figure = experiment.draw(part)
            assert len(figure.axes) == panels
            assert experiment.alts is not None
            assert len(experiment.alts(part)) == panels
            plt.close(figure)


def test_the_protocols_are_compared_on_the_same_networks() -> None:
    """sec-figure4: more seeds of one protocol leave its curve beside the other where it is."""
    made = open_records().read("wang-fig4-left", "paper").table
    once = made[made["projection"] == "epoch"]
    alone = made[made["seed"].isin(once["seed"])]
    lines = []
    for part in (made, alone):
        figure = LEFT.draw(part)
        lines.append([line.get_ydata() for line in figure.axes[2].lines])
        plt.close(figure)
    assert len(once) > 0
    for more, fewer in zip(*lines, strict=True):
        np.testing.assert_array_equal(more, fewer)


def test_the_grids() -> None:
    """sec-figure4: the dimensions, widths and constants of the paper, both protocols at one d."""
    left, right = LEFT.points("paper"), RIGHT.points("paper")
    assert {point["d"] for point in left} == {25, 49, 100, 196, 400, 784}
    assert {point["d"] for point in left if point["projection"] == "epoch"} == {100}
    assert all(math.isclose(float(p["radius"]), 10 / 1000**0.5, rel_tol=1e-5) for p in left)
    assert {(point["d"], point["eps"]) for point in right} == {(784, 0.2)}
    assert {point["m"] for point in right} == {100, 316, 1000, 3162, 10_000}
    assert {point["steps"] for point in (*left, *right)} == {100}
