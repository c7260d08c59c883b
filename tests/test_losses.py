"""The logistic loss, its reflection, and margins of signs and of classes."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.losses import (
    CROSS_ENTROPY,
    LOGISTIC,
    MARGIN,
    REFLECTED,
    REFLECTED_SOFTMAX,
    Loss,
    margin,
    of_margin,
)

LOSSES = pytest.mark.parametrize("loss", [LOGISTIC, REFLECTED], ids=lambda loss: loss.name)
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
margins = st.floats(-700, 700)


def number(z: float) -> Tensor:
    return torch.tensor(z, dtype=torch.float64)


def value(loss: Loss, z: Tensor) -> Tensor:
    """The loss of a margin: with the label +1 an output is its own margin."""
    return loss.value(z, torch.ones_like(z))


def slope(loss: Loss, z: Tensor) -> Tensor:
    return loss.slope(z, torch.ones_like(z))


@given(margins)
def test_values_by_definition(z: float) -> None:
    """sec-losses: log(1 + e^-z) and -log(1 + e^z), by the standard library."""
    expected = {True: math.log1p(math.exp(-abs(z))), False: abs(z) + math.log1p(math.exp(-abs(z)))}
    assert float(value(LOGISTIC, number(z))) == pytest.approx(expected[z >= 0], rel=1e-12)
    assert float(value(REFLECTED, number(z))) == pytest.approx(-expected[z <= 0], rel=1e-12)


@LOSSES
def test_slopes_agree_with_autograd(loss: Loss) -> None:
    """sec-losses: the derivative in closed form."""
    z = torch.linspace(-60, 60, 2001, dtype=torch.float64).requires_grad_()
    (expected,) = torch.autograd.grad(value(loss, z).sum(), z)
    torch.testing.assert_close(slope(loss, z.detach()), expected, rtol=1e-10, atol=1e-300)


@given(margins)
def test_the_reflection(z: float) -> None:
    """sec-losses: l_-(z) = -l(-z), hence l_-'(z) = l'(-z)."""
    assert torch.equal(value(REFLECTED, number(z)), -value(LOGISTIC, number(-z)))
    assert torch.equal(slope(REFLECTED, number(z)), slope(LOGISTIC, number(-z)))


@LOSSES
@given(first=st.floats(-30, 30), gap=st.floats(0.01, 30))
def test_losses_fall_and_bend_one_way(loss: Loss, first: float, gap: float) -> None:
    """sec-losses: both fall; the logistic loss is convex, the reflected one concave."""
    a, b = number(first), number(first + gap)
    middle, chord = value(loss, (a + b) / 2), (value(loss, a) + value(loss, b)) / 2
    assert value(loss, a) > value(loss, b)
    assert -1 < slope(loss, a) < 0
    bend = 1 if loss is LOGISTIC else -1
    assert bend * float(chord - middle) >= -1e-12 * (1 + abs(first) + gap)
    assert bend * float(slope(loss, b) - slope(loss, a)) > 0


@LOSSES
@DTYPES
def test_nothing_overflows(loss: Loss, dtype: torch.dtype) -> None:
    """sec-losses: at margins of +-10^4 the losses are linear or 0, never infinite or NaN."""
    z = torch.tensor([-1e4, 1e4], dtype=dtype)
    heights, rises = {
        LOGISTIC: ([1e4, 0.0], [-1.0, 0.0]),
        REFLECTED: ([0.0, -1e4], [0.0, -1.0]),
    }[loss]
    assert value(loss, z).tolist() == heights
    assert slope(loss, z).tolist() == rises


@DTYPES
def test_the_tail_is_not_cut(dtype: torch.dtype) -> None:
    """sec-losses: at z = 25 the loss is still e^-25, to full precision."""
    z = torch.tensor(25.0, dtype=dtype)
    assert float(value(LOGISTIC, z)) == pytest.approx(math.exp(-25), rel=1e-6)
    assert float(slope(LOGISTIC, z)) == pytest.approx(-math.exp(-25), rel=1e-6)


def test_at_zero() -> None:
    """sec-losses: l(0) = log 2 = -l_-(0), and both slopes are -1/2."""
    zero = number(0.0)
    assert float(value(LOGISTIC, zero)) == pytest.approx(math.log(2), rel=1e-15)
    assert float(value(REFLECTED, zero)) == pytest.approx(-math.log(2), rel=1e-15)
    assert float(slope(LOGISTIC, zero)) == float(slope(REFLECTED, zero)) == -0.5


# Outputs and labels: signs, and classes.

ALL = pytest.mark.parametrize("loss", [LOGISTIC, REFLECTED, MARGIN], ids=lambda loss: loss.name)


def outputs(*shape: int) -> Tensor:
    return 3 * torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def labels(most: int, *shape: int) -> Tensor:
    return torch.randint(0, most, shape, generator=torch.Generator().manual_seed(1))


def test_margins_by_definition() -> None:
    """sec-losses: y f for signs; for classes the right output minus the best of the others."""
    f, y = outputs(4, 7), 2.0 * labels(2, 7) - 1
    assert torch.equal(margin(f, y), y * f)
    scores, k = outputs(4, 7, 3), labels(3, 7)
    found = margin(scores, k)
    for i in range(4):
        for j in range(7):
            row, right = scores[i, j].tolist(), int(k[j])
            best = max(value for c, value in enumerate(row) if c != right)
            assert float(found[i, j]) == row[right] - best


@ALL
def test_slopes_in_the_outputs_agree_with_autograd(loss: Loss) -> None:
    """sec-losses: the derivative of the loss in f, for signs and for classes."""
    for f, y in ((outputs(4, 7), 2.0 * labels(2, 7) - 1), (outputs(4, 7, 3), labels(3, 7))):
        f = f.requires_grad_()
        (expected,) = torch.autograd.grad(loss.value(f, y).sum(), f)
        torch.testing.assert_close(loss.slope(f.detach(), y), expected)


@ALL
def test_two_classes_are_two_signs(loss: Loss) -> None:
    """sec-losses: with the outputs (-f/2, f/2) the margin of the class is that of the sign."""
    f, k = outputs(9), labels(2, 9)
    y = 2.0 * k - 1
    pair = torch.stack([-f / 2, f / 2], -1)
    assert torch.equal(loss.value(pair, k), loss.value(f, y))
    along = loss.slope(pair, k)
    torch.testing.assert_close((along[:, 1] - along[:, 0]) / 2, loss.slope(f, y))


def test_a_tie_is_a_margin_of_zero() -> None:
    """sec-losses: the right class must be strictly ahead."""
    assert margin(torch.tensor([[2.0, 2.0, 1.0]]), torch.tensor([0])).item() == 0


def test_of_margin_takes_any_function() -> None:
    """sec-losses: the chain rule through the margin, by hand for (1 - z)^2."""
    square = of_margin("square", lambda z: (1 - z) ** 2, lambda z: 2 * (z - 1))
    f, y = torch.tensor([3.0, 0.5]), torch.tensor([-1.0, 1.0])
    assert square.value(f, y).tolist() == [16.0, 0.25]
    assert square.slope(f, y).tolist() == [8.0, -1.0]


def examples() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    f = 5 * torch.randn(50, 4, generator=generator, dtype=torch.float64)
    return f, torch.randint(0, 4, (50,), generator=generator)


@pytest.mark.parametrize("loss", [CROSS_ENTROPY, REFLECTED_SOFTMAX], ids=lambda loss: loss.name)
def test_slopes_of_softmax_losses_agree_with_autograd(loss: Loss) -> None:
    """sec-losses: softmax minus the right class; the best wrong class minus softmax."""
    f, y = examples()
    f.requires_grad_()
    (expected,) = torch.autograd.grad(loss.value(f, y).sum(), f)
    torch.testing.assert_close(loss.slope(f.detach(), y), expected, rtol=1e-10, atol=1e-14)


def test_values_of_softmax_losses() -> None:
    """sec-losses: torch's cross-entropy, and minus it for the best wrong class as target."""
    f, y = examples()
    expected = torch.nn.functional.cross_entropy(f, y, reduction="none")
    torch.testing.assert_close(CROSS_ENTROPY.value(f, y), expected)
    wrong = f.scatter(-1, y[:, None], -torch.inf).argmax(-1)
    expected = -torch.nn.functional.cross_entropy(f, wrong, reduction="none")
    torch.testing.assert_close(REFLECTED_SOFTMAX.value(f, y), expected)
