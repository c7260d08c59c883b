"""A toy experiment that worker processes can import, and a command that knows only it.

``TOY_HOLD`` names a file: the first measurement at d = 3 writes its process number there and then
hangs, so that a test can kill it in the middle; once the file exists nothing hangs.
``TOY_NAP`` is the time in seconds that every measurement takes.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from advtheory.contract import Estimate, Experiment, Key, Place, Point, Row, loglog_slope
from advtheory.running import runner

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
TOTAL = 4 * 5  # measurements at paper scale: four dimensions, five seeds

COLUMNS = {
    "d": "dimension, a coordinate",
    "seed": "seed",
    "repeat": "number of the repetition, a coordinate that the rows add",
    "value": "a random number near d squared",
    "data": "data set",
}


def grid(scale: str) -> list[Point]:
    """One to four dimensions."""
    return [{"d": d} for d in range(1, {"smoke": 3, "laptop": 4, "paper": 5}[scale])]


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """Two rows per seed, the second repetition first: the record sorts them."""
    d = int(point["d"])
    _hold(d)
    time.sleep(float(os.environ.get("TOY_NAP", "0")))
    return [
        {"d": d, "seed": seed, "repeat": k, "value": _value(d, seed, k), "data": "toy"}
        for seed in seeds
        for k in (1, 0)
    ]


def _value(d: int, seed: int, repeat: int) -> float:
    return d**2 * float(np.exp(0.01 * np.random.default_rng([d, seed, repeat]).normal()))


def _hold(d: int) -> None:
    hold = Path(os.environ.get("TOY_HOLD", os.devnull))
    if d == 3 and not hold.exists():
        hold.write_text(str(os.getpid()))
        time.sleep(600)


def draw(table: pd.DataFrame) -> Figure:
    """Value against d."""
    import matplotlib.pyplot as plt

    from advtheory.contract.axes import loglog_band, power_law

    figure, axes = plt.subplots()
    loglog_band(axes, table, "d", "value", "toy")
    power_law(axes, table, "d", "value", 2.0, "$d^2$")
    return figure


def summarise(table: pd.DataFrame) -> Mapping[Key, Estimate]:
    """The slope, which is 2."""
    return {Key("slope"): loglog_slope(table["d"], table["value"], table["seed"])}


TOY = Experiment(
    name="toy",
    title="A toy",
    label="sec-toy",
    columns=COLUMNS,
    grid=grid,
    measure=measure,
    draw=draw,
    summarise=summarise,
    seeds={"smoke": 2, "laptop": 3, "paper": 5},
    quantities={"slope": "slope of the value"},
    cost=lambda point: float(point["d"]),
    together=lambda point: 2,
)


def registry() -> dict[str, Experiment]:
    """Stands in for the experiments of the book."""
    return {TOY.name: TOY}


@functools.cache
def whole() -> bytes:
    """The paper-scale table of a run that nobody stopped."""
    with tempfile.TemporaryDirectory() as folder:
        assert runner.run(TOY, "paper", records=Path(folder), progress=False).done == TOTAL
        return table(Path(folder))


def table(folder: Path) -> bytes:
    """The record's table as it lies on the disk."""
    return (folder / "toy" / "paper.csv").read_bytes()


def start(folder: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    """The toy's command in a process of its own, at paper scale."""
    command = [sys.executable, "-m", "tests.toys", "run", "toy", "--scale", "paper", *options]
    return subprocess.Popen(
        [*command, "--records", str(folder)],
        cwd=ROOT,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait(condition: Callable[[], object], seconds: float = 300) -> None:
    """Until something is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


if __name__ == "__main__":
    from unittest import mock

    from advtheory.cli import main
    from advtheory.contract import catalogue
    from tests import toys

    # The module of that name, not __main__, which worker processes could not import.
    with mock.patch.object(catalogue, "_registry", toys.registry):
        main()
