"""The experiment wang-fig1: the cone over the lazy ball, measured, summed up and drawn."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.patches import Polygon

from advtheory.contract import Place, Row, catalogue
from advtheory.contract.experiment import plain_rows
from advtheory.laziness.experiments import cone
from advtheory.records import read_claims
from tests.names import named

EXPERIMENT = catalogue.get("wang-fig1")
SMALL = {"d": 25, "m": 200}


def measured(c: float, seeds: list[int]) -> list[Row]:
    return list(EXPERIMENT.measure({**SMALL, "c": c}, seeds, Place("cpu", "smoke")))


def test_rows_have_every_column_and_repeat() -> None:
    """prop-cone: the same seeds give the same numbers, alone or together."""
    point = {**SMALL, "c": 0.1}
    plain = plain_rows(EXPERIMENT.columns, point, [0, 3], measured(0.1, [0, 3]))
    assert plain == plain_rows(EXPERIMENT.columns, point, [0, 3], measured(0.1, [0, 3]))
    assert plain[1:] == plain_rows(EXPERIMENT.columns, point, [3], measured(0.1, [3]))


def test_the_network_is_lazy_and_random() -> None:
    """def-lazy: every row of the shift is in its ball, and most are near its surface."""
    start, lazy, x = cone.lazy_network(25, 400, 7)
    moved = (lazy.w - start.w).norm(dim=1) * 20 / cone.C0
    assert 0.9 < float(moved.mean()) < float(moved.max()) <= 1
    torch.testing.assert_close(x.norm(dim=1), torch.ones(cone.INPUTS).double())
    other, _, y = cone.lazy_network(25, 400, 8)
    assert not torch.equal(x, y)
    assert not torch.equal(start.w, other.w)


@pytest.mark.parametrize("c", [0.02, 1.0, 7.0])
def test_the_numbers_of_a_row(c: float) -> None:
    """prop-cone: the network written out, gates by hand, flips by a fine walk along the gradient.

    The walk takes steps of 0.001 in length, so the median flip may be up to that late.
    """
    (row,) = measured(c, [3])
    start, lazy, inputs = cone.lazy_network(25, 200, 3)
    w, a, x = c * lazy.w.numpy(), start.a.numpy(), inputs.numpy()

    def f(points: np.ndarray) -> np.ndarray:
        return np.asarray(np.maximum(points @ w.T, 0) @ a / math.sqrt(200))

    gradient = ((x @ w.T > 0) * a) @ w / math.sqrt(200)
    norm, sign = np.linalg.norm(gradient, axis=1), np.sign(f(x))
    assert row["gradient_norm"] == pytest.approx(norm.mean())
    away = np.linalg.norm(w - start.w.numpy(), axis=1).max()
    assert row["deviation"] == pytest.approx(away * math.sqrt(200) / cone.C0)
    longest = np.linalg.norm(start.w.numpy(), axis=1).max()
    assert row["thinness"] == pytest.approx(cone.C0 / math.sqrt(200) / longest)
    for column, eta in (("rescaled", 8 / 25 / c), ("unrescaled", 8 / 25)):
        after = f(x - (eta * sign)[:, None] * gradient)
        assert row[column] == pytest.approx((after * sign < 0).mean())
    assert row["unrescaled_length"] == pytest.approx(8 / 25 * np.median(norm), rel=0.01)
    lengths = 0.001 * np.arange(3001)
    way = -(sign / norm)[:, None] * gradient
    walk = [f(x + length * way) * sign <= 0 for length in lengths]
    flips = np.where(np.any(walk, axis=0), lengths[np.argmax(walk, axis=0)], math.inf)
    assert row["distance"] == pytest.approx(np.sort(flips)[(len(x) - 1) // 2], abs=0.0011)


@pytest.mark.parametrize("c", [0.01, 0.31, 5.0, 100.0])
def test_along_a_ray_of_the_cone(c: float) -> None:
    """prop-cone: signs, distance and rescaled step stay, value and gradient scale, step by 1/c."""
    (here,), (there,) = measured(1.0, [1]), measured(c, [1])
    assert there["agrees"] == here["agrees"] == 1
    for column, power in (
        ("value", 1),
        ("gradient_norm", 1),
        ("step", -1),
        ("distance", 0),
        ("unflipped", 0),
        ("rescaled", 0),
        ("unrescaled_length", 1),
    ):
        assert there[column] == pytest.approx(here[column] * c**power, rel=1e-9)
    _, lazy, x = cone.lazy_network(25, 200, 1)
    f, gradient = lazy.value_and_gradient(x)
    long = x - (8 / 25 * c * f.sign())[:, None] * gradient  # eta on cW is c eta on W
    assert there["unrescaled"] == pytest.approx(float((lazy.value(long) * f < 0).double().mean()))


def test_only_near_the_start_is_the_scaled_network_lazy() -> None:
    """prop-cone: at c = 1 the network is in the ball; at other c it is far outside."""
    for c in (0.01, 0.5, 2.0):
        (row,) = measured(c, [0])
        assert row["deviation"] == pytest.approx(abs(1 - c) / row["thinness"], rel=0.1)
        assert row["deviation"] > 1
    assert measured(1.0, [0])[0]["deviation"] <= 1 + 1e-6


# What is read off a table.


def ray(d: int, seed: int, c: float) -> dict[str, float]:
    """A row by the laws of prop-cone; eta flips all from c = 0.2 on, and none at 0.1."""
    return {
        "d": d,
        "m": 200,
        "c": c,
        "seed": seed,
        "deviation": 1.0 if c == 1 else 100 * abs(c - 1),
        "thinness": 0.01,
        "value": c,
        "agrees": 1.0,
        "gradient_norm": c * (5 + seed),
        "step": (2 + seed) / (c * d),
        "distance": (2 + seed) / math.sqrt(d),
        "rescaled": 0.9 + 0.1 * seed / 3,
        "unrescaled": float(c > 0.15),
        "unrescaled_length": c * 0.4,
    }


def rays(dimensions: tuple[int, ...] = (25, 100, 784)) -> pd.DataFrame:
    places = [(d, seed, c) for d in dimensions for seed in range(4) for c in (0.1, 0.2, 1.0, 10.0)]
    return pd.DataFrame([ray(*place) for place in places])


def test_the_slopes_of_a_ray() -> None:
    """prop-cone: exponents come back, and where half of the inputs are flipped."""
    found = named(cone.summarise(rays()))
    expected = {"value": 1, "gradient_norm": 1, "step": -1, "distance": 0, "unrescaled_length": 1}
    for d in (25, 100, 784):
        assert {name: found[f"{name}[d={d}]"].value for name in expected} == expected
        assert found[f"rescaled[d={d}]"].value == pytest.approx(0.95)
        assert found[f"agrees[d={d}]"].value == 1
        assert found[f"unrescaled[d={d}, c=0.1]"].value == 0
        assert found[f"unrescaled[d={d}, c=10]"].value == 1
        assert found[f"half[d={d}]"].value == pytest.approx(math.sqrt(0.1 * 0.2))
    assert not math.copysign(1, found["distance[d=25]"].value) < 0


def test_incomplete_tables() -> None:
    """prop-cone: seeds without a finite median or without all c bend no slope."""
    table = rays((25,))
    table.loc[table["seed"] == 1, ["step", "distance"]] = math.inf
    table = table[(table["seed"] != 2) | (table["c"] < 10)]
    found = named(cone.summarise(table))
    assert found["step[d=25]"].value == -1
    assert found["half[d=25]"].n == 3
    single = named(cone.summarise(table[table["c"] == 1]))
    assert not any(key.startswith(("step", "half")) for key in single)
    assert cone.half_flipped(table[table["c"] < 0.2]) == []


def test_claims_are_about_numbers_that_exist() -> None:
    """prop-cone: prediction and perturbation stay in the cone; nothing is claimed of the step."""
    claims = read_claims("wang-fig1")
    assert {str(claim.key) for claim in claims} <= named(cone.summarise(rays())).keys()
    assert {claim.key.quantity for claim in claims} == {"agrees", "rescaled", "distance"}
    assert {
        d for claim in claims for d in cone.DIMENSIONS["paper"] if f"d={d}" == claim.key.curve
    } == {*cone.DIMENSIONS["paper"]}


# The picture.


def test_the_figure_is_drawn() -> None:
    """prop-cone: the cone, and three quantities against c."""
    drawn = EXPERIMENT.draw(rays())
    assert len(drawn.axes) == 4
    assert [axes.get_xlabel() for axes in drawn.axes[1:]] == ["scale $c$"] * 3
    assert [len(axes.lines) for axes in drawn.axes] == [3, 6, 3, 4]
    assert "stretched 100 times" in drawn.axes[0].get_title()
    plt.close(drawn)


def test_the_drawn_cone_is_the_cone() -> None:
    """prop-cone: weights inside the wedge are c times lazy ones, weights outside are not."""
    start, _, _ = cone.lazy_network(6, 4, 0)
    w = start.w.numpy()
    radius = 0.6 * np.linalg.norm(w, axis=1).max()  # a thick ball, so that every detail shows
    across = np.roll(w, 3, axis=1) * np.repeat([1, -1], 3)  # orthogonal, row by row
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    assert np.allclose((across * w).sum(1), 0)
    drawn = EXPERIMENT.draw(rays().assign(thinness=0.6))
    (wedge,) = (patch for patch in drawn.axes[0].patches if isinstance(patch, Polygon))
    right, top = np.asarray(wedge.get_xy())[1]
    plt.close(drawn)

    def in_cone(along: float, height: float) -> bool:
        point = along * w + height * radius * across
        scales = np.linspace(0.3, 3, 2701)[:, None, None]
        return bool((np.linalg.norm(point / scales - w, axis=2).max(1) <= radius).any())

    for along in (0.7, 1.0, 1.5):
        assert in_cone(along, 0.99 * along * top / right)
        assert not in_cone(along, 1.01 * along * top / right)


def test_every_scale_can_be_planned() -> None:
    """prop-cone: every scale has c = 1, c on both sides of it, a cost, a seed a call."""
    for scale in ("smoke", "laptop", "paper"):
        points = EXPERIMENT.points(scale)
        for d in cone.DIMENSIONS[scale]:
            factors = [float(point["c"]) for point in points if point["d"] == d]
            assert factors == sorted(factors)
            assert factors[0] == 0.01
            assert factors[-1] == 100
            assert 1 in factors
        assert all(EXPERIMENT.cost(p) > 0 and EXPERIMENT.together(p) >= 1 for p in points)
