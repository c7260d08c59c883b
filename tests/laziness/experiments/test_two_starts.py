"""The experiment contrast-init: what is measured, and what is read off a table."""

from __future__ import annotations

import math
import statistics

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory import data
from advtheory.attacks import flipping_step
from advtheory.contract import Place, Row, catalogue
from advtheory.contract.experiment import plain_rows
from advtheory.laziness import gradient_square, shifted
from advtheory.laziness.experiments import two_starts, two_starts_figure
from advtheory.networks import TwoLayer, initialise
from advtheory.records import read_claims
from advtheory.training import Settings, train_lazy
from tests.names import named

EXPERIMENT = catalogue.get("contrast-init")
SMALL = [point for point in EXPERIMENT.points("smoke") if point["d"] == 25]
CURVES = [f"{point['signs']}, {point['way']}" for point in SMALL]
EACH = pytest.mark.parametrize("point", SMALL, ids=CURVES)


def measured(point: dict[str, int | float | str], seeds: list[int]) -> list[Row]:
    return list(EXPERIMENT.measure(point, seeds, Place("cpu", "smoke")))


@EACH
def test_rows_have_every_column_and_repeat(point: dict[str, int | float | str]) -> None:
    """sec-contrast: the same seeds give the same numbers, alone or together, within the ball."""
    plain = plain_rows(EXPERIMENT.columns, point, [0, 3], measured(point, [0, 3]))
    assert plain == plain_rows(EXPERIMENT.columns, point, [0, 3], measured(point, [0, 3]))
    (alone,) = measured(point, [3])
    together = plain[1]
    for name in ("value", "gradient_norm", "distance", "attack"):
        assert together[name] == pytest.approx(alone[name], rel=1e-3)
    for row in plain:
        assert 0 < float(row["deviation"]) <= float(row["c0"]) * (1 + 1e-5)
        assert row["data"] == data.pair(5).name
        assert 0 <= float(row["unflipped"]) <= 1
        assert 0 <= float(row["unbroken"]) <= 1


@pytest.mark.parametrize("signs", two_starts_figure.SIGNS)
def test_the_numbers_of_a_shifted_row(signs: str) -> None:
    """prop-shifted: the shift written out, the gradient by autograd, flips by a fine walk."""
    (point,) = (p for p in SMALL if p["signs"] == signs and p["way"] == "shifted")
    (row,) = measured(point, [3])
    x = two_starts.random_inputs(25, 3).double()
    assert torch.allclose(x.norm(dim=1), torch.ones(len(x)).double(), atol=1e-6)
    start = initialise(25, 64, 3, signs=signs, dtype=torch.float64)
    w = start.w.clone()
    w[:, 0] += 2.0 / 8 * start.a
    point_x = x.clone().requires_grad_()
    f = (torch.relu(point_x @ w.T) * start.a).sum(1) / 8
    (gradient,) = torch.autograd.grad(f.sum(), point_x)
    f, norm = f.detach(), gradient.norm(dim=1)
    assert row["value"] == pytest.approx(float(f.abs().mean()), rel=1e-4)
    assert row["gradient_norm"] == pytest.approx(float(norm.mean()), rel=1e-4)
    assert row["test_error"] == pytest.approx(float((f <= 0).double().mean()))
    way = -(f.sign() / norm)[:, None] * gradient
    lengths = torch.arange(1, 4001).double() / 2000
    moved = x[:, None] + lengths[:, None] * way[:, None]
    after = (torch.relu(moved @ w.T) * start.a).sum(-1) * f.sign()[:, None]
    walked = torch.where((after <= 0).any(1), lengths[(after <= 0).int().argmax(1)], math.inf)
    assert row["distance"] == pytest.approx(float(np.median(walked.numpy())), abs=1e-3)


@given(st.lists(st.floats(0, 10) | st.just(math.inf), min_size=1, max_size=9))
def test_the_median_is_in_the_middle(values: list[float]) -> None:
    """sec-contrast-measured: also of an even number, also with inputs that never flip."""
    expected = statistics.median(values)
    assert two_starts.median(torch.tensor(values, dtype=torch.float64)) == expected


def test_the_gradients_of_shifted_rows_are_those_of_theory() -> None:
    """prop-shifted: mean squares over networks; the pairs have the short gradient."""
    for signs in two_starts_figure.SIGNS:
        (point,) = (p for p in SMALL if p["signs"] == signs and p["way"] == "shifted")
        norms = torch.tensor([row["gradient_norm"] for row in measured(point, list(range(10)))])
        theory = math.sqrt(gradient_square(25, 64, 2.0, 0.5, signs))
        assert float(norms.mean()) == pytest.approx(theory, rel=0.15)


def test_a_trained_row_is_the_exit_from_the_ball() -> None:
    """sec-contrast: the network that SGD left behind, started from pairs."""
    (point,) = (p for p in SMALL if p["signs"] == "antisymmetric" and p["way"] == "trained")
    (row,) = measured(point, [3])
    images = data.pair(5, sphere=True)
    start = initialise(25, 64, [3], signs="antisymmetric")
    train = images.train.x, images.train.y
    (out,) = train_lazy(start, *train, [10.0], seeds=[3], settings=Settings(epochs=3))
    f = out.inside.value(images.test.x)
    assert row["value"] == pytest.approx(float(f.abs().mean()), rel=1e-4)
    assert row["test_error"] == pytest.approx(float((f * images.test.y <= 0).double().mean()))
    found = two_starts.shortest_flip(out.inside, images.test.x[: two_starts.ATTACKED])
    assert row["attack"] == pytest.approx(float(np.median(found.numpy())), rel=1e-3)


