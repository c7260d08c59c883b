"""The experiment saturated-attacks: guards, slopes in single precision, and what is claimed."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from advtheory import data, experiments
from advtheory.attacks import pgd
from advtheory.experiments import saturated_attacks as saturated
from advtheory.experiments.contract import Row, plain_rows
from advtheory.experiments.saturated_attacks import RULES
from advtheory.networks import TwoLayer, initialise
from tests.conftest import Trained

EXPERIMENT = experiments.get("saturated-attacks")
GUARDED = [name for name, rule in RULES.items() if rule.floor]
LOSSES = [name for name in RULES if name != "margin"]
Array = NDArray[np.float64]


def by_hand(name: str, g: Array, batch: int) -> Array:
    """What each library makes of the gradient of the sum, in double precision and by its text."""
    h = g if name == "AdverTorch" else g / batch
    length = np.sqrt((h**2).sum(1))
    if name == "CleverHans":
        length = np.sqrt(np.maximum(1e-12, length**2))
    elif name == "torchattacks":
        length = length + 1e-10
    else:
        length = np.maximum(length, 1e-6)
    return np.asarray(h / length[:, None])


# The guards.


@pytest.mark.parametrize("name", GUARDED)
@given(st.integers(0, 10**6), st.floats(-14, 3), st.sampled_from([1, 7, 256]))
def test_guards_follow_the_formulas(name: str, seed: int, size: float, batch: int) -> None:
    """sec-strongest: single precision against numpy, for gradients of all lengths."""
    rule, generator = RULES[name], torch.Generator().manual_seed(seed)
    g = 10**size * torch.randn(4, 9, generator=generator)
    ours = rule.guard(g / (batch if rule.mean else 1)).double().numpy()
    np.testing.assert_allclose(ours, by_hand(name, g.double().numpy(), batch), rtol=2e-5)
    assert (np.linalg.norm(ours, axis=1) <= 1 + 1e-6).all()


@pytest.mark.parametrize("name", GUARDED)
def test_no_guard_turns_zero_into_a_step(name: str) -> None:
    """sec-strongest: that is what the guards are for."""
    assert RULES[name].guard(torch.zeros(2, 3)).tolist() == [[0.0] * 3] * 2


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("batch", [1, 256])
def test_eq_stall_is_where_the_steps_shrink(name: str, batch: int) -> None:
    """eq-stall: at a margin larger by t, min(1, e^-t) or 1 / (1 + e^t) of a step is left."""
    rule, gradient = RULES[name], torch.tensor([[3.0, 4.0]])
    stall = saturated.stall_margin(rule, 5.0, batch)

    def length(margin: float) -> float:
        f, y = torch.tensor([margin]), torch.ones(1)
        # the slope in double precision, so that only the guard is looked at
        vectors, factors = rule.direction(batch).of(f.double(), gradient.double(), y.double())
        return float((factors[:, None] * vectors).norm())

    for t in (-9.0, -1.0, 0.0, 1.0, 3.0):
        left = 1 / (1 + math.exp(t)) if name == "torchattacks" else min(1, math.exp(-t))
        assert length(stall + t) == pytest.approx(left, rel=1e-3)
    assert saturated.stall_margin(RULES["two logits"], 5.0, batch) == math.inf


# The slopes.


def exact_slope(margin: float) -> float:
    """1 / (1 + e^z) to forty digits."""
    with localcontext() as context:
        context.prec = 40
        return float(1 / (1 + Decimal(margin).exp()))


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("margin", [-30.0, -2.0, 0.0, 1.0, 5.0, 12.0])
def test_slopes_where_nothing_is_lost(margin: float, sign: float) -> None:
    """sec-losses: both encodings give -y / (1 + e^yf), and so the rules agree."""
    f, y = torch.tensor([sign * margin]), torch.tensor([sign])
    for slope in (saturated.two_logits, saturated.one_logit):
        assert float(slope(f.double(), y.double())) == pytest.approx(-sign * exact_slope(margin))
        # one minus a probability has an absolute error of about 2^-24
        assert abs(float(slope(f, y)) + sign * exact_slope(margin)) < 2**-23


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("margin", [18.0, 25.0, 60.0, 80.0])
def test_slopes_where_the_softmax_saturates(margin: float, sign: float) -> None:
    """sec-strongest: half of the slope is left, or all of it, or nothing."""
    f, y = torch.tensor([sign * margin]), torch.tensor([sign])
    half = -sign * exact_slope(margin) / 2
    assert float(saturated.two_logits(f, y)) == pytest.approx(half, rel=1e-5)
    one = float(saturated.one_logit(f, y))
    assert one == (0 if sign == 1 else pytest.approx(exact_slope(margin), rel=1e-5))


def test_slopes_that_underflow() -> None:
    """sec-strongest: beyond 104 the exponential is below the smallest number of float32."""
    assert exact_slope(104) < 2.0**-150  # half of it, which rounds to zero
    f, y = torch.tensor([-105.0, 105.0, 300.0]), torch.tensor([-1.0, 1.0, 1.0])
    assert saturated.two_logits(f, y).tolist() == [0, 0, 0]
    assert saturated.one_logit(f, y).tolist() == [0, 0, 0]


# Attacks on a trained network.


def images_of(x: Tensor, net: TwoLayer) -> tuple[Tensor, Tensor]:
    """The inputs with the labels that the network gives them, so that all are right."""
    return x, torch.sign(net.value(x))


def claim(net: TwoLayer, x: Tensor, y: Tensor, name: str, eps: float = 0.4) -> dict[str, float]:
    return saturated.attacked(net, x, y, eps, RULES[name].direction(saturated.BATCH))


@given(st.floats(-3, 6))
def test_scaling_changes_no_claim_of_the_margin(exponent: float) -> None:
    """prop-steepest: the attack along the margin takes the same steps on cW as on W."""
    net, c = initialise(12, 60, 1, biases=True), 10**exponent
    x = torch.rand(30, 12, generator=torch.Generator().manual_seed(2))
    x, y = images_of(x, net)
    scaled = saturated.times(net, c)
    torch.testing.assert_close(scaled.value(x), c * net.value(x), rtol=1e-4, atol=1e-4 * c)
    here, there = (claim(one, x, y, "margin") for one in (net, scaled))
    assert abs(here["claimed"] - there["claimed"]) <= 1 / 30  # a margin may round to either side
    assert there["margin"] == pytest.approx(c * here["margin"], rel=1e-4)
    # powers of two round nothing at all
    exact = claim(saturated.times(net, 2.0 ** round(exponent)), x, y, "margin")
    assert exact["claimed"] == here["claimed"]
    assert exact["moved"] == here["moved"]


def test_claims_grow_from_the_margins_to_the_clean_accuracy(trained: Trained) -> None:
    """sec-strongest: every rule along the loss is right for small margins, wrong for large ones."""
    from advtheory.networks import RELU

    net, x = trained(True, RELU)
    x, y = images_of(x, net)
    median = float((y * net.value(x)).median())
    small, large = (saturated.times(net, z / median) for z in (1.0, 1000.0))
    truth = claim(net, x, y, "margin")["claimed"]
    found = pgd(net, x, y, radius=0.4, steps=saturated.STEPS, box=(0, 1), keep="last")
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
    for _ in range(saturated.STEPS):
        z = point @ w.T + b
        f = np.maximum(z, 0) @ a / math.sqrt(net.m) + c
        gradient = ((z > 0) * a) @ w / math.sqrt(net.m)
        likely = np.exp(-np.log1p(np.exp(-y * f, dtype=np.float32), dtype=np.float32))
        right = np.float32(1) - np.where(np.exp(-y * f) < 2**-24, np.float32(1), likely)
        pull = -(y * (right + np.exp(-y * f, dtype=np.float32) * likely) / 2)
        step = by_hand(name, (pull[:, None] * gradient).astype(np.float64), batch)
        point = point + 2.5 * eps / saturated.STEPS * step
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
    scaled = saturated.times(net, c)
    broken = walk(scaled, x.double().numpy(), y.double().numpy(), name, saturated.BATCH, 0.5)
    ours = claim(scaled, x, y, name, 0.5)
    assert ours["claimed"] == pytest.approx(broken.mean(), abs=1.01 / len(x))
    assert ours["clean"] == 1


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Both seeds of a small point."""
    point = {**EXPERIMENT.points("smoke")[0], "images": 30, "epochs": 20}
    found = list(EXPERIMENT.measure(point, [0, 3], "cpu"))
    assert plain_rows(EXPERIMENT.columns, point, [0, 3], found)
    return found


