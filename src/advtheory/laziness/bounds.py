r"""The constants of the proof that lazy networks are fragile, as functions.

Each function is one numbered formula of the pages ``sec-random-networks`` and
``sec-lazy-stability``; a docstring names its label. The setting is that of Theorem 3.1 of Wang et
al. (2022): ReLU networks :math:`f(x) = \frac{1}{\sqrt m}\sum_s a_s \sigma(w_s \cdot x)` with rows
:math:`w_{s,0} \sim N(0, I_d)` and fair signs, :math:`\|x\| = 1`, and all weights in the lazy ball
:math:`\|w_s - w_{s,0}\| \le C_0/\sqrt m`.

Arguments are numbers or arrays that broadcast: ``c0`` is :math:`C_0 \ge 0`, ``d`` the dimension (at
least 2), ``m`` the width (at least d), ``gamma`` the probability :math:`\gamma \in (0, 1)` that one
event fails, ``radius`` a radius :math:`R \in [0, 1/2]`. Anything else is a ValueError. Sizes may be
huge and are taken as real numbers in double precision; logarithms are natural.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from advtheory.checks import (
    Array,
    as_real,
    log_over,
    require,
    require_c0,
    require_dimension,
    require_radius,
    require_sizes,
)

WINDOW = 32000.0
"""The constant c of the widest admitted width is 1 / (WINDOW * F)."""
LARGEST = 10**60
"""Where :func:`smallest_dimension` gives up."""


def value_bound(c0: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`F = C_0 + 2\sqrt{\log(2/\gamma)}`, a bound on :math:`|f(x; W)|` for all lazy W.

    Book labels ``lem-random-value`` (there with ``c0=0``) and ``lem-b5``; Lemma B.5 of Wang et al.
    (2022).
    """
    bound: Array = require_c0(c0) + 2 * np.sqrt(log_over(2, gamma))
    return bound


def gradient_lower(d: ArrayLike) -> Array:
    r""":math:`G_- = \sqrt{3(d-1)/16}`, a lower bound on :math:`\|\nabla f(x; W_0)\|`.

    Book label ``lem-random-gradient``.
    """
    return np.sqrt(3 / 16 * (require_dimension(d) - 1))


