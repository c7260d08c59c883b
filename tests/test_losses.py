"""The logistic loss and its reflection."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory.losses import LOGISTIC, REFLECTED, Loss

LOSSES = pytest.mark.parametrize("loss", [LOGISTIC, REFLECTED], ids=lambda loss: loss.name)
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
margins = st.floats(-700, 700)


def number(z: float) -> torch.Tensor:
    return torch.tensor(z, dtype=torch.float64)


@given(margins)
def test_values_by_definition(z: float) -> None:
    """sec-losses: log(1 + e^-z) and -log(1 + e^z), by the standard library."""
    expected = {True: math.log1p(math.exp(-abs(z))), False: abs(z) + math.log1p(math.exp(-abs(z)))}
    assert float(LOGISTIC.value(number(z))) == pytest.approx(expected[z >= 0], rel=1e-12)
    assert float(REFLECTED.value(number(z))) == pytest.approx(-expected[z <= 0], rel=1e-12)


@LOSSES
def test_slopes_agree_with_autograd(loss: Loss) -> None:
    """sec-losses: the derivative in closed form."""
    z = torch.linspace(-60, 60, 2001, dtype=torch.float64).requires_grad_()
    (slope,) = torch.autograd.grad(loss.value(z).sum(), z)
    torch.testing.assert_close(loss.slope(z.detach()), slope, rtol=1e-10, atol=1e-300)


@given(margins)
def test_the_reflection(z: float) -> None:
    """sec-losses: l_-(z) = -l(-z), hence l_-'(z) = l'(-z)."""
    assert torch.equal(REFLECTED.value(number(z)), -LOGISTIC.value(number(-z)))
    assert torch.equal(REFLECTED.slope(number(z)), LOGISTIC.slope(number(-z)))


@LOSSES
@given(first=st.floats(-30, 30), gap=st.floats(0.01, 30))
def test_losses_fall_and_bend_one_way(loss: Loss, first: float, gap: float) -> None:
    """sec-losses: both fall; the logistic loss is convex, the reflected one concave."""
    a, b = number(first), number(first + gap)
    middle, chord = loss.value((a + b) / 2), (loss.value(a) + loss.value(b)) / 2
    assert loss.value(a) > loss.value(b)
    assert -1 < loss.slope(a) < 0
    bend = 1 if loss is LOGISTIC else -1
    assert bend * float(chord - middle) >= -1e-12 * (1 + abs(first) + gap)
    assert bend * float(loss.slope(b) - loss.slope(a)) > 0


@LOSSES
@DTYPES
def test_nothing_overflows(loss: Loss, dtype: torch.dtype) -> None:
    """sec-losses: at margins of +-10^4 the losses are linear or 0, never infinite or NaN."""
    z = torch.tensor([-1e4, 1e4], dtype=dtype)
    value, slope = {
        LOGISTIC: ([1e4, 0.0], [-1.0, 0.0]),
        REFLECTED: ([0.0, -1e4], [0.0, -1.0]),
    }[loss]
    assert loss.value(z).tolist() == value
    assert loss.slope(z).tolist() == slope


@DTYPES
def test_the_tail_is_not_cut(dtype: torch.dtype) -> None:
    """sec-losses: at z = 25 the loss is still e^-25, to full precision."""
    z = torch.tensor(25.0, dtype=dtype)
    assert float(LOGISTIC.value(z)) == pytest.approx(math.exp(-25), rel=1e-6)
    assert float(LOGISTIC.slope(z)) == pytest.approx(-math.exp(-25), rel=1e-6)


def test_at_zero() -> None:
    """sec-losses: l(0) = log 2 = -l_-(0), and both slopes are -1/2."""
    zero = number(0.0)
    assert float(LOGISTIC.value(zero)) == pytest.approx(math.log(2), rel=1e-15)
    assert float(REFLECTED.value(zero)) == pytest.approx(-math.log(2), rel=1e-15)
    assert float(LOGISTIC.slope(zero)) == float(REFLECTED.slope(zero)) == -0.5
