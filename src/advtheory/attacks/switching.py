r"""Projected gradient descent that pays only for the neurons that switch.

Let :math:`g = \nabla f` at the current point :math:`x + \delta`. A piecewise linear network changes
:math:`g` only through the neurons whose gate changes, and in a wide network a short step changes
few gates (book label ``thm-gradient-ball``). So the attack keeps

.. math:: (\delta,\; W\delta) \qquad \text{and} \qquad (g,\; Wg)

instead of :math:`\delta` alone. A step moves the first pair along the second; then every neuron
that switched adds its row :math:`\pm\frac{a_s}{\sqrt m}(w_s,\; W w_s)` to the second pair. The
iterates are those of :func:`~advtheory.attacks.projected_gradient.pgd` in the Euclidean norm with
``keep="last"``, up to rounding, without its two matrix products a step. Book label
``prop-switching-pgd``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from advtheory.checks import require_examples, require_positive_integer
from advtheory.networks.two_layer import TwoLayer

ROWS = 64  # inputs attacked together on a CPU: their states stay in its cache
FLOOR = 1e-6  # a gradient this short beside the rows is rounding left over from sums that cancel


def switch_table(net: TwoLayer) -> Tensor:
    r"""What each neuron adds to :math:`(g, Wg)` when it switches on: ``(..., m, d + m)``.

    Row s is :math:`\frac{(1 - \alpha) a_s}{\sqrt m}(w_s,\; W w_s)`, with :math:`\alpha` the slope
    of the activation below its kink (0 for the ReLU). It costs one product of :math:`m^2 d`
    multiplications and serves every attack on the same weights.

    Raises:
        ValueError: for a smooth activation.
    """
    if net.activation.kink is None:
        raise ValueError(
            f"the activation is {net.activation.name}, which is smooth: all its gates change at "
            "every step; use attacks.pgd, or a ReLU or leaky ReLU"
        )
    top = (1 - net.activation.kink) / math.sqrt(net.m) * net.a
    return torch.cat([net.w, net.w @ net.w.mT], dim=-1).mul_(top[..., None])


def switching_pgd(
    net: TwoLayer,
    x: Tensor,
    y: Tensor,
    *,
    radius: float | Tensor,
    steps: int = 100,
    step: float | Tensor | None = None,
    table: Tensor | None = None,
) -> Tensor:
    r"""The last iterate of Euclidean PGD on the margin :math:`y f`, from x itself.

    Args:
        net: One network, or an ensemble with one leading axis.
        x: Inputs, ``(n, d)``, or ``(k, n, d)`` with one batch for each of the k members.
        y: Labels -1 or +1, ``(n,)`` or ``(k, n)``.
        radius: Budget: a number, or one for each member, ``(k,)``.
        steps: Number of steps.
        step: Length of a step; default 2.5 * radius / steps, as Wang et al. (2022) choose.
        table: What :func:`switch_table` gives for these weights, if it is at hand.

    Returns:
        The attacked inputs, of the shape of ``x`` (with the leading axis of an ensemble).

    Raises:
        ValueError: for a smooth activation, wrong shapes, labels other than -1 and +1, a NaN, a
            negative radius or step.
    """
    require_examples(x, y, net.d)
    require_positive_integer(steps, "steps")
    eps = _lengths(radius, net, "radius")
    length = 2.5 * eps / steps if step is None else _lengths(step, net, "step")
    table = switch_table(net) if table is None else table
    x = x.expand(*net.w.shape[:-2], *x.shape[-2:])
    signed = (length[..., None] * -y.to(x)).expand(x.shape[:-1])
    bound = eps[..., None].expand(x.shape[:-1])
    rows = ROWS if x.device.type == "cpu" else x.shape[-2]
    xs, signs, bounds = (torch.split(t, rows, k) for t, k in ((x, -2), (signed, -1), (bound, -1)))
    blocks = zip(xs, signs, bounds, strict=True)
    return torch.cat([_block(net, table, *block, steps) for block in blocks], dim=-2)


def _block(
    net: TwoLayer, table: Tensor, x: Tensor, signed: Tensor, bound: Tensor, steps: int
) -> Tensor:
    state = _State(net, x, table)
    signed, bound = signed.reshape(-1, 1), bound.reshape(-1, 1)
    for _ in range(steps):
        state.move(signed, bound)
        state.switch()
    return x + state.at[:, : state.d].reshape(x.shape)


class _State:
    """Position and gradient of every attacked input, members one after another, as flat rows."""

    def __init__(self, net: TwoLayer, x: Tensor, table: Tensor) -> None:
        self.d, width = net.d, net.d + net.m
        z = net.preactivation(x)
        gradient = net.gates(z) @ net.w
        self.start = z.reshape(-1, net.m)
        self.table = table.reshape(-1, width)
        self.slope = torch.cat([gradient, gradient @ net.w.mT], dim=-1).reshape(-1, width)
        self.at = torch.zeros_like(self.slope)
        size = torch.linalg.vector_norm(net.w, dim=(-2, -1)) / math.sqrt(net.m)
        self.floor = FLOOR * size[..., None].expand(x.shape[:-1]).reshape(-1, 1)
        self.open = self.start.clone().gt_(0)
        self.spare = torch.empty_like(self.open)
        rows = torch.arange(len(self.start), device=x.device)
        self.rows, self.first = rows, rows // x.shape[-2] * net.m  # first row of the member

    def move(self, signed: Tensor, eps: Tensor) -> None:
        """One step along the unit gradient, then back into the ball."""
        norm = torch.linalg.vector_norm(self.slope[:, : self.d], dim=1, keepdim=True)
        self.at.addcmul_(self.slope, signed / norm.clamp_min(self.floor))
        far = torch.linalg.vector_norm(self.at[:, : self.d], dim=1, keepdim=True)
        self.at.mul_(torch.where(far > eps, eps / far, 1.0))

    def switch(self) -> None:
        """Add the rows of the neurons that opened, subtract those of the ones that closed."""
        now = torch.add(self.start, self.at[:, self.d :], out=self.spare).gt_(0)
        change = self.open.neg_().add_(now)
        row, neuron = change.nonzero(as_tuple=True)
        if len(row):
            self.slope += embedding_bag(
                neuron + self.first[row],
                self.table,
                torch.searchsorted(row, self.rows),
                mode="sum",
                per_sample_weights=change[row, neuron],
            )
        self.open, self.spare = now, change


def _lengths(value: float | Tensor, net: TwoLayer, name: str) -> Tensor:
    lengths = torch.as_tensor(value, dtype=net.w.dtype, device=net.w.device)
    if lengths.shape not in ((), net.w.shape[:-2]) or not bool((lengths >= 0).all()):
        raise ValueError(
            f"{name} is {value}; expected a number of at least 0, or one for each member of the "
            "ensemble"
        )
    return lengths
