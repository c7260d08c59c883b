"""The exact search of a whole grid against a plain numpy loop over slabs that sorts each of them.

Memory is that of a process of its own, which makes one search.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
from collections.abc import Callable

import numpy as np
import torch
from timing import cpu_seconds, line

from advtheory.reflection.exact_grid import LOSSES, Grid, top

HALF, RADIUS, K = 0.51, 0.7078, 1000


def ours(side: int) -> list[int]:
    """Label flips among the first K, for each loss."""
    x = torch.tensor([[3.0], [2.0], [1.0]], dtype=torch.float64)
    found = top(lambda shift: x + shift, LOSSES, Grid(side, HALF, RADIUS), K)
    return [best.count(K) for best in found.top.values()]


def plain(side: int) -> list[int]:
    """The same by masks, full arrays of a slab, and a full sort of each slab."""
    axis = HALF * (2 * (np.arange(side) + 0.5) / side - 1)
    second, third = np.meshgrid(axis, axis, indexing="ij")
    kept = [(np.zeros(0), np.zeros(0, bool)) for _ in LOSSES]
    for first in axis:
        inside = first**2 + second**2 + third**2 <= RADIUS**2
        f = np.stack([3 + np.full(inside.sum(), first), 2 + second[inside], 1 + third[inside]])
        total, rival = np.log(np.exp(f).sum(0)), f[1:].max(0)
        losses = total - f[0], -np.logaddexp(0, f[0] - rival), rival - total
        for place, loss in enumerate(losses):
            values = np.concatenate([kept[place][0], loss])
            flips = np.concatenate([kept[place][1], rival > f[0]])
            order = np.argsort(-values, kind="stable")[:K]
            kept[place] = values[order], flips[order]
    return [int(flips.sum()) for _, flips in kept]


def peak(search: Callable[[int], list[int]], side: int) -> float:
    """Memory of a process that makes one search, in GB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (search, side))


def _peak(search: Callable[[int], list[int]], side: int) -> float:
    search(side)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def main() -> None:
    """A side of 300 side by side; the grid of the paper alone."""
    assert ours(120) == plain(120)
    fast, slow = cpu_seconds(lambda: ours(300)), cpu_seconds(lambda: plain(300))
    line("grid of 300^3", fast, "numpy, sorts slabs", slow)
    seconds = cpu_seconds(lambda: ours(800))
    print(f"grid of 800^3              ours {seconds:8.1f} s   (goal 60 on two cores)")
    print(f"    peak memory of a process: {peak(ours, 800):.2f} GB (goal 2)")


if __name__ == "__main__":
    main()
