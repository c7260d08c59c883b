r"""Norm balls: norm, dual norm, projection, dual direction and uniform sampling.

Vectors lie along the last axis. The dual direction of :math:`g` is
:math:`\arg\max_{\|u\| \le 1} \langle g, u \rangle`, with value :math:`\|g\|_*`. Book label
``sec-norms``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from advtheory.checks import require_nonnegative

Radius = float | Tensor
TINY = 1e-15  # below this length a float32 vector is rescaled before it is squared


class Ball(ABC):
    r"""A norm and its unit ball. Two exist: ``L2`` and ``LINF``.

    Everything that a norm decides is here: :math:`\|v\|`, :math:`\|g\|_*`, the maximiser of
    :math:`\langle g, u\rangle`, the nearest point of a ball, and a uniform point of it.

    >>> v = torch.tensor([[3.0, 4.0]])
    >>> L2.norm(v), LINF.norm(v)
    (tensor([5.]), tensor([4.]))
    >>> LINF.project(v, 3.5)
    tensor([[3.0000, 3.5000]])
    """

    name: ClassVar[str]

    @abstractmethod
    def norm(self, v: Tensor) -> Tensor:
        r""":math:`\|v\|` along the last axis."""

    @abstractmethod
    def dual_norm(self, g: Tensor) -> Tensor:
        r""":math:`\|g\|_*` along the last axis."""

    @abstractmethod
    def dual_direction(self, g: Tensor) -> Tensor:
        r"""The maximiser of :math:`\langle g, u\rangle` over the unit ball; 0 where g = 0."""

    @abstractmethod
    def nearest(self, v: Tensor, radius: Radius) -> Tensor:
        """What :meth:`project` returns, without its checks: for loops that have checked once."""

    @abstractmethod
    def draw(
        self, shape: tuple[int, ...], radius: float, generator: torch.Generator | None
    ) -> Tensor:
        """What :meth:`sample` returns, without its check."""

    def project(self, v: Tensor, radius: Radius) -> Tensor:
        r"""The nearest point of :math:`\{\|u\| \le` radius :math:`\}`, in Euclidean distance.

        ``radius`` is a number, or a tensor that serves ``v.shape[:-1]``. Raises ValueError for a
        negative radius, one of another shape, or vectors of whole numbers.

        >>> L2.project(torch.tensor([[3.0, 4.0], [0.3, 0.4]]), 1.0)
        tensor([[0.6000, 0.8000],
                [0.3000, 0.4000]])
        """
        require_real(v, "v")
        _require_radius(radius, v.shape[:-1])
        return self.nearest(v, radius.to(v) if isinstance(radius, Tensor) else radius)

    def sample(
        self, shape: tuple[int, ...], radius: float, generator: torch.Generator | None = None
    ) -> Tensor:
        """Points drawn uniformly from the ball, of the given shape (last axis: the vector).

        >>> points = L2.sample((1000, 3), 2.0, torch.Generator().manual_seed(0))
        >>> points.shape, bool((L2.norm(points) <= 2.0).all())
        (torch.Size([1000, 3]), True)
        """
        require_nonnegative(radius, "radius")
        return self.draw(shape, radius, generator)


@dataclass(frozen=True)
class Euclidean(Ball):
    r"""The norm :math:`\|v\|_2`, which is its own dual.

    >>> L2.dual_direction(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
    tensor([[0.6000, 0.8000],
            [0.0000, 0.0000]])
    """

    name = "l2"

    def norm(self, v: Tensor) -> Tensor:
        r""":math:`\|v\|_2`."""
        length: Tensor = torch.linalg.vector_norm(v, dim=-1)
        return length

    def dual_norm(self, g: Tensor) -> Tensor:
        r""":math:`\|g\|_2`."""
        return self.norm(g)

    def dual_direction(self, g: Tensor) -> Tensor:
        r"""The unit vector :math:`g / \|g\|_2`, also where the squares leave the range of floats.

        If one row needs to be rescaled, all are, and so a batch has the same bits everywhere.
        """
        length = self.norm(g)
        bad = (length < TINY) | length.isinf()
        if not surely(~bad):
            g, length = self._rescaled(g, bad.any())
        return g / _or_one(length)[..., None]

    def nearest(self, v: Tensor, radius: Radius) -> Tensor:
        r"""The vector where :math:`\|v\|_2 \le r`, and :math:`r v / \|v\|_2` elsewhere."""
        length = self.norm(v)
        inside = length <= radius
        if surely(inside):
            return v
        if not surely(length.isfinite()):
            v, length = self._rescaled(v, length.isinf())
        shrink = torch.where(inside, torch.ones_like(length), radius / length.where(~inside, 1.0))
        return v * shrink[..., None]

    def draw(
        self, shape: tuple[int, ...], radius: float, generator: torch.Generator | None
    ) -> Tensor:
        """A Gaussian direction times radius * U^(1/d), since the volume grows like r^d."""
        device = generator.device if generator is not None else None
        gauss = torch.randn(shape, generator=generator, device=device)
        depth = torch.rand(shape[:-1], generator=generator, device=device) ** (1 / shape[-1])
        return radius * depth[..., None] * self.dual_direction(gauss)

    def _rescaled(self, v: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Some rows divided by their largest entry, the others as they are, and all lengths."""
        v = v / _or_one(v.abs().amax(-1)).where(rows, 1.0)[..., None]
        return v, self.norm(v)


@dataclass(frozen=True)
class Maximum(Ball):
    r"""The norm :math:`\|v\|_\infty`; its dual is :math:`\|g\|_1`.

    >>> g = torch.tensor([[3.0, -4.0]])
    >>> LINF.dual_norm(g), LINF.dual_direction(g)
    (tensor([7.]), tensor([[ 1., -1.]]))
    """

    name = "linf"

    def norm(self, v: Tensor) -> Tensor:
        r""":math:`\max_i |v_i|`."""
        return v.abs().amax(-1)

    def dual_norm(self, g: Tensor) -> Tensor:
        r""":math:`\sum_i |g_i|`."""
        return g.abs().sum(-1)

    def dual_direction(self, g: Tensor) -> Tensor:
        """The signs of g."""
        return torch.sign(g)

    def nearest(self, v: Tensor, radius: Radius) -> Tensor:
        """Every entry clipped."""
        if isinstance(radius, Tensor):
            return v.clamp(-radius[..., None], radius[..., None])
        return v.clamp(-radius, radius)

    def draw(
        self, shape: tuple[int, ...], radius: float, generator: torch.Generator | None
    ) -> Tensor:
        """Independent uniform entries."""
        device = generator.device if generator is not None else None
        return radius * (2 * torch.rand(shape, generator=generator, device=device) - 1)


def _or_one(t: Tensor) -> Tensor:
    return t.where(t > 0, 1.0)


def surely(condition: Tensor) -> bool:
    """Whether it is known to hold everywhere; False on a device, where the host would wait for it.

    What a loop may skip then must have the same bits as what it does otherwise.

    >>> surely(torch.tensor([True, True])), surely(torch.tensor([True, False]))
    (True, False)
    """
    return condition.device.type == "cpu" and bool(condition.all())


def fits(shape: torch.Size, into: torch.Size) -> bool:
    """Whether a tensor of that shape can be expanded to the other one.

    >>> fits(torch.Size([5]), torch.Size([2, 5])), fits(torch.Size([5, 1]), torch.Size([5]))
    (True, False)
    """
    ends = zip(reversed(shape), reversed(into), strict=False)
    return len(shape) <= len(into) and all(size in (1, end) for size, end in ends)


def require_real(tensor: Tensor, name: str) -> None:
    """Raise ValueError unless ``tensor`` holds real numbers of some precision.

    >>> require_real(torch.tensor([1, 2]), "v")
    Traceback (most recent call last):
    ValueError: v is torch.int64; expected real numbers: convert with .float()
    """
    if not tensor.is_floating_point():
        raise ValueError(f"{name} is {tensor.dtype}; expected real numbers: convert with .float()")


def _require_radius(radius: Radius, rows: torch.Size) -> None:
    if not isinstance(radius, Tensor):
        require_nonnegative(radius, "radius")
    elif not fits(radius.shape, rows):
        raise ValueError(
            f"radius has shape {tuple(radius.shape)}; expected a number, or one for each vector, "
            f"{tuple(rows)}"
        )
    elif not bool((radius >= 0).all()):
        raise ValueError("radius holds a negative number or a NaN; expected numbers of at least 0")


L2 = Euclidean()
LINF = Maximum()
