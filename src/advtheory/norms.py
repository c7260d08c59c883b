r"""Norm balls: norm, dual norm, projection, dual direction and uniform sampling.

Vectors lie along the last axis. The dual direction of :math:`g` is
:math:`\arg\max_{\|u\| \le 1} \langle g, u \rangle`, with value :math:`\|g\|_*`. Book label
``sec-norms``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from advtheory.checks import require_nonnegative

Radius = float | Tensor
TINY = 1e-15  # below this length a float32 vector is rescaled before it is squared


def _check(radius: Radius) -> None:
    if isinstance(radius, Tensor):
        if not bool((radius >= 0).all()):
            raise ValueError(
                "radius holds a negative number or a NaN; expected numbers of at least 0"
            )
    else:
        require_nonnegative(radius, "radius")


@dataclass(frozen=True)
class Ball:
    r"""A norm and its unit ball. Two exist: ``L2`` and ``LINF``.

    Attributes:
        name: "l2" or "linf".
        norm: :math:`\|v\|` along the last axis.
        dual_norm: :math:`\|g\|_*` along the last axis.
        dual_direction: the maximiser of :math:`\langle g, u\rangle` over the unit ball; 0 where g
            = 0.
    """

    name: str
    norm: Callable[[Tensor], Tensor]
    dual_norm: Callable[[Tensor], Tensor]
    dual_direction: Callable[[Tensor], Tensor]

    def project(self, v: Tensor, radius: Radius) -> Tensor:
        r"""The nearest point of :math:`\{\|u\| \le` radius :math:`\}`, in Euclidean distance.

        ``radius`` is a number, or a tensor of shape ``v.shape[:-1]``. Raises ValueError if
        negative.
        """
        _check(radius)
        if self.name == LINF.name:  # not `is`: a copy sent to another process is still this norm
            r = torch.as_tensor(radius, dtype=v.dtype, device=v.device)[..., None]
            return torch.minimum(torch.maximum(v, -r), r)
        length = self.norm(v)
        if not bool((length > radius).any()):
            return v
        return v * _shrink(length, radius)[..., None]

    def sample(
        self, shape: tuple[int, ...], radius: float, generator: torch.Generator | None = None
    ) -> Tensor:
        """Points drawn uniformly from the ball, of the given shape (last axis: the vector).

        For l2: a Gaussian direction times radius * U^(1/d), since the volume grows like r^d.
        """
        _check(radius)
        device = generator.device if generator is not None else None
        if self.name == LINF.name:
            return radius * (2 * torch.rand(shape, generator=generator, device=device) - 1)
        direction = _unit(torch.randn(shape, generator=generator, device=device))
        depth = torch.rand(shape[:-1], generator=generator, device=device) ** (1 / shape[-1])
        return radius * depth[..., None] * direction


def _l2(v: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(v, dim=-1)
    return length


def _shrink(norm: Tensor, radius: Radius) -> Tensor:
    """The factor min(1, radius / norm), and 1 where the norm is 0."""
    inside = norm <= radius
    return torch.where(inside, torch.ones_like(norm), radius / norm.where(~inside, 1.0))


def _unit(g: Tensor) -> Tensor:
    """The unit vector g / |g|, and 0 where g = 0."""
    length = _l2(g)[..., None]
    if bool(((length < TINY) | length.isinf()).any()):
        # the squares may have left the range of floats: divide by the largest entry
        g = g / _or_one(g.abs().amax(-1, keepdim=True))
        length = _l2(g)[..., None]
    return g / _or_one(length)


def _or_one(t: Tensor) -> Tensor:
    return t.where(t > 0, 1.0)


L2 = Ball("l2", _l2, _l2, _unit)
LINF = Ball("linf", lambda v: v.abs().amax(-1), lambda g: g.abs().sum(-1), torch.sign)
