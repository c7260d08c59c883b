r"""How long adversarial training lasts: step sizes and numbers of iterations.

The network is :math:`f(x) = \frac{1}{\sqrt m}\sum_s a_s \sigma(w_s \cdot x)` with a leaky ReLU of
slope :math:`\alpha` and a top layer of size :math:`\bar a = \sqrt{\frac1m\sum_s a_s^2}`: 1 for
signs, :math:`\kappa\sqrt m` in the paper. The data have :math:`\|x\| \le R` and the margin
:math:`\gamma`. Nothing depends on the width. Book label ``sec-training-ends``; Mianjy & Arora
(2023), Section 3.

Arguments are numbers or arrays that broadcast: ``gamma`` is :math:`\gamma`, ``nu`` the size
:math:`\nu < \gamma` of the attack, ``radius`` is R, ``top`` is :math:`\bar a`, ``start`` is
:math:`\|W_1\|_F`, or what it is at most. Anything else is a ValueError.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from advtheory.checks import Array, as_real, require
from advtheory.reflection.bounds.arguments import at_least_0, positive

GROWTH = 0.612
r"""No step adds more than this times :math:`\eta` to :math:`\|W\|_F^2`; ``lem-growth``."""
TOP, START = "the size of the top layer", "the norm of the start"
NOTHING = (
    "expected nu below gamma: an attack as long as the margin may undo it, and then nothing is "
    "promised"
)


def perceptron_mistakes(gamma: ArrayLike, nu: ArrayLike, *, radius: ArrayLike = 1.0) -> Array:
    r""":math:`\big(\frac{R+\nu}{\gamma-\nu}\big)^2`: a perceptron under attack errs no more often.

    Book label ``thm-novikoff``.

    >>> round(float(perceptron_mistakes(0.5, 0.2)))
    16
    """
    gamma, nu, radius = _margin(gamma, nu, radius)
    return ((radius + nu) / (gamma - nu)) ** 2


def correlation(
    gamma: ArrayLike, nu: ArrayLike, *, alpha: ArrayLike = 1.0, top: ArrayLike = 1.0
) -> Array:
    r""":math:`A = \alpha \bar a(\gamma - \nu)`: what a step gains along the teacher.

    Book label ``lem-perceptron``.

    >>> round(float(correlation(0.5, 0.2, alpha=0.1)), 3)
    0.03
    """
    gamma, nu, _ = _margin(gamma, nu, np.inf)
    return _slope(alpha) * positive(top, TOP) * (gamma - nu)


def step_size(nu: ArrayLike, *, radius: ArrayLike = 1.0, top: ArrayLike = 1.0) -> Array:
    r""":math:`\eta = \frac{1}{\bar a^2(R+\nu)^2}`, the largest step of training that is allowed.

    Book label ``lem-perceptron``.

    >>> round(float(step_size(0.25, top=2)), 2)
    0.16
    """
    reach = positive(radius, "R") + at_least_0(nu, "nu")
    eta: Array = 1 / (positive(top, TOP) * reach) ** 2
    return eta


def mean_bound(
    steps: ArrayLike, eta: ArrayLike, correlation: ArrayLike, *, start: ArrayLike = 0.0
) -> Array:
    r""":math:`\frac{2\|W_1\|_F}{\eta A T} + \frac{1}{A\sqrt{\eta T}}`, a bound on the mean pull.

    T is ``steps``, :math:`\eta` at most :func:`step_size`. Book label ``lem-perceptron``, part 1.

    >>> float(mean_bound(100, 1.0, 0.5))
    0.2
    """
    steps, eta, gain = positive(steps, "T"), positive(eta, "eta"), positive(correlation, "A")
    bound: Array = 2 * at_least_0(start, START) / (eta * gain * steps)
    return bound + 1 / (gain * np.sqrt(eta * steps))


def norm_bound(steps: ArrayLike, eta: ArrayLike, *, start: ArrayLike = 0.0) -> Array:
    r""":math:`\sqrt{\|W_1\|_F^2 + 0.612\,\eta T}`, a bound on :math:`\|W_{T+1}\|_F`.

    Book label ``lem-perceptron``, part 2; the paper's (6) has 3 in place of 0.612.

    >>> round(float(norm_bound(1000, 0.5, start=1)), 2)
    17.52
    """
    grown = GROWTH * positive(eta, "eta") * at_least_0(steps, "T")
    bound: Array = np.sqrt(at_least_0(start, START) ** 2 + grown)
    return bound


def perceptron_iterations(
    eps: ArrayLike,
    gamma: ArrayLike,
    nu: ArrayLike,
    *,
    radius: ArrayLike = 1.0,
    alpha: ArrayLike = 1.0,
    top: ArrayLike = 1.0,
    start: ArrayLike = 0.0,
) -> Array:
    r""":math:`\lceil 4(1 + \|W_1\|_F A\epsilon) / (\eta A^2\epsilon^2) \rceil` iterations.

    After so many, with the step of :func:`step_size`, the mean pull is at most :math:`\epsilon`.
    Book label ``lem-perceptron``, Lemma 3.7 of the paper. With an exact attack the robust error is
    then at most :math:`2\epsilon`: ``cor-exact-oracle``.

    >>> float(perceptron_iterations(0.1, 0.5, 0.2, alpha=0.5))
    25600.0
    """
    _margin(gamma, nu, radius)
    gain, eta = correlation(gamma, nu, alpha=alpha, top=top), step_size(nu, radius=radius, top=top)
    gain = gain * positive(eps, "eps")
    begun = at_least_0(start, START)
    return _whole(4 * (1 + begun * gain) / (eta * gain**2))


def training_iterations(
    eps: ArrayLike,
    gamma: ArrayLike,
    nu: ArrayLike,
    *,
    radius: ArrayLike = 1.0,
    alpha: ArrayLike = 1.0,
    top: ArrayLike = 1.0,
    start: ArrayLike = 0.0,
) -> Array:
    r""":math:`\lceil 64(R+\nu)^2(1 + \omega A\epsilon/4) / ((\gamma-\nu)\alpha\epsilon)^2 \rceil`.

    Then the :math:`\beta`-robust error is at most :math:`2\epsilon` in expectation. ``start`` is
    :math:`\omega`. Book label ``thm-training``, Theorem 3.4 of the paper, which has
    :math:`\omega\gamma\alpha\kappa\sqrt m\,\epsilon` in place of :math:`\omega A\epsilon/4`.

    >>> float(training_iterations(0.1, 0.5, 0.2))
    102400.0
    """
    quarter = positive(eps, "eps") / 4
    return perceptron_iterations(
        quarter, gamma, nu, radius=radius, alpha=alpha, top=top, start=start
    )


def linear_iterations(
    eps: ArrayLike, gamma: ArrayLike, nu: ArrayLike, *, radius: ArrayLike = 1.0
) -> Array:
    r""":math:`\lceil 128(R+\nu)^2 / ((\gamma-\nu)\epsilon)^2 \rceil`, for a linear network.

    For :math:`\bar a = 1` and :math:`\omega = 1/\gamma`. Book label ``cor-linear-training``.
    Corollary 3.5 of the paper.

    >>> float(linear_iterations(0.1, 0.5, 0.2))
    204800.0
    """
    ratio = perceptron_mistakes(gamma, nu, radius=radius)
    return _whole(128 * ratio / positive(eps, "eps") ** 2)


def attack_iterations(
    eps: ArrayLike, nu: ArrayLike, norm: ArrayLike, *, top: ArrayLike = 1.0
) -> Array:
    r""":math:`\lceil 8\nu^2 \bar a^2 \|W_t\|_F^2/\epsilon\rceil`, at least 1: steps of the attack.

    With the largest step :math:`1/(\bar a^2\|W_t\|_F^2)` of the attack; ``norm`` is
    :math:`\|W_t\|_F`. Book label ``thm-training``.

    >>> float(attack_iterations(0.1, 0.2, norm=5))
    80.0
    """
    size = positive(top, TOP) * at_least_0(norm, "the norm of W")
    steps = 8 * (at_least_0(nu, "nu") * size) ** 2 / positive(eps, "eps")
    return np.maximum(_whole(steps), 1)


def top_for_beta(beta: ArrayLike, nu: ArrayLike, alpha: ArrayLike) -> Array:
    r""":math:`\bar a = \frac{\beta}{2\nu(1-\alpha)}`: the top layer that admits :math:`\beta`.

    With it :func:`attack_iterations` is :math:`2\beta^2\|W_t\|_F^2/((1-\alpha)^2\epsilon)`.
    Book label ``cor-small-beta``; Corollary 3.6 of the paper has that fraction upside down.

    >>> float(top_for_beta(0.01, nu=0.25, alpha=0.5))
    0.04
    """
    alpha = _slope(alpha)
    require(bool(np.all(alpha < 1)), f"alpha is {alpha}; a linear network admits every beta")
    top: Array = positive(beta, "beta") / (2 * positive(nu, "nu") * (1 - alpha))
    return top


def cost_bound(
    eps: ArrayLike,
    gamma: ArrayLike,
    nu: ArrayLike,
    *,
    radius: ArrayLike = 1.0,
    alpha: ArrayLike = 1.0,
) -> Array:
    r""":math:`196608\,\nu^2(R+\nu)^2 / ((\gamma-\nu)^4\alpha^4\epsilon^5)`: all attack steps.

    For :math:`\bar a = 1`, :math:`\omega^2 = 3/(R+\nu)^2`, :math:`\epsilon \le 1/2`.
    Book label ``prop-cost``.

    >>> f"{float(cost_bound(0.1, 0.5, 0.2)):.1e}"
    '1.4e+11'
    """
    eps = positive(eps, "eps")
    require(bool(np.all(eps <= 0.5)), f"eps is {eps}; the cost is bounded for eps up to 1/2")
    gamma, nu, radius = _margin(gamma, nu, radius)
    gap = (gamma - nu) * _slope(alpha)
    return 196608 * (nu * (radius + nu)) ** 2 / (gap**4 * eps**5)


def _whole(steps: Array) -> Array:
    """Rounded up, where rounding errors do not count: 1600.0000000000002 is 1600."""
    whole: Array = np.ceil(steps * (1 - 1e-12))
    return whole


def _slope(alpha: ArrayLike) -> Array:
    alpha = as_real(alpha)
    good = bool(np.all((alpha > 0) & (alpha <= 1)))
    require(good, f"alpha is {alpha}; expected a slope above 0 and up to 1, so no ReLU")
    return alpha


def _margin(gamma: ArrayLike, nu: ArrayLike, radius: ArrayLike) -> tuple[Array, Array, Array]:
    gamma, nu, radius = positive(gamma, "gamma"), at_least_0(nu, "nu"), as_real(radius)
    require(bool(np.all(nu < gamma)), f"nu is {nu} and gamma {gamma}; {NOTHING}")
    enough = bool(np.all(radius >= gamma))
    require(enough, f"R is {radius} and gamma {gamma}; expected a radius of at least the margin")
    return gamma, nu, radius
