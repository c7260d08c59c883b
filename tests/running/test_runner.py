"""The runner: stopped in every way it can be, its table is that of a run that never stopped."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advtheory.contract import Point, Row
from advtheory.records import Records, provenance
from advtheory.records.files import SeedKey
from advtheory.running import Interrupted, SweepError, runner
from advtheory.running.jobs import Job, split
from tests import toys
from tests.toys import TOTAL, TOY, start, table, wait

POINT: Point = {"d": 4, "m": 10}
SEEDS = st.sets(st.integers(0, 30))


def keys(seeds: set[int]) -> set[SeedKey]:
    """The seeds at the point of the properties."""
    return {(frozenset(POINT.items()), seed) for seed in seeds}


@given(st.integers(1, 25), st.integers(1, 12), SEEDS)
def test_jobs_partition_the_missing_seeds(wanted: int, together: int, done: set[int]) -> None:
    jobs = split(POINT, wanted, together, keys(done), 1.5)
    found = [seed for job in jobs for seed in job.seeds]
    assert found == sorted(set(range(wanted)) - done)
    for job in jobs:
        assert len({seed // together for seed in job.seeds}) == 1
        assert job.cost == 1.5 * len(job.seeds)


@given(st.integers(1, 25), st.integers(1, 12), st.integers(0, 5))
def test_a_continued_run_asks_for_the_same_jobs(wanted: int, together: int, finished: int) -> None:
    jobs = split(POINT, wanted, together, set(), 1.0)
    done = keys({seed for job in jobs[:finished] for seed in job.seeds})
    assert split(POINT, wanted, together, done, 1.0) == jobs[finished:]


def stop(process: subprocess.Popen[str], number: int, hold: Path) -> tuple[int, str]:
    """Send a signal once the process hangs in the middle of d = 3."""
    wait(lambda: hold.exists() or process.poll() is not None)
    process.send_signal(number)
    error = process.communicate(timeout=300)[1]
    return process.returncode, error.splitlines()[-1]


def test_kill_9_loses_the_point_in_flight_and_nothing_else(tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    code, _ = stop(start(tmp_path, TOY_HOLD=str(hold)), signal.SIGKILL, hold)
    assert code == -signal.SIGKILL
    assert {dict(place)["d"] for place, _ in Records(tmp_path).done("toy", "paper")} == {1, 2}
    before = table(tmp_path)
    outcome = runner.run(TOY, "paper", records=tmp_path, progress=False)
    assert (outcome.done, outcome.left) == (10, 0)
    assert table(tmp_path) == toys.whole()
    assert toys.whole().startswith(before)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_and_sigterm_say_how_to_continue(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    hold = tmp_path / "hold"
    found, last = stop(start(tmp_path, TOY_HOLD=str(hold)), number, hold)
    assert found == code
    assert last.startswith(f"Stopped by {number.name}: 10 measurements made in ")
    assert last.endswith("s and kept, 10 left; run the same command to continue.")
    runner.run(TOY, "paper", records=tmp_path, progress=False)
    assert table(tmp_path) == toys.whole()


def test_two_runs_at_once_make_the_same_table(tmp_path: Path) -> None:
    runs = [start(tmp_path, TOY_NAP="0.05") for _ in range(2)]
    for process in runs:
        output, error = process.communicate(timeout=300)
        assert (process.returncode, "measurements made" in output) == (0, True), error
    assert table(tmp_path) == toys.whole()
    jobs = Records(tmp_path).read("toy", "paper").jobs
    assert sum(len(job.seeds) for job in jobs) == TOTAL


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every measurement takes 0.15 seconds."""
    monkeypatch.setenv("TOY_NAP", "0.15")
    yield
    monkeypatch.undo()


def test_a_budget_ends_the_run_in_the_middle_of_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_HOLD", str(tmp_path / "hold"))  # ten minutes in one job
    outcome = runner.run(TOY, "paper", budget=2, records=tmp_path, progress=False)
    assert outcome.done + outcome.left == TOTAL
    assert outcome.done <= 10
    assert 2 <= outcome.seconds < 60
    assert str(outcome).endswith(f"{outcome.left} left; run the same command to continue")
    monkeypatch.delenv("TOY_HOLD")
    rest = runner.run(TOY, "paper", records=tmp_path, progress=False)
    assert (rest.done, rest.left) == (outcome.left, 0)
    assert str(rest).startswith(f"{rest.done} measurements made in ")
    assert str(runner.run(TOY, "paper", records=tmp_path)) == "everything had been measured"
    assert table(tmp_path) == toys.whole()


@pytest.mark.usefixtures("slow")
def test_elsewhere_than_in_the_main_thread_the_budget_ends_it_between_jobs(
    tmp_path: Path,
) -> None:
    outcomes = []

    def work() -> None:
        outcomes.append(runner.run(TOY, "paper", budget=0.5, records=tmp_path, progress=False))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert outcomes[0].left > 0
    assert outcomes[0].done + outcomes[0].left == TOTAL


def test_a_signal_between_two_jobs_waits_for_the_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = Records.add

    def interrupted(*args: Any, **keywords: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        add(*args, **keywords)

    monkeypatch.setattr(Records, "add", interrupted)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted, match="2 measurements made") as stopped:
        runner.run(TOY, "paper", records=tmp_path, progress=False)
    assert stopped.value.signal == signal.SIGINT
    assert (stopped.value.outcome.done, stopped.value.outcome.left) == (2, TOTAL - 2)
    assert signal.getsignal(signal.SIGINT) is before
    assert len(Records(tmp_path).done("toy", "paper")) == 2


