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
