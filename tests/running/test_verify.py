"""Verifying: what was changed in a record or in the code is found, and rounding is not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from advtheory.cli import app
from advtheory.contract import Experiment, Row, Tolerance, catalogue
from advtheory.data import Location
from advtheory.records import Record
from advtheory.running import runner, verify
from advtheory.running.jobs import Job
from tests import toys
from tests.toys import TOY

JOBS = 12  # four dimensions, five seeds in blocks of two

Change = Callable[[Row], Row]


def changed(change: Change) -> Experiment:
    """The toy, with something done to every row that it measures."""

    def measure(*arguments: Any) -> list[Row]:
        return [change(row) for row in toys.measure(*arguments)]

    return replace(TOY, measure=measure)


def biased(share: float) -> Change:
    """A change of the code that makes every value larger by that share."""
    return lambda row: {**row, "value": row["value"] * (1 + share)}


def one_wrong(row: Row) -> Row:
    """A single wrong value in the whole table."""
    here = (row["d"], row["seed"], row["repeat"]) == (2, 3, 1)
    return {**row, "value": row["value"] + 0.5 * here}


@pytest.fixture
def knows(monkeypatch: pytest.MonkeyPatch) -> Callable[[Experiment], None]:
    """Makes an experiment the only one that there is."""
    return lambda one: monkeypatch.setattr(catalogue, "_registry", lambda: {one.name: one})


@pytest.fixture
def make(tmp_path: Path, knows: Callable[[Experiment], None]) -> Callable[[Experiment], Record]:
    """Makes the paper-scale record of a toy; afterwards the toy as it was is the only one."""

    def made(experiment: Experiment) -> Record:
        runner.run(experiment, "paper", records=tmp_path, progress=False)
        knows(TOY)
        return verify.records("toy", "paper", tmp_path)[0]

    return made


Make = Callable[[Experiment], Record]
Knows = Callable[[Experiment], None]


def verdicts(record: Record) -> list[verify.Verdict]:
    """Of all its jobs."""
    return list(verify.measure_again(verify.choose(record, JOBS)))


def call(folder: Path, *words: str) -> Result:
    """The command on the records of a folder."""
    line = ["verify", *words, "--records", str(folder)]
    return CliRunner().invoke(app, line, prog_name="advtheory")


def refused(folder: Path, *words: str) -> str:
    """The sentence with which the command refuses that."""
    result = call(folder, *words)
    assert result.exit_code == 2, result.output
    (line,) = result.stderr.splitlines()
    return line


def test_what_nobody_touched_is_equal(make: Make) -> None:
    found = verdicts(make(TOY))
    assert len(found) == JOBS
    assert [str(one).split(": ")[-1] for one in found] == ["equal"] * JOBS


def test_one_wrong_value_in_a_record_is_found(tmp_path: Path, make: Make) -> None:
    (failed,) = [one for one in verdicts(make(changed(one_wrong))) if not one.holds]
    assert (failed.job.point, failed.job.seeds) == ({"d": 2}, (2, 3))
    (difference,) = failed.outside
    assert (difference.column, difference.outside) == ("value", 1)
    assert difference.size == pytest.approx(0.5)
    result = call(tmp_path, "toy", "--sample", "12")
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("  FAILS")]
    assert line.startswith("  FAILS  d=2, seeds 2 to 3 (")
    assert "value " in line
    assert result.stdout.splitlines()[-1] == "toy paper: 11 hold (11 to the last digit), 1 fail."


def test_a_change_of_the_code_is_found(make: Make, knows: Knows) -> None:
    record = make(TOY)
    knows(changed(biased(1e-3)))
    assert not any(one.holds for one in verdicts(record))


def test_rounding_is_not_a_failure_nor_is_what_the_experiment_allows(
    tmp_path: Path, make: Make, knows: Knows
) -> None:
    record = make(TOY)
    for share, tolerance in ((1e-9, {}), (1e-3, {"value": Tolerance(relative=2e-3)})):
        knows(replace(changed(biased(share)), tolerance=tolerance))
        found = verdicts(record)
        assert all(one.holds and one.differences for one in found)
        assert str(found[0]).startswith("  holds  d=")
        assert "within tolerance, differing in value by " in str(found[0])
        assert call(tmp_path, "toy").exit_code == 0


def test_text_and_coordinates_must_be_equal(make: Make, knows: Knows) -> None:
    record = make(TOY)
    knows(changed(lambda row: {**row, "data": "others"}))
    assert str(verdicts(record)[0]).endswith(": data toy became others (rows outside: 4)")


def test_a_measurement_that_breaks_fails(make: Make, knows: Knows) -> None:
    record = make(TOY)
    knows(changed(lambda row: {**row, "value": float("nan")}))
    found = verdicts(record)
    assert not any(one.holds for one in found)
    assert "the measurement failed: The measurement at d=" in str(found[0])


def test_other_columns_or_rows_fail(make: Make, knows: Knows) -> None:
    record = make(TOY)
    more = changed(lambda row: {**row, "speed": 1.0})
    knows(replace(more, columns={**TOY.columns, "speed": "metres per second"}))
    (problem,) = {one.problem for one in verdicts(record)}
    assert problem == "the record and the experiment differ in the columns speed"
    few = replace(TOY, measure=lambda *arguments: toys.measure(*arguments)[::2])
    knows(few)
    assert "rows, " in str(verdicts(record)[0])


def test_the_sample_is_random_and_can_be_repeated(make: Make) -> None:
    record = make(TOY)
    samples = [verify.choose(record, 4, seed).jobs for seed in (0, 0, 1)]
    assert samples[0] == samples[1] != samples[2]
    assert len(verify.choose(record, 100).jobs) == JOBS
    drawn = [verify.choose(record, 1, seed).jobs[0] for seed in range(600)]
    counts = [drawn.count(job) for job in record.jobs]
    assert 25 <= min(counts) <= max(counts) <= 80  # 50 each, standard deviation 7


def test_with_a_budget_short_jobs_are_likelier_and_what_is_left_out_is_counted(make: Make) -> None:
    record = make(TOY)
    jobs = [replace(job, seconds=1.0 + 9.0 * (k == 0)) for k, job in enumerate(record.jobs)]
    record = replace(record, jobs=tuple(jobs))
    drawn = [verify.choose(record, 1, seed, 60).jobs[0] for seed in range(600)]
    # expected 600 * 0.1 / 11.1 = 5.4
    assert 1 <= drawn.count(jobs[0]) <= 14
    sample = verify.choose(record, 12, 0, 5.5)
    assert (len(sample.jobs), sample.left_out) == (5, 7)
    assert str(sample).startswith("toy paper: 5 of 12 jobs, 7 left out by the budget, which took 5")


def test_on_a_slow_machine_no_job_is_begun_that_would_not_fit(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(TOY)
    monkeypatch.setenv("TOY_NAP", "0.3")
    result = call(tmp_path, "toy", "--sample", "12", "--budget", "1s")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    done = sum(line.startswith("  holds") for line in lines)
    assert 1 <= done <= 4
    assert lines[-1].endswith(f", {JOBS - done} left out by the budget.")


def test_all_verifies_every_record_of_the_scale(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(TOY)
    twin, never = replace(TOY, name="twin"), replace(TOY, name="never")
    runner.run(twin, "paper", records=tmp_path, progress=False)
    known = {one.name: one for one in (never, TOY, twin)}
    monkeypatch.setattr(catalogue, "_registry", lambda: known)
    result = call(tmp_path, "--all", "--sample", "2", "--seed", "3")
    assert result.exit_code == 0
    ends = [line for line in result.stdout.splitlines() if line.endswith(", 0 fail.")]
    assert ends == [
        f"{name} paper: 2 hold (2 to the last digit), 0 fail." for name in ("toy", "twin")
    ]


def test_wrong_input_is_one_sentence(tmp_path: Path, make: Make) -> None:
    make(TOY)
    assert "There is no experiment 'toyy'; did you mean toy?" in refused(tmp_path, "toyy")
    assert "There is no record of 'toy' at smoke scale" in refused(
        tmp_path, "toy", "--scale", "smoke"
    )
    assert "There is no record at smoke scale" in refused(tmp_path, "--all", "--scale", "smoke")
    assert "There is no scale 'big'" in refused(tmp_path, "toy", "--scale", "big")
    assert "There is no device 'tpu'" in refused(tmp_path, "toy", "--device", "tpu")
    assert "at least 1 job, not 0" in refused(tmp_path, "toy", "--sample", "0")
    assert "'soon' is not a time" in refused(tmp_path, "toy", "--budget", "soon")
    assert "give a larger budget" in refused(tmp_path, "toy", "--budget", "0")
    assert "Name one experiment, or give --all" in refused(tmp_path)
    assert "Name one experiment, or give --all" in refused(tmp_path, "toy", "--all")


def test_without_the_data_it_says_so(
    tmp_path: Path, make: Make, knows: Knows, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_mnist = changed(lambda row: {**row, "data": "mnist"})
    make(on_mnist)
    knows(on_mnist)
    monkeypatch.setattr(verify, "locate", lambda: Location(None, {}))
    assert "was made on MNIST, which is not at hand" in refused(tmp_path, "toy")


def test_a_verdict_names_its_job() -> None:
    verdict = verify.Verdict(Job({"d": 3}, (0, 1, 2)), 1.25)
    assert str(verdict) == "  holds  d=3, seeds 0 to 2 (1.2 s): equal"