# The shortest flip that PGD finds.


def test_a_linear_network_has_a_known_radius() -> None:
    """sec-contrast-measured: two neurons make v.x, and its robust radius is |v.x| for |v| = 1."""
    v = torch.tensor([0.6, 0.8, 0.0])
    net = TwoLayer(torch.stack([v, -v]), torch.tensor([1.0, -1.0]))
    x = torch.eye(3)[:2] * torch.tensor([[1.0], [-1.0]])
    found = two_starts.shortest_flip(net, x)
    torch.testing.assert_close(found, torch.tensor([0.6, 0.8]), rtol=1e-4, atol=1e-6)


def test_a_network_that_never_changes_its_mind() -> None:
    """sec-contrast-measured: |x_1| + 1 has no flip, and the search says inf."""
    rows = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    net = TwoLayer(rows, torch.ones(2), c=torch.tensor(1.0))
    assert two_starts.shortest_flip(net, torch.eye(2)).isinf().all()


def test_no_flip_is_shorter_than_value_over_gradient() -> None:
    """cor-pairs-radius: a flip is at least |f| over the longest gradient away."""
    start = initialise(10, 200, 1, signs="antisymmetric")
    net = shifted(start, torch.eye(10)[0], 2.0)
    x = two_starts.random_inputs(10, 1)[:20]
    found = two_starts.shortest_flip(net, x)
    around = torch.randn(20_000, 10, generator=torch.Generator().manual_seed(0))
    longest = net.input_gradient(around).norm(dim=1).max() * 1.2
    assert (found >= net.value(x).abs() / longest).all()


def test_the_walk_along_a_noisy_gradient() -> None:
    """eq-noisy-walk: with pairs the flip along the gradient is (2 rho / C0) |gradient| away."""
    for d in (49, 400):
        start = initialise(d, 2000, 2, signs="antisymmetric")
        net, x = shifted(start, torch.eye(d)[0], 2.0), two_starts.random_inputs(d, 2)[:60]
        flip = flipping_step(net, x)
        walk = float((flip.distance / flip.gradient_norm).median())
        assert walk == pytest.approx(2 * two_starts_figure.COSINE / 2.0, rel=0.1)


# What is read off a table.


def power_laws() -> pd.DataFrame:
    exponents = {"gradient_norm": 0.5, "distance": -0.5, "attack": -0.25}
    return pd.DataFrame(
        [
            {"way": way, "signs": signs, "d": d, "m": 64, "c0": 2.0, "seed": seed}
            | {"test_error": 0.1 * seed}
            | {name: (1 + 0.1 * seed) * d ** (power * sign) for name, power in exponents.items()}
            for way in ("shifted", "trained")
            for sign, signs in ((1, "independent"), (0, "antisymmetric"))
            for d in (25, 100, 400)
            for seed in range(4)
        ]
    )


def test_the_slopes_of_power_laws() -> None:
    """sec-contrast-measured: exponents come back, for every start and way."""
    found = named(two_starts.summarise(power_laws()))
    for way in ("shifted", "trained"):
        assert found[f"distance[independent, {way}]"].value == pytest.approx(-0.5)
        assert found[f"attack[independent, {way}]"].value == pytest.approx(-0.25)
        assert found[f"gradient_norm[antisymmetric, {way}]"].value == pytest.approx(0, abs=1e-12)
        assert found[f"test_error[antisymmetric, {way}]"].value == pytest.approx(0.15)


def test_medians_that_are_infinite_bend_no_slope() -> None:
    """sec-contrast-measured: a seed that lacks a finite median somewhere is left out."""
    table = power_laws()
    table.loc[(table["seed"] == 2) & (table["d"] == 25), "distance"] = math.inf
    table = table[(table["seed"] < 3) | (table["d"] < 400)]
    slope = named(two_starts.summarise(table))["distance[independent, trained]"]
    assert slope.value == pytest.approx(-0.5)
    single = named(two_starts.summarise(table[table["d"] == 25]))
    assert all(key.startswith("test_error") for key in single)


def test_claims_are_about_numbers_that_exist() -> None:
    """thm-lazy-fragile: the paper's exponent is claimed for independent signs only."""
    claims = read_claims("contrast-init")
    assert {str(claim.key) for claim in claims} <= named(two_starts.summarise(power_laws())).keys()
    assert all("independent" in claim.key.curve and claim.value == -0.5 for claim in claims)


def test_the_figure_is_drawn() -> None:
    """sec-contrast-measured: three panels with a curve for each start and way."""
    drawn = EXPERIMENT.draw(power_laws())
    assert [axes.get_xlabel() for axes in drawn.axes] == ["input dimension $d$"] * 3
    assert [len(axes.lines) for axes in drawn.axes] == [6, 4, 4]
    plt.close(drawn)


def test_every_scale_can_be_planned() -> None:
    """sec-contrast-measured: even widths, square dimensions, a cost, at least one seed a call."""
    for scale in ("smoke", "laptop", "paper"):
        for point in EXPERIMENT.points(scale):
            assert int(point["m"]) % 2 == 0
            assert math.isqrt(int(point["d"])) ** 2 == point["d"]
            assert EXPERIMENT.cost(point) > 0
            assert EXPERIMENT.together(point) >= 1
