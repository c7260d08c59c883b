"""Verifying: a random sample of a record's jobs is measured again, here, and compared.

On the machine, versions and code that made a record the numbers are the same to the last digit.
Elsewhere they may differ as far as the experiment declares
(:class:`~advtheory.contract.tolerance.Tolerance`). Nothing is written, so a verification can be
stopped at any moment.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from advtheory.contract import catalogue
from advtheory.contract.experiment import Experiment
from advtheory.contract.place import Place, check_scale
from advtheory.contract.tolerance import EXACT
from advtheory.data.images import locate
from advtheory.data.source import DataError, UnavailableError
from advtheory.records import Done, Record, open_records
from advtheory.running.comparison import Difference, compare
from advtheory.running.devices import choose_device
from advtheory.running.jobs import Job, perform


@dataclass(frozen=True)
class Verdict:
    """What became of one job: the columns that differ, or why it could not be compared."""

    job: Job
    seconds: float
    differences: Sequence[Difference] = ()
    problem: str = ""

    @property
    def outside(self) -> list[Difference]:
        """The columns that are further off than they may be."""
        return [difference for difference in self.differences if difference.outside]

    @property
    def holds(self) -> bool:
        """Whether every column is as near as it must be."""
        return not self.problem and not self.outside

    def __str__(self) -> str:
        word = "holds" if self.holds else "FAILS"
        return f"  {word}  {self.job} ({self.seconds:.1f} s): {self.problem or self._columns()}"

    def _columns(self) -> str:
        if self.outside:
            return "; ".join(f"{one} (rows outside: {one.outside})" for one in self.outside)
        if not self.differences:
            return "equal"
        sizes = (f"{one.column} by {one.size:.1g}" for one in self.differences)
        return f"within tolerance, differing in {', '.join(sizes)}"


@dataclass(frozen=True)
class Sample:
    """The jobs of a record that are to be measured again.

    ``left_out`` counts those that were asked for and do not fit into the ``budget`` (seconds,
    infinite without one).
    """

    experiment: Experiment
    record: Record
    jobs: Sequence[Done]
    left_out: int
    budget: float

    def __str__(self) -> str:
        out = f", {self.left_out} left out by the budget" if self.left_out else ""
        some = f"{len(self.jobs)} of {len(self.record.jobs)} jobs"
        seconds = sum(job.seconds for job in self.jobs)
        return f"{_title(self)}: {some}{out}, which took {seconds:.0f} s when they were recorded"


def records(name: str | None, scale: str, folder: Path | None = None) -> list[Record]:
    """The record of an experiment at a scale; without a name, every record of the scale.

    Raises ``ValueError`` for an unknown name or scale, and where there is no record.
    """
    store, scale = open_records(folder), check_scale(scale)
    if name is not None:
        return [store.read(catalogue.get(name).name, scale)]
    known = [one for one in catalogue.all_experiments() if store.done(one, scale)]
    if not known:
        raise ValueError(f"There is no record at {scale} scale in {store.folder}.")
    return [store.read(one, scale) for one in known]


def choose(record: Record, size: int, seed: int = 0, budget: float = math.inf) -> Sample:
    """A random sample of the jobs of a record: at most ``size``, at most ``budget`` seconds.

    Without a budget every job is as likely as every other. With one, a job that took t seconds is
    drawn with a weight of 1/t, so that a few long jobs do not use it up, and a job that no longer
    fits is passed over.

    Raises ``ValueError`` for a size below 1.

    >>> len(choose(records("wang-fig1", "paper")[0], 3).jobs)
    3
    """
    if size < 1:
        raise ValueError(f"The sample must hold at least 1 job, not {size}.")
    generator, left = random.Random(seed), budget
    chosen: list[Done] = []
    for job in sorted(record.jobs, key=lambda job: _ticket(generator, job, budget)):
        if len(chosen) < size and job.seconds <= left:
            chosen.append(job)
            left -= job.seconds
    wanted = min(size, len(record.jobs))
    return Sample(catalogue.get(record.experiment), record, chosen, wanted - len(chosen), budget)


def _ticket(generator: random.Random, job: Done, budget: float) -> float:
    # Exponential waiting times: each is the smallest with probability rate / sum of the rates.
    return generator.expovariate(1.0) * (1.0 if math.isinf(budget) else _time(job))


def _time(job: Done) -> float:
    """The seconds that a job took; a record rounds them, but nothing takes no time."""
    return max(job.seconds, 1e-3)


def measure_again(sample: Sample, device: str = "auto") -> Iterator[Verdict]:
    """Measure the jobs of a sample again, one by one, and say what became of each.

    Ends before a job that would not fit into what is left of the budget, at the pace of this
    machine so far.
    """
    start, expected = time.monotonic(), 0.0
    for job in sample.jobs:
        spent = time.monotonic() - start
        pace = spent / expected if expected else 1.0
        if spent + pace * _time(job) > sample.budget:
            return
        yield judge(sample.experiment, sample.record, job, device)
        expected += _time(job)


def judge(experiment: Experiment, record: Record, done: Done, device: str) -> Verdict:
    """Measure one job of a record again, with as many threads, and compare."""
    job, columns = Job(done.point, tuple(done.seeds)), list(experiment.columns)
    place = Place(device, record.scale)
    start, threads = time.perf_counter(), torch.get_num_threads()
    try:
        again = perform(experiment.measure, columns, job, place, done.threads)
    except DataError:
        raise
    except (ValueError, RuntimeError, OSError, MemoryError, ImportError) as error:
        problem = f"the measurement failed: {error}"
        return Verdict(job, time.perf_counter() - start, problem=problem)
    finally:
        torch.set_num_threads(threads)
    old = _in_order(_rows_of(record.table, job), job)
    new = _in_order(pd.DataFrame(again.rows, columns=columns), job)
    if problem := _misfit(old, new):
        return Verdict(job, again.seconds, problem=problem)
    exact = dict.fromkeys([*job.point, "seed"], EXACT)
    return Verdict(job, again.seconds, compare(old, new, {**experiment.tolerance, **exact}))


def _rows_of(table: pd.DataFrame, job: Job) -> pd.DataFrame:
    of_job = table["seed"].isin(job.seeds)
    for name, value in job.point.items():
        of_job &= table[name] == value
    return table[of_job]


def _in_order(table: pd.DataFrame, job: Job) -> pd.DataFrame:
    """Rows in the order of a record: by the coordinates, the seed, then the other columns."""
    first = [*job.point, "seed"]
    rest = [column for column in table.columns if column not in first]
    return table.sort_values([*first, *rest], kind="stable", ignore_index=True)


def _misfit(old: pd.DataFrame, new: pd.DataFrame) -> str:
    if odd := set(old.columns) ^ set(new.columns):
        return f"the record and the experiment differ in the columns {', '.join(sorted(odd))}"
    if len(old) != len(new):
        return f"the record has {len(old)} rows, {len(new)} were measured"
    return ""


def verify(
    found: Sequence[Record],
    size: int = 5,
    *,
    seed: int = 0,
    device: str = "auto",
    budget: float = math.inf,
    say: Callable[[str], None] = print,
) -> bool:
    """Verify a sample of each record within one budget; whether all that was measured holds.

    Each record gets an even share of what is left of the budget.

    Raises ``ValueError`` for a device that is not there and where no job fits into the budget, and
    :class:`~advtheory.data.source.UnavailableError` where a record was made on MNIST, which is not
    at hand.

    >>> verify(records("wang-fig1", "paper"), size=1, say=lambda line: None)
    True
    """
    choose_device(device)
    _require_data(found)
    start, every = time.monotonic(), list[Verdict]()
    for k, record in enumerate(found):
        left = budget - (time.monotonic() - start)
        sample, verdicts = choose(record, size, seed, left / (len(found) - k)), list[Verdict]()
        say(f"{sample}.")
        for verdict in measure_again(sample, device):
            say(str(verdict))
            verdicts.append(verdict)
        say(f"{_outcome(sample, verdicts)}.")
        every += verdicts
    if not every:
        raise ValueError("Nothing was measured again: no job fits; give a larger budget.")
    return all(verdict.holds for verdict in every)


def _require_data(found: Sequence[Record]) -> None:
    on_mnist = [one for one in found if "data" in one.table and "mnist" in set(one.table["data"])]
    if on_mnist and locate().folder is None:
        raise UnavailableError(
            f"The record of {on_mnist[0].experiment!r} was made on MNIST, which is not at hand; "
            "set ADVTHEORY_DATA to a folder that holds its four files."
        )


def _outcome(sample: Sample, verdicts: Sequence[Verdict]) -> str:
    failed = sum(not verdict.holds for verdict in verdicts)
    equal = sum(not verdict.differences and verdict.holds for verdict in verdicts)
    out = sample.left_out + len(sample.jobs) - len(verdicts)
    parts = [f"{len(verdicts) - failed} hold ({equal} to the last digit)", f"{failed} fail"]
    parts += [f"{out} left out by the budget"] if out else []
    return f"{_title(sample)}: {', '.join(parts)}"


def _title(sample: Sample) -> str:
    return f"{sample.record.experiment} {sample.record.scale}"
