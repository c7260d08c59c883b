r"""Robust accuracy from both sides: the strongest attack above, a certificate below.

.. math:: \text{certified} \;\le\; \Pr\big[\, y f(x + \delta) > 0 \text{ for all }
   \|\delta\|_2 \le \varepsilon \,\big] \;\le\; \text{attacked}.

Both are shares of the inputs at hand, so the middle one is a share too. Book label
``sec-strongest``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from advtheory.attacks.ascent import Schedule, climb, steepest
from advtheory.attacks.boundary import random_start
from advtheory.attacks.flipping import flipping_step
from advtheory.checks import require_examples, require_positive_integer
from advtheory.losses import margin
from advtheory.networks.two_layer import TwoLayer
from advtheory.norms import L2


def unbroken(
    net: TwoLayer,
    x: Tensor,
    y: Tensor,
    radius: float,
    *,
    steps: int = 100,
    restarts: int = 2,
    seed: int = 0,
) -> Tensor:
    r"""Which inputs the strongest attack of the package leaves right: ``(n,)``, boolean.

    An input is broken if f is wrong at it, if the exact flipping step of its gradient is at most
    the radius long, or if PGD on the margin breaks it, from x or from a random point of the ball.
    Whatever is broken is not attacked again.

    Args:
        net: One network, piecewise linear.
        x: Inputs, ``(n, d)``.
        y: Labels -1 or +1, ``(n,)``.
        radius: :math:`\varepsilon`, Euclidean.
        steps: Steps of PGD, each 2.5 * radius / steps long.
        restarts: Runs from random points.
        seed: Seed of the random points.

    Raises:
        ValueError: for an ensemble, a smooth activation, wrong shapes, labels other than -1 and +1,
            a NaN, a negative radius.

    For :math:`f(x) = (x_1)_+ - (-x_1)_+ = x_1` the distance to a flip is :math:`x_1`.

    >>> w = 2.0**0.5 * torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    >>> net = TwoLayer(w, torch.tensor([1.0, -1.0]))
    >>> unbroken(net, torch.tensor([[0.2, 0.0], [0.4, 0.0]]), torch.ones(2), radius=0.3)
    tensor([False,  True])
    """
    if net.w.ndim != 2:
        raise ValueError(
            f"w has shape {tuple(net.w.shape)}; expected (m, d), one network: choose a member of "
            "the ensemble"
        )
    require_examples(x, y, net.d)
    schedule = Schedule(radius, 2.5 * radius / max(steps, 1), steps)
    if restarts:
        require_positive_integer(restarts, "restarts")
    y, flip = y.to(x), flipping_step(net, x)
    left = (margin(flip.value, y) > 0) & (flip.distance > radius)

    def survives(start: Tensor) -> Tensor:
        new = climb(net, old, label, start, ball=L2, schedule=schedule, direction=steepest(L2))
        return margin(net.value(new), label) > 0

    which = left.nonzero()[:, 0]
    old, label = x[which], y[which]
    left[which] = survives(old)
    which = left.nonzero()[:, 0]
    old, label = x[which], y[which]
    generator = torch.Generator().manual_seed(seed)  # on the CPU: a seed means the same everywhere
    for _ in range(restarts):
        left[which] &= survives(random_start(old, old.shape, L2, radius, None, generator))
    return left
