"""Members of an ensemble while they train."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from advtheory.networks.two_layer import TwoLayer


def copied(t: Tensor | None) -> Tensor | None:
    """A copy of the numbers; None stays None."""
    return None if t is None else t.clone()


def detached(net: TwoLayer, row: int) -> TwoLayer:
    """One network of the ensemble with weights of its own."""
    one = net.member(row)
    return replace(one, w=one.w.clone(), b=copied(one.b))


def rows(net: TwoLayer, rows: Sequence[int]) -> TwoLayer:
    """The networks in these rows of the ensemble."""
    keep = torch.tensor(rows, dtype=torch.long, device=net.w.device)
    b = None if net.b is None else net.b[keep]
    c = None if net.c is None else net.c[keep]
    return replace(net, w=net.w[keep], a=net.a[keep], b=b, c=c)
