r"""Random inputs on the unit sphere :math:`\{x : \|x\| = 1\}`, for what needs no images.

Book labels ``sec-cone``, ``sec-contrast``, ``sec-lazy-stability``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import normalize

APART = 1_000_000
"""Added to a seed, so that inputs do not repeat the numbers of the start with the same seed."""


def apart(seed: int) -> torch.Generator:
    """Random numbers for the inputs of a seed, apart from those of its start.

    >>> apart(0).initial_seed()
    1000000
    """
    return torch.Generator().manual_seed(APART + seed)


def sphere(*shape: int, generator: torch.Generator, dtype: torch.dtype = torch.float64) -> Tensor:
    """Uniform points of the unit sphere, along the last axis: ``shape``.

    >>> x = sphere(3, 784, generator=apart(0))
    >>> torch.linalg.vector_norm(x, dim=1).round(decimals=6)
    tensor([1., 1., 1.], dtype=torch.float64)
    """
    return normalize(torch.randn(*shape, generator=generator, dtype=dtype), dim=-1)


def random_input(d: int, seed: int) -> Tensor:
    """A uniform point of the unit sphere for the start with the same seed, ``(d,)``.

    >>> random_input(784, seed=3).shape
    torch.Size([784])
    """
    return sphere(d, generator=apart(seed))


def at_cosine(n: int, d: int, cosine: float, generator: torch.Generator) -> Tensor:
    r"""Points x of the sphere, uniform among those with :math:`x_1` = cosine: ``(n, d)``.

    >>> at_cosine(2, 3, 0.5, apart(0))[:, 0]
    tensor([0.5000, 0.5000])
    """
    rest = torch.randn(n, d - 1, generator=generator)
    rest *= math.sqrt(1 - cosine**2) / torch.linalg.vector_norm(rest, dim=1, keepdim=True)
    return torch.cat([torch.full((n, 1), cosine), rest], dim=1)


def at_margin(
    *shape: int,
    d: int,
    gamma: float,
    generator: torch.Generator,
    rare: float = 0.5,
    dtype: torch.dtype = torch.float64,
) -> tuple[Tensor, Tensor]:
    r"""Two classes in the unit ball at the margin :math:`\gamma`: x, ``(*shape, d)``, y, ``shape``.

    The label is a fair sign, and :math:`y x_1 = \gamma`: the first unit vector is a teacher. The
    other entries are uniform in the ball that :math:`\|x\| \le 1` leaves them; then the sign of
    :math:`y x_2` is chosen anew, minus with probability ``rare``. Book label ``sec-margin-data``.

    Raises:
        ValueError: for fewer than two dimensions, or a margin that is not between 0 and 1.

    >>> x, y = at_margin(5, d=3, gamma=0.5, generator=apart(0))
    >>> (y * x[:, 0]).tolist(), bool((torch.linalg.vector_norm(x, dim=1) <= 1).all())
    ([0.5, 0.5, 0.5, 0.5, 0.5], True)
    """
    if d < 2 or not 0 < gamma < 1:
        raise ValueError(
            f"d is {d} and gamma {gamma}; expected at least two dimensions and a margin between 0 "
            "and 1"
        )
    y, side = (torch.rand(*shape, 2, generator=generator, dtype=dtype)).unbind(-1)
    y, side = (y < 0.5).to(dtype) * 2 - 1, (side >= rare).to(dtype) * 2 - 1
    depth = torch.rand(*shape, 1, generator=generator, dtype=dtype) ** (1 / (d - 1))
    rest = sphere(*shape, d - 1, generator=generator, dtype=dtype) * depth
    rest[..., 0] = rest[..., 0].abs() * side * y
    return torch.cat([gamma * y[..., None], rest * math.sqrt(1 - gamma**2)], dim=-1), y
