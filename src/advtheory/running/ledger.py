"""One run of one experiment: which jobs are left, how results are made and kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from advtheory.contract.experiment import Experiment
from advtheory.contract.place import Place
from advtheory.records import provenance
from advtheory.records.done import Done
from advtheory.records.writer import Writer
from advtheory.running.jobs import Job, Measure, Measured, perform, telling
from advtheory.running.progress import Progress
from advtheory.running.stopping import Stopper


class Run:
    """One run of one experiment: how results are made and kept.

    ``place.device`` may be ``auto``. ``kept`` counts the measurements (point, seed) that this run
    has added to the record; what another run had added before it does not count.
    """

    def __init__(self, experiment: Experiment, place: Place, writer: Writer) -> None:
        self.experiment, self.place, self.writer = experiment, place, writer
        self.kept = 0

    def lacking(self, job: Job) -> Job:
        """The job without the seeds that another run has finished meanwhile."""
        return replace(job, seeds=job.lacking(self.writer.refresh()))

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

    def task(self, job: Job) -> tuple[Measure, Sequence[str], Job, Place]:
        """What :func:`perform` needs for a job, in a form that can be sent to another machine."""
        return self.experiment.measure, list(self.experiment.columns), job, self.place

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
            machine=measured.machine,
        )
        rows = [{name: row[name] for name in self.experiment.columns} for row in measured.rows]
        self.kept += self.writer.add(rows, done, measured.data)
