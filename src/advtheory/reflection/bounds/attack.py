r"""What projected gradient descent on the reflected loss is guaranteed to find, as functions.

Each is one formula of the page ``sec-pgd-finds``; a docstring names its label. The network is
:math:`f(x) = \frac{1}{\sqrt m}\sum_s a_s \sigma(w_s \cdot x)` with a leaky ReLU of slope
:math:`\alpha` and :math:`|a_s| \le \kappa\sqrt m`. Arguments are numbers or arrays that broadcast;
whatever is out of range is a ValueError. Source: Theorem 3.2 of Mianjy & Arora (2023).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from advtheory.checks import Array, as_real, require
from advtheory.reflection.bounds.arguments import at_least_0, positive

ROUNDING = 1e-12  # of a number of iterations: an error of its last digit shall not add one


def effective_threshold(nu: ArrayLike, alpha: ArrayLike, kappa: ArrayLike, m: ArrayLike) -> Array:
    r""":math:`\beta = 2\nu(1-\alpha)\kappa\sqrt m`, from which on an attack is effective enough.

    The theorem asks for a point of the ball at which the margin of the normalised network is
    :math:`-\beta` or less. Book labels ``def-effective``, ``thm-attack``.

    Args:
        nu: Radius of the ball, :math:`\nu \ge 0`.
        alpha: Slope of the leaky ReLU, from 0 to 1.
        kappa: Bound on the top layer, :math:`\max_s|a_s|/\sqrt m`.
        m: Width.

    >>> round(float(effective_threshold(nu=0.5, alpha=0.75, kappa=0.1, m=100)), 6)
    0.25
    """
    nu, kappa, m = at_least_0(nu, "nu"), at_least_0(kappa, "kappa"), positive(m, "m")
    threshold: Array = 2 * nu * (1 - _leak(alpha)) * kappa * np.sqrt(m)
    return threshold


def attack_step(kappa: ArrayLike, m: ArrayLike, norm: ArrayLike) -> Array:
    r""":math:`\eta = 1/(\kappa^2 m\|W\|_F^2)`, the largest step size of the theorem.

    Book label ``thm-attack``.

    Args:
        kappa: Bound on the top layer.
        m: Width.
        norm: :math:`\|W\|_F`.

    >>> float(attack_step(kappa=0.5, m=4, norm=2.0))
    0.25
    """
    kappa, m, norm = positive(kappa, "kappa"), positive(m, "m"), positive(norm, "norm")
    step: Array = 1 / (kappa**2 * m * norm**2)
    return step


def attack_bound(q_atk: ArrayLike, nu: ArrayLike, eta: ArrayLike, steps: ArrayLike) -> Array:
    r""":math:`2q + 4\nu^2/(\eta T)`: the best attack's weight is at most this.

    Book label ``thm-attack``.

    Args:
        q_atk: :math:`q(\varphi) = 1/(1+e^\varphi)` at the margin that was found.
        nu: Radius of the ball.
        eta: Step size.
        steps: Number of iterations T.

    >>> float(attack_bound(q_atk=0.25, nu=0.5, eta=0.1, steps=40))
    0.75
    """
    return 2 * _weight(q_atk) + 4 * _excess(nu, eta, steps)


def first_bound(q_atk: ArrayLike, nu: ArrayLike, eta: ArrayLike, steps: ArrayLike) -> Array:
    r""":math:`\frac73q + \nu^2/(\eta T)`, the bound with the short proof.

    Arguments as in :func:`attack_bound`. Book label ``prop-attack-first``.

    >>> round(float(first_bound(q_atk=0.3, nu=0.5, eta=0.1, steps=25)), 6)
    0.8
    """
    return 7 / 3 * _weight(q_atk) + _excess(nu, eta, steps)


def sharp_bound(q_atk: ArrayLike, nu: ArrayLike, eta: ArrayLike, steps: ArrayLike) -> Array:
    r""":math:`\frac43q + \nu^2/(\eta T)`, which is below the bound of the theorem.

    Arguments as in :func:`attack_bound`. Book label ``prop-attack-sharp``.

    >>> round(float(sharp_bound(q_atk=0.3, nu=0.5, eta=0.1, steps=25)), 6)
    0.5
    """
    return 4 / 3 * _weight(q_atk) + _excess(nu, eta, steps)


def suboptimal_iterations(nu: ArrayLike, eta: ArrayLike, eps: ArrayLike) -> Array:
    r""":math:`\lceil 4\nu^2/(\eta\epsilon)\rceil`, after which the second term is at most eps.

    With the largest step size it is :math:`4\nu^2\kappa^2m\|W\|_F^2/\epsilon`. Book label
    ``cor-attack-iterations``.

    >>> float(suboptimal_iterations(nu=0.5, eta=0.125, eps=0.25))
    32.0
    """
    steps: Array = 4 * at_least_0(nu, "nu") ** 2 / positive(eta, "eta") / _eps(eps)
    return np.maximum(np.ceil(steps * (1 - ROUNDING)), 1.0)


def flip_iterations(nu: ArrayLike, eta: ArrayLike, M: ArrayLike = 1.0) -> Array:
    r""":math:`\lceil 2\nu^2/(\eta(M-\frac12))\rceil`, after which the label is flipped.

    For :math:`M \ge 1` the :math:`4\nu^2/\eta` of the theorem are enough. Book labels
    ``prop-attack-sharp``, ``thm-attack``.

    Args:
        nu: Radius of the ball.
        eta: Step size.
        M: How far below zero an effective attack brings the margin, above one half.

    >>> float(flip_iterations(nu=0.5, eta=0.125)), float(flip_iterations(nu=0.5, eta=0.125, M=1.5))
    (8.0, 4.0)
    """
    steps: Array = 2 * at_least_0(nu, "nu") ** 2 / positive(eta, "eta") / (_strong(M) - 0.5)
    return np.maximum(np.ceil(steps * (1 - ROUNDING)), 1.0)


def _excess(nu: ArrayLike, eta: ArrayLike, steps: ArrayLike) -> Array:
    r""":math:`\rho = \nu^2/(\eta T)`."""
    nu, eta, steps = at_least_0(nu, "nu"), positive(eta, "eta"), positive(steps, "steps")
    excess: Array = nu**2 / (eta * steps)
    return excess


def _weight(q: ArrayLike) -> Array:
    q = as_real(q)
    good = bool(np.all((q >= 0) & (q <= 1)))
    require(good, f"q_atk is {q}; expected a weight from 0 to 1, as 1/(1 + exp(margin)) is")
    return q


def _leak(alpha: ArrayLike) -> Array:
    alpha = as_real(alpha)
    good = bool(np.all((alpha >= 0) & (alpha <= 1)))
    require(good, f"alpha is {alpha}; expected the slope of a leaky ReLU, from 0 to 1")
    return alpha


def _strong(M: ArrayLike) -> Array:
    M = as_real(M)
    good = bool(np.all(np.isfinite(M) & (M > 0.5)))
    require(good, f"M is {M}; expected a finite number above 1/2, else no flip is promised")
    return M


def _eps(eps: ArrayLike) -> Array:
    eps = as_real(eps)
    good = bool(np.all((eps > 0) & (eps <= 1)))
    require(good, f"eps is {eps}; expected a number above 0 and at most 1")
    return eps
