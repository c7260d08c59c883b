"""The network without gates: its theorem, and the worst lazy weights against its exact formula."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.laziness.linear_case import distance_bound, slope, value_bound, worst_distance
from advtheory.networks import Activation, TwoLayer, deviation, initialise
from tests.draws import GAMMA, random_lazy, start, unit

IDENTITY = Activation("identity", lambda z: z, torch.ones_like, None)
SEEDS = st.integers(0, 10**6)


def without_gates(net: TwoLayer) -> TwoLayer:
    return replace(net, activation=IDENTITY)


def distance(v: Tensor, x: Tensor) -> Tensor:
    """How far x lies from the hyperplane on which v vanishes."""
    far: Tensor = (v * x).sum(-1).abs() / torch.linalg.vector_norm(v, dim=-1)
    return far


def worst(net: TwoLayer, x: Tensor, c0: float) -> TwoLayer:
    """The lazy weights that turn v towards x, by the angle psi or until they meet."""
    v, m = slope(net), net.m
    side = torch.where(v @ x >= 0, 1.0, -1.0).double() * x
    length, along = v.norm(), torch.nn.functional.normalize(v, dim=0)
    across = torch.nn.functional.normalize(side - (side @ along) * along, dim=0)
    psi = min(math.asin(min(c0 / float(length), 1)), math.acos(min(float(side @ along), 1)))
    moved = length * math.cos(psi) * (math.cos(psi) * along + math.sin(psi) * across)
    return replace(net, w=net.w + net.a[:, None] * (moved - v) / math.sqrt(m))


@given(SEEDS, st.sampled_from([(2, 3), (5, 40), (30, 200)]), st.floats(0, 1.5))
def test_the_worst_lazy_weights(seed: int, size: tuple[int, int], share: float) -> None:
    """prop-linear-exact: the formula is reached by the turned slope, and by no lazy W exceeded."""
    net, x = start(seed, *size), unit(seed + 1, size[0])
    c0 = share * float(slope(net).norm())
    most = float(worst_distance(net, x, c0))
    lazy = worst(net, x, c0)
    assert float(deviation(lazy, net)) <= c0 / math.sqrt(net.m) * (1 + 1e-9) + 1e-12
    if share < 1:
        assert float(distance(slope(lazy), x)) == pytest.approx(most, abs=1e-7)
    for other in range(20):
        assert float(distance(slope(random_lazy(net, c0, other)), x)) <= most + 1e-9
    assert most <= (float((slope(net) @ x).abs()) + c0) / float(slope(net).norm()) + 1e-9


@pytest.mark.parametrize(("d", "c0"), [(10, 0.0), (64, 2.0), (200, 5.0)])
def test_how_often_the_bounds_fail(d: int, c0: float) -> None:
    """thm-linear-lazy, prop-linear-exact: 4000 starts, and the worst lazy W of each."""
    nets, x = initialise(d, 50, range(4000), dtype=torch.float64), unit(d, d)
    v, fails = slope(nets), GAMMA + math.exp(-d / 16)
    assert (v.square().sum(-1) <= d / 2).double().mean() <= math.exp(-d / 16)
    largest = (v @ x).abs() + c0  # at v + c0 x or v - c0 x
    assert (largest > float(value_bound(c0, GAMMA))).double().mean() <= GAMMA
    far = worst_distance(nets, x, c0) > float(distance_bound(c0, d, GAMMA))
    assert far.double().mean() <= fails
    assert distance_bound(c0, d, GAMMA) <= 3 * worst_distance(nets, x, c0).quantile(0.9)


@given(SEEDS, st.floats(0, 3))
def test_one_step_for_all_lazy_weights(seed: int, c0: float) -> None:
    """thm-linear-lazy: the step 8 F_1 / d takes the sign of the whole ball, where v is typical."""
    d = 72  # 8 * 3**2
    net, x = without_gates(start(seed, d, 150)), unit(seed + 1, 1, d)
    bound = float(value_bound(c0, GAMMA))
    if float(net.value(x).abs()) > bound - c0 or float(slope(net).square().sum()) < d / 2:
        return
    towards = replace(net, w=net.w + c0 / math.sqrt(150) * net.a[:, None] * x)
    for lazy in (net, towards, worst(net, x[0], c0), random_lazy(net, c0, seed)):
        f, gradient = lazy.value_and_gradient(x)
        torch.testing.assert_close(gradient[0], slope(lazy))
        assert float(gradient.norm()) >= math.sqrt(d / 8)
        after = lazy.value(x - 8 * bound / d * f.sign()[:, None] * gradient)
        assert float(f.sign() * after) <= 1e-12


def test_a_start_that_cancels() -> None:
    """Every direction is within reach, so some lazy W is broken at the origin only."""
    pairs, x = initialise(3, 10, 0, signs="antisymmetric"), torch.tensor([0.0, 3.0, 4.0])
    silent = replace(pairs, w=torch.zeros_like(pairs.w))
    for net in (pairs, silent):
        assert float(worst_distance(net, x, 1)) == pytest.approx(5)
    assert float(worst_distance(silent, x, 0)) == 0


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="gamma"):
        distance_bound(1, 10, 2)
