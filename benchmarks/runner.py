"""What the runner costs: empty points a second into a record of growing size, and its memory.

The points measure nothing, so everything that is timed is the runner: asking what is left, checking
the rows, the journal, and at the end the table. Prints, for each size of the record before the
run, points a second while the run goes on and with its beginning and end (reading, verifying and
folding the whole record), and how much the peak memory of the process grew. Goal: 500 a second.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from advtheory.contract import Estimate, Experiment, Place, Point, Row
from advtheory.running import run

SIZES = (50, 800, 5_000, 20_000)
"""Rows of the record when a timed run begins."""
POINTS = 1_000
"""Points of a timed run, one row each."""


Clock = tuple[float, float]
"""Seconds on the wall, and of the processor, where other processes do not count."""


def clock() -> Clock:
    """The time now."""
    return time.perf_counter(), time.process_time()


def rate(points: int, start: Clock, end: Clock) -> str:
    """Points a second between two times."""
    wall, processor = (points / (b - a) for a, b in zip(start, end, strict=True))
    return f"{wall:5.0f} points a second ({processor:5.0f} of the processor)"


def empty(points: int, times: list[Clock]) -> Experiment:
    """An experiment of so many points that measures nothing, and notes when it was asked."""

    def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
        times.append(clock())
        return [{"k": point["k"], "seed": seed, "x": 0.5} for seed in seeds]

    def draw(table: pd.DataFrame) -> Figure:
        return Figure()

    def summarise(table: pd.DataFrame) -> dict[str, Estimate]:
        return {}

    return Experiment(
        name="empty",
        title="nothing",
        label="none",
        columns={"k": "number of the point", "seed": "seed", "x": "one half"},
        grid=lambda scale: [{"k": k} for k in range(points)],
        measure=measure,
        draw=draw,
        summarise=summarise,
        seeds={"smoke": 1, "laptop": 1, "paper": 1},
    )


def grown(folder: Path, rows: int) -> list[Clock]:
    """Run until the record has so many rows: when each point was measured, and the end."""
    times = [clock()]
    run(empty(rows, times), "smoke", records=folder, device="cpu", progress=False)
    return [*times, clock()]


def peak() -> float:
    """The largest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print a line for each size."""
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        grown(folder, 1)  # imports
        for rows in SIZES:
            grown(folder, rows)
            before, times = peak(), grown(folder, rows + POINTS)
            print(
                f"{rows:6d} rows   {rate(POINTS - 1, times[1], times[-2])}, goal 500   "
                f"with reading and folding {rate(POINTS, times[0], times[-1])}   "
                f"peak memory + {peak() - before:.0f} MB"
            )


if __name__ == "__main__":
    main()
