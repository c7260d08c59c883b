"""The core once more in a slow and plain way, for the tests to compare with."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction

import torch
from torch import Tensor

from advtheory.networks import TwoLayer
from advtheory.training import Settings

# The flipping step: walk along the ray with forward passes in float64, then bisect.


class Walk:
    """The rays from some inputs against sign and gradient, seen through forward passes alone."""

    def __init__(self, net: TwoLayer, x: Tensor) -> None:
        self.net, self.x = net.to("cpu", torch.float64), x.double()
        point = self.x.clone().requires_grad_()
        f = self.net.value(point)
        (gradient,) = torch.autograd.grad(f.sum(), point)
        self.sign = f.detach().sign()
        self.gradient = self.sign[:, None] * gradient

    def height(self, eta: Tensor) -> Tensor:
        """The signed value sign(f(x)) f(x - eta sign(f(x)) grad f(x)), for steps ``(..., n)``."""
        return self.sign * self.net.value(self.x - eta[..., None] * self.gradient)

    def below(self, grid: Tensor) -> Tensor:
        """Whether the sign has changed at each step of a grid, for each input."""
        parts = (self.height(part[:, None]) <= 0 for part in torch.split(grid, 64))
        return torch.cat(list(parts))

    def scan(self, upto: float, steps: int) -> Tensor:
        """The first sign change on a grid from 0, refined by bisection; inf where there is none."""
        grid = torch.linspace(0, upto, steps + 1).double()
        below = self.below(grid)
        first = below.int().argmax(0)
        low, high = grid[(first - 1).clamp(min=0)], grid[first]
        for _ in range(60):
            middle = (low + high) / 2
            flipped = self.height(middle) <= 0
            low, high = torch.where(flipped, low, middle), torch.where(flipped, middle, high)
        return torch.where(below.any(0), high, math.inf)

    def crossings(self, upto: float, steps: int) -> Tensor:
        """How often the sign changes on a grid."""
        below = self.below(torch.linspace(0, upto, steps + 1).double())
        return (below[1:] != below[:-1]).sum(0)


# The flipping step without rounding: forward passes with fractions at every breakpoint; widths are
# squares of powers of 2, so that even whole-numbered ties are exact in floating point.


def fractions(values: Tensor | None, count: int) -> list[Fraction]:
    return [Fraction(0)] * count if values is None else [Fraction(v) for v in values.tolist()]


def exact_step(net: TwoLayer, x: Tensor) -> float:
    """The smallest eta >= 0 at which f has no longer its sign, without any rounding."""
    root, alpha = math.isqrt(net.m), Fraction(net.activation.kink or 0.0)
    rows, start = [fractions(row, 0) for row in net.w], fractions(x, 0)
    signs, shifts = fractions(net.a, 0), fractions(net.b, net.m)
    output = fractions(None if net.c is None else net.c[None], 1)[0]

    def dot(u: list[Fraction], v: list[Fraction]) -> Fraction:
        return sum((p * q for p, q in zip(u, v, strict=True)), Fraction(0))

    def value(point: list[Fraction]) -> Fraction:
        z = [dot(row, point) + shift for row, shift in zip(rows, shifts, strict=True)]
        terms = (a * (t if t > 0 else alpha * t) for a, t in zip(signs, z, strict=True))
        return sum(terms, Fraction(0)) / root + output

    sign = 1 if value(start) > 0 else -1
    z = [dot(row, start) + shift for row, shift in zip(rows, shifts, strict=True)]
    gates = [a * (1 if t > 0 else alpha) / root for a, t in zip(signs, z, strict=True)]
    gradient = [dot(gates, list(column)) for column in zip(*rows, strict=True)]

    def height(eta: Fraction) -> Fraction:
        return sign * value([p - eta * sign * g for p, g in zip(start, gradient, strict=True)])

    speeds = [-sign * dot(row, gradient) for row in rows]
    breaks = {-t / q for t, q in zip(z, speeds, strict=True) if q != 0 and -t / q > 0}
    ends = [Fraction(0), *sorted(breaks)]
    heights = [height(end) for end in ends]
    if heights[0] == 0:
        return 0.0
    for i in range(len(ends) - 1):
        if heights[i + 1] <= 0:
            slope = (heights[i] - heights[i + 1]) / (ends[i + 1] - ends[i])
            return float(ends[i] + heights[i] / slope)
    slope = heights[-1] - height(ends[-1] + 1)
    return float(ends[-1] + heights[-1] / slope) if slope > 0 else math.inf


# Lazy SGD: a single network, plain autograd, the deviation measured after every step.


@dataclass
class Weights:
    """The trained part of a network; the biases are absent from networks without."""

    w: Tensor
    b: Tensor | None

    @classmethod
    def of(cls, net: TwoLayer) -> Weights:
        return cls(net.w.clone(), None if net.b is None else net.b.clone())

    def rows(self) -> Tensor:
        return self.w if self.b is None else torch.cat([self.w, self.b[:, None]], dim=1)

    def step(self, net: TwoLayer, x: Tensor, y: Tensor, rate: float) -> Weights:
        """One step of gradient descent on the mean of log(1 + exp(-y f(x)))."""
        leaves = [t.clone().requires_grad_() for t in (self.w, self.b) if t is not None]
        z = x @ leaves[0].T + (leaves[1] if len(leaves) > 1 else 0.0)
        f = net.activation.value(z) @ net.a / math.sqrt(net.m)
        f = f if net.c is None else f + net.c
        loss = torch.log1p(torch.exp(-y * f)).mean()
        gradients = torch.autograd.grad(loss, leaves)
        moved = [t.detach() - rate * g for t, g in zip(leaves, gradients, strict=True)]
        return Weights(moved[0], moved[1] if len(moved) > 1 else None)


@dataclass
class Story:
    """Everything that happened to one network: weights and deviations after each step."""

    weights: list[Weights]
    far: list[float] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)  # numbers of steps at the ends of epochs


def story(net: TwoLayer, seed: int, x: Tensor, y: Tensor, settings: Settings) -> Story:
    now = Weights.of(net)
    start, told, generator = now.rows(), Story([now], [0.0]), torch.Generator().manual_seed(seed)
    for _ in range(settings.epochs):
        for batch in torch.split(torch.randperm(len(x), generator=generator), settings.batch):
            now = now.step(net, x[batch], y[batch], settings.learning_rate)
            told.weights.append(now)
            told.far.append(float((now.rows() - start).norm(dim=1).max()) * math.sqrt(net.m))
        told.ends.append(len(told.far) - 1)
    return told
