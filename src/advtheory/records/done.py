"""A finished job: what was measured, and where it was measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from advtheory.contract.experiment import Value

SeedKey = tuple[frozenset[tuple[str, Value]], int]
"""A point, as a set of (coordinate, value), and one of its seeds."""
Machine = Mapping[str, str]
"""Processor, BLAS, kernels, system, versions: :func:`advtheory.records.provenance.machine`."""


@dataclass(frozen=True)
class Done:
    """One finished job: what was measured, how long it took (seconds), where, when, by what.

    ``machine`` is what measured it; None in records older than this field: not recorded.

    >>> job = Done({"d": 25}, [0, 1], 1.5, "CPU", 2, "2026-11-20T10:00:00Z", "0.1.0")
    >>> len(job.keys()), job.machine
    (2, None)
    """

    point: Mapping[str, Value]
    seeds: Sequence[int]
    seconds: float
    device: str
    threads: int
    date: str
    code: str
    machine: Machine | None = None

    def keys(self) -> set[SeedKey]:
        """The (point, seed) pairs of the job."""
        place = frozenset(self.point.items())
        return {(place, seed) for seed in self.seeds}


def keys(jobs: Iterable[Done]) -> set[SeedKey]:
    """The (point, seed) pairs of several jobs."""
    return set().union(*(job.keys() for job in jobs))


def plain(job: Done, machine: object) -> dict[str, Any]:
    """The job for a JSON file, where ``machine`` stands for its machine, if it has one."""
    known = {name: value for name, value in vars(job).items() if name != "machine"}
    return known if job.machine is None else {**known, "machine": machine}


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "point": dict,
    "seeds": list,
    "seconds": (int, float),
    "device": str,
    "threads": int,
    "date": str,
    "code": str,
}


def parse(job: Any, machine: Machine | None) -> Done:
    """The job that :func:`plain` wrote; ``ValueError`` or ``TypeError`` if it is none."""
    done = Done(**{name: value for name, value in job.items() if name != "machine"})
    right = all(isinstance(getattr(done, name), kind) for name, kind in _TYPES.items())
    cells = all(isinstance(value, int | float | str) for value in done.point.values())
    if not (right and cells and done.point and done.seeds and done.seconds >= 0):
        raise ValueError("not a job")
    if not all(type(seed) is int for seed in done.seeds) or not _is_machine(machine):
        raise ValueError("not a job")
    return Done(**{**vars(done), "machine": machine})


def _is_machine(machine: object) -> bool:
    if machine is None:
        return True
    return isinstance(machine, dict) and all(isinstance(v, str) for v in machine.values())
