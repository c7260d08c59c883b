"""The drawing style of every figure: legible on a phone, safe for colour-blind readers.

Files come out the same whenever the same table is drawn with the same versions.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from advtheory.contract.experiment import Experiment
    from advtheory.records import Record
    from advtheory.records.files import Done


DATA = {
    "mnist": "MNIST",
    "digits-8x8": "8x8 digits of scikit-learn",
    "cifar10": "CIFAR-10",
    "cifar10-jpeg": "cifar10-jpeg (CIFAR-10 encoded again)",
}
"""Data sets by the names that readers know."""

_STYLE = Path(__file__).with_name("book.mplstyle")
_MARKS = Path(__file__).with_name("marks.mplstyle")


@contextlib.contextmanager
def style(marks: bool = False) -> Iterator[None]:
    """The style of the book, for the figures that are made inside the ``with`` block.

    With ``marks`` each curve has a mark at its points, as the figures of experiments have. A
    notebook has the same style by ``matplotlib.pyplot.style.use("advtheory.pages.book")``.
    """
    import matplotlib.style

    with matplotlib.style.context([_STYLE, _MARKS] if marks else _STYLE):
        yield


def made_by(
    scale: str, devices: Sequence[str], seeds: int, date: str, data: Iterable[str] = ()
) -> str:
    """The line under everything that was measured; without seeds they are not mentioned.

    >>> made_by("smoke", ["CPU, 2 threads"], 1, "2026-11-20", ["mnist"])
    'smoke scale · CPU, 2 threads · 1 seed · 2026-11-20 · MNIST'
    """
    count = [_count(seeds, "seed")] if seeds else []
    names = [DATA.get(name, name) for name in data]
    return " · ".join([f"{scale} scale", " and ".join(devices), *count, date, *names])


def provenance_line(record: Record) -> str:
    """Who made a record: ``paper scale · CPU, 2 threads · 10 seeds · 2026-11-20 · MNIST``.

    >>> from advtheory.records import open_records
    >>> provenance_line(open_records().read("wang-fig7", "paper")).endswith("MNIST")
    True
    """
    jobs = record.jobs
    devices = [_device(name, jobs) for name in sorted({job.device for job in jobs})]
    seeds = len({seed for job in jobs for seed in job.seeds})
    data = sorted(set(record.table["data"])) if "data" in record.table.columns else []
    return made_by(record.scale, devices, seeds, max(job.date for job in jobs)[:10], data)


def draw(experiment: Experiment, record: Record) -> Figure:
    """The experiment's figure in the style of the book, with the provenance line under it."""
    with style(marks=True):
        figure = experiment.draw(record.table)
        figure.supxlabel(provenance_line(record), fontsize=9.0, color="#555555")
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, SVG or PDF, by the file's name, without the date.

    Raises ``ValueError`` for another ending, or where the file cannot be written.
    """
    dates = {".png": "Software", ".svg": "Date", ".pdf": "CreationDate"}
    if path.suffix not in dates:
        raise ValueError(f"{path.name!r} must end in .png, .svg or .pdf.")
    try:
        with style():
            figure.savefig(path, metadata={dates[path.suffix]: None})
    except OSError as error:
        raise ValueError(f"The figure cannot be written to {path}: {error.strerror}.") from error


def _device(name: str, jobs: Sequence[Done]) -> str:
    """The device; with a CPU, how many threads the jobs had."""
    if name != "CPU":
        return name
    return cpu(sorted({job.threads for job in jobs if job.device == name}))


def cpu(threads: Sequence[int]) -> str:
    """A CPU with the numbers of threads that were used.

    >>> cpu([1, 4])
    'CPU, 1 or 4 threads'
    """
    *fewer, most = threads
    return f"CPU, {''.join(f'{number} or ' for number in fewer)}{_count(most, 'thread')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
