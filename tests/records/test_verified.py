"""The committed numbers are what the code measures: a sample of short jobs, measured again."""

from pathlib import Path

import pytest

from advtheory.data import locate
from advtheory.laziness.experiments.cone_figure import STEP
from advtheory.records import Record
from advtheory.running import verify

FOLDER = Path(__file__).resolve().parents[2] / "book" / "records"
SHORT = 7.0  # seconds that the shortest job of a cheap record takes
BUDGET = 40.0  # seconds for all records together


def cheap(record: Record) -> bool:
    return min(job.seconds for job in record.jobs) < SHORT


def test_a_sample_of_the_cheap_records_holds() -> None:
    """Where MNIST is not at hand, of those that need no data."""
    mnist = locate().folder is not None
    found = verify.records(None, "paper", FOLDER)
    found = [one for one in found if cheap(one) and (mnist or "data" not in one.table)]
    assert {"wang-fig1", "lazy-worst-case"} <= {record.experiment for record in found}
    lines: list[str] = []
    assert verify.verify(found, 3, budget=BUDGET, say=lines.append), "\n".join(lines)


def test_a_changed_constant_in_an_experiment_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    (record,) = verify.records("wang-fig1", "paper", FOLDER)
    sample = verify.choose(record, 1, budget=BUDGET)
    monkeypatch.setattr("advtheory.laziness.experiments.cone.STEP", 1.001 * STEP)
    (verdict,) = verify.measure_again(sample)
    assert "unrescaled_length" in {difference.column for difference in verdict.outside}
