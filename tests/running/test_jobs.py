"""Jobs: the missing seeds of a point, in blocks that a continued run asks for again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advtheory.contract import Point
from advtheory.records.done import SeedKey
from advtheory.running.jobs import Job, split

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


@given(st.integers(-3, 0))
def test_a_block_holds_at_least_one_seed(together: int) -> None:
    with pytest.raises(ValueError, match=f"together is {together}; expected at least 1"):
        split(POINT, 3, together, set(), 1.0)


def test_a_job_reads_like_a_place() -> None:
    assert str(Job({"d": 1}, (4, 5, 6))) == "d=1, seeds 4 to 6"
    assert str(Job({"d": 1}, (4,))) == "d=1, seed 4"
    assert str(Job({"d": 1}, ())) == "d=1, already measured"
