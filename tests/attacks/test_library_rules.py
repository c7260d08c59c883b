"""The guards of three libraries, and slopes of the cross-entropy in single precision."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from advtheory.attacks import library_rules
from advtheory.attacks.library_rules import RULES

GUARDED = [name for name, rule in RULES.items() if rule.floor]
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
    stall = library_rules.stall_margin(rule, 5.0, batch)

    def length(margin: float) -> float:
        f, y = torch.tensor([margin]), torch.ones(1)
        # the slope in double precision, so that only the guard is looked at
        direction = rule.direction(batch)
        pull = direction.slope(f.double(), y.double())
        return float(direction.rule(pull[:, None] * gradient.double()).norm())

    for t in (-9.0, -1.0, 0.0, 1.0, 3.0):
        left = 1 / (1 + math.exp(t)) if name == "torchattacks" else min(1, math.exp(-t))
        assert length(stall + t) == pytest.approx(left, rel=1e-3)
    assert library_rules.stall_margin(RULES["two logits"], 5.0, batch) == math.inf


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
    for slope in (library_rules.two_logits, library_rules.one_logit):
        assert float(slope(f.double(), y.double())) == pytest.approx(-sign * exact_slope(margin))
        # one minus a probability has an absolute error of about 2^-24
        assert abs(float(slope(f, y)) + sign * exact_slope(margin)) < 2**-23


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("margin", [18.0, 25.0, 60.0, 80.0])
def test_slopes_where_the_softmax_saturates(margin: float, sign: float) -> None:
    """sec-strongest: half of the slope is left, or all of it, or nothing."""
    f, y = torch.tensor([sign * margin]), torch.tensor([sign])
    half = -sign * exact_slope(margin) / 2
    assert float(library_rules.two_logits(f, y)) == pytest.approx(half, rel=1e-5)
    one = float(library_rules.one_logit(f, y))
    assert one == (0 if sign == 1 else pytest.approx(exact_slope(margin), rel=1e-5))


def test_slopes_that_underflow() -> None:
    """sec-strongest: beyond 104 the exponential is below the smallest number of float32."""
    assert exact_slope(104) < 2.0**-150  # half of it, which rounds to zero
    f, y = torch.tensor([-105.0, 105.0, 300.0]), torch.tensor([-1.0, 1.0, 1.0])
    assert library_rules.two_logits(f, y).tolist() == [0, 0, 0]
    assert library_rules.one_logit(f, y).tolist() == [0, 0, 0]
