r"""Random networks: value, gradient, and how the gradient changes in a ball of inputs.

Book label ``sec-random-networks``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from advtheory.checks import (
    Array,
    as_real,
    require,
    require_c0,
    require_dimension,
    require_gamma,
    require_radius,
    require_sizes,
)


def value_bound(c0: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`F = C_0 + 2\sqrt{\log(2/\gamma)}`, a bound on :math:`|f(x; W)|` for all lazy W.

    Book labels ``lem-random-value`` (there with ``c0=0``) and ``lem-b5``; Lemma B.5 of Wang et al.
    (2022).

    >>> round(float(value_bound(2, 0.1)), 2)
    5.46
    """
    bound: Array = require_c0(c0) + 2 * np.sqrt(log_over(2, gamma))
    return bound


def gradient_lower(d: ArrayLike) -> Array:
    r""":math:`G_- = \sqrt{3(d-1)/16}`, a lower bound on :math:`\|\nabla f(x; W_0)\|`.

    Book label ``lem-random-gradient``.

    >>> float(gradient_lower(49))
    3.0
    """
    return np.sqrt(3 / 16 * (require_dimension(d) - 1))


def gradient_upper(d: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`G_+ = \sqrt{5(d-1)/4 + 4\log(2/\gamma)}`, an upper bound on the same norm.

    Book label ``lem-random-gradient``.

    >>> round(float(gradient_upper(49, 0.1)), 2)
    8.48
    """
    return np.sqrt(5 / 4 * (require_dimension(d) - 1) + value_bound(0, gamma) ** 2)


def row_norm(k: ArrayLike, d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`\Lambda(k) = \sqrt d + \sqrt k + \sqrt{2k\log(em/k) + 2\log(1/\gamma)}`.

    It bounds the largest singular value of every choice of at most k rows of :math:`W_0` at once.
    The tool itself allows every m, d of at least 1 and :math:`\gamma = 1`; here they are limited as
    everywhere in :mod:`advtheory.laziness.bounds`.

    Args:
        k: A number of rows, from 1 to m.
        d: Dimension.
        m: Width.
        gamma: Probability of failure.

    Book label ``tool-gaussian-matrix``.

    >>> row_norm([1, 10, 100], d=49, m=1000, gamma=0.1).round(1).tolist()
    [12.5, 21.0, 42.8]
    """
    d, m, gamma = require_sizes(d, m, gamma)
    k = as_real(k)
    require(bool(np.all((k >= 1) & (k <= m))), f"k is {k}; expected a number of rows from 1 to m")
    subsets = k * np.log(math.e * m / k)
    return np.sqrt(d) + np.sqrt(k) + np.sqrt(2 * subsets + 2 * log_over(1, gamma))


def ball_count(radius: ArrayLike, d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`k_R`: at no point of the ball of radius R around x have more neurons switched.

    .. math:: k_R = \min\Big\{m, \Big\lceil mR + 8d\log\frac{2em}d + 8\log\frac4\gamma
        \Big\rceil\Big\}

    Book label ``lem-ball-count``.

    >>> ball_count([0, 0.25], d=5, m=10**4, gamma=0.1).tolist()
    [402.0, 2902.0]
    """
    d, m, gamma = require_sizes(d, m, gamma)
    patterns = 8 * d * np.log(2 * math.e * m / d)
    return np.minimum(m, np.ceil(m * require_radius(radius) + patterns + 8 * log_over(4, gamma)))


def ball_gradient_change(radius: ArrayLike, d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`E_R = S(k_R)`, for a random network and all points of the ball at once.

    It bounds :math:`\|\nabla f(x+\delta; W_0) - \nabla f(x; W_0)\|`, with

    .. math:: S(k) = \sqrt{\frac km}\Big(\sqrt d + \sqrt{2\log\frac m\gamma}\Big)
        + \frac{\Lambda(k)}{\sqrt m}\sqrt{8\Big(d\log\frac{em}d + \log\frac1\gamma\Big)} .

    Book label ``thm-gradient-ball``; the phenomenon is that of Bubeck et al. (2021).

    >>> round(float(ball_gradient_change(0.25, d=5, m=10**6, gamma=0.1)), 2)
    41.27
    """
    return _pattern_sum(ball_count(radius, d, m, gamma), d, m, gamma)


def gradient_everywhere(d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`S(m)`, a bound on :math:`\|\nabla f(y; W_0)\|` for all inputs y at once.

    :math:`S` is that of :func:`ball_gradient_change`. Book label ``lem-gradient-everywhere``.

    >>> round(float(gradient_everywhere(d=5, m=10**6, gamma=0.1)), 2)
    64.41
    """
    return _pattern_sum(as_real(m), d, m, gamma)


def _pattern_sum(k: Array, d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    """S(k) of :func:`ball_gradient_change`: mean and fluctuation, uniformly over all patterns."""
    norm = row_norm(k, d, m, gamma)
    d, m, gamma = require_sizes(d, m, gamma)
    mean = np.sqrt(k / m) * (np.sqrt(d) + np.sqrt(2 * log_over(m, gamma)))
    patterns = d * np.log(math.e * m / d) + log_over(1, gamma)
    total: Array = mean + norm / np.sqrt(m) * np.sqrt(8 * patterns)
    return total


def log_over(number: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`\log(\text{number}/\gamma)`, also where the quotient would overflow.

    >>> round(float(log_over(2, 0.1)), 3)
    2.996
    """
    return np.log(as_real(number)) - np.log(require_gamma(gamma))
