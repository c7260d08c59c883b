r"""The exact flipping step: how far along its own gradient a network keeps its sign.

For :math:`g = \nabla f(x)`, the flipping step is the smallest :math:`\eta \ge 0` at which
:math:`x - \eta\, \mathrm{sign}(f(x))\, g` has no longer the sign of :math:`f(x)`. Along that ray

.. math:: \varphi(\eta) = |f(x)| - \eta \|g\|^2 + \sum_s \kappa_s\, (\eta - t_s)_+ ,

because :math:`f` is piecewise linear: neuron s changes its branch at the breakpoint :math:`t_s`,
and then the slope changes by :math:`\kappa_s`. So the first root is found exactly, from sorted
breakpoints. Section 5.1 of Wang et al. (2022) searches for it in increments of 0.001; book label
``sec-flipping``.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from advtheory.checks import require_finite, require_last_size
from advtheory.networks.blocks import blocks
from advtheory.networks.two_layer import TwoLayer

ENTRIES = 1 << 18  # preactivations worked on at a time: what stays in a processor's cache
TRIALS = 6  # Newton trials for an upper bound before every breakpoint is sorted
ROUNDING = 16  # units of rounding error within which a value or a slope of phi counts as 0


class Flip(NamedTuple):
    r"""Where the sign flips, for each input.

    Attributes:
        step: :math:`\eta`, shape ``(..., n)``; inf where the sign never flips on the ray, and 0
            where f(x) = 0. Reaching 0 counts as a flip, even if f then rises again.
        gradient_norm: :math:`\|\nabla f(x)\|_2`.
        distance: :math:`\|\delta\|_2 = \eta \|\nabla f(x)\|_2`; inf where the sign never flips.
        value: :math:`f(x)`, whose sign it is.

    >>> net = TwoLayer(torch.tensor([[1.0]]), torch.ones(1))  # relu(x), which touches 0 at 0
    >>> flipping_step(net, torch.tensor([[3.0], [-1.0]])).step
    tensor([3., 0.])
    """

    step: Tensor
    gradient_norm: Tensor
    distance: Tensor
    value: Tensor


class _Ray(NamedTuple):
    """phi on a block of rays: phi(0), its slope at 0, breakpoints and the slope's changes there."""

    start: Tensor
    slope: Tensor
    breaks: Tensor
    changes: Tensor

    def at(self, eta: Tensor) -> Tensor:
        """phi(eta), by one pass over the neurons."""
        bend = torch.relu(eta[..., None].to(self.breaks) - self.breaks)
        value: Tensor = self.start + self.slope * eta + torch.linalg.vecdot(self.changes, bend)
        return value