def test_rows_of_a_measurement(rows: list[Row]) -> None:
    """sec-strongest: every rule at every factor, batches at one, and a flat curve of the margin."""
    table = pd.DataFrame(rows)
    means = sum(rule.mean for rule in RULES.values())
    each = len(RULES) * len(saturated.FACTORS) + means * (len(saturated.BATCHES) - 1)
    assert table.groupby("seed").size().tolist() == [each, each]
    assert set(table["data"]) == {data.pair(7).name}
    for _, part in table.groupby("seed"):
        assert part[part["rule"] == "margin"]["claimed"].nunique() == 1
        assert part["clean"].nunique() == 1
        median = part.groupby("c")["margin"].first()
        assert (median / median.index).nunique() == 1
    assert (table["claimed"] <= table["clean"]).all()
    found = saturated.summarise(table)
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
            for batch in (saturated.BATCHES if rule.mean and c == saturated.AT else (rule.usual,))
        ]
    )


def test_what_is_summed_up() -> None:
    """sec-strongest: claims minus the margin's, and the first margin that goes wrong."""
    found = saturated.summarise(example())
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
    found = saturated.summarise(table.assign(claimed=0.1))
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
    assert {1.0, saturated.AT} <= set(saturated.FACTORS)
    assert saturated.BATCH in saturated.BATCHES
    assert all(math.log2(c) == round(math.log2(c)) for c in saturated.FACTORS)
    for scale in ("smoke", "laptop", "paper"):
        (point,) = EXPERIMENT.points(scale)
        assert EXPERIMENT.cost(point) > 0
        assert EXPERIMENT.together(point) >= 1
