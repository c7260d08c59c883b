"""What an attack keeps of all the points that it sees: row by row the lowest margin."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from advtheory.norms import surely


class Lowest:
    """Row by row, the point with the lowest margin so far; at first the start, whatever its margin.

    >>> lowest = Lowest(torch.zeros(2, 1))
    >>> seen = lowest.see(torch.ones(2, 1), torch.tensor([0.3, 0.3]))
    >>> lowest.see(2 * torch.ones(2, 1), torch.tensor([0.5, -0.1]))
    tensor([[1.],
            [2.]])
    """

    def __init__(self, start: Tensor) -> None:
        self.point, self.margin = start, start.new_full((), math.inf)

    def see(self, point: Tensor, z: Tensor) -> Tensor:
        """Look at points ``(..., n, d)`` with margins z; the lowest of all that were seen."""
        lower = z < self.margin
        if surely(lower):
            self.point, self.margin = point, z
        else:
            self.point = torch.where(lower[..., None], point, self.point)
            self.margin = torch.where(lower, z, self.margin)
        return self.point
