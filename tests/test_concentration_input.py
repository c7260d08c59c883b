"""What the probability tools say to sizes and probabilities that make no sense, or are huge."""

from __future__ import annotations

import math

import pytest

from advtheory import concentration


@pytest.mark.parametrize("gamma", [0.0, -0.1, 1.5, math.nan])
def test_gamma_is_a_probability(gamma: float) -> None:
    with pytest.raises(ValueError, match="expected a probability of failure"):
        concentration.hoeffding([1.0], gamma)


def test_sizes_are_checked() -> None:
    with pytest.raises(ValueError, match="n is 2; expected at least dimension = 3"):
        concentration.log_growth(2, 3)
    for length in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="a range is"):
            concentration.hoeffding([1.0, length], 0.1)
    with pytest.raises(ValueError, match="k is 0; expected"):
        concentration.chi_square(0, 0.1)
    with pytest.raises(ValueError, match="variance is -1"):
        concentration.bernstein(-1, 1, 0.1)
    with pytest.raises(ValueError, match="mean is -1"):
        concentration.chernoff(-1, 0.1)
    with pytest.raises(ValueError, match="k is 0"):
        concentration.chi_square(0, 0.1)


def test_huge_sizes_give_a_number_or_a_sentence() -> None:
    """tool-patterns: neither minutes nor all memory."""
    assert concentration.patterns(3, 10**400) == 8
    assert concentration.patterns(10**400, 2) > 10**799
    assert concentration.patterns(100_000, 100_000) == 2**100_000
    for m, d in ((10**400, 10**400), (10**9, 10**8), (10**400, 10**5)):
        with pytest.raises(ValueError, match="use log_growth"):
            concentration.patterns(m, d)
    assert concentration.log_growth(10**400, 3) == pytest.approx(
        3 * (1 + 400 * math.log(10) - math.log(3))
    )
