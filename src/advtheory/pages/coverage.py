"""How much of an experiment's grid a record holds, counted in points and seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from advtheory.contract.experiment import Experiment, Point
from advtheory.records import Done


@dataclass(frozen=True)
class Coverage:
    """The seeds that each point of a grid has, and how many each should have.

    >>> str(Coverage((10, 10), 10)), str(Coverage((3, 1, 1, 0), 10))
    ('all 2 points have 10 of 10 seeds', '1 of 4 points has 3 of 10 seeds, 2 have 1, 1 has none')
    """

    done: tuple[int, ...]
    wanted: int

    @property
    def complete(self) -> bool:
        """Whether every point has all its seeds."""
        return min(self.done) >= self.wanted

    def __str__(self) -> str:
        if self.complete:
            return f"all {len(self.done)} points have {self.wanted} of {self.wanted} seeds"
        (most, points), *rest = sorted(Counter(self.done).items(), reverse=True)
        if not most:
            return f"none of {len(self.done)} points is measured"
        first = f"{points} of {len(self.done)} points {_have(points)} {most} of {self.wanted} seeds"
        others = (f"{count} {_have(count)} {seeds or 'none'}" for seeds, count in rest)
        return ", ".join([first, *others])


def _have(points: int) -> str:
    return "has" if points == 1 else "have"


def coverage(experiment: Experiment, scale: str, jobs: Sequence[Done]) -> Coverage:
    """What the jobs of a record cover of the grid of a scale; further seeds do not count.

    >>> from advtheory.contract import get
    >>> str(coverage(get("wang-fig7"), "paper", ()))
    'none of 1 points is measured'
    """
    wanted, points = experiment.seeds[scale], experiment.points(scale)
    done = set().union(*(job.keys() for job in jobs))

    def found(point: Point) -> int:
        more, place = experiment.repeats(point), frozenset(point.items())
        return sum((place, seed) in done for seed in range(wanted * more)) // more

    return Coverage(tuple(found(point) for point in points), wanted)
