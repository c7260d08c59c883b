"""What an experiment is: points, a measurement, a drawing, and numbers to hold against a claim.

The runner (:mod:`advtheory.running.runner`), the records and the report know this contract and
nothing about any particular experiment.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from advtheory.contract.place import SCALES, Place, check_scale
from advtheory.contract.tolerance import Tolerance

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from advtheory.contract.estimates import Estimate, Key


Value = int | float | str
"""What a cell of a table may hold."""
Point = Mapping[str, Value]
"""The coordinates of one place in a grid, for example ``{"d": 784, "m": 1000}``."""
Row = Mapping[str, Any]
"""The row of one measurement, with every column of the experiment, numbers or text."""

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Experiment:
    """One figure or table of a paper, as the runner sees it.

    - ``name``: lower-case words joined by hyphens; names the record's folder.
    - ``title``, ``label``: a line for people, and the label of the statement in the book.
    - ``columns``: column name -> meaning with unit, in the order of the table. Contains every
      coordinate of the grid and ``seed``; a column ``data`` names the data set.
    - ``grid(scale)``: the points; ``seeds[scale]``: how many seeds, 0, 1, ..., each point gets.
    - ``measure(point, seeds, place)``: at least one row per seed, on the device and at the scale
      of the :class:`~advtheory.contract.place.Place`; repeats exactly when called again with the
      same arguments on the same device.
    - ``draw(table)``: the figure; ``summarise(table)``: ``Key(quantity, curve)`` -> ``Estimate``.
    - ``quantities``: quantity of a key -> its name for people, with its symbol where it has one.
    - ``alts(table)``: a description of each panel of the figure, with the table's own numbers.
    - ``cost(point)``: relative work per seed, for the progress bar.
    - ``together(point)``: how many seeds one call of ``measure`` gets at most.
    - ``repeats(point)``: how many times as many seeds as the scale's this point gets.
    - ``tolerance``: column -> how far a number that is measured again on another machine may be
      from the recorded one; columns that are not named may differ by rounding only.

    Raises ``ValueError`` in one sentence where a part breaks these rules.

    >>> from advtheory.contract import Place, get
    >>> experiment = get("wang-fig1")
    >>> (row,) = experiment.measure(experiment.points("smoke")[0], [3], Place("cpu", "smoke"))
    >>> row["seed"], set(row) == set(experiment.columns)
    (3, True)
    """

    name: str
    title: str
    label: str
    columns: Mapping[str, str]
    grid: Callable[[str], Sequence[Point]]
    measure: Callable[[Point, Sequence[int], Place], Iterable[Row]]
    draw: Callable[[pd.DataFrame], Figure]
    summarise: Callable[[pd.DataFrame], Mapping[Key, Estimate]]
    seeds: Mapping[str, int]
    quantities: Mapping[str, str] = field(default_factory=dict)
    alts: Callable[[pd.DataFrame], Sequence[str]] | None = None
    cost: Callable[[Point], float] = lambda point: 1.0
    together: Callable[[Point], int] = lambda point: 1
    repeats: Callable[[Point], int] = lambda point: 1
    tolerance: Mapping[str, Tolerance] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.name):
            raise ValueError(
                f"The experiment name {self.name!r} must be lower-case words or numbers joined by "
                "hyphens, for example 'wang-fig2'."
            )
        _check_columns(self.name, self.columns)
        _check_tolerance(self.name, self.tolerance, self.columns)
        _check_seeds(self.name, self.seeds)
        for scale in SCALES:
            _check_grid(self.name, scale, self.grid(scale), self.columns)

    def points(self, scale: str) -> list[dict[str, Value]]:
        """The grid of a scale; ``ValueError`` for a scale that there is not."""
        return [dict(point) for point in self.grid(check_scale(scale))]


def describe(point: Point) -> str:
    """A point for people.

    >>> describe({"d": 784, "m": 1000})
    'd=784, m=1000'
    """
    return ", ".join(f"{name}={value}" for name, value in point.items())


def plain_rows(
    columns: Iterable[str], point: Point, seeds: Sequence[int], rows: Iterable[Row]
) -> list[dict[str, Value]]:
    """Check what a measurement returned and turn every value into a plain int, float or str.

    Raises ``ValueError`` naming the point for a missing or unknown column, a NaN, a wrong
    coordinate, or a seed without a row.
    """
    names, where = list(columns), f"The measurement at {describe(point)}"
    plain = [_plain_row(names, where, row) for row in rows]
    for row in plain:
        for name, value in point.items():
            if row[name] != value:
                raise ValueError(f"{where} returned a row with {name}={row[name]}.")
    for name in names:
        if len({isinstance(row[name], str) for row in plain}) > 1:
            raise ValueError(f"{where} mixes numbers and text in the column {name!r}.")
    found = {row["seed"] for row in plain}
    if found != set(seeds):
        raise ValueError(
            f"{where} returned rows for the seeds {sorted(map(str, found))}, expected exactly "
            f"{list(seeds)}."
        )
    return plain


def _plain_row(names: list[str], where: str, row: Row) -> dict[str, Value]:
    if set(row) != set(names):
        odd = sorted(set(row) ^ set(names))
        raise ValueError(
            f"{where} returned a row whose columns differ from the experiment's in "
            f"{', '.join(map(repr, odd))}; every row has every column."
        )
    return {name: _plain_value(where, name, row[name]) for name in names}


def _plain_value(where: str, name: str, value: Any) -> Value:
    # NumPy and torch scalars know .item(); everything else must already be plain.
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, bool):
        plain = int(plain)
    if isinstance(plain, float) and math.isnan(plain):
        raise ValueError(f"{where} gave NaN in the column {name!r}; a record holds numbers only.")
    if isinstance(plain, int) and not -(2**63) <= plain < 2**63:
        raise ValueError(f"{where} gave {plain} in the column {name!r}, beyond 64-bit integers.")
    if isinstance(plain, str) and (not plain or not plain.isprintable()):
        raise ValueError(f"{where} gave empty or unprintable text in the column {name!r}.")
    if not isinstance(plain, int | float | str):
        raise ValueError(
            f"{where} gave {type(plain).__name__} in the column {name!r}, not a number or text."
        )
    return plain


def _check_columns(name: str, columns: Mapping[str, str]) -> None:
    if "seed" not in columns:
        raise ValueError(f"The columns of {name!r} must contain 'seed'.")
    for column, meaning in columns.items():
        if not column.isidentifier():
            raise ValueError(f"The column {column!r} of {name!r} must be a Python identifier.")
        if not meaning.strip():
            raise ValueError(f"The column {column!r} of {name!r} needs a meaning with its unit.")


def _check_tolerance(
    name: str, tolerance: Mapping[str, Tolerance], columns: Mapping[str, str]
) -> None:
    if unknown := sorted(set(tolerance) - set(columns)):
        raise ValueError(
            f"The tolerance of {name!r} names {', '.join(unknown)}, not a column; expected columns "
            "of the experiment."
        )


def _check_seeds(name: str, seeds: Mapping[str, int]) -> None:
    if set(seeds) != set(SCALES) or any(count < 1 for count in seeds.values()):
        raise ValueError(
            f"The seeds of {name!r} must give a number of at least 1 for each of "
            f"{', '.join(SCALES)}."
        )


def _check_grid(name: str, scale: str, points: Sequence[Point], columns: Mapping[str, str]) -> None:
    if not points:
        raise ValueError(f"The {scale} grid of {name!r} is empty; give at least one point.")
    for point in points:
        if set(point) != set(points[0]) or not point:
            raise ValueError(f"The points of the {scale} grid of {name!r} differ in coordinates.")
        for coordinate in point:
            if coordinate not in columns or coordinate == "seed":
                raise ValueError(
                    f"The coordinate {coordinate!r} of {name!r} must be a column other than 'seed'."
                )
    if len({frozenset(point.items()) for point in points}) < len(points):
        raise ValueError(f"The {scale} grid of {name!r} holds the same point twice.")
