"""The numbers of adversarial training: against the paper's formulas, and each other."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advtheory.reflection import bounds

shares, slopes, tops = st.floats(0, 0.9), st.floats(0.05, 1), st.floats(0.01, 100)
gammas, errors, starts = st.floats(0.05, 1), st.floats(0.01, 0.5), st.floats(0, 20)


def test_the_growth_of_a_step() -> None:
    """lem-growth: the largest value on a fine grid; 11/12 and 0.612 lie above it, 0.6118 below."""
    z = np.linspace(-50, 50, 2_000_001)
    q = np.exp(-np.logaddexp(0, z))
    largest = float((2 * z * q + q**2).max())
    assert 0.6118 < largest < 0.612 < 11 / 12
    assert float(bounds.norm_bound(1, 1.0)) ** 2 == pytest.approx(0.612)


@given(gammas, shares, slopes, tops, errors, starts)
def test_both_terms_are_half_of_eps_after_the_iterations(
    gamma: float, share: float, alpha: float, top: float, eps: float, start: float
) -> None:
    """lem-perceptron: part 3 follows from part 1, and not with far fewer iterations."""
    nu = share * gamma
    steps = bounds.perceptron_iterations(eps, gamma, nu, alpha=alpha, top=top, start=start)
    eta, gain = bounds.step_size(nu, top=top), bounds.correlation(gamma, nu, alpha=alpha, top=top)
    assert float(bounds.mean_bound(steps, eta, gain, start=start)) <= eps * (1 + 1e-9)
    assert float(bounds.mean_bound(steps / 8, eta, gain, start=start)) > eps


@given(gammas, shares, slopes, tops, errors, starts)
def test_theorem_34_is_below_the_printed_number(
    gamma: float, share: float, alpha: float, top: float, eps: float, start: float
) -> None:
    """thm-training: 64 (R+nu)^2 (1 + omega gamma alpha top eps) / ..., the same without a start."""
    nu = share * gamma
    rate = (1 + nu) ** 2 / ((gamma - nu) * alpha * eps) ** 2
    ours = bounds.training_iterations(eps, gamma, nu, alpha=alpha, top=top, start=start)
    assert ours <= 64 * rate * (1 + start * gamma * alpha * top * eps) * (1 + 1e-9) + 1
    without = float(bounds.training_iterations(eps, gamma, nu, alpha=alpha, top=top))
    assert without == pytest.approx(64 * rate, abs=1.5)


@given(gammas, shares, st.floats(0.01, 1))
def test_corollary_35(gamma: float, share: float, eps: float) -> None:
    """cor-linear-training: with omega = 1/gamma the theorem needs no more than 128 X."""
    nu = share * gamma
    needed = bounds.training_iterations(eps, gamma, nu, start=1 / gamma)
    assert needed <= bounds.linear_iterations(eps, gamma, nu)


@given(st.floats(0.001, 2), st.floats(0.01, 0.4), st.floats(0.05, 0.95), st.floats(0.1, 30), errors)
def test_corollary_36_the_right_way_up(
    beta: float, nu: float, alpha: float, norm: float, eps: float
) -> None:
    """cor-small-beta: 2 beta^2 |W|^2 / ((1-alpha)^2 eps), and a smaller beta is cheaper."""
    top = bounds.top_for_beta(beta, nu, alpha)
    assert 2 * nu * (1 - alpha) * float(top) == pytest.approx(beta)
    steps = float(bounds.attack_iterations(eps, nu, norm, top=top))
    exact = 2 * (beta * norm / (1 - alpha)) ** 2 / eps
    assert exact * (1 - 1e-9) <= steps <= max(exact + 1, 1) * (1 + 1e-9)
    half = bounds.attack_iterations(eps, nu, norm, top=bounds.top_for_beta(beta / 2, nu, alpha))
    assert half <= steps


@given(st.floats(0.3, 1), st.floats(0, 0.6), st.floats(0.5, 1), st.floats(0.15, 0.5))
def test_the_overall_cost(gamma: float, share: float, alpha: float, eps: float) -> None:
    """prop-cost: the sum over the steps, by addition, is below 12 nu^2 T^2 and below 196608."""
    nu = share * gamma
    eta, start = float(bounds.step_size(nu)), math.sqrt(3) / (1 + nu)
    steps = float(bounds.training_iterations(eps, gamma, nu, alpha=alpha, start=start))
    t = np.arange(steps)
    total = float((8 * nu**2 * bounds.norm_bound(t, eta, start=start) ** 2 / eps).sum())
    middle = 12 * nu**2 * steps**2 * eta / eps
    last = float(bounds.cost_bound(eps, gamma, nu, alpha=alpha))
    assert total <= middle * (1 + 1e-9) <= last * (1 + 2e-9)
    assert 12 * 128**2 == 196608


def test_arrays_broadcast_and_the_width_is_no_argument() -> None:
    """lem-perceptron: an array of gaps gives an array of iterations, of slope -2 at last."""
    nu = 0.5 - np.array([0.1, 0.01, 0.001])
    steps = bounds.perceptron_iterations(0.1, 0.5, nu)
    ratio = steps[1:] / steps[:-1]
    assert ratio == pytest.approx([100 * (1.49 / 1.4) ** 2, 100 * (1.499 / 1.49) ** 2], rel=1e-6)


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: bounds.correlation(0.5, 0.5), "nothing is promised"),
    (lambda: bounds.perceptron_mistakes(0.5, 0.1, radius=0.4), "at least the margin"),
    (lambda: bounds.correlation(0.5, 0.1, alpha=0), "no ReLU"),
    (lambda: bounds.step_size(0.1, top=0), "size of the top layer"),
    (lambda: bounds.step_size(-0.1), "nu is -0.1"),
    (lambda: bounds.mean_bound(0, 1, 1), "T is 0"),
    (lambda: bounds.norm_bound(1, 1, start=-1), "norm of the start"),
    (lambda: bounds.perceptron_iterations(0, 0.5, 0.1), "eps is 0"),
    (lambda: bounds.cost_bound(0.6, 0.5, 0.1), "up to 1/2"),
    (lambda: bounds.top_for_beta(0.1, 0.1, 1.0), "admits every beta"),
]


@pytest.mark.parametrize(("call", "words"), WRONG, ids=[words for _, words in WRONG])
def test_bad_numbers_get_a_sentence(call: Callable[[], object], words: str) -> None:
    """def-margin-radius: what was wrong, and what is expected."""
    with pytest.raises(ValueError, match=words):
        call()
