"""The committed numbers are what the code measures: a sample of short jobs, measured again."""

from pathlib import Path

from advtheory.data import locate
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