def test_what_another_run_has_done_meanwhile_is_not_measured(tmp_path: Path) -> None:
    asked: list[tuple[int, tuple[int, ...]]] = []

    def measure(point: Point, seeds: Sequence[int], device: str) -> list[Row]:
        if not asked:
            other = runner.run(TOY, "smoke", seeds=3, records=tmp_path, progress=False)
            assert other.done == 6
        asked.append((int(point["d"]), tuple(seeds)))
        return toys.measure(point, seeds, device)

    outcome = runner.run(replace(TOY, measure=measure), "smoke", records=tmp_path, seeds=4)
    assert asked == [(1, (0, 1)), (1, (3,)), (2, (3,))]
    assert outcome.left == 0


def test_more_seeds_are_added_to_those_that_are_there(tmp_path: Path) -> None:
    for seeds in (1, 3):
        runner.run(TOY, "paper", seeds=seeds, records=tmp_path, progress=False)
    outcome = runner.run(TOY, "paper", records=tmp_path, progress=False)
    assert (outcome.done, outcome.left) == (8, 0)
    assert table(tmp_path) == toys.whole()
    assert runner.run(TOY, "paper", records=tmp_path, progress=False).done == 0


@pytest.mark.parametrize(
    "error", [ValueError("no sense"), RuntimeError("no memory"), OSError("no disk")]
)
def test_a_measurement_that_fails_names_its_point(tmp_path: Path, error: Exception) -> None:
    def measure(point: Point, seeds: Sequence[int], device: str) -> list[Row]:
        if point["d"] == 2:
            raise error
        return toys.measure(point, seeds, device)

    failing = replace(TOY, measure=measure)
    with pytest.raises(SweepError, match=rf"at d=2, seeds 0 to 1 failed: {error}"):
        runner.run(failing, "smoke", records=tmp_path, progress=False)
    assert len(Records(tmp_path).done("toy", "smoke")) == 2


def test_a_nan_is_refused_with_its_place(tmp_path: Path) -> None:
    def measure(point: Point, seeds: Sequence[int], device: str) -> list[Row]:
        return [{**row, "value": float("nan")} for row in toys.measure(point, seeds, device)]

    with pytest.raises(SweepError, match="at d=1 gave NaN in the column 'value'"):
        runner.run(replace(TOY, measure=measure), "smoke", records=tmp_path, progress=False)
    assert not (tmp_path / "toy").exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"seeds": 0}, "number of seeds must be at least 1, not 0"),
        ({"seeds": -2}, "not -2"),
        ({"budget": 0.0}, "budget must be more than 0"),
        ({"budget": float("nan")}, "budget must be more than 0"),
        ({"workers": -1}, "workers must be at least 0"),
        ({"workers": 1, "dask": "tcp://here:1"}, "not both"),
        ({"device": "tpu"}, "no device 'tpu'; choose auto, cpu, cuda"),
        ({"device": "cpu:0"}, "no device 'cpu:0'"),
        ({"device": "cuda:99"}, "'cuda:99' is not there: .*; choose cpu or auto"),
    ],
)
def test_wrong_arguments_end_in_one_sentence(
    tmp_path: Path, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        runner.run(TOY, "smoke", records=tmp_path, **wrong)
    with pytest.raises(ValueError, match="no scale 'huge'"):
        runner.run(TOY, "huge", records=tmp_path)


@given(st.integers(-3, 0))
def test_a_block_holds_at_least_one_seed(together: int) -> None:
    with pytest.raises(ValueError, match=f"together is {together}; expected at least 1"):
        split(POINT, 3, together, set(), 1.0)


def test_progress_is_lines_where_there_is_no_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runner.run(TOY, "smoke", records=tmp_path)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split("  (")[1] for line in lines] == [
        "d=1, seeds 0 to 1)",
        "d=2, seeds 0 to 1)",
    ]
    assert lines[0].startswith("toy smoke  33%")
    assert "left" in lines[0]
    assert lines[1].startswith("toy smoke 100%")


def test_a_bar_can_be_forced_and_silence_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.run(TOY, "smoke", records=tmp_path, seeds=1, progress=True)
    assert "toy smoke 100%|" in capsys.readouterr().err
    runner.run(TOY, "smoke", records=tmp_path, seeds=2, progress=False)
    assert capsys.readouterr().err == ""
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)  # a bare GPU machine
    runner.run(TOY, "smoke", records=tmp_path, seeds=3, progress=True)
    assert "toy smoke 100%  " in capsys.readouterr().err


def test_provenance_says_what_made_the_numbers(tmp_path: Path) -> None:
    runner.run(TOY, "smoke", records=tmp_path, device="cpu", progress=False)
    about = Records(tmp_path).read("toy", "smoke").provenance
    assert set(about["versions"]) == {"python", "torch", "numpy", "pandas"}
    assert about["devices"] == ["CPU"]
    assert about["code"] == [provenance.code_version()]
    assert about["data"] == {"toy": None}
    assert about["seeds"] == [0, 1]


def test_a_job_reads_like_a_place() -> None:
    assert str(Job({"d": 1}, (4, 5, 6))) == "d=1, seeds 4 to 6"
    assert str(Job({"d": 1}, (4,))) == "d=1, seed 4"
    assert str(Job({"d": 1}, ())) == "d=1, already measured"