def flipping_step(net: TwoLayer, x: Tensor) -> Flip:
    r"""The smallest step against the sign along the gradient that flips the sign of f, exactly.

    Sums over neurons are in float64; a float64 network is float64 throughout.

    Args:
        net: A network with a piecewise linear activation, or an ensemble of them.
        x: Inputs, ``(n, d)`` or ``(..., n, d)``.

    Raises:
        ValueError: for a smooth activation (then f is not piecewise linear along the ray),
            a precision below float32, inputs of the wrong width, or inputs or values f(x) that
            are not finite.

    For one neuron, :math:`f(x) = \mathrm{relu}(2 x_1)` from (3, 1): the gradient is (2, 0).

    >>> net = TwoLayer(torch.tensor([[2.0, 0.0]]), torch.ones(1))
    >>> flip = flipping_step(net, torch.tensor([[3.0, 1.0]]))
    >>> flip.step.item(), flip.distance.item(), flip.value.item()
    (1.5, 3.0, 6.0)
    """
    if net.activation.kink is None:
        raise ValueError(
            f"the activation is {net.activation.name}, which is smooth; the exact flipping step "
            "needs a piecewise linear one: use ReLU or a leaky ReLU"
        )
    if net.w.dtype not in (torch.float32, torch.float64):
        raise ValueError(
            f"w is {net.w.dtype}; the exact flipping step needs float32 or float64: convert the "
            "network and the inputs with .to"
        )
    require_last_size(x, net.d, "x")
    require_finite(x, "x")
    rows = max(1, ENTRIES // (net.m * max(1, net.a.numel() // net.m)))
    flips = [_flip_block(net, block) for (block,) in blocks(rows, [x])]
    return Flip(*(torch.cat(part, dim=-1) for part in zip(*flips, strict=True)))


@torch.no_grad()
def _flip_block(net: TwoLayer, x: Tensor) -> Flip:
    ray, norm, f = _ray(net, x)
    eta = _first_root(ray).to(x.dtype)
    return Flip(eta, norm, torch.where(eta.isinf(), eta, eta * norm), f)


def _ray(net: TwoLayer, x: Tensor) -> tuple[_Ray, Tensor, Tensor]:
    z = net.preactivation(x)
    h = net.gates(z)
    f = net.value_at(z, h)
    require_finite(f, "f(x)")
    gradient = torch.matmul(h, net.w)
    norm = torch.linalg.vector_norm(gradient, dim=-1)
    sign = torch.sign(f)
    q = torch.matmul(gradient, net.w.mT).mul_(-sign[..., None])  # d z / d eta
    kink = net.activation.kink
    assert kink is not None
    top = (1 - kink) / math.sqrt(net.m) * net.a[..., None, :]
    crosses = (z > 0) != (q > 0)  # the neuron is driven towards its kink
    breaks = (-z / q).masked_fill_(~(crosses & (q != 0)), math.inf)
    changes = q.abs_().mul_(top).mul_(sign[..., None])
    return _Ray(f.abs().double(), -norm.double().square(), breaks, changes), norm, f


def _first_root(ray: _Ray) -> Tensor:
    """Smallest root of phi: bracket it by Newton trials, then sort the breakpoints up to there."""
    bound, bracketed = _upper_bound(ray)
    inside = (ray.breaks <= bound[..., None]).sum(-1).where(bracketed, 0)
    root = _sorted_root(ray, int(inside.max()) if inside.numel() else 0)
    # no bracket, or rounding spoilt it: sort every breakpoint of these rays
    hard = ~(bracketed & (root <= bound))
    if bool(hard.any()):
        rest = _Ray(*(part[hard] for part in ray))
        root[hard] = _sorted_root(rest, ray.breaks.shape[-1])
    return root


def _upper_bound(ray: _Ray) -> tuple[Tensor, Tensor]:
    """A step at which phi <= 0, and where one was found."""
    eta = ray.start / -ray.slope.where(ray.slope < 0, -1.0)
    for _ in range(TRIALS):
        value = ray.at(eta)
        found = value <= 0
        if bool(found.all()):
            break
        eta = torch.where(
            found, eta, 1.1 * eta + 1.5 * value / -ray.slope.where(ray.slope < 0, -1.0)
        )
    found = ray.at(eta) <= 0 if not bool(found.all()) else found
    return eta, found & (ray.slope < 0)


def _sorted_root(ray: _Ray, k: int) -> Tensor:
    """The first root among the first k breakpoints and the piece that follows them; inf if none."""
    breaks, order = ray.breaks.topk(min(k + 1, ray.breaks.shape[-1]), dim=-1, largest=False)
    t = breaks.double()
    changes = ray.changes.gather(-1, order).double().where(t.isfinite(), 0.0)
    zero = torch.zeros_like(ray.start)[..., None]
    t = torch.cat([zero, t], dim=-1)  # left ends of the pieces
    slopes = _slopes(ray, changes)
    gaps = t.diff(dim=-1).where(t[..., 1:].isfinite(), 0.0)
    values = ray.start[..., None] + torch.cat([zero, (slopes[..., :-1] * gaps).cumsum(-1)], dim=-1)
    # the first piece that ends at 0 or below holds the root; the last one ends at infinity
    right = torch.cat([t[..., 1:], torch.full_like(zero, math.inf)], dim=-1)
    beyond = values.masked_fill(slopes < 0, -math.inf)
    ends = torch.cat([values[..., 1:], zero], dim=-1).where(right.isfinite(), beyond)
    touch = ROUNDING * torch.finfo(breaks.dtype).eps * ray.start[..., None]
    reach = t + values / -slopes.where(slopes < 0, -1.0)
    root = torch.minimum(torch.maximum(reach, t), right)
    return torch.where(ends <= touch, root, math.inf).amin(-1)


def _slopes(ray: _Ray, changes: Tensor) -> Tensor:
    """The slope of every piece; 0 where the sum is no larger than its own rounding errors.

    Where every neuron has died, f is constant: what rounding leaves of the slope is no descent.
    """
    terms = torch.cat([ray.slope[..., None], changes], dim=-1)
    noise = ROUNDING * torch.finfo(ray.breaks.dtype).eps * terms.abs().cumsum(-1)
    slopes = terms.cumsum(-1)
    return slopes.where(slopes.abs() > noise, 0.0)
