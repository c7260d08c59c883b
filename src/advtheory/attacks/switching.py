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

from advtheory.checks import require_dtype, require_examples, require_positive_integer
from advtheory.networks.two_layer import TwoLayer

ROWS = 64  # inputs attacked together on a CPU: their states stay in its cache
STATE = 200  # multiplications of a matrix product in the time that one number of a state takes
FLOOR = 1e-6  # a gradient this short beside the rows is rounding left over from sums that cancel


def switch_table(net: TwoLayer) -> Tensor:
    r"""What each neuron adds to :math:`(g, Wg)` when it switches on: ``(..., m, d + m)``.

    Row s is :math:`\frac{(1 - \alpha) a_s}{\sqrt m}(w_s,\; W w_s)`, with :math:`\alpha` the slope
    of the activation below its kink (0 for the ReLU). It costs one product of :math:`m^2 d`
    multiplications and serves every attack on the same weights.

    >>> from advtheory.networks import initialise
    >>> switch_table(initialise(3, 8, 0)).shape
    torch.Size([8, 11])

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

    >>> from advtheory.networks import initialise
    >>> net, x = initialise(3, 8, 0), torch.eye(3)
    >>> attacked = switching_pgd(net, x, torch.ones(3), radius=0.5, steps=10)
    >>> bool((net.value(attacked) < net.value(x)).all())
    True

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
            radius or step that is negative or infinite.
    """
    require_examples(x, y, net.d)
    require_dtype(x, net.w.dtype, "x")
    require_positive_integer(steps, "steps")
    if x.shape[:-2] not in ((), net.w.shape[:-2]):
        raise ValueError(
            f"x has shape {tuple(x.shape)} and w {tuple(net.w.shape)}; expected (n, d), or one "
            "batch for each member of the ensemble"
        )
    eps = _lengths(radius, net, "radius")
    length = 2.5 * eps / steps if step is None else _lengths(step, net, "step")
    net, x = net.each(torch.detach), x.detach()
    table = switch_table(net) if table is None else table.detach()
    return _attack(net, x, y, eps, length, steps, table)


def last_iterate(net: TwoLayer, x: Tensor, y: Tensor, eps: Tensor, steps: int) -> Tensor:
    """Euclidean PGD on the margin as :func:`switching_pgd`, by the faster way for these sizes.

    For loops that have checked their inputs once: on a device no step waits for the host.

    >>> from advtheory.networks import initialise
    >>> net, x, y = initialise(3, 8, 0), torch.eye(3), torch.ones(3)
    >>> attacked = last_iterate(net, x, y, torch.tensor(0.5), steps=10)
    >>> torch.allclose(attacked, switching_pgd(net, x, y, radius=0.5, steps=10), atol=1e-5)
    True

    Args:
        net: One network, or an ensemble with one leading axis; also a smooth one.
        x: Finite inputs, ``(n, d)``, or ``(k, n, d)``.
        y: Labels -1 or +1, ``(n,)`` or ``(k, n)``.
        eps: Budget at least 0: one number, or one for each member, ``(k,)``.
        steps: Number of steps, each 2.5 * eps / steps long.
    """
    pays = x.device.type == "cpu" and net.activation.kink is not None
    pays = pays and switching_pays(x.shape[-2], net.m, net.d, steps)
    table = switch_table(net) if pays else None
    return _attack(net, x, y, eps, 2.5 * eps / steps, steps, table)


def switching_pays(n: int, m: int, d: int, steps: int) -> bool:
    """Whether the attack by switches costs less than the dense loop, for n inputs on a processor.

    In multiplications for each input and step: the dense loop makes 4 m d in its two products (a
    multiplication and an addition each). Keeping a state of d + m numbers costs as much as 200 such
    for each of them; the table, made once for all inputs and steps, twice its 2 m^2 d; the start,
    8 m d. The 200 and the twice fit timings at m from 64 to 3162 and d from 25 to 784; near the
    break-even the other way may be 1.7 times as fast. ``benchmarks/switches.py`` has four of them.

    >>> switching_pays(64, 1000, 784, steps=100), switching_pays(64, 1000, 25, steps=100)
    (True, False)
    """
    once = 4 * m * m * d / n + 8 * m * d
    return 4 * m * d > STATE * (m + d) + once / steps


def _attack(
    net: TwoLayer,
    x: Tensor,
    y: Tensor,
    eps: Tensor,
    length: Tensor,
    steps: int,
    table: Tensor | None,
) -> Tensor:
    """Block by block, with a table by switches, without one by the dense loop."""
    x = x.expand(*net.w.shape[:-2], *x.shape[-2:])
    signed = (length[..., None] * -y.to(x)).expand(x.shape[:-1])
    bound = eps[..., None].expand(x.shape[:-1])
    rows = ROWS if x.device.type == "cpu" else x.shape[-2]
    xs, signs, bounds = (torch.split(t, rows, k) for t, k in ((x, -2), (signed, -1), (bound, -1)))
    blocks = zip(xs, signs, bounds, strict=True)
    if table is None:
        return torch.cat([_dense(net, *block, steps) for block in blocks], dim=-2)
    return torch.cat([_block(net, table, *block, steps) for block in blocks], dim=-2)


def _dense(net: TwoLayer, x: Tensor, signed: Tensor, bound: Tensor, steps: int) -> Tensor:
    at, signed, bound = torch.zeros_like(x), signed[..., None], bound[..., None]
    floor = _floor(net)[..., None, None]
    for _ in range(steps):
        _move(at, net.input_gradient(x + at), net.d, signed, bound, floor)
    return x + at


def _block(
    net: TwoLayer, table: Tensor, x: Tensor, signed: Tensor, bound: Tensor, steps: int
) -> Tensor:
    state = _State(net, x, table)
    signed, bound = signed.reshape(-1, 1), bound.reshape(-1, 1)
    floor = _floor(net)[..., None].expand(x.shape[:-1]).reshape(-1, 1)
    for _ in range(steps):
        _move(state.at, state.slope, net.d, signed, bound, floor)
        state.switch()
    return x + state.at[:, : net.d].reshape(x.shape)


def _move(at: Tensor, slope: Tensor, d: int, signed: Tensor, bound: Tensor, floor: Tensor) -> None:
    """One step along the unit gradient, then back into the ball: both are the first d columns."""
    norm = torch.linalg.vector_norm(slope[..., :d], dim=-1, keepdim=True)
    at.addcmul_(slope, signed / norm.clamp_min(floor))
    far = torch.linalg.vector_norm(at[..., :d], dim=-1, keepdim=True)
    at.mul_(torch.where(far > bound, bound / far, 1.0))


def _floor(net: TwoLayer) -> Tensor:
    """The length below which a gradient is rounding, for each network."""
    size: Tensor = torch.linalg.vector_norm(net.w, dim=(-2, -1)) / math.sqrt(net.m)
    return FLOOR * size


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
        self.open = self.start.clone().gt_(0)
        self.spare = torch.empty_like(self.open)
        rows = torch.arange(len(self.start), device=x.device)
        self.rows, self.first = rows, rows // x.shape[-2] * net.m  # first row of the member

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
    good = lengths.shape in ((), net.w.shape[:-2])
    if not good or not bool(((lengths >= 0) & lengths.isfinite()).all()):
        raise ValueError(
            f"{name} is {value}; expected a finite number of at least 0, or one for each member of "
            "the ensemble"
        )
    return lengths