def gradient_upper(d: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`G_+ = \sqrt{5(d-1)/4 + 4\log(2/\gamma)}`, an upper bound on the same norm.

    Book label ``lem-random-gradient``.
    """
    return np.sqrt(5 / 4 * (require_dimension(d) - 1) + value_bound(0, gamma) ** 2)


def row_norm(k: ArrayLike, d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`\Lambda(k) = \sqrt d + \sqrt k + \sqrt{2k\log(em/k) + 2\log(1/\gamma)}`.

    It bounds the largest singular value of every choice of at most k rows of :math:`W_0` at once.

    Args:
        k: A number of rows, from 1 to m.
        d: Dimension.
        m: Width.
        gamma: Probability of failure.

    Book label ``tool-gaussian-matrix``.
    """
    d, m, gamma = require_sizes(d, m, gamma)
    k = as_real(k)
    require(bool(np.all((k >= 1) & (k <= m))), f"k is {k}; expected a number of rows from 1 to m")
    subsets = k * np.log(math.e * m / k)
    return np.sqrt(d) + np.sqrt(k) + np.sqrt(2 * subsets + 2 * log_over(1, gamma))


def switch_count(c0: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`\sqrt m\,(C_0\sqrt{2/\pi} + \sqrt{\log(2/\gamma)/2})`: neurons that can switch at x.

    For one input that was fixed beforehand. Book label ``lem-b4``; Lemma B.4 of Wang et al. (2022).
    """
    m = as_real(m)
    require(bool(np.all(m >= 1)), f"m is {m}; expected a width of at least 1")
    fluctuation = np.sqrt(log_over(2, gamma) / 2)
    return np.sqrt(m) * (require_c0(c0) * math.sqrt(2 / math.pi) + fluctuation)


def lazy_count(c0: ArrayLike, d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`k_V`: at every input at once, no more neurons have a row that can switch.

    .. math:: k_V = \min\Big\{m, \Big\lceil 1.6\, C_0\sqrt m + 16(d+1)\log\frac{2em}{d+1}
        + 8\log\frac4\gamma \Big\rceil\Big\}

    Book label ``lem-uniform-count``.
    """
    d, m, gamma = require_sizes(d, m, gamma)
    patterns = 16 * (d + 1) * np.log(2 * math.e * m / (d + 1))
    count = 1.6 * require_c0(c0) * np.sqrt(m) + patterns + 8 * log_over(4, gamma)
    return np.minimum(m, np.ceil(count))


def lazy_gradient_change(c0: ArrayLike, d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`E_W = C_0 + \sqrt{k_V/m}\,\Lambda(k_V)`, for all lazy W and all inputs at once.

    It bounds :math:`\|\nabla f(y; W) - \nabla f(y; W_0)\|`. Book label ``thm-lazy-stability``.
    """
    k = lazy_count(c0, d, m, gamma)
    return require_c0(c0) + np.sqrt(k / as_real(m)) * row_norm(k, d, m, gamma)


def ball_count(radius: ArrayLike, d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`k_R`: at no point of the ball of radius R around x have more neurons switched.

    .. math:: k_R = \min\Big\{m, \Big\lceil mR + 8d\log\frac{2em}d + 8\log\frac4\gamma
        \Big\rceil\Big\}

    Book label ``lem-ball-count``.
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
    """
    return _pattern_sum(ball_count(radius, d, m, gamma), d, m, gamma)


def gradient_everywhere(d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`S(m)`, a bound on :math:`\|\nabla f(y; W_0)\|` for all inputs y at once.

    :math:`S` is that of :func:`ball_gradient_change`. Book label ``lem-gradient-everywhere``.
    """
    return _pattern_sum(as_real(m), d, m, gamma)


def step_size(c0: ArrayLike, d: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`\eta = 16F/(d-1)`, the step that flips the sign. Book label ``thm-lazy-fragile``."""
    return 16 * value_bound(c0, gamma) / (require_dimension(d) - 1)


def perturbation_bound(c0: ArrayLike, d: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`20F/\sqrt{d-1}`, a bound on the length of that step. Label ``thm-lazy-fragile``."""
    length: Array = 20 * value_bound(c0, gamma) / np.sqrt(require_dimension(d) - 1)
    return length


def failure_probability(d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`7\gamma + e^{-m/8} + 2e^{-m/32} + 2e^{-(d-1)/16}`, what all events together may fail.

    Book label ``thm-fragile-explicit``.
    """
    d, m, gamma = require_sizes(d, m, gamma)
    tails: Array = np.exp(-m / 8) + 2 * np.exp(-m / 32) + 2 * np.exp(-(d - 1) / 16)
    return 7 * gamma + tails


def smallest_width(d: ArrayLike) -> Array:
    r""":math:`d^2\log^2 d`, the smallest width that the theorem admits (``thm-lazy-fragile``)."""
    return (require_dimension(d) * np.log(require_dimension(d))) ** 2


def largest_log_width(c0: ArrayLike, d: ArrayLike, gamma: ArrayLike) -> Array:
    r""":math:`\sqrt d/(32000\,F\log d)`, the logarithm of the largest width that is admitted.

    Book label ``prop-window``.
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


def _pattern_sum(k: Array, d: ArrayLike, m: ArrayLike, gamma: ArrayLike) -> Array:
    """S(k) of :func:`ball_gradient_change`: mean and fluctuation, uniformly over all patterns."""
    norm = row_norm(k, d, m, gamma)
    d, m, gamma = require_sizes(d, m, gamma)
    mean = np.sqrt(k / m) * (np.sqrt(d) + np.sqrt(2 * log_over(m, gamma)))
    patterns = d * np.log(math.e * m / d) + log_over(1, gamma)
    total: Array = mean + norm / np.sqrt(m) * np.sqrt(8 * patterns)
    return total
