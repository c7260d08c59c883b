"""The experiment saturated-attacks: what attacks along a saturated loss claim."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from advtheory import data
from advtheory.attacks import pgd
from advtheory.attacks.library_rules import BATCH, RULES
from advtheory.contract import Place, Row, catalogue
from advtheory.contract.experiment import plain_rows
from advtheory.laziness.experiments import saturated_attacks
from advtheory.networks import TwoLayer, initialise
from tests.attacks.test_library_rules import by_hand
from tests.conftest import Trained
from tests.names import named

EXPERIMENT = catalogue.get("saturated-attacks")
GUARDED = [name for name, rule in RULES.items() if rule.floor]
LOSSES = [name for name in RULES if name != "margin"]
Array = NDArray[np.float64]


# Attacks on a trained network.


def images_of(x: Tensor, net: TwoLayer) -> tuple[Tensor, Tensor]:
    """The inputs with the labels that the network gives them, so that all are right."""
    return x, torch.sign(net.value(x))


def claim(net: TwoLayer, x: Tensor, y: Tensor, name: str, eps: float = 0.4) -> dict[str, float]:
    return saturated_attacks.attacked(net, x, y, eps, RULES[name].direction(BATCH))


@given(st.floats(-3, 6))
def test_scaling_changes_no_claim_of_the_margin(exponent: float) -> None:
    """prop-steepest: the attack along the margin takes the same steps on cW as on W."""
    net, c = initialise(12, 60, 1, biases=True), 10**exponent
    x = torch.rand(30, 12, generator=torch.Generator().manual_seed(2))
    x, y = images_of(x, net)
    scaled = saturated_attacks.times(net, c)
    torch.testing.assert_close(scaled.value(x), c * net.value(x), rtol=1e-4, atol=1e-4 * c)
    here, there = (claim(one, x, y, "margin") for one in (net, scaled))
    assert abs(here["claimed"] - there["claimed"]) <= 1 / 30  # a margin may round to either side
    assert there["margin"] == pytest.approx(c * here["margin"], rel=1e-4)
    # powers of two round nothing at all
    exact = claim(saturated_attacks.times(net, 2.0 ** round(exponent)), x, y, "margin")
    assert exact["claimed"] == here["claimed"]
    assert exact["moved"] == here["moved"]


def test_claims_grow_from_the_margins_to_the_clean_accuracy(trained: Trained) -> None:
    """sec-strongest: every rule along the loss is right for small margins, wrong for large ones."""
    from advtheory.networks import RELU

    net, x = trained(True, RELU)
    x, y = images_of(x, net)
    median = float((y * net.value(x)).median())
    small, large = (saturated_attacks.times(net, z / median) for z in (1.0, 1000.0))
    truth = claim(net, x, y, "margin")["claimed"]
    found = pgd(net, x, y, radius=0.4, steps=saturated_attacks.STEPS, box=(0, 1), keep="last")
    assert truth == pytest.approx(float((y * net.value(found) > 0).double().mean()))
    assert truth < 0.9
    for name in LOSSES:
        assert abs(claim(small, x, y, name)["claimed"] - truth) < 0.02
        stuck = claim(large, x, y, name)
        assert stuck["claimed"] > 0.95
        assert stuck["moved"] < 1e-3
    # what a rule does not break, the margin's perturbation still does: scaling changes no sign
    assert torch.equal(large.value(found) > 0, net.value(found) > 0)


def walk(net: TwoLayer, x: Array, y: Array, name: str, batch: int, eps: float) -> Array:
    """The attack written out: numpy in single precision where it matters, the softmax by hand."""
    w, a = net.w.numpy(), net.a.numpy()
    b, c = (t.numpy() for t in (net.b, net.c) if t is not None)
    point = x.copy()
    for _ in range(saturated_attacks.STEPS):
        z = point @ w.T + b
        f = np.maximum(z, 0) @ a / math.sqrt(net.m) + c
        gradient = ((z > 0) * a) @ w / math.sqrt(net.m)
        likely = np.exp(-np.log1p(np.exp(-y * f, dtype=np.float32), dtype=np.float32))
        right = np.float32(1) - np.where(np.exp(-y * f) < 2**-24, np.float32(1), likely)
        pull = -(y * (right + np.exp(-y * f, dtype=np.float32) * likely) / 2)
        step = by_hand(name, (pull[:, None] * gradient).astype(np.float64), batch)
        point = point + 2.5 * eps / saturated_attacks.STEPS * step
        far = np.linalg.norm(point - x, axis=1, keepdims=True)
        point = np.clip(x + (point - x) * np.minimum(1, eps / np.maximum(far, 1e-30)), 0, 1)
    return np.asarray(y * (np.maximum(point @ w.T + b, 0) @ a / math.sqrt(net.m) + c) > 0)


@pytest.mark.parametrize("c", [1.0, 8.0])
@pytest.mark.parametrize("name", GUARDED)
def test_an_attack_written_out(trained: Trained, name: str, c: float) -> None:
    """sec-strongest: each library's attack in numpy claims the same robust accuracy."""
    from advtheory.networks import RELU

    net, x = trained(True, RELU)
    x, y = images_of(x, net)
    scaled = saturated_attacks.times(net, c)
    broken = walk(scaled, x.double().numpy(), y.double().numpy(), name, BATCH, 0.5)
    ours = claim(scaled, x, y, name, 0.5)
    assert ours["claimed"] == pytest.approx(broken.mean(), abs=1.01 / len(x))
    assert ours["clean"] == 1


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Both seeds of a small point."""
    point = {**EXPERIMENT.points("smoke")[0], "images": 30, "epochs": 20}
    found = list(EXPERIMENT.measure(point, [0, 3], Place("cpu", "smoke")))
    assert plain_rows(EXPERIMENT.columns, point, [0, 3], found)
    return found


def test_rows_of_a_measurement(rows: list[Row]) -> None:
    """sec-strongest: every rule at every factor, batches at one, and a flat curve of the margin."""
    table = pd.DataFrame(rows)
    means = sum(rule.mean for rule in RULES.values())
    each = len(RULES) * len(saturated_attacks.FACTORS) + means * (
        len(saturated_attacks.BATCHES) - 1
    )
    assert table.groupby("seed").size().tolist() == [each, each]
    assert set(table["data"]) == {data.pair(7).name}
    for _, part in table.groupby("seed"):
        assert part[part["rule"] == "margin"]["claimed"].nunique() == 1
        assert part["clean"].nunique() == 1
        median = part.groupby("c")["margin"].first()
        assert (median / median.index).nunique() == 1
    assert (table["claimed"] <= table["clean"]).all()
    found = named(saturated_attacks.summarise(table))
    assert found["spread"].value == 0
    assert all(found[f"overestimate[{name}]"].value > 0 for name in GUARDED)


# What is read off a table.


def example(seeds: int = 3) -> pd.DataFrame:
    """Loss rules jump from 0.1 to 0.9 at c = 4; those with a mean, at c = 2 for a batch of 1024."""
    return pd.DataFrame(
        [
            {"seed": seed, "rule": name, "batch": batch, "c": c, "clean": 0.95, "moved": 1.0}
            | {"margin": 10 * c + seed, "claimed": 0.1}
            | ({"claimed": 0.9} if name != "margin" and c * batch / rule.usual >= 4 else {})
            for seed in range(seeds)
            for c in (1.0, 2.0, 4.0, 8.0)
            for name, rule in RULES.items()
            for batch in (
                saturated_attacks.BATCHES
                if rule.mean and c == saturated_attacks.AT
                else (rule.usual,)
            )
        ]
    )


def test_what_is_summed_up() -> None:
    """sec-strongest: claims minus the margin's, and the first margin that goes wrong."""
    found = named(saturated_attacks.summarise(example()))
    assert found["clean"].value == pytest.approx(0.95)
    assert found["robust"].value == pytest.approx(0.1)
    assert found["spread"].value == 0
    for name in LOSSES:
        assert found[f"overestimate[{name}]"].value == pytest.approx(0.8)
        assert found[f"as_trained[{name}]"].value == 0
        wrong = found[f"wrong_from[{name}]"]
        assert wrong.value == pytest.approx(41)
        assert wrong.n == 3
        assert wrong.error == pytest.approx(1 / math.sqrt(3))
    assert not any("margin" in key for key in found)


