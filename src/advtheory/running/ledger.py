"""One run of one experiment: which jobs are left, how results are made and kept."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from advtheory.contract.experiment import Experiment
from advtheory.records import provenance
from advtheory.records.files import Done
from advtheory.records.store import Records
from advtheory.running.jobs import Job, Measure, Measured, perform, telling
from advtheory.running.progress import Progress
from advtheory.running.stopping import Stopper


class Run:
    """One run of one experiment at one scale: how results are made and kept."""

    def __init__(self, experiment: Experiment, scale: str, store: Records, device: str) -> None:
        self.experiment, self.scale, self.store, self.device = experiment, scale, store, device
        self.kept = 0

    def lacking(self, job: Job) -> Job:
        """The job without the seeds that another run has finished meanwhile."""
        done = self.store.done(self.experiment.name, self.scale)
        return replace(job, seeds=job.lacking(done))

    def here(
        self, jobs: list[Job], stopper: Stopper, bar: Progress
    ) -> Iterator[tuple[Job, Measured | None]]:
        """The jobs as this process finishes them; see :func:`advtheory.running.runner.run`."""
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
