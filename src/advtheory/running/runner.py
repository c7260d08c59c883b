"""The runner: measures the points of an experiment that its record lacks, wherever you like.

It knows the contract and the records, never a particular experiment. A run can be stopped at any
moment, by Ctrl-C, by ``kill -9`` or by its budget; what is finished is in the record or its
journal, and the next run continues there. A power cut can lose the work of a moment (see
:mod:`advtheory.records.journal`). The same seeds on the same device, threads and versions give the
same table.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import time
from collections.abc import Generator
from pathlib import Path

from advtheory.contract.experiment import Experiment
from advtheory.contract.place import Place, check_scale
from advtheory.records.store import open_records
from advtheory.records.writer import Writer
from advtheory.running.devices import choose_device
from advtheory.running.jobs import Job, Measured, SweepError, missing
from advtheory.running.ledger import Run
from advtheory.running.progress import Progress
from advtheory.running.stopping import GiveUp, Interrupted, Outcome, Stopper

__all__ = ["Interrupted", "Outcome", "SweepError", "run"]

MOST_SEEDS = 10_000
"""More seeds than this at each point are a slip of the hand."""


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
    - ``records``: the folder of the records; see :func:`advtheory.records.store.find_folder`.
    - ``progress``: None shows a bar on a terminal and plain lines elsewhere; True, False force.

    The record is read and verified first; where its table is gone or empty, all of it is measured
    again, and stderr says so.

    >>> from tempfile import TemporaryDirectory
    >>> from advtheory.contract import get
    >>> with TemporaryDirectory() as name:
    ...     outcome = run(get("wang-fig1"), "smoke", records=Path(name), progress=False)
    >>> outcome.done > 0, outcome.left
    (True, 0)

    Raises ``ValueError`` for wrong arguments and damaged records, :class:`SweepError` where a
    measurement or the cluster fails, :class:`Interrupted` at Ctrl-C or SIGTERM; finished jobs are
    kept in each case.
    """
    wanted = _seeds(experiment, scale, seeds)
    _check(budget, workers, dask)
    if not dask:
        choose_device(device)
    writer = Writer(open_records(records), experiment.name, scale)
    jobs = missing(experiment, scale, wanted, writer.done)
    scratch = writer.scratch
    state = Run(experiment, Place(device, scale, scratch), writer)
    bar = Progress(f"{experiment.name} {scale}", sum(job.cost for job in jobs), progress)
    if writer.lost:
        bar.say(f"{writer.lost} Its measurements are made again now.")
    start = time.monotonic()
    with Stopper(budget) as stopper, contextlib.closing(bar):
        try:
            _keep_all(state, jobs, stopper, bar, workers, dask)
        finally:
            writer.fold()
        reason = stopper.reason
    left = missing(experiment, scale, wanted, writer.refresh())
    if not left:
        shutil.rmtree(scratch, ignore_errors=True)  # also what an older code had kept
    outcome = Outcome(state.kept, sum(len(j.seeds) for j in left), time.monotonic() - start)
    if left and reason in ("SIGINT", "SIGTERM"):
        raise Interrupted(getattr(signal, reason), outcome)
    return outcome


def _keep_all(
    state: Run, jobs: list[Job], stopper: Stopper, bar: Progress, workers: int, dask: str | None
) -> None:
    results = _results(state, jobs, stopper, bar, workers, dask)
    with contextlib.closing(results):
        for job, measured in results:
            if measured:
                state.keep(job, measured)
            bar.advance(job.cost, str(job))


def _results(
    state: Run, jobs: list[Job], stopper: Stopper, bar: Progress, workers: int, dask: str | None
) -> Generator[tuple[Job, Measured | None]]:
    """The jobs as they finish, with what they gave (None: another run did it meanwhile)."""
    with contextlib.suppress(GiveUp):
        if jobs and (workers or dask):
            from advtheory.running import cluster

            yield from cluster.results(state, jobs, stopper, bar, workers, dask)
        else:
            yield from state.here(jobs, stopper, bar)


def _seeds(experiment: Experiment, scale: str, seeds: int | None) -> int:
    wanted = experiment.seeds[check_scale(scale)] if seeds is None else seeds
    if wanted < 1:
        raise ValueError(f"The number of seeds must be at least 1, not {wanted}.")
    if wanted > MOST_SEEDS:
        raise ValueError(f"The number of seeds must be at most {MOST_SEEDS}, not {wanted}.")
    return wanted


def _check(budget: float | None, workers: int, dask: str | None) -> None:
    if budget is not None and not budget > 0:
        raise ValueError(f"The budget must be more than 0 seconds, not {budget}.")
    if workers < 0:
        raise ValueError(f"The number of workers must be at least 0, not {workers}.")
    if workers and dask:
        raise ValueError("Choose either local workers or the address of a Dask cluster, not both.")
