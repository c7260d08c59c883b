r"""Losses of the margin :math:`z = y f(x)`, with their derivatives.

The logistic loss trains; the reflected logistic loss :math:`\ell_-(z) = -\ell(-z)` is what
Mianjy & Arora (2023) maximise in the inner loop. Book label ``sec-losses``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Loss:
    """A loss of the margin: ``value`` and ``slope`` map margins to a tensor of the same shape."""

    name: str
    value: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]


def _softplus(z: Tensor) -> Tensor:
    # log(1 + e^z) without overflow, and without the linear cut that torch's softplus makes at 20
    return torch.logaddexp(z, torch.zeros_like(z))


LOGISTIC = Loss("logistic", lambda z: _softplus(-z), lambda z: -torch.sigmoid(-z))
r""":math:`\ell(z) = \log(1 + e^{-z})`, :math:`\ell'(z) = -1 / (1 + e^z)`."""

REFLECTED = Loss("reflected logistic", lambda z: -_softplus(z), lambda z: -torch.sigmoid(z))
r""":math:`\ell_-(z) = -\log(1 + e^z)`, :math:`\ell_-'(z) = -1 / (1 + e^{-z})`."""