def test_a_rule_that_never_fails_has_no_first_failure() -> None:
    """sec-strongest: and one seed has no standard error."""
    table = example(1)
    found = named(saturated_attacks.summarise(table.assign(claimed=0.1)))
    assert not any(key.startswith("wrong_from") for key in found)
    assert all(estimate.error is None for estimate in found.values())
    assert found["overestimate[CleverHans]"].value == 0


def test_the_figure_is_drawn() -> None:
    """sec-strongest: one curve a rule and the clean accuracy; batches for means and the margin."""
    drawn = EXPERIMENT.draw(example())
    scales, batches = drawn.axes
    curves = {str(line.get_label()): line for line in scales.lines}
    assert set(curves) == {*RULES, "without attack"}
    np.testing.assert_allclose(np.asarray(curves["margin"].get_ydata()), 0.1)
    np.testing.assert_allclose(np.asarray(curves["margin"].get_xdata()), [11, 21, 41, 81])
    np.testing.assert_allclose(np.asarray(curves["CleverHans"].get_ydata()), [0.1, 0.1, 0.9, 0.9])
    means = {str(line.get_label()): line for line in batches.lines}
    assert set(means) == {"margin", *(name for name, rule in RULES.items() if rule.mean)}
    np.testing.assert_allclose(
        np.asarray(means["torchattacks"].get_ydata()), [0.1, 0.1, 0.1, 0.1, 0.9]
    )
    plt.close(drawn)


def test_every_scale_can_be_planned() -> None:
    """sec-strongest: one point a scale, factors with 1 and the one of the batches among them."""
    assert {1.0, saturated_attacks.AT} <= set(saturated_attacks.FACTORS)
    assert BATCH in saturated_attacks.BATCHES
    assert all(math.log2(c) == round(math.log2(c)) for c in saturated_attacks.FACTORS)
    for scale in ("smoke", "laptop", "paper"):
        (point,) = EXPERIMENT.points(scale)
        assert EXPERIMENT.cost(point) > 0
        assert EXPERIMENT.together(point) >= 1
