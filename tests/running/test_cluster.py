"""Runs on a Dask cluster: workers die, clusters are lost, and the table stays the same."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dask
import pytest

from advtheory import data
from advtheory.contract import Place
from advtheory.records import Records
from advtheory.running import SweepError, runner
from advtheory.running import cluster as check
from advtheory.running.jobs import Job, perform
from tests import toys
from tests.toys import ROOT, TOTAL, TOY, start, table, wait, whole


def test_ctrl_c_reaches_the_workers_too_but_only_the_run_speaks(tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    process = start(tmp_path, "--workers", "1", TOY_HOLD=str(hold))
    wait(lambda: hold.exists() or process.poll() is not None)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    error = process.communicate(timeout=300)[1].splitlines()
    assert process.returncode == 130
    assert [line for line in error if not line.startswith("toy paper ")] == error[-1:]
    assert error[-1].startswith("Stopped by SIGINT: ")


def test_a_killed_worker_is_replaced_and_its_job_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = tmp_path / "hold"
    monkeypatch.setenv("TOY_HOLD", str(hold))

    def kill() -> None:
        wait(lambda: hold.exists() and hold.read_text())
        os.kill(int(hold.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    outcome = runner.run(TOY, "paper", workers=2, records=tmp_path, progress=False)
    killer.join()
    assert (outcome.done, outcome.left) == (TOTAL, 0)
    assert table(tmp_path) == whole()
    assert Records(tmp_path).read("toy", "paper").provenance["threads"] == [1]
    assert int(hold.read_text()) != os.getpid()


CLUSTER = """
from distributed import LocalCluster
options = dict(processes=False, dashboard_address=None, protocol="tcp")
with LocalCluster(n_workers=1, threads_per_worker=2, **options) as cluster:
    print(cluster.scheduler_address, flush=True)
    input()
"""


@contextlib.contextmanager
def cluster(
    source: Path, script: str = CLUSTER, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A cluster of one worker, in a process of its own, on the package in ``source``."""
    paths = os.pathsep.join([str(ROOT), str(source)])
    with subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield process, process.stdout.readline().strip()
        process.kill()


def test_a_worker_with_another_copy_of_the_package_is_named(tmp_path: Path) -> None:
    """Even where both say the same version."""
    shutil.copytree(ROOT / "src", tmp_path / "src")
    with (tmp_path / "src" / "advtheory" / "losses.py").open("a") as file:
        file.write("WRONG = 42\n")
    with (
        cluster(tmp_path / "src") as (_, address),
        pytest.raises(SweepError, match=r"^The worker tcp://.* has another copy of this") as error,
    ):
        runner.run(TOY, "paper", dask=address, records=tmp_path, progress=False)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "toy").exists()


def test_a_worker_without_the_data_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job({"d": 1}, (0,))
    here = perform(toys.measure, list(toys.COLUMNS), job, Place("cpu", "smoke"), None)
    small = replace(here, data={"digits-8x8": data.digest("digits-8x8")})
    for found, lacking in ((ROOT, True), (None, False)):
        monkeypatch.setattr(data, "locate", lambda found=found: data.Location(found, {}))
        check._mnist_is_here.cache_clear()
        check._check_same("tcp://a:1", here)
        with (
            contextlib.nullcontext()
            if not lacking
            else pytest.raises(
                SweepError, match="worker tcp://a:1 measured on digits-8x8 although MNIST is here"
            )
        ):
            check._check_same("tcp://a:1", small)
    check._mnist_is_here.cache_clear()


def test_a_cluster_without_workers_is_told_of_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = CLUSTER.replace("n_workers=1", "n_workers=0")
    with cluster(ROOT / "src", script=script) as (_, address):
        outcome = runner.run(TOY, "smoke", dask=address, budget=3, records=tmp_path)
    assert (outcome.done, outcome.left) == (0, 4)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("The Dask cluster has no worker; the run waits for one")


def test_a_lost_cluster_ends_in_one_sentence_and_keeps_what_is_done(tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    with cluster(ROOT / "src", TOY_HOLD=str(hold)) as (process, address):

        def kill() -> None:
            wait(lambda: hold.exists() and len(Records(tmp_path).done("toy", "paper")) >= 10)
            process.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        impatient = dask.config.set({"distributed.comm.timeouts.connect": "3s"})
        lost = pytest.raises(SweepError, match=r"^The Dask cluster is lost .*; finished jobs")
        with impatient, lost as error:
            runner.run(TOY, "paper", dask=address, records=tmp_path, progress=False)
        killer.join()
    assert "\n" not in str(error.value)
    assert len(Records(tmp_path).done("toy", "paper")) >= 10
    runner.run(TOY, "paper", records=tmp_path, progress=False)
    assert table(tmp_path) == whole()
