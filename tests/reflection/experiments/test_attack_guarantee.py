"""The experiment mianjy-thm32: a row by hand, what is read off a table, and the picture."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import torch

from advtheory.contract import Place, Row, catalogue
from advtheory.contract.estimates import Key
from advtheory.contract.experiment import Point, plain_rows
from advtheory.networks import TwoLayer, leaky_relu
from advtheory.reflection.experiments.attack_guarantee import STEPS, guarantee

EXPERIMENT = catalogue.get("mianjy-thm32")
POINT: Point = {"family": "near-extremal", "alpha": 0.8, "m": 3}


def measured(seeds: list[int]) -> list[Row]:
    return list(EXPERIMENT.measure(POINT, seeds, Place("cpu", "smoke")))


def test_rows_have_every_column_and_repeat() -> None:
    plain = plain_rows(EXPERIMENT.columns, POINT, [0, 3], measured([0, 3]))
    alone = plain_rows(EXPERIMENT.columns, POINT, [3], measured([3]))
    for name, value in alone[0].items():
        assert plain[1][name] == (value if isinstance(value, str) else pytest.approx(value, 1e-4))


def by_hand(w: float, alpha: float, start: float) -> dict[str, float]:
    """One neuron on a line that pulls down: every column, with plain numbers."""

    def margin(u: float) -> float:
        return -w * (u if u > 0 else alpha * u)

    u, low, gaps, flip = start, math.inf, [], math.inf
    best = min(margin(start + 1), margin(start - 1))
    weight = 1 / (1 + math.exp(best))
    for t in range(1, STEPS + 1):
        low = min(low, margin(u))
        flip = min(flip, t) if margin(u) <= 0 else flip
        gaps.append(weight - 2 / (1 + math.exp(low)) - 4 * w**2 / t)
        slope = -w * (1 if u > 0 else alpha)
        u = u - slope / (1 + math.exp(-margin(u))) / w**2
        u = min(max(u, start - 1), start + 1)
    return {"best": best, "gap_20": gaps[19], "gap": max(gaps), "flipped_at": flip}


@pytest.mark.parametrize(
    ("w", "alpha", "start"), [(2.0, 0.8, -0.4), (0.5, 0.6, -0.1), (8, 1, -0.9)]
)
def test_a_row_is_what_one_computes_by_hand(w: float, alpha: float, start: float) -> None:
    """thm-attack: the iterates, the best attack and the gap of a network with one neuron."""
    net = TwoLayer(torch.tensor([[[w, 0.0]]]).double(), -torch.ones(1, 1).double())
    net = TwoLayer(net.w, net.a, activation=leaky_relu(alpha))
    x, y = torch.tensor([[[start, 0.0]]], dtype=torch.float64), torch.ones(1, 1).double()
    found = guarantee(net, x, y)
    for name, value in by_hand(w, alpha, start).items():
        assert float(found[name]) == pytest.approx(value, rel=1e-9), name
    assert float(found["reach"]) == w
    assert float(found["threshold"]) == pytest.approx(2 * (1 - alpha) * w)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """All points of the smoke run."""
    rows = [
        row
        for point in EXPERIMENT.points("smoke")
        for row in EXPERIMENT.measure(point, range(30), Place("cpu", "smoke"))
    ]
    return pd.DataFrame(rows)


def test_nothing_is_violated(table: pd.DataFrame) -> None:
    """thm-attack, prop-attack-first, prop-void: counts of a small run."""
    found = EXPERIMENT.summarise(table)
    assert found[Key("instances")].value > 60
    for name in ("violations", "violations_first", "late"):
        assert found[Key(name)].value == 0
    assert found[Key("largest")].value < -0.45
    assert found[Key("effective", "alpha=0.4")].value == 0
    assert found[Key("effective", "alpha=0.8")].value > 0.3


def test_violations_would_be_counted(table: pd.DataFrame) -> None:
    """thm-attack: a table with three bad rows has three violations."""
    bad = table.copy()
    rows = bad.index[bad["effective"] == 1][:3]
    bad.loc[rows, ["gap", "gap_first"]] = 0.01
    bad.loc[rows, ["best", "flipped_at"]] = [-2.0, np.inf]
    found = EXPERIMENT.summarise(bad)
    for name in ("violations", "violations_first", "late"):
        assert found[Key(name)].value == 3


def test_the_figure_and_its_words(table: pd.DataFrame) -> None:
    figure = EXPERIMENT.draw(table)
    assert len(figure.axes) == 3
    assert EXPERIMENT.alts is not None
    assert "0.00 for alpha=0.4" in EXPERIMENT.alts(table)[1]
