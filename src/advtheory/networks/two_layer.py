r"""Two-layer networks with a fixed top layer, and their derivatives in closed form.

.. math:: f(x) = \frac{1}{\sqrt m} \sum_{s=1}^m a_s\, \sigma(w_s \cdot x + b_s) + c,
   \qquad a_s \in \{-1, +1\}, \quad w_s \sim N(0, I_d).

Shapes: inputs ``x`` are ``(..., n, d)``, first-layer weights ``w`` are ``(..., m, d)``. A leading
axis is an ensemble of independent networks (seeds); inputs without that axis are shown to every
member.
Source: Section 2.1 of Wang et al. (2022); book label ``sec-two-layer``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from torch import Tensor

from advtheory.checks import (
    as_seed,
    require_dtype,
    require_last_size,
    require_positive_integer,
)
from advtheory.networks.activations import RELU, Activation
from advtheory.networks.model import Pull


@dataclass(frozen=True)
class TwoLayer:
    r"""A two-layer network, or an ensemble of them, with derivatives in closed form.

    Attributes:
        w: First-layer weights, ``(..., m, d)``.
        a: Top layer, ``(..., m)``, never trained: signs, or any :math:`|a_s| \le \kappa \sqrt m`.
        b: First-layer biases, ``(..., m)``, or None.
        c: Output bias, ``(...)``, or None; never trained.
        activation: :math:`\sigma`.

    >>> net = TwoLayer(torch.eye(2), torch.tensor([1.0, -1.0]))
    >>> round(float(net.value(torch.tensor([[2.0, -3.0]]))), 2)  # (2 - 0) / sqrt 2
    1.41
    """

    w: Tensor
    a: Tensor
    b: Tensor | None = None
    c: Tensor | None = None
    activation: Activation = RELU
    classes: ClassVar[None] = None  # one output, whose sign is the class

    def __post_init__(self) -> None:
        if self.w.ndim < 2 or self.a.shape != self.w.shape[:-1]:
            raise ValueError(
                f"w has shape {tuple(self.w.shape)} and a {tuple(self.a.shape)}; "
                "expected (..., m, d) and (..., m): one number for each row of w"
            )
        if self.b is not None and self.b.shape != self.a.shape:
            raise ValueError(
                f"b has shape {tuple(self.b.shape)}; expected that of a, {tuple(self.a.shape)}"
            )
        if self.c is not None and self.c.shape != self.a.shape[:-1]:
            raise ValueError(
                f"c has shape {tuple(self.c.shape)}; expected one number for each network, "
                f"{tuple(self.a.shape[:-1])}"
            )

    @property
    def m(self) -> int:
        """The width, that is the number of neurons."""
        return self.w.shape[-2]

    @property
    def d(self) -> int:
        """Dimension of the input."""
        return self.w.shape[-1]

    def each(self, change: Callable[[Tensor], Tensor]) -> TwoLayer:
        """The network with ``change`` applied to each of its tensors: w, a and, if any, b and c.

        A copy, rows of an ensemble, another device or precision are one line each:

        >>> team = initialise(2, 4, [0, 1, 2], biases=True)
        >>> team.each(lambda t: t[1:]).w.shape  # the last two networks
        torch.Size([2, 4, 2])
        >>> team.each(torch.clone).c is team.c
        False
        """
        b, c = (None if t is None else change(t) for t in (self.b, self.c))
        return replace(self, w=change(self.w), a=change(self.a), b=b, c=c)

    def member(self, index: int) -> TwoLayer:
        """One network of an ensemble, without the leading axis (a view of the same numbers).

        >>> initialise(2, 4, [7, 8]).member(1).w.equal(initialise(2, 4, 8).w)
        True
        """
        if self.w.ndim < 3:
            raise ValueError("this is a single network; member() needs a leading ensemble axis")
        return self.each(lambda t: t[index])

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> TwoLayer:
        """The same network on another device, or in another precision.

        >>> initialise(2, 4, 0).to("cpu", torch.float64).w.dtype
        torch.float64
        """
        return self.each(lambda t: t.to(device=device, dtype=dtype or t.dtype))

    def preactivation(self, x: Tensor) -> Tensor:
        r""":math:`z_s = w_s \cdot x + b_s`, shape ``(..., n, m)``."""
        require_last_size(x, self.d, "x")
        require_dtype(x, self.w.dtype, "x")
        _require_members(x, self.w)
        z = torch.matmul(x, self.w.mT)
        return z if self.b is None else z.add_(self.b[..., None, :])

    def gates(self, z: Tensor) -> Tensor:
        r"""Top layer times slope, :math:`h_s = a_s \sigma'(z_s) / \sqrt m`.

        With them :math:`\nabla_x f = \sum_s h_s w_s`.
        """
        top = (self.a / math.sqrt(self.m))[..., None, :]
        return self.activation.slope(z).mul_(top)

    def value_at(self, z: Tensor, h: Tensor) -> Tensor:
        r"""Value of f from preactivations and gates.

        A piecewise linear :math:`\sigma` has :math:`\sigma(z) = z\sigma'(z)`: gates serve twice.
        """
        if self.activation.kink is None:
            h, z = self.a[..., None, :] / math.sqrt(self.m), self.activation.value(z)
        f: Tensor = torch.linalg.vecdot(h, z)
        return f if self.c is None else f + self.c[..., None]

    def value(self, x: Tensor) -> Tensor:
        """f(x), shape ``(..., n)``."""
        z = self.preactivation(x)
        return self.value_at(z, self.gates(z))

    def input_gradient(self, x: Tensor) -> Tensor:
        r""":math:`\nabla_x f(x)`, shape ``(..., n, d)`` (left slope at a kink)."""
        return torch.matmul(self.gates(self.preactivation(x)), self.w)

    def value_and_gradient(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """f(x) and its input gradient from one forward pass: two matrix products in all.

        >>> f, gradient = initialise(3, 8, 0).value_and_gradient(torch.ones(5, 3))
        >>> f.shape, gradient.shape
        (torch.Size([5]), torch.Size([5, 3]))
        """
        z = self.preactivation(x)
        h = self.gates(z)
        return self.value_at(z, h), torch.matmul(h, self.w)

    def linearise(self, x: Tensor) -> tuple[Tensor, Pull]:
        r"""f(x), and the pull-back :math:`c \mapsto c\, \nabla_x f(x)` (left slope at a kink)."""
        z = self.preactivation(x)
        h = self.gates(z)
        return self.value_at(z, h), lambda c: torch.matmul(h, self.w).mul_(c[..., None])

    def weight_gradient(self, x: Tensor, coefficients: Tensor) -> tuple[Tensor, Tensor | None]:
        r""":math:`\sum_i k_i \nabla_w f(x_i)` and, with biases, :math:`\sum_i k_i \nabla_b f(x_i)`.

        Args:
            x: Inputs, ``(..., n, d)``.
            coefficients: :math:`k`, ``(..., n)``; the chain rule puts :math:`\ell'(y_i f(x_i))
                y_i` here.
        """
        h = self.gates(self.preactivation(x)).mul_(coefficients[..., None])
        return torch.matmul(h.mT, x), None if self.b is None else h.sum(-2)


def _require_members(x: Tensor, w: Tensor) -> None:
    pairs = zip(reversed(x.shape[:-2]), reversed(w.shape[:-2]), strict=False)
    if not all(a == b or 1 in (a, b) for a, b in pairs):
        raise ValueError(
            f"x has shape {tuple(x.shape)} and w {tuple(w.shape)}; expected (n, d), the same "
            "inputs for every member of the ensemble, or one batch for each member"
        )


def _draw(d: int, m: int, seed: int, biases: bool, antisymmetric: bool) -> tuple[Tensor, ...]:
    """One network's numbers, always drawn on the CPU so that a seed means the same everywhere."""
    generator = torch.Generator().manual_seed(seed)
    rows = m // 2 if antisymmetric else m
    a = torch.randint(0, 2, (rows,), generator=generator) * 2.0 - 1.0
    w = torch.randn(rows, d, generator=generator)
    b = torch.randn(rows, generator=generator) if biases else None
    c = (torch.randint(0, 2, (), generator=generator) * 2.0 - 1.0) / math.sqrt(m)
    if antisymmetric:
        a, w = torch.cat([a, -a]), torch.cat([w, w])
        b, c = None if b is None else torch.cat([b, b]), torch.zeros(())
    return (w, a) if b is None else (w, a, b, c)


