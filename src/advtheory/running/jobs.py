"""Jobs: which (point, seeds) an experiment still needs, and how one of them is measured."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from advtheory.contract.experiment import Experiment, Point, Row, Value, describe, plain_rows
from advtheory.contract.place import Place
from advtheory.records import provenance
from advtheory.records.done import Machine, SeedKey
from advtheory.running.devices import choose_device, device_name

Measure = Callable[[Point, Sequence[int], Place], Iterable[Row]]


class SweepError(ValueError):
    """A run that had to end; what it had finished is in the record."""


@dataclass(frozen=True)
class Job:
    """Seeds of one point that are measured in one call.

    >>> str(Job({"d": 784, "m": 1000}, (0, 1, 2)))
    'd=784, m=1000, seeds 0 to 2'
    """

    point: Point
    seeds: tuple[int, ...]
    cost: float = field(compare=False, default=1.0)

    def lacking(self, done: set[SeedKey]) -> tuple[int, ...]:
        """The seeds that are not in ``done``."""
        place = frozenset(self.point.items())
        return tuple(seed for seed in self.seeds if (place, seed) not in done)

    def name(self, code: str) -> str:
        """A name for the folder of this job under one code: what another kept is not gone on with.

        >>> Job({"d": 784}, (0,)).name("some code") == Job({"d": 784}, (0,)).name("other code")
        False
        """
        told = repr((sorted(self.point.items()), self.seeds, code))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def __str__(self) -> str:
        if not self.seeds:
            return f"{describe(self.point)}, already measured"
        first, last = self.seeds[0], self.seeds[-1]
        seeds = f"seeds {first} to {last}" if first < last else f"seed {first}"
        return f"{describe(self.point)}, {seeds}"


@dataclass(frozen=True)
class Measured:
    """What a job gave, and where: rows, seconds, device, threads, code, machine.

    ``digest`` is that of the package's sources there, ``data`` the SHA-256 of each data set in the
    rows (None for one that the package does not ship).
    """

    rows: Sequence[dict[str, Value]]
    seconds: float
    device: str
    threads: int
    code: str
    digest: str
    machine: Machine
    data: Mapping[str, str | None]


def split(point: Point, seeds: int, together: int, done: set[SeedKey], cost: float) -> list[Job]:
    """The jobs that a point still needs: its missing seeds below ``seeds``, in aligned blocks.

    Block k holds the seeds k * together to (k + 1) * together - 1, so that a run which continues
    asks for the same blocks as one that was never stopped.

    >>> [job.seeds for job in split({"d": 25}, 5, 2, set(), 1.0)]
    [(0, 1), (2, 3), (4,)]
    """
    if together < 1:
        raise ValueError(f"At {describe(point)} together is {together}; expected at least 1.")
    blocks = (range(start, min(start + together, seeds)) for start in range(0, seeds, together))
    lacking = (Job(point, tuple(block)).lacking(done) for block in blocks)
    return [Job(point, block, cost * len(block)) for block in lacking if block]


def missing(experiment: Experiment, scale: str, seeds: int, done: set[SeedKey]) -> list[Job]:
    """The jobs that an experiment still needs at a scale, in the order of its grid."""
    jobs: list[Job] = []
    for point in experiment.points(scale):
        wanted, together = seeds * experiment.repeats(point), experiment.together(point)
        jobs += split(point, wanted, together, done, experiment.cost(point))
    return jobs


def perform(
    measure: Measure, columns: Sequence[str], job: Job, place: Place, threads: int | None
) -> Measured:
    """Measure one job here (or on the worker that this was sent to) and check what it gave.

    The device of ``place`` may be ``auto``. Its ``scratch`` is where all jobs of the run keep what
    they have so far; this one gets a folder of its own there, which is gone when it is done.
    """
    import torch

    if threads:
        torch.set_num_threads(threads)
    scratch = place.scratch and place.scratch / job.name(provenance.code_digest())
    chosen = replace(place, device=choose_device(place.device), scratch=scratch)
    start = time.perf_counter()
    rows = plain_rows(columns, job.point, job.seeds, measure(job.point, job.seeds, chosen))
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
    return Measured(
        rows,
        seconds=round(time.perf_counter() - start, 3),
        device=device_name(chosen.device),
        threads=torch.get_num_threads(),
        code=provenance.code_version(),
        digest=provenance.code_digest(),
        machine=provenance.machine(),
        data=_digests(rows),
    )


def _digests(rows: Iterable[Mapping[str, Value]]) -> dict[str, str | None]:
    from advtheory import data

    digests: dict[str, str | None] = {}
    for name in {str(row["data"]) for row in rows if "data" in row}:
        digests[name] = None
        with contextlib.suppress(ValueError):
            digests[name] = data.digest(name)
    return digests


@contextlib.contextmanager
def telling(job: Job) -> Iterator[None]:
    """Turn what a measurement raises into one sentence that names the point."""
    try:
        yield
    except (ValueError, RuntimeError, OSError, MemoryError, ImportError) as error:
        raise SweepError(f"The measurement at {job} failed: {error}") from error
