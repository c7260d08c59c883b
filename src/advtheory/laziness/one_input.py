r"""A start seen from one input: what every search for the worst lazy weights begins with.

Shapes: ``start`` is one network or an ensemble ``(..., m, d)``; ``x`` is one input ``(d,)`` for
all, or one for each member ``(..., d)``. Everything is checked here, once.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from advtheory.checks import require_dtype, require_finite, require_nonnegative
from advtheory.networks.two_layer import TwoLayer


@dataclass(frozen=True)
class Seen:
    r"""A start and one input.

    Attributes:
        start: The network at the start.
        ahead: :math:`\hat x = x/\|x\|`, ``(..., d)``.
        length: :math:`\|x\|`, ``(..., 1)``.
        g: :math:`g_s = w_{s,0} \cdot \hat x`, ``(..., m)``.
    """

    start: TwoLayer
    ahead: Tensor
    length: Tensor
    g: Tensor


def see(start: TwoLayer, x: Tensor, c0: float) -> Seen:
    r"""The start seen from x.

    Raises:
        ValueError: for biases, another shape or precision of x, an x of length zero, a NaN or an
            infinity in x or the weights, or a negative :math:`C_0`.

    >>> start = TwoLayer(torch.tensor([[3.0, 1.0], [0.0, 2.0]]), torch.ones(2))
    >>> see(start, torch.tensor([0.0, 5.0]), c0=1).g
    tensor([1., 2.])
    """
    require_nonnegative(c0, "c0")
    if start.b is not None:
        raise ValueError("the network has biases; the worst weights are known for b = None only")
    require_one_each(start, x, "x", "input")
    require_dtype(x, start.w.dtype, "x")
    require_finite(x, "x")
    require_finite(start.w.sum(), "w")  # much faster than a look at each weight
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    if not bool((length > 0).all()):
        raise ValueError("x is zero; every gate is closed there: choose another input")
    return Seen(start, x / length, length, products(start.w, x / length))


def products(w: Tensor, v: Tensor) -> Tensor:
    """The products of all rows with one vector for each member.

    >>> products(torch.tensor([[3.0, 1.0], [0.0, 2.0]]), torch.tensor([1.0, 1.0]))
    tensor([4., 2.])
    """
    return (w @ v[..., None])[..., 0]


def require_one_each(start: TwoLayer, v: Tensor, name: str, noun: str) -> None:
    """Raise ValueError unless v is one vector for all members, or one for each.

    >>> require_one_each(TwoLayer(torch.ones(5, 3), torch.ones(5)), torch.ones(3), "x", "input")
    """
    if v.shape not in ((start.d,), (*start.a.shape[:-1], start.d)):
        raise ValueError(
            f"{name} has shape {tuple(v.shape)}; expected ({start.d},), or one such {noun} for "
            f"each member of an ensemble of shape {tuple(start.a.shape[:-1])}"
        )


def require_relu_in_double(start: TwoLayer) -> None:
    """Raise ValueError for an activation other than the ReLU, or single precision.

    >>> require_relu_in_double(TwoLayer(torch.ones(5, 3).double(), torch.ones(5).double()))
    """
    if start.activation.kink != 0:
        raise ValueError(
            f"the activation is {start.activation.name}; the worst gradients are known for the "
            "ReLU only"
        )
    if start.w.dtype != torch.float64:
        raise ValueError(
            f"the network is {start.w.dtype}; rows next to their kinks need double precision: use "
            "initialise(..., dtype=torch.float64)"
        )
