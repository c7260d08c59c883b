"""Random networks and points that several tests of the theory share."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from advtheory.data.synthetic import sphere
from advtheory.networks import TwoLayer, initialise

GAMMA = 0.1
"""What one event may fail with, where a test needs a number."""


def start(seed: int, d: int, m: int) -> TwoLayer:
    """A network at initialisation, in double precision."""
    return initialise(d, m, seed, dtype=torch.float64)


def unit(seed: int, *shape: int) -> Tensor:
    """Uniform points of the sphere, along the last axis."""
    return sphere(*shape, generator=torch.Generator().manual_seed(seed))


def gates(net: TwoLayer, y: Tensor) -> Tensor:
    """The gates by their definition, shape (n, m)."""
    return (y @ net.w.mT > 0).double()


def random_lazy(net: TwoLayer, c0: float, seed: int, shrink: float = 1.0) -> TwoLayer:
    """Every row moved by ``shrink * C0/sqrt(m)`` in a random direction."""
    way = unit(seed, *net.w.shape)
    return replace(net, w=net.w + shrink * c0 / math.sqrt(net.m) * way)


def gradient(net: TwoLayer, x: Tensor) -> Tensor:
    """The input gradient at one input."""
    return net.input_gradient(x[..., None, :])[..., 0, :]


def value(net: TwoLayer, x: Tensor) -> Tensor:
    """The value at one input."""
    return net.value(x[..., None, :])[..., 0]
