"""The experiment lazy-worst-case: what a row holds, what is read off a table, and the picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from advtheory.contract import Place, Row, catalogue
from advtheory.contract.experiment import plain_rows
from advtheory.data.synthetic import random_input
from advtheory.laziness import largest_change, shrink
from advtheory.laziness.experiments import lazy_worst_case
from advtheory.networks import TwoLayer, initialise

EXPERIMENT = catalogue.get("lazy-worst-case")
SMALL = {"d": 25, "m": 200}


def measured(seeds: list[int], m: int = 200) -> list[Row]:
    return list(EXPERIMENT.measure({**SMALL, "m": m}, seeds, Place("cpu", "smoke")))


def of_c0(rows: list[Row], c0: float) -> Row:
    (row,) = (row for row in rows if row["c0"] == c0)
    return row


def test_rows_have_every_column_and_repeat() -> None:
    """sec-lazy-stability: the same seeds give the same numbers, alone or together."""
    plain = plain_rows(EXPERIMENT.columns, SMALL, [0, 3], measured([0, 3]))
    assert plain == plain_rows(EXPERIMENT.columns, SMALL, [0, 3], measured([0, 3]))
    assert [(row["c0"], row["seed"]) for row in plain] == [
        (c, s) for c in lazy_worst_case.C0S for s in (0, 3)
    ]
    together = [row for row in plain if row["seed"] == 3]
    for row, alone in zip(together, measured([3]), strict=True):
        assert row == pytest.approx(dict(alone), rel=1e-9)


class ByHand:
    """A network with numpy: its value, its gradient and a fine walk along it."""

    def __init__(self, w: np.ndarray, a: np.ndarray) -> None:
        self.w, self.a = w, a / math.sqrt(len(a))

    @classmethod
    def of(cls, net: TwoLayer) -> ByHand:
        return cls(net.w[0].numpy(), net.a[0].numpy())

    def value(self, points: np.ndarray) -> np.ndarray:
        return np.asarray(np.maximum(points @ self.w.T, 0) @ self.a)

    def gradient(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(((self.w @ x > 0) * self.a) @ self.w)

    def bend(self, x: np.ndarray) -> float:
        g = self.gradient(x)
        step = -np.sign(self.value(x)) * g / np.linalg.norm(g) / math.sqrt(len(x))
        return float(np.linalg.norm(self.gradient(x + step) - g) / np.linalg.norm(g))

    def distance(self, x: np.ndarray) -> float:
        g, sign = self.gradient(x), np.sign(self.value(x))
        lengths = np.arange(40_001) / 10_000
        walk = sign * self.value(x - lengths[:, None] * sign * g / np.linalg.norm(g))
        return float(lengths[np.argmax(walk <= 0)]) if (walk <= 0).any() else math.inf


@pytest.mark.parametrize("c0", [0.5, 5.0])
def test_the_numbers_of_a_row(c0: float) -> None:
    """lem-b4, lem-b5, lem-lazy-split, thm-gradient-ball: all with numpy, the flips by a walk."""
    row, x = of_c0(measured([3]), c0), random_input(25, 3)
    net, v = initialise(25, 200, [3], dtype=torch.float64), x.numpy()
    start, radius = ByHand.of(net), c0 / math.sqrt(200)
    g, norm = start.gradient(v), np.linalg.norm(start.gradient(v))
    z = start.w @ v
    high = np.maximum(z + radius * np.sign(start.a), 0) @ start.a
    low = np.maximum(z - radius * np.sign(start.a), 0) @ start.a
    inside = abs(z) <= radius
    expected = {
        "raised": high - start.value(v),
        "lowered": start.value(v) - low,
        "switching": inside.sum(),
        "gradient_norm": norm,
        "split": c0 + math.sqrt(inside.mean()) * np.linalg.norm(start.w[inside], 2),
        "bend": start.bend(v),
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert row["distance"] == pytest.approx(start.distance(v), abs=1.1e-4)
    sign = float(np.sign(start.value(v)))
    raised = ByHand(start.w + sign * radius * np.outer(np.sign(start.a), v), net.a[0].numpy())
    assert row["distance_raised"] == pytest.approx(raised.distance(v), abs=1.1e-4)
    shrunk = ByHand.of(shrink(net, x, c0).moves.network())
    shortest = np.linalg.norm(shrunk.gradient(v))
    assert row["shrunk"] == pytest.approx(shortest)
    assert row["floor"] <= row["shrunk"] < norm
    assert row["bend_shrunk"] == pytest.approx(shrunk.bend(v))
    assert row["distance_shrunk"] == pytest.approx(shrunk.distance(v), abs=1.1e-4)
    changed = ByHand.of(largest_change(net, x, c0).network())
    change = np.linalg.norm(changed.gradient(v) - g)
    assert row["change"] == pytest.approx(change)
    assert norm - row["shrunk"] <= change <= row["split"]
    for other in (raised, shrunk, changed):
        assert np.linalg.norm(other.w - start.w, axis=1).max() <= radius * (1 + 1e-9)


def test_a_larger_ball_is_worse() -> None:
    """def-lazy: the balls are nested, and so are all the exact extremes."""
    for seed in (0, 1):
        rows = measured([seed], m=800)
        for column in ("raised", "lowered", "switching", "split"):
            values = [float(of_c0(rows, c0)[column]) for c0 in lazy_worst_case.C0S]
            assert values == sorted(values)
        floors = [float(of_c0(rows, c0)["floor"]) for c0 in lazy_worst_case.C0S]
        assert floors == sorted(floors, reverse=True)


def test_the_inputs() -> None:
    """sec-random-networks: on the sphere, fixed by the seed, not the numbers of a row of W_0."""
    x = random_input(400, 7)
    assert float(x.norm()) == pytest.approx(1)
    assert torch.equal(x, random_input(400, 7))
    assert abs(float(x @ random_input(400, 8))) < 0.3
    rows = torch.nn.functional.normalize(initialise(400, 50, 7, dtype=torch.float64).w, dim=1)
    assert float((rows @ x).abs().max()) < 0.3


def test_every_scale_can_be_planned() -> None:
    """sec-lazy-stability: dimensions of square images, wide networks, a cost, a seed a call."""
    for scale in ("smoke", "laptop", "paper"):
        for point in EXPERIMENT.points(scale):
            d, m = int(point["d"]), int(point["m"])
            assert math.isqrt(d) ** 2 == d <= m
            assert EXPERIMENT.cost(point) > 0
            assert EXPERIMENT.together(point) >= 1
