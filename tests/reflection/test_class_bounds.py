"""Losses of many classes around the 0-1 loss, and why no concave one sees two wrong classes."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory.losses import CROSS_ENTROPY, LOGISTIC, REFLECTED, REFLECTED_SOFTMAX, margin


@given(
    seed=st.integers(0, 10**6), classes=st.integers(2, 6), size=st.sampled_from([0.1, 1.0, 10.0])
)
def test_four_losses_around_the_0_1_loss(seed: int, classes: int, size: float) -> None:
    """prop-class-bounds: the chain, its equalities, and the maximum over classes."""
    generator = torch.Generator().manual_seed(seed)
    f = size * torch.randn(50, classes, generator=generator, dtype=torch.float64)
    y = torch.randint(0, classes, (50,), generator=generator)
    f[0] = 0.0  # a tie is an error
    error = (margin(f, y) <= 0).double()
    chain = [
        1 + REFLECTED_SOFTMAX.value(f, y) / math.log(2),
        1 + REFLECTED.value(f, y) / math.log(2),
        error,
        LOGISTIC.value(f, y) / math.log(2),
        CROSS_ENTROPY.value(f, y) / math.log(2),
    ]
    for lower, upper in pairwise(chain):
        assert (lower <= upper + 1e-12).all()
    if classes == 2:
        torch.testing.assert_close(chain[0], chain[1])
        torch.testing.assert_close(chain[3], chain[4])
    elif size < 10:
        assert (chain[0] < chain[1]).all()
        assert (chain[3] < chain[4]).all()
    ahead = f.gather(1, y[:, None]) - f
    each = -torch.nn.functional.softplus(ahead.scatter(1, y[:, None], math.inf), threshold=1e9)
    torch.testing.assert_close(REFLECTED.value(f, y), each.amax(1))


@pytest.mark.parametrize("classes", [3, 7])
def test_no_concave_lower_bound_sees_two_wrong_classes(classes: int) -> None:
    """prop-no-concave: two errors, the right answer half way, and concave functions between them.

    Minima of affine functions below 0 where class 0 wins cannot be positive at both.
    """
    t = 0.7
    one, other = (torch.full((classes,), -3 * t, dtype=torch.float64) for _ in range(2))
    one[0] = other[0] = 0.0
    one[1], other[2] = t, t
    y = torch.tensor(0)
    half = (one + other) / 2
    assert margin(half, y) == pytest.approx(t)
    assert [margin(f, y).item() for f in (one, other)] == pytest.approx([-t, -t])
    generator = torch.Generator().manual_seed(0)
    for _ in range(200):
        slopes = torch.randn(3, classes, generator=generator, dtype=torch.float64)
        at = [(slopes @ f).amin() for f in (one, other, half)]
        low = [float(value - at[2].clamp(min=0)) for value in at]  # at most 0 half way
        assert min(low[:2]) <= 1e-12
    # the largest of the pairs' reflections sees both, and is therefore not concave
    values = [1 + REFLECTED.value(f, y).item() / math.log(2) for f in (one, other, half)]
    assert min(values[:2]) > 0 > values[2]
