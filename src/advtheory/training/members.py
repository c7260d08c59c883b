"""The members of an ensemble that are still training.

Book label ``sec-lazy-sgd``.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from advtheory.checks import as_seed
from advtheory.networks.two_layer import TwoLayer


class Members:
    """The networks still training, each with its own start and its own order of the examples.

    Attributes:
        start: The weights at the start, an ensemble with a leading axis.
        net: The weights now; training changes them in place.
        numbers: Which member of the first ensemble stands in each row.

    >>> from advtheory.networks import initialise
    >>> members = Members(initialise(2, 4, [0, 1, 2]), seeds=[5, 6, 5])
    >>> first, _, third = members.orders(3).tolist()
    >>> sorted(first), first == third  # the same seed, the same order
    ([0, 1, 2], True)
    >>> members.keep([0, 2])
    >>> members.numbers, len(members)
    ([0, 2], 2)
    """

    def __init__(self, net: TwoLayer, seeds: Sequence[int]) -> None:
        self.start, self.net = net, net.each(torch.clone)
        self.numbers = list(range(len(seeds)))
        self._generators = [torch.Generator().manual_seed(as_seed(seed)) for seed in seeds]

    def __len__(self) -> int:
        """How many still train."""
        return len(self.numbers)

    def orders(self, n: int) -> Tensor:
        """A fresh order of n examples for each member, from its own generator: ``(k, n)``."""
        orders = [torch.randperm(n, generator=self._generators[k]) for k in self.numbers]
        return torch.stack(orders).to(self.net.w.device)

    def copy(self, row: int) -> TwoLayer:
        """The network in this row as it is now, with numbers of its own."""
        return self.net.member(row).each(torch.clone)

    def keep(self, rows: Sequence[int]) -> None:
        """Only the members in these rows go on."""
        if len(rows) < len(self):
            at = torch.tensor(rows, dtype=torch.long, device=self.net.w.device)
            self.start, self.net = (part.each(lambda t: t[at]) for part in (self.start, self.net))
            self.numbers = [self.numbers[row] for row in rows]
