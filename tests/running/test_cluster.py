"""Runs on a Dask cluster: workers die, clusters are lost, and the table stays the same."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import dask
import pytest

from advtheory.records import Records
from advtheory.running import SweepError, runner
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


def test_a_lost_cluster_ends_in_one_sentence_and_keeps_what_is_done(tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    with subprocess.Popen(
        [sys.executable, "-c", CLUSTER],
        env={**os.environ, "PYTHONPATH": paths, "TOY_HOLD": str(hold)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as cluster:
        assert cluster.stdout

        def kill() -> None:
            wait(lambda: hold.exists() and len(Records(tmp_path).done("toy", "paper")) >= 10)
            cluster.kill()

        address = cluster.stdout.readline().strip()
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
