"""Many inputs, a few at a time: what is worked on stays in a processor's cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

MORE = 64  # times as many on a device: there the memory is the limit, and each block costs a launch


def blocks(
    rows: int, vectors: Sequence[Tensor], numbers: Sequence[Tensor] = ()
) -> Iterator[tuple[Tensor, ...]]:
    """The same inputs of every tensor, block by block: first of the vectors, then of the numbers.

    Args:
        rows: Inputs in a block on a CPU; elsewhere ``MORE`` times as many.
        vectors: At least one, each ``(..., n, d)``.
        numbers: Each ``(..., n)``.

    >>> x, y = torch.zeros(5, 3), torch.ones(5)
    >>> [(a.shape[-2], b.shape[-1]) for a, b in blocks(2, [x], [y])]
    [(2, 2), (2, 2), (1, 1)]
    """
    rows *= 1 if vectors[0].device.type == "cpu" else MORE
    parts = [torch.split(t, rows, -2) for t in vectors]
    parts += [torch.split(t, rows, -1) for t in numbers]
    return zip(*parts, strict=True)