def initialise(
    d: int,
    m: int,
    seeds: int | Sequence[int],
    *,
    biases: bool = False,
    signs: str = "independent",
    activation: Activation = RELU,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> TwoLayer:
    r"""Random networks :math:`w_s \sim N(0, I_d)`, :math:`a_s = \pm 1`.

    Args:
        d: Dimension of the input.
        m: Width.
        seeds: An integer for one network; a sequence for an ensemble with a leading axis.
        biases: Also draw :math:`b_s \sim N(0, 1)` and an output bias :math:`c = \pm 1/\sqrt m`,
            as the published code of Wang et al. (2022) does.
        signs: "independent" (Wang et al., 2022), or "antisymmetric": the second half of the neurons
            copies the first with the opposite sign, so that :math:`f \equiv 0` (Gao et al., 2019,
            eq. 4).
        activation: :math:`\sigma`.
        device: Where the numbers go after they were drawn.
        dtype: Their precision.

    Raises:
        ValueError: for a size below 1, an unknown kind of signs, or an odd antisymmetric width.

    >>> initialise(784, 1000, seeds=[0, 1]).w.shape
    torch.Size([2, 1000, 784])
    """
    require_positive_integer(d, "d")
    require_positive_integer(m, "m")
    if signs not in ("independent", "antisymmetric"):
        raise ValueError(f"signs is {signs!r}; expected 'independent' or 'antisymmetric'")
    antisymmetric = signs == "antisymmetric"
    if antisymmetric and m % 2:
        raise ValueError(f"m is {m}; antisymmetric signs pair the neurons: choose an even width")
    if not isinstance(seeds, Iterable):
        parts = _draw(d, m, as_seed(seeds), biases, antisymmetric)
    else:
        drawn = [_draw(d, m, as_seed(seed), biases, antisymmetric) for seed in seeds]
        if not drawn:
            raise ValueError(
                "seeds is empty; give an integer, or at least one integer in a sequence"
            )
        parts = tuple(torch.stack(column) for column in zip(*drawn, strict=True))
    w, a, *bc = (t.to(device=device, dtype=dtype) for t in parts)
    b, c = bc if bc else (None, None)
    return TwoLayer(w, a, b, c, activation)
