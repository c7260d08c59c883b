"""The runner: stopped in every way it can be, its table is that of a run that never stopped."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advtheory.contract import Place, Point, Row
from advtheory.records import RecordError, Records
from advtheory.records.writer import Writer
from advtheory.running import Interrupted, runner
from tests import toys
from tests.toys import TOTAL, TOY, start, table, wait


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
    assert not (tmp_path / "toy" / "paper.csv").exists()  # all of it is in the journal
    outcome = runner.run(TOY, "paper", records=tmp_path, progress=False)
    assert (outcome.done, outcome.left) == (10, 0)
    assert table(tmp_path) == toys.whole()


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


def test_two_runs_at_once_make_the_same_table_and_count_their_own(tmp_path: Path) -> None:
    runs = [start(tmp_path, TOY_NAP="0.05") for _ in range(2)]
    kept = 0
    for process in runs:
        output, error = process.communicate(timeout=300)
        assert process.returncode == 0, error
        made = re.search(r"(\d+) measurements made", output)
        kept += int(made[1]) if made else 0
    assert kept == TOTAL
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
    add = Writer.add

    def interrupted(*args: Any) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return add(*args)

    monkeypatch.setattr(Writer, "add", interrupted)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted, match="2 measurements made") as stopped:
        runner.run(TOY, "paper", records=tmp_path, progress=False)
    assert stopped.value.signal == signal.SIGINT
    assert (stopped.value.outcome.done, stopped.value.outcome.left) == (2, TOTAL - 2)
    assert signal.getsignal(signal.SIGINT) is before
    assert len(Records(tmp_path).done("toy", "paper")) == 2


def test_what_another_run_has_done_meanwhile_is_not_measured(tmp_path: Path) -> None:
    asked: list[tuple[int, tuple[int, ...]]] = []

    def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
        if not asked:
            other = runner.run(TOY, "smoke", seeds=3, records=tmp_path, progress=False)
            assert other.done == 6
        asked.append((int(point["d"]), tuple(seeds)))
        return toys.measure(point, seeds, place)

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


@pytest.mark.parametrize("budget", [float("inf"), 1e30, 99999999999999999999 * 3600.0])
def test_a_budget_without_end_is_none_and_ctrl_c_still_works(tmp_path: Path, budget: float) -> None:
    before = signal.getsignal(signal.SIGINT)
    outcome = runner.run(TOY, "smoke", budget=budget, records=tmp_path, progress=False)
    assert (outcome.done, outcome.left) == (4, 0)
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize("content", [None, b""], ids=["gone", "empty"])
def test_a_lost_table_is_measured_again_and_the_run_says_so(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    runner.run(TOY, "paper", records=tmp_path, progress=False)
    path = tmp_path / "toy" / "paper.csv"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    outcome = runner.run(TOY, "paper", records=tmp_path, progress=False)
    assert (outcome.done, outcome.left) == (TOTAL, 0)
    assert table(tmp_path) == toys.whole()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"The record file {path} is damaged: it is ")
    assert line.endswith("Its measurements are made again now.")


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda text: text[: len(text) // 2],
    "zeroed": lambda text: bytes(len(text)),
    "shuffled": lambda text: b"\n".join([*text.split(b"\n")[:1], *text.split(b"\n")[:0:-1]]),
    "in conflict": lambda text: b"<<<<<<< ours\n" + text + b"=======\n>>>>>>> theirs\n",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_table_is_never_vouched_for(tmp_path: Path, damage: str) -> None:
    runner.run(TOY, "paper", records=tmp_path, progress=False)
    path = tmp_path / "toy" / "paper.csv"
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(RecordError, match=r"paper.csv is damaged: .* and run again"):
        runner.run(TOY, "paper", records=tmp_path, progress=False)
    assert path.read_bytes() == before
