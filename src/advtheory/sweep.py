"""The runner: measures the points of an experiment that its record lacks, wherever you like.

It knows the contract and the records, never a particular experiment. A run can be stopped at any
moment, by Ctrl-C, by ``kill -9`` or by its budget; what is finished is in the record, and the next
run continues there. The same seeds on the same device, threads and versions give the same table.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from advtheory import provenance
from advtheory.experiments.contract import Experiment, check_scale
from advtheory.jobs import Job, Measure, Measured, SweepError, missing, perform, telling
from advtheory.progress import Progress
from advtheory.records import Done, Records, open_records
from advtheory.stopping import GiveUp, Interrupted, Outcome, Stopper

__all__ = ["Interrupted", "Outcome", "SweepError", "run"]


def run(
    experiment: Experiment,
    scale: str,
    *,
    seeds: int | None = None,
    device: str = "auto",
    budget: float | None = None,
    workers: int = 0,
    dask: str | None = None,
    records: Path | None = None,
    progress: bool | None = None,
) -> Outcome:
    """Measure what the record of an experiment lacks at a scale, and keep it.

    - ``seeds``: how many seeds each point gets (0, 1, ...); default: the experiment's own number.
    - ``device``: ``auto``, ``cpu``, ``cuda`` or ``cuda:NUMBER``, on the machine that measures.
    - ``budget``: seconds after which the run ends, giving up the job in flight.
    - ``workers``: measure in that many local processes of one thread each; ``dask``: on the Dask
      cluster at that address; neither: here. Local processes need up to five seconds to end.
    - ``records``: the folder of the records; default: see :func:`advtheory.records.find_folder`.
    - ``progress``: None shows a bar on a terminal and plain lines elsewhere; True, False force.

    Raises ``ValueError`` for wrong arguments, :class:`SweepError` where a measurement or the
    cluster fails, :class:`Interrupted` at Ctrl-C or SIGTERM; finished jobs are kept in each case.
    """
    store, wanted = open_records(records), _seeds(experiment, scale, seeds)
    _check(budget, workers, dask)
    if not dask:
        provenance.resolve_device(device)
    jobs = missing(experiment, scale, wanted, store.done(experiment.name, scale))
    state = Run(experiment, scale, store, device)
    bar = Progress(f"{experiment.name} {scale}", sum(job.cost for job in jobs), progress)
    start = time.monotonic()
    with Stopper(budget) as stopper, contextlib.closing(bar):
        results = state.results(jobs, stopper, bar, workers, dask)
        with contextlib.closing(results):
            for job, measured in results:
                if measured:
                    state.keep(job, measured)
                bar.advance(job.cost, str(job))
        reason = stopper.reason
    left = missing(experiment, scale, wanted, store.done(experiment.name, scale))
    outcome = Outcome(state.kept, sum(len(j.seeds) for j in left), time.monotonic() - start)
    if left and reason in ("SIGINT", "SIGTERM"):
        raise Interrupted(getattr(signal, reason), outcome)
    return outcome


class Run:
    """One run of one experiment at one scale: how results are made and kept."""

    def __init__(self, experiment: Experiment, scale: str, store: Records, device: str) -> None:
        self.experiment, self.scale, self.store, self.device = experiment, scale, store, device
        self.kept = 0

    def lacking(self, job: Job) -> Job:
        """The job without the seeds that another run has finished meanwhile."""
        done = self.store.done(self.experiment.name, self.scale)
        return replace(job, seeds=job.lacking(done))

    def results(
        self, jobs: list[Job], stopper: Stopper, bar: Progress, workers: int, dask: str | None
    ) -> Generator[tuple[Job, Measured | None]]:
        """The jobs as they finish, with what they gave (None: another run did it meanwhile)."""
        with contextlib.suppress(GiveUp):
            if jobs and (workers or dask):
                from advtheory import cluster

                yield from cluster.results(self, jobs, stopper, bar, workers, dask)
            else:
                yield from self._here(jobs, stopper, bar)

    def _here(
        self, jobs: list[Job], stopper: Stopper, bar: Progress
    ) -> Iterator[tuple[Job, Measured | None]]:
        for job in jobs:
            job, measured = self.lacking(job), None
            bar.now(str(job))
            if job.seeds:
                with stopper.armed(), telling(job):
                    measured = perform(*self.task(job), None)
            yield job, measured

    def task(self, job: Job) -> tuple[Measure, Sequence[str], Job, str]:
        """What :func:`perform` needs for a job, in a form that can be sent to another machine."""
        return self.experiment.measure, list(self.experiment.columns), job, self.device

    def keep(self, job: Job, measured: Measured) -> None:
        """Put a finished job into the record."""
        done = Done(
            point=dict(job.point),
            seeds=list(job.seeds),
            seconds=measured.seconds,
            device=measured.device,
            threads=measured.threads,
            date=provenance.now(),
            code=measured.code,
        )
        self.store.add(
            self.experiment.name,
            self.scale,
            measured.rows,
            done,
            columns=list(self.experiment.columns),
            about={"versions": provenance.versions(), "data": _digests(measured)},
        )
        self.kept += len(job.seeds)


def _digests(measured: Measured) -> dict[str, str | None]:
    """The SHA-256 of the data set in the rows; None for one that the package does not ship."""
    from advtheory import data

    digests: dict[str, str | None] = {}
    for name in {str(row["data"]) for row in measured.rows if "data" in row}:
        digests[name] = None
        with contextlib.suppress(ValueError):
            digests[name] = data.digest(name)
    return digests


def _seeds(experiment: Experiment, scale: str, seeds: int | None) -> int:
    wanted = experiment.seeds[check_scale(scale)] if seeds is None else seeds
    if wanted < 1:
        raise ValueError(f"The number of seeds must be at least 1, not {wanted}.")
    return wanted


def _check(budget: float | None, workers: int, dask: str | None) -> None:
    if budget is not None and not budget > 0:
        raise ValueError(f"The budget must be more than 0 seconds, not {budget}.")
    if workers < 0:
        raise ValueError(f"The number of workers must be at least 0, not {workers}.")
    if workers and dask:
        raise ValueError("Choose either local workers or the address of a Dask cluster, not both.")
