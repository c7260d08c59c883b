"""What the benchmarks share: one thread, interleaved repetitions, medians, and the matmul peak."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

import torch

torch.set_num_threads(1)


def cpu_seconds(function: Callable[[], object]) -> float:
    """Processor seconds of one call: other processes on the machine do not count."""
    start = time.process_time()
    function()
    return time.process_time() - start


def interleaved(rivals: Mapping[str, Callable[[], object]], repetitions: int) -> dict[str, float]:
    """Median processor seconds of each rival, in turn A B C A B C ..., after one warm-up each."""
    for function in rivals.values():
        function()
    times: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(repetitions):
        for name, function in rivals.items():
            times[name].append(cpu_seconds(function))
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def product(rows: int, inner: int, columns: int) -> Callable[[], object]:
    """A single-precision matrix product of that size, repeated to about 0.1 s."""
    a, b = torch.randn(rows, inner), torch.randn(inner, columns)
    repeats = max(1, round(1e10 / (2 * rows * inner * columns)))
    return lambda: [a @ b for _ in range(repeats)]


def product_flops(rows: int, inner: int, columns: int) -> float:
    """Floating-point operations of one call of :func:`product`."""
    one = 2.0 * rows * inner * columns
    return one * max(1, round(1e10 / one))


def line(what: str, ours: float, rival: str, theirs: float, goal: float | None = None) -> None:
    """Print one comparison."""
    wanted = "" if goal is None else f"  (goal {goal:g})"
    ratio = f"ratio {theirs / ours:5.2f}{wanted}"
    print(f"{what:26s} ours {ours:8.4f} s   {rival:20s} {theirs:8.4f} s   {ratio}")
