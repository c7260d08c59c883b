r"""A lower bound on the margin over a whole ball, so that an attack can be checked from below.

Write :math:`A_s = y a_s/\sqrt m`, :math:`z_s` for the preactivations at x, :math:`t_s = w_s \cdot
\delta` and :math:`r_s = \varepsilon \|w_s\|`. A neuron with :math:`A_s > 0` lies above its tangent;
one with :math:`A_s < 0` loses at most :math:`(|t_s| - |z_s|)_+ \le p_s + q_s t_s^2` against it. So

.. math:: y f(x + \delta) \ge y f(x) + y g \cdot \delta - P - \delta^\top M \delta, \qquad
   P = \sum_{A_s < 0} |A_s| p_s, \quad M = \sum_{A_s < 0} |A_s|\, q_s w_s w_s^\top,

and for every :math:`\lambda > \lambda_{\max}(M)` the right side is, on the whole ball, at least

.. math:: y f(x) - P - \lambda \varepsilon^2 - \tfrac14\, g^\top (\lambda I - M)^{-1} g.

Unlike a linear relaxation, in which every kink is at its worst at once, the quadratic form lets the
kinks of a wide network average out. Book label ``thm-certificate``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from advtheory.checks import require_examples, require_finite, require_nonnegative
from advtheory.networks.two_layer import TwoLayer

ENTRIES = 1 << 22  # entries of the matrices M that are held at a time
CUTS = tuple(0.05 * 2**k for k in range(5))  # trial values of c, in units of the mean r_s
HALVINGS = 40  # of the interval that holds the best lambda


def certified(net: TwoLayer, x: Tensor, y: Tensor, radius: float) -> Tensor:
    r"""Which inputs are proved right on the whole ball, by ``thm-certificate``: ``(n,)``, boolean.

    Arguments as in :func:`advtheory.laziness.certificate.margin_lower_bound`.

    >>> net = TwoLayer(torch.eye(2), torch.ones(2))  # its kinks are the axes
    >>> certified(net, torch.tensor([[3.0, 4.0], [0.1, 0.0]]), torch.ones(2), radius=1)
    tensor([ True, False])
    """
    return margin_lower_bound(net, x, y, radius) > 0


def margin_lower_bound(net: TwoLayer, x: Tensor, y: Tensor, radius: float) -> Tensor:
    r"""A number below :math:`y f(x + \delta)` for every :math:`\|\delta\|_2 \le \varepsilon`.

    Computed in float64. It is exact up to rounding where no neuron can switch in the ball.

    Args:
        net: One ReLU network (no leading axis).
        x: Inputs, ``(n, d)``; the cost grows like n m d^2 + n d^3.
        y: Labels -1 or +1, ``(n,)``.
        radius: :math:`\varepsilon`.

    Raises:
        ValueError: for an ensemble, an activation other than the ReLU, wrong shapes, labels other
            than -1 and +1, a NaN in the network or the inputs, or a negative radius.

    >>> net = TwoLayer(torch.eye(2), torch.ones(2))
    >>> margin_lower_bound(net, torch.tensor([[3.0, 4.0]]), torch.ones(1), radius=1)
    tensor([3.9497], dtype=torch.float64)
    """
    _check(net, x, y, radius)
    net = net.to(net.w.device, torch.float64)
    rows = max(1, ENTRIES // max(net.d**2, net.m))
    blocks = zip(torch.split(x.double(), rows), torch.split(y.double(), rows), strict=True)
    return torch.cat([_block(net, xs, ys, radius) for xs, ys in blocks])


def _block(net: TwoLayer, x: Tensor, y: Tensor, radius: float) -> Tensor:
    z = net.preactivation(x)
    h = net.gates(z)
    margin, gradient = y * net.value_at(z, h), h @ net.w
    reach = radius * torch.linalg.vector_norm(net.w, dim=1)
    against = (y[:, None] * net.a < 0) & (z.abs() < reach)  # the neurons that can do harm
    best = torch.full_like(margin, -math.inf)
    for cut in CUTS:
        p, q = _parabola(z.abs(), reach, cut * float(reach.mean()))
        p, q = (torch.where(against, t, 0.0) / math.sqrt(net.m) for t in (p, q))
        form = torch.einsum("ns,si,sj->nij", q, net.w, net.w)
        best = torch.maximum(best, margin - p.sum(1) - _largest(form, gradient, radius))
    return best


def _parabola(z: Tensor, reach: Tensor, cut: float) -> tuple[Tensor, Tensor]:
    r"""P and q with :math:`(|t| - |z|)_+ \le p + q t^2` for all :math:`|t| \le r`.

    Where :math:`2|z| \ge r` the end of the range decides: p = 0, :math:`q = (r - |z|)/r^2`.
    Elsewhere the parabola :math:`c - |z| + t^2/(4c)` with :math:`c = \max(|z|, cut)`, by
    :math:`|t| \le c + t^2/(4c)`.
    """
    far = 2 * z >= reach
    c = z.clamp_min(cut)
    q = torch.where(far, (reach - z) / reach.square(), 1 / (4 * c))
    return torch.where(far, 0.0, c - z), q


def _largest(form: Tensor, gradient: Tensor, radius: float) -> Tensor:
    r"""Weak duality: a number above :math:`\delta^\top M\delta - y g\cdot\delta` on the ball.

    The dual :math:`\lambda\varepsilon^2 + \frac14\sum_i \hat g_i^2/(\lambda - \mu_i)` is convex in
    :math:`\lambda > \mu_{\max}`; every value of it is a bound, and bisection finds its minimum.
    """
    values, vectors = torch.linalg.eigh(form)
    weights = (vectors.mT @ gradient[..., None])[..., 0].square() / 4
    low = values[:, -1].clamp_min(0.0)
    # at this distance above the spectrum the derivative is positive
    high = low + torch.linalg.vector_norm(gradient, dim=1) / (2 * max(radius, 1e-300)) + 1e-12
    # a large spectrum swallows a small distance, and a radius of 0 asks for an infinite one
    high = torch.maximum(
        high.clamp_max(1e300), torch.nextafter(low, torch.full_like(low, math.inf))
    )
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        rises = (weights / (middle[:, None] - values).square()).sum(1) < radius**2
        low, high = torch.where(rises, low, middle), torch.where(rises, middle, high)
    dual: Tensor = high * radius**2 + (weights / (high[:, None] - values)).sum(1)
    return dual


def _check(net: TwoLayer, x: Tensor, y: Tensor, radius: float) -> None:
    if net.w.ndim != 2 or net.activation.kink != 0:
        raise ValueError(
            f"w has shape {tuple(net.w.shape)} and the activation is {net.activation.name}; the "
            "certificate needs one ReLU network: choose a member of the ensemble"
        )
    for name, part in (("w", net.w), ("b", net.b), ("c", net.c)):
        if part is not None:
            require_finite(part, name)
    require_examples(x, y, net.d)
    require_nonnegative(radius, "radius")
