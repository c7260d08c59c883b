r"""One perturbation that breaks every lazy network at once, whatever training does.

Every neuron moves on its own, so the best margin that lazy weights can have at :math:`x'` is known:

.. math:: \max_{W \text{ lazy}} y f(x'; W) = \frac1{\sqrt m} \sum_s y a_s\,
   \sigma\big(w_{s,0} \cdot x' + y a_s V \|x'\|\big), \qquad V = C_0/\sqrt m .

Where it is negative at some :math:`x'` within the budget of x, no lazy network is robust at (x, y).
Book labels ``prop-best-margin``, ``thm-common``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from advtheory.attacks.projected_gradient import pgd
from advtheory.checks import require_examples, require_finite, require_nonnegative
from advtheory.networks.model import AutogradModel
from advtheory.networks.two_layer import TwoLayer


def best_margin(start: TwoLayer, x: Tensor, y: Tensor, radius: float) -> Tensor:
    r"""The largest margin :math:`y f(x; W)` that rows within V of their start can give: ``(n,)``.

    Args:
        start: One network without biases, with a nondecreasing activation (all of the package).
        x: Inputs, ``(n, d)``.
        y: Labels -1 or +1, ``(n,)``.
        radius: V.

    Raises:
        ValueError: for biases, an ensemble, wrong shapes, labels other than -1 and +1, a NaN, or a
            negative radius.

    >>> from advtheory.networks.two_layer import initialise
    >>> start, x = initialise(100, 400, 0), torch.eye(100)[:3]
    >>> start.value(x), best_margin(start, x, torch.ones(3), radius=0.1)
    (tensor([2.2689, 0.2610, 0.3951]), tensor([3.1607, 1.3129, 1.3956]))
    """
    _check(start, x, y, radius)
    return _best(start, x, y[:, None] * start.a, radius)


def _best(start: TwoLayer, x: Tensor, signs: Tensor, radius: float) -> Tensor:
    """The same from the signs :math:`y a_s`, ``(n, m)`` or ``(m,)``, without a check."""
    reach = radius * torch.linalg.vector_norm(x, dim=1, keepdim=True)
    best = start.activation.value(start.preactivation(x) + signs * reach)
    return (signs * best).sum(1) / math.sqrt(start.m)


def doomed(
    start: TwoLayer, x: Tensor, y: Tensor, radius: float, budget: float, steps: int = 40
) -> Tensor:
    r"""Inputs with one perturbation that no lazy network survives: ``(n,)``, boolean.

    The perturbation is searched by PGD on :func:`best_margin` itself. Where that becomes negative,
    True is a proof (up to rounding); False says nothing.

    Args:
        start: As in :func:`best_margin`, and so are ``x`` and ``y``.
        x: Inputs.
        y: Labels.
        radius: V, how far a row may move.
        budget: :math:`\varepsilon`, the Euclidean length of the perturbation.
        steps: Steps of PGD.

    Raises:
        ValueError: as :func:`best_margin`, and for a negative budget.

    >>> from advtheory.networks.two_layer import initialise
    >>> start, x = initialise(100, 400, 0), torch.eye(100)[:3]
    >>> doomed(start, x, torch.ones(3), radius=0.1, budget=0.3)
    tensor([False,  True,  True])
    """
    _check(start, x, y, radius)
    require_nonnegative(budget, "budget")
    lost = torch.zeros(len(x), dtype=torch.bool, device=x.device)
    for sign in (-1.0, 1.0):
        mine = y == sign
        lost[mine] = _doomed(start, x[mine], y[mine], sign, radius, budget, steps)
    return lost


def _doomed(
    start: TwoLayer, x: Tensor, y: Tensor, sign: float, radius: float, budget: float, steps: int
) -> Tensor:
    """The inputs of one class: for them the best margin is a function of the input alone.

    So it is one model, whatever inputs an attack looks at together.
    """
    signs = sign * start.a
    model = AutogradModel(lambda points: sign * _best(start, points, signs, radius))
    found = pgd(model, x, y, radius=budget, steps=steps)
    return _best(start, found, signs, radius) < 0


def _check(start: TwoLayer, x: Tensor, y: Tensor, radius: float) -> None:
    if start.w.ndim != 2 or start.b is not None or start.c is not None:
        raise ValueError(
            f"w has shape {tuple(start.w.shape)}"
            f"{'' if start.b is None else ' and there are biases'}; the best margin is known for "
            "one network without biases: choose a member of an ensemble made with biases=False"
        )
    require_finite(start.w, "w")
    require_examples(x, y, start.d)
    require_nonnegative(radius, "radius")
