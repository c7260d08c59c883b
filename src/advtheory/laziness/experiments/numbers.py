"""Numbers for a row of a table, taken from the device in one go: on a GPU each transfer waits."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


def numbers(columns: Mapping[str, Tensor]) -> dict[str, float]:
    """One plain number for each column, from tensors with one number each on one device."""
    values = torch.stack([number.double() for number in columns.values()]).tolist()
    return dict(zip(columns, values, strict=True))


def share(holds: Tensor) -> Tensor:
    """The fraction of the inputs for which something holds, still on its device."""
    return holds.double().mean()
