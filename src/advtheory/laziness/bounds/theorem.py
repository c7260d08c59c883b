r"""The step that flips lazy networks, the conditions of the theorem, and the sizes that meet them.

Book labels ``thm-fragile-explicit``, ``thm-lazy-fragile``, ``sec-honest-size``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from advtheory.checks import Array, require, require_dimension, require_sizes
from advtheory.laziness.bounds.lazy_weights import lazy_gradient_change
from advtheory.laziness.bounds.random_networks import (
    ball_gradient_change,
    gradient_lower,
    value_bound,
)

WINDOW = 32000.0
"""The constant c of the widest admitted width is 1 / (WINDOW * F)."""
LARGEST = 10**60
"""Where :func:`smallest_dimension` gives up."""


def step_size(c0: ArrayLike, d: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`\eta = 16F/(d-1)`, the step that flips the sign. Book label ``thm-lazy-fragile``.

    >>> round(float(step_size(2, d=785, gamma=0.1)), 3)
    0.111
    """
    return 16 * value_bound(c0, gamma) / (require_dimension(d) - 1)


def perturbation_bound(c0: ArrayLike, d: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`20F/\sqrt{d-1}`, a bound on the length of that step. Label ``thm-lazy-fragile``.

    >>> round(float(perturbation_bound(2, d=785, gamma=0.1)), 2)
    3.9
    """
    length: Array = 20 * value_bound(c0, gamma) / np.sqrt(require_dimension(d) - 1)
    return length


def failure_probability(d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`7\gamma + e^{-m/8} + 2e^{-m/32} + 2e^{-(d-1)/16}`, what all events together may fail.

    Book label ``thm-fragile-explicit``.

    >>> round(float(failure_probability(d=100, m=1000, gamma=0.01)), 4)
    0.0741
    """
    d, m, gamma = require_sizes(d, m, gamma)
    tails: Array = np.exp(-m / 8) + 2 * np.exp(-m / 32) + 2 * np.exp(-(d - 1) / 16)
    return 7 * gamma + tails


def smallest_width(d: ArrayLike) -> Array:
    r""":math:`d^2\log^2 d`, the smallest width that the theorem admits (``thm-lazy-fragile``).

    >>> round(float(smallest_width(784)))
    27299545
    """
    return (require_dimension(d) * np.log(require_dimension(d))) ** 2


def largest_log_width(c0: ArrayLike, d: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`\sqrt d/(32000\,F\log d)`, the logarithm of the largest width that is admitted.

    Book label ``prop-window``.

    >>> round(float(largest_log_width(2, d=1e14, gamma=0.1)), 2)
    1.77
    """
    logarithm: Array = np.sqrt(require_dimension(d)) / (
        WINDOW * value_bound(c0, gamma) * np.log(require_dimension(d))
    )
    return logarithm


def conditions(c0: ArrayLike, d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> dict[str, Array]:
    r"""The three hypotheses of the theorem, as ratios that must be at most 1.

    Returns:
        "radius", :math:`2R` with :math:`R = 20F/\sqrt{d-1}`; "lazy", :math:`10E_W/G_-`; and "ball",
        :math:`5E_R/G_-` (with R replaced by 1/2 where it is larger).

    Book label ``thm-fragile-explicit``.

    >>> {name: f"{ratio:.1f}" for name, ratio in conditions(2, 784, 10**8, 0.1).items()}
    {'radius': '7.8', 'lazy': '82.2', 'ball': '244.9'}
    """
    radius, size = perturbation_bound(c0, d, gamma), gradient_lower(d)
    lazy = lazy_gradient_change(c0, d, m, gamma)
    ball = ball_gradient_change(np.minimum(radius, 0.5), d, m, gamma)
    return {"radius": 2 * radius, "lazy": 10 * lazy / size, "ball": 5 * ball / size}


def smallest_dimension(c0: float, gamma: float) -> dict[str, int]:
    r"""The smallest d at which each condition holds for the width :math:`m = d^2\log^2 d`.

    Beyond it the condition holds for all larger d with that width. Sizes above :math:`10^{15}` are
    exact to rounding only. Book label ``sec-honest-size``.

    Returns:
        The dimensions for "radius", "lazy" and "ball", the keys of :func:`conditions`.

    Raises:
        ValueError: if a condition fails even at the dimension :math:`10^{60}`.

    >>> {name: f"{d:.1e}" for name, d in smallest_dimension(2, 0.1).items()}
    {'radius': '4.8e+04', 'lazy': '1.8e+07', 'ball': '5.8e+16'}
    """
    return {name: _first(c0, gamma, name) for name in ("radius", "lazy", "ball")}


def _first(c0: float, gamma: float, name: str) -> int:
    """Bisection: the ratio rises while counts are capped at m, and falls from then on."""

    def holds(d: int) -> bool:
        return bool(conditions(c0, float(d), smallest_width(d), gamma)[name] <= 1)

    low, high = 4, LARGEST  # m is at least d from here on
    require(holds(high), f"the condition {name!r} fails at every d; choose a smaller C0")
    while high - low > 1:
        middle = math.isqrt(low * high) if high > 2 * low else (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
