r"""Two starts compared: independent signs, and pairs of neurons that cancel.

A pair has one row and two opposite signs, so the network and its input gradient vanish at the
start. Inside the lazy ball the gradient then stays short, for all weights and inputs at once. Book
label ``sec-contrast``.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from advtheory.checks import require, require_nonnegative, require_positive_integer
from advtheory.concentration import log_growth, relative_vc
from advtheory.laziness.bounds import row_norm
from advtheory.networks.two_layer import TwoLayer

ROUNDING = 1e-5
"""How far from 1 the length of a unit vector may be, in single precision."""


def shifted(start: TwoLayer, direction: Tensor, c0: float) -> TwoLayer:
    r"""The lazy network :math:`w_s = w_{s,0} + \frac{C_0}{\sqrt m} a_s v` for a unit vector v.

    Book label ``prop-shifted``.

    Raises:
        ValueError: for a negative :math:`C_0`, or a direction that is not ``(d,)`` or no unit
            vector.

    >>> from advtheory.networks.two_layer import initialise
    >>> start = initialise(3, 100, 0)
    >>> (shifted(start, torch.eye(3)[0], c0=2).w - start.w).norm(dim=1).max()
    tensor(0.2000)
    """
    require_nonnegative(c0, "c0")
    if direction.shape != (start.d,):
        raise ValueError(
            f"direction has shape {tuple(direction.shape)}; expected ({start.d},): one number for "
            "each input dimension"
        )
    length = float(torch.linalg.vector_norm(direction))
    require(
        abs(length - 1) < ROUNDING,
        f"direction has length {length:g}; expected a unit vector: divide by its length",
    )
    return replace(start, w=start.w + c0 / math.sqrt(start.m) * start.a[..., None] * direction)


def gradient_square(d: int, m: int, c0: float, cosine: float, signs: str) -> float:
    r"""The mean of :math:`\|\nabla f(x)\|^2` for a shifted ReLU network, exactly.

    Args:
        d: Dimension of the input.
        m: Width.
        c0: :math:`C_0`.
        cosine: :math:`v \cdot x` for the unit vectors x and v.
        signs: "independent" or "antisymmetric", as in
            :func:`~advtheory.networks.two_layer.initialise`.

    Returns:
        :math:`\mathbb E f(x)^2 + \mathbb E\|P\nabla f(x)\|^2` as in ``prop-shifted``.

    Raises:
        ValueError: for other signs, sizes below 1, a negative :math:`C_0`, a cosine outside
            [-1, 1], or an odd width with antisymmetric signs.

    >>> [round(gradient_square(784, 4000, 2, 0.5, s), 1) for s in ("independent", "antisymmetric")]
    [393.0, 5.9]
    """
    require_positive_integer(d, "d")
    require_positive_integer(m, "m")
    require_nonnegative(c0, "c0")
    require(-1 <= cosine <= 1, f"cosine is {cosine}; expected a number from -1 to 1")
    if signs not in ("independent", "antisymmetric"):
        raise ValueError(f"signs is {signs!r}; expected 'independent' or 'antisymmetric'")
    h = c0 * abs(cosine) / math.sqrt(m)
    learnt = c0**2 * (1 - cosine**2)
    if signs == "independent":
        value = 0.5 + h * h / 4 + (c0 * cosine / 2) ** 2
        return value + (d - 1) / 2 + learnt * (0.25 + 0.25 / m)
    require(m % 2 == 0, f"m is {m}; antisymmetric signs pair the neurons: choose an even width")
    switches = math.erf(h / math.sqrt(2))  # Pr[|Z| < h]
    value = _pair_variance(h) / 2 + (c0 * cosine / 2) ** 2
    return value + (d - 1) / 2 * switches + learnt * (0.25 + (1 - switches) / (2 * m))


def _pair_variance(h: float) -> float:
    r"""The variance of :math:`\sigma(Z + h) - \sigma(Z - h)`, which is 0, Z + h or 2h."""
    inside = math.erf(h / math.sqrt(2))
    density = math.exp(-h * h / 2) / math.sqrt(2 * math.pi)
    square = inside - 2 * h * density + h * h * inside  # of Z + h where |Z| < h
    return square + 4 * h * h * (1 - inside) / 2 - h * h


def switching_pairs(d: int, m: int, c0: float, gamma: float) -> float:
    r"""How many pairs can switch a gate, at any input, in any lazy network.

    Returns:
        :math:`k = \sqrt{2/\pi}\,C_0\sqrt m + 16(d+1)\log\frac{em}{d+1} + 8\log\frac4\gamma`, with
        probability at least :math:`1 - \gamma`. Book label ``thm-pairs-gradient``.

    Raises:
        ValueError: unless m is even and at least 2d.

    >>> round(switching_pairs(d=10, m=10**6, c0=2, gamma=0.05))
    3816
    """
    _require_pairs(d, m)
    require_nonnegative(c0, "c0")
    slab = math.sqrt(2 / math.pi) * c0 / math.sqrt(m)
    return m // 2 * relative_vc(slab, m // 2, 2 * log_growth(m, d + 1), gamma)


def gradient_bound(d: int, m: int, c0: float, gamma: float) -> float:
    r"""A bound on every input gradient of every lazy network whose start comes in pairs.

    Returns:
        :math:`G = C_0 + \sqrt{K/m}\,\Lambda(K)` for the m/2 independent rows, with
        :math:`K` the number of pairs that can switch; the probability is at least :math:`1 -
        2\gamma`. Book label ``thm-pairs-gradient``.

    Raises:
        ValueError: unless m is even and at least 2d.

    >>> round(gradient_bound(d=10, m=10**6, c0=2, gamma=0.05), 1)
    19.1
    """
    k = min(int(switching_pairs(d, m, c0, gamma)), m // 2)
    return c0 + math.sqrt(k / m) * float(row_norm(k, d, m // 2, gamma))


def _require_pairs(d: int, m: int) -> None:
    require_positive_integer(d, "d")
    require_positive_integer(m, "m")
    if m % 2 or m < 2 * d:
        raise ValueError(f"m is {m} and d is {d}; expected an even width of at least 2d")
