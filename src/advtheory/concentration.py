r"""The probability tools of the part on laziness, as numbers: each bound with its constants.

Every function takes a probability of failure :math:`\gamma` and returns the bound that holds with
probability at least :math:`1 - \gamma`. Singular values of row sets are in
:func:`advtheory.laziness.bounds.row_norm`. Book label ``sec-tools``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from advtheory.checks import require_nonnegative, require_positive_integer

BITS = 100_000
"""How many binary digits :func:`patterns` returns at most; more takes minutes, then all memory."""


def _log_inverse(gamma: float) -> float:
    r""":math:`\log(1/\gamma)`; ValueError unless :math:`0 < \gamma \le 1`."""
    if not 0 < gamma <= 1:
        raise ValueError(f"gamma is {gamma}; expected a probability of failure in (0, 1], e.g. 0.1")
    return -math.log(gamma)


def hoeffding(ranges: Sequence[float], gamma: float) -> float:
    r"""What :math:`\sum_i (X_i - \mathbb E X_i)` exceeds with probability at most gamma.

    Args:
        ranges: :math:`b_i - a_i` for independent :math:`X_i \in [a_i, b_i]`; :math:`2|c_i|` for
            signs with weights :math:`c_i`.
        gamma: Probability of failure.

    Returns:
        :math:`\sqrt{\frac12 \log(1/\gamma) \sum_i (b_i - a_i)^2}`. Book label ``tool-hoeffding``.

    >>> round(hoeffding([2] * 100, 0.05), 2)  # the sum of 100 fair signs
    24.48
    """
    ranges = list(ranges)
    for length in ranges:
        require_nonnegative(length, "a range")
    return math.sqrt(0.5 * _log_inverse(gamma) * math.fsum(r * r for r in ranges))


def bernstein(variance: float, largest: float, gamma: float) -> float:
    r"""What a sum of independent :math:`X_i` with mean 0 exceeds with probability at most gamma.

    Args:
        variance: v, at least the sum of their variances.
        largest: M, with :math:`|X_i| \le M`.
        gamma: Probability of failure.

    Returns:
        :math:`\sqrt{2v \log(1/\gamma)} + \frac M3 \log(1/\gamma)`. Book label ``tool-bernstein``.

    >>> round(bernstein(variance=1, largest=0.1, gamma=0.05), 2)
    2.55
    """
    require_nonnegative(variance, "variance")
    require_nonnegative(largest, "largest")
    tail = _log_inverse(gamma)
    return math.sqrt(2 * variance * tail) + largest / 3 * tail


def chernoff(mean: float, gamma: float) -> tuple[float, float]:
    r"""Between which numbers a sum of independent 0-1 variables lies, each with failure gamma.

    Returns:
        :math:`\mu - \sqrt{2\mu \log(1/\gamma)}` and :math:`\mu + \sqrt{2\mu \log(1/\gamma)} +
        \frac13 \log(1/\gamma)`. Book label ``tool-chernoff``.

    >>> low, high = chernoff(mean=100, gamma=0.05)
    >>> round(low, 1), round(high, 1)
    (75.5, 125.5)
    """
    require_nonnegative(mean, "mean")
    return mean - bernstein(mean, 0.0, gamma), mean + bernstein(mean, 1.0, gamma)


def chi_square(k: int, gamma: float) -> tuple[float, float]:
    r"""Between which numbers a chi-square variable lies, each with failure gamma.

    Returns:
        :math:`k - 2\sqrt{kt}` and :math:`k + 2\sqrt{kt} + 2t` with :math:`t = \log(1/\gamma)`.
        Book label ``tool-chi-square``.

    >>> low, high = chi_square(k=100, gamma=0.05)
    >>> round(low, 1), round(high, 1)
    (65.4, 140.6)
    """
    require_positive_integer(k, "k")
    t = _log_inverse(gamma)
    spread = 2 * math.sqrt(k * t)
    return k - spread, k + spread + 2 * t


def gaussian_lipschitz(lipschitz: float, gamma: float) -> float:
    r"""How far a Lipschitz function of a standard normal vector exceeds its mean.

    Returns:
        :math:`L\sqrt{2\log(1/\gamma)}`. Book label ``tool-gaussian-lipschitz``.

    >>> round(gaussian_lipschitz(lipschitz=1, gamma=0.05), 2)
    2.45
    """
    require_nonnegative(lipschitz, "lipschitz")
    return lipschitz * math.sqrt(2 * _log_inverse(gamma))


def patterns(m: int, d: int) -> int:
    r"""An upper bound on the number of gate patterns that m neurons show on :math:`\mathbb R^d`.

    Returns:
        :math:`\sum_{i=0}^d \binom mi`. Book label ``tool-patterns``.

    Raises:
        ValueError: for a size below 1, or a number with more than ``BITS`` binary digits.

    >>> patterns(m=5, d=1)  # on the line only 3 are shown
    6
    """
    require_positive_integer(m, "m")
    require_positive_integer(d, "d")
    m, d = int(m), int(d)
    if min(m, d * m.bit_length()) > BITS:
        raise ValueError(
            f"the number of patterns has more than {BITS} binary digits; use log_growth(m, d) for "
            "a bound on its logarithm"
        )
    choices = total = 1
    for i in range(min(d, m)):
        choices = choices * (m - i) // (i + 1)
        total += choices
    return total


def log_growth(n: int, dimension: int) -> float:
    r"""Logarithm of the bound on the number of patterns on n points: :math:`D\log\frac{en}D`.

    Book label ``tool-patterns``.

    Raises:
        ValueError: unless :math:`n \ge D`.

    >>> round(log_growth(n=100, dimension=3), 2)
    13.52
    """
    require_positive_integer(n, "n")
    require_positive_integer(dimension, "dimension")
    if n < dimension:
        raise ValueError(f"n is {n}; expected at least dimension = {dimension}: use more points")
    return dimension * (1 + math.log(n) - math.log(dimension))  # n may be too large for a float


def relative_vc(measure: float, m: int, log_cuts: float, gamma: float) -> float:
    r"""The largest share of m points in any set of measure at most nu in a family.

    Args:
        measure: :math:`\nu(A)`.
        m: Number of points.
        log_cuts: Logarithm of the growth function of the family at 2m points.
        gamma: Probability of failure.

    Returns:
        :math:`2\nu + \frac8m\big(\log\Pi(2m) + \log\frac4\gamma\big)`. Book label
        ``tool-relative-vc``.

    >>> round(relative_vc(0.1, 10_000, log_growth(20_000, 3), 0.05), 3)
    0.227
    """
    require_positive_integer(m, "m")
    require_nonnegative(measure, "measure")
    require_nonnegative(log_cuts, "log_cuts")
    return 2 * measure + 8 / m * (log_cuts + math.log(4) + _log_inverse(gamma))


def convex(lipschitz: float, gamma: float) -> float:
    r"""How far a convex Lipschitz function of independent signs exceeds its mean.

    Returns:
        :math:`L\sqrt{8\log(1/\gamma)}`. Book label ``tool-talagrand``.

    >>> round(convex(lipschitz=1, gamma=0.05), 2)
    4.9
    """
    return 2 * gaussian_lipschitz(lipschitz, gamma)
