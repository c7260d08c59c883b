"""Random networks: exact tail probabilities, all signs listed, and adversaries on a ball."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.laziness import bounds
from advtheory.networks import initialise
from tests.draws import GAMMA, gates, start, unit

seeds = st.integers(0, 10**6)


def chi_square_below(k: int, x: float) -> float:
    """The probability that a chi-square variable with k degrees of freedom is at most x."""
    half = torch.tensor([k / 2, x / 2], dtype=torch.float64)
    return float(torch.special.gammainc(half[0], half[1]))


# One input.


@pytest.mark.parametrize("k", [1, 2, 5, 16, 50, 300, 2000])
def test_chi_square_events_fail_as_rarely_as_claimed(k: int) -> None:
    """lem-random-value, lem-random-gradient: with exact tail probabilities."""
    assert 1 - chi_square_below(k, 2 * k) <= math.exp(-k / 8)
    assert chi_square_below(k, k / 2) <= math.exp(-k / 16)


@pytest.mark.parametrize("m", [1, 8, 64, 257, 800])
def test_the_number_of_active_neurons(m: int) -> None:
    """lem-random-gradient: 3m/8 <= N_+ <= 5m/8, with the exact binomial law."""
    outside = sum(math.comb(m, n) for n in range(m + 1) if not 3 * m <= 8 * n <= 5 * m)
    assert outside / 2**m <= 2 * math.exp(-m / 32)


def test_value_and_gradient_of_random_networks() -> None:
    """lem-random-value, lem-random-gradient: 200 networks break the bounds rarely enough."""
    d, m = 60, 300
    nets, x = initialise(d, m, range(200)), torch.eye(d)[:1]
    f, gradient = nets.value_and_gradient(x)
    across, length = gradient[..., 1:].norm(dim=-1), gradient.norm(dim=-1)
    allowed = GAMMA + math.exp(-m / 8)
    assert (f.abs() > float(bounds.value_bound(0, GAMMA))).double().mean() <= allowed
    assert (across >= float(bounds.gradient_lower(d))).double().mean() > 0.99
    assert (length <= float(bounds.gradient_upper(d, GAMMA))).double().mean() > 0.9
    assert length.mean() == pytest.approx(math.sqrt(d / 2), rel=0.02)


# A ball around the input.


@given(seeds, st.integers(2, 6), st.floats(1e-3, 0.99))
def test_the_angle_of_a_perturbed_input(seed: int, d: int, radius: float) -> None:
    """lem-flip-angle: angle / pi <= arcsin(R) / pi <= R / 2, also for the worst delta."""
    x, delta = unit(seed, 2, d)
    worst = radius * (math.sqrt(1 - radius**2) * _across(x, delta) - radius * x)
    for step, slack in ((radius * delta, math.inf), (worst, 1e-6)):
        angle = float(torch.arccos((x @ (x + step) / (x + step).norm()).clamp(-1, 1)))
        assert angle <= math.asin(radius) + 1e-6
        assert angle >= math.asin(radius) - slack
    assert math.asin(radius) / math.pi <= radius / 2


def _across(x: Tensor, v: Tensor) -> Tensor:
    """The unit vector along the part of v that is orthogonal to x."""
    return torch.nn.functional.normalize(v - (v @ x) * x, dim=0)


def test_how_often_a_neuron_switches() -> None:
    """lem-flip-angle: the fraction of switched rows is the angle over pi."""
    net, (x, v) = start(0, 5, 200_000), unit(1, 2, 5)
    y = x + 0.3 * v
    measured = float((gates(net, x) - gates(net, y)).abs().mean())
    expected = float(torch.arccos(x @ y / y.norm())) / math.pi
    assert measured == pytest.approx(expected, abs=4 * math.sqrt(expected / net.m))


@pytest.mark.parametrize(("k", "h"), [(10, "ones"), (10, "mixed"), (6, "mixed"), (3, "ones")])
def test_sums_over_patterns_with_all_signs_listed(k: int, h: str) -> None:
    """lem-pattern-sum: mean and tail of one sum, exactly, by listing its 2^k signs."""
    rows = start(3, 3, k).w
    pattern = unit(4, k).sign() if h == "mixed" else torch.ones(k, dtype=torch.float64)
    signs = torch.tensor(list(itertools.product((-1.0, 1.0), repeat=k)), dtype=torch.float64)
    sums = ((signs * pattern) @ rows).norm(dim=-1)
    sigma = float(torch.linalg.matrix_norm(rows, 2))
    assert float(sums.mean()) <= math.sqrt(k) * float(rows.norm(dim=-1).max())
    for t in np.linspace(0, 3 * sigma, 40):
        tail = float((sums >= sums.mean() + t).double().mean())
        assert tail <= math.exp(-(t**2) / (8 * sigma**2))


@given(seeds, st.sampled_from([(3, 60), (20, 400), (60, 400)]), st.floats(0.01, 0.5))
def test_gradients_on_a_ball(seed: int, size: tuple[int, int], radius: float) -> None:
    """thm-gradient-ball, lem-ball-count, cor-straight: deltas that an adversary improves."""
    d, m = size
    net, x = start(seed, d, m), torch.eye(d, dtype=torch.float64)[0]
    f, gradient = net.value_and_gradient(x[None])
    most = float(bounds.ball_gradient_change(radius, d, m, GAMMA))
    delta = radius * torch.cat([unit(seed, 8, d), gradient / gradient.norm()])
    for _ in range(4):  # the direction in which the gradient has changed changes it further
        change = net.input_gradient(x + delta) - gradient
        assert (change.norm(dim=-1) <= most).all()
        switched = (gates(net, x + delta) - gates(net, x[None])).abs().sum(-1)
        assert (switched <= float(bounds.ball_count(radius, d, m, GAMMA))).all()
        bent = net.value(x + delta) - f - (delta @ gradient[0])
        assert (bent.abs() <= most * radius).all()
        delta = radius * torch.nn.functional.normalize(change + 1e-3 * delta, dim=-1)


@given(seeds, st.sampled_from([(4, 50), (20, 300)]))
def test_gradients_everywhere(seed: int, size: tuple[int, int]) -> None:
    """lem-gradient-everywhere: inputs that follow the gradient towards a maximiser of f."""
    d, m = size
    net, y = start(seed, d, m), unit(seed, 20, d)
    for _ in range(5):
        gradient = net.input_gradient(y)
        assert (gradient.norm(dim=-1) <= float(bounds.gradient_everywhere(d, m, GAMMA))).all()
        y = torch.nn.functional.normalize(gradient, dim=-1)
    assert bounds.gradient_everywhere(d, m, GAMMA) <= 15 * math.sqrt(d * math.log(math.e * m))
