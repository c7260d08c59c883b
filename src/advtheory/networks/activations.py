r"""Activations and their derivatives.

Source: Section 2.1 of Wang et al. (2022); book label ``sec-two-layer``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Activation:
    r"""An activation :math:`\sigma` and its derivative.

    Attributes:
        name: What figures and messages call it.
        value: :math:`z \mapsto \sigma(z)`.
        slope: :math:`z \mapsto \sigma'(z)`; at a kink, the derivative from the left.
        kink: :math:`\alpha` if :math:`\sigma(z) = \max(\alpha z, z)`, None if the function is
            smooth.

    >>> square = Activation("square", lambda z: z**2, lambda z: 2 * z, None)
    >>> square.slope(torch.tensor([3.0]))
    tensor([6.])
    """

    name: str
    value: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]
    kink: float | None


def leaky_relu(alpha: float) -> Activation:
    r"""The leaky ReLU :math:`\max(\alpha z, z)`, :math:`0 \le \alpha \le 1`; the identity for 1.

    Raises:
        ValueError: if ``alpha`` is not in [0, 1].

    >>> leaky_relu(0.5).value(torch.tensor([-2.0, 3.0]))
    tensor([-1.,  3.])
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha is {alpha}; a leaky ReLU needs a slope in [0, 1]: use e.g. 0.1")

    def slope(z: Tensor) -> Tensor:
        # in place on a copy: comparing into a boolean tensor is many times slower on a CPU
        step = z.clone().gt_(0)
        return step if alpha == 0 else step.mul_(1 - alpha).add_(alpha)

    return Activation(f"leaky ReLU {alpha}", lambda z: slope(z) * z, slope, alpha)


def _normal_cdf(z: Tensor) -> Tensor:
    below: Tensor = torch.special.ndtr(z)
    return below


def _normal_density(z: Tensor) -> Tensor:
    return torch.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


RELU = replace(leaky_relu(0.0), name="ReLU")
GAUSSIAN_RELU = Activation(
    "Gaussian ReLU", lambda z: z * _normal_cdf(z) + _normal_density(z), _normal_cdf, None
)
SOFTPLUS = Activation("softplus", torch.nn.functional.softplus, torch.sigmoid, None)
