"""How much of a grid is measured: counted by hand."""

from pathlib import Path

import pytest

from advtheory.pages.coverage import Coverage, coverage
from advtheory.records import Records
from advtheory.running import runner
from tests.toys import TOY


@pytest.mark.parametrize(
    ("done", "sentence"),
    [
        ((2, 2, 2), "all 3 points have 2 of 2 seeds"),
        ((1,) * 57, "57 of 57 points have 1 of 2 seeds"),
        ((2, 1, 1, 0), "1 of 4 points has 2 of 2 seeds, 2 have 1, 1 has none"),
        ((0, 0), "none of 2 points is measured"),
    ],
)
def test_the_sentence(done: tuple[int, ...], sentence: str) -> None:
    covered = Coverage(done, 2)
    assert str(covered) == sentence
    assert covered.complete == sentence.startswith("all")


def test_seeds_of_a_record_are_counted_and_more_are_welcome(tmp_path: Path) -> None:
    runner.run(TOY, "smoke", seeds=3, device="cpu", records=tmp_path, progress=False)
    jobs = Records(tmp_path).read("toy", "smoke").jobs
    assert coverage(TOY, "smoke", jobs) == Coverage((2, 2), 2)
    some = [job for job in jobs if job.point == {"d": 1} and 0 in job.seeds]
    assert coverage(TOY, "smoke", some).done == (len({*some[0].seeds} & {0, 1}), 0)
    assert coverage(TOY, "paper", ()).done == (0, 0, 0, 0)
