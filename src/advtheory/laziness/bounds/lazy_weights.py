r"""Lazy weights: how many neurons can switch, and how far the gradient can move.

Book label ``sec-lazy-stability``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from advtheory.checks import Array, as_real, require, require_c0, require_sizes
from advtheory.laziness.bounds.random_networks import log_over, row_norm


def switch_count(c0: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`\sqrt m\,(C_0\sqrt{2/\pi} + \sqrt{\log(2/\gamma)/2})`: neurons that can switch at x.

    For one input that was fixed beforehand. Book label ``lem-b4``; Lemma B.4 of Wang et al. (2022).

    >>> round(float(switch_count(2, m=1000, gamma=0.1)), 1)
    89.2
    """
    m = as_real(m)
    good = bool(np.all(np.isfinite(m) & (m >= 1)))
    require(good, f"m is {m}; expected a width of at least 1")
    fluctuation = np.sqrt(log_over(2, gamma) / 2)
    return np.sqrt(m) * (require_c0(c0) * math.sqrt(2 / math.pi) + fluctuation)


def lazy_count(c0: ArrayLike, d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`k_V`: at every input at once, no more neurons have a row that can switch.

    .. math:: k_V = \min\Big\{m, \Big\lceil 1.6\, C_0\sqrt m + 16(d+1)\log\frac{2em}{d+1}
        + 8\log\frac4\gamma \Big\rceil\Big\}

    Book label ``lem-uniform-count``.

    >>> lazy_count(2, d=5, m=[100, 10_000], gamma=0.1).tolist()
    [100.0, 1225.0]
    """
    d, m, gamma = require_sizes(d, m, gamma)
    patterns = 16 * (d + 1) * np.log(2 * math.e * m / (d + 1))
    count = 1.6 * require_c0(c0) * np.sqrt(m) + patterns + 8 * log_over(4, gamma)
    return np.minimum(m, np.ceil(count))


def lazy_gradient_change(c0: ArrayLike, d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`E_W = C_0 + \sqrt{k_V/m}\,\Lambda(k_V)`, for all lazy W and all inputs at once.

    It bounds :math:`\|\nabla f(y; W) - \nabla f(y; W_0)\|`. Book label ``thm-lazy-stability``.

    >>> round(float(lazy_gradient_change(2, d=5, m=10**6, gamma=0.1)), 2)
    22.96
    """
    k = lazy_count(c0, d, m, gamma)
    return require_c0(c0) + np.sqrt(k / as_real(m)) * row_norm(k, d, m, gamma)
