"""The jobs of a run on a Dask cluster: one started here, or any other by its address."""

from __future__ import annotations

import contextlib
import functools
import logging
import signal
from collections.abc import Iterator
from importlib import import_module
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any

from advtheory.records import provenance
from advtheory.running.jobs import Job, Measured, SweepError, perform, telling

if TYPE_CHECKING:
    from advtheory.running.ledger import Run
    from advtheory.running.progress import Progress
    from advtheory.running.stopping import Stopper


DIGITS = "digits-8x8"
GLANCE = 10.0
"""Seconds after which a run looks whether the cluster still has workers."""
_ALONE = (
    "The Dask cluster has no worker; the run waits for one, until Ctrl-C or the end of its budget."
)


def results(
    run: Run, jobs: list[Job], stopper: Stopper, bar: Progress, workers: int, address: str | None
) -> Iterator[tuple[Job, Measured | None]]:
    """The jobs as the cluster finishes them; a worker that dies is replaced and its job repeated.

    The longest jobs go first, and only as many as keep every worker busy are sent ahead, so that
    what another run finishes meanwhile is not measured again. Raises
    :class:`~advtheory.running.jobs.SweepError` if the cluster is lost, or if a worker has another
    copy of the package or lacks the data that are here.
    """
    provenance.code_digest()  # before somebody edits the sources while the cluster works
    waiting = sorted(jobs, key=lambda job: -job.cost)
    flying: dict[Any, Job] = {}
    alone = functools.cache(lambda: bar.say(_ALONE))
    with _told(flying), _client(workers, address) as client:
        while waiting or flying:
            threads = sum(client.nthreads().values())
            if not threads:
                alone()
            while waiting and len(flying) < 2 * max(1, threads):
                job = run.lacking(waiting.pop(0))
                if job.seeds:
                    task = (_on_worker, *run.task(job), 1 if workers else None)
                    flying[client.submit(*task, pure=False)] = job
                else:
                    yield job, None
            bar.now(f"{len(flying)} jobs on the cluster")
            with stopper.armed():
                ready = _finished(flying, stopper)
            for future in ready:
                job = flying.pop(future)
                # What the measurement raised names its point; anything else is the cluster's.
                if future.status == "error":
                    with telling(job):
                        future.result()
                worker, measured = future.result()
                if not workers:
                    _check_same(worker, measured)
                yield job, measured


def _on_worker(*task: Any) -> tuple[str, Measured]:
    """The worker's address, and what it measured."""
    return str(_dask().get_worker().address), perform(*task)


def _check_same(worker: str, measured: Measured) -> None:
    """Refuse what another code measured, or what was measured for want of the data."""
    if measured.digest != provenance.code_digest():
        raise SweepError(
            f"The worker {worker} has another copy of this package ({measured.code}, here "
            f"{provenance.code_version()}); give every worker this one and run again."
        )
    if DIGITS in measured.data and _mnist_is_here():
        raise SweepError(
            f"The worker {worker} measured on {DIGITS} although MNIST is here; give every worker "
            "MNIST, in the folder that ADVTHEORY_DATA names there, and run again."
        )


@functools.cache
def _mnist_is_here() -> bool:
    from advtheory import data

    return data.locate().folder is not None


def _finished(flying: dict[Any, Job], stopper: Stopper) -> list[Any]:
    """The futures that are ready, after :data:`GLANCE` seconds at the latest."""
    if not flying:
        return []
    left = stopper.left()
    seconds = GLANCE if left is None else min(max(left, 0.0), GLANCE)
    with contextlib.suppress(TimeoutError):
        ready = _dask().wait(list(flying), timeout=seconds, return_when="FIRST_COMPLETED")
        return list(ready.done)
    return []


@contextlib.contextmanager
def _client(workers: int, address: str | None) -> Iterator[Any]:
    for name in ("distributed", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack:
        if address is None:
            with _deaf():
                address = stack.enter_context(_local(workers))
        yield stack.enter_context(_connected(address))


def _connected(address: Any) -> Any:
    try:
        return _dask().Client(address)
    except ValueError as error:
        raise SweepError(
            f"{address!r} is not the address of a Dask cluster; write tcp://HOST:PORT."
        ) from error


def _local(workers: int) -> Any:
    try:
        return _dask().LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        )
    except RuntimeError as error:
        raise SweepError(f"The {workers} local workers could not be started: {error}") from error


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Hold Ctrl-C back here, and for good from the threads and processes that start meanwhile.

    The terminal sends it to the workers too, but the run alone decides how it ends.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Its start would let Ctrl-C through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _told(flying: dict[Any, Job]) -> Iterator[None]:
    dask = _dask()
    try:
        yield
    except dask.KilledWorker as error:
        raise SweepError(
            "A measurement killed its worker four times; give the workers more memory, or measure "
            "without a cluster to see why. Finished jobs are kept."
        ) from error
    except (OSError, dask.CancelledError) as error:
        raise SweepError(
            "The Dask cluster is lost or cannot be reached; finished jobs are kept, so bring it up "
            "again and run the same command to continue."
        ) from error


def _dask() -> Any:
    """Dask's distributed package, imported where a run needs it: most installations lack it."""
    try:
        return import_module("distributed")
    except ImportError as error:
        raise SweepError("Dask is not installed; run `pip install dask[distributed]`.") from error
