r"""Table 1 of Mianjy & Arora (2023) and the second stage of the search for its choices.

Five trainings, eight attacks, and beside them the strongest attack in each norm and no attack. The
second stage makes the whole table for the candidates; the table itself is made with seeds that no
stage of the search has seen. Book label ``sec-reflected``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.fits import mean_estimate
from advtheory.contract.place import Place
from advtheory.reflection.choices import Choice, choice_of
from advtheory.reflection.experiments.table1_chosen import CANDIDATES, CHOSEN
from advtheory.reflection.experiments.table1_figure import (
    alts_choices,
    alts_table,
    draw_choices,
    draw_table,
)
from advtheory.reflection.experiments.table1_measure import (
    A_FEW,
    IN_COMMON,
    column,
    counted,
    images_of,
    size,
)
from advtheory.reflection.experiments.table1_scores import mean_table, ranked
from advtheory.reflection.table_one import (
    ATTACKS,
    PAPER,
    STRONGEST,
    TRAININGS,
    distance,
    table_row,
    trained,
)

if TYPE_CHECKING:
    import pandas as pd

COLLAPSED = 0.2
"""From this test error on a run is said to have collapsed; it answers nearly always the same."""
FRESH = 1000
"""The table's seed s draws with the number 1000 + s, since the search has seen small ones only."""

NAMES = [column(name) for name in ATTACKS]
COUNTS = {column(name): f"test images that {name} breaks" for name in ATTACKS}
COLUMNS = {
    "training": "the row: Standard, or the attack that training uses",
    "clip": "which attacks keep the pixels in [0, 1]: none, linf, l2 or both",
    "bim": "the step of BIM: scheduled like the others, or 0.01",
    **IN_COMMON,
    **COUNTS,
}
HARDEST = {
    column(name): f"test images that any attack breaks, {name.removeprefix('strongest-')}"
    for name in STRONGEST
}


def grid(choices: Sequence[Choice], scale: str) -> list[Point]:
    """Each choice with each training; fewer iterations below paper scale, and one choice."""
    if scale != "paper":
        steps = {"smoke": 5, "laptop": 10}[scale]
        choices = [replace(choices[0], steps=steps)]
    return [
        {"training": row, **asdict(choice), **size(scale)}
        for choice in choices
        for row in TRAININGS
    ]


def measure(
    hardest: bool, first: int, point: Point, seeds: Sequence[int], place: Place
) -> Iterator[Row]:
    """One row for each seed: test images that each attack breaks."""
    choice, row = choice_of(point), str(point["training"])
    images, train, test = images_of(point, place)
    numbers = [first + seed for seed in seeds]
    net = trained(choice, row, train.x, train.y, numbers, int(point["epochs"]))
    found = table_row(net, test.x, test.y, choice, hardest=hardest)
    where = {**point, "data": images, "tests": len(test.y)}
    for seed, counts in zip(seeds, counted(found), strict=True):
        yield {**where, "seed": seed, **{column(name): n for name, n in counts.items()}}


def summarise(table: pd.DataFrame) -> dict[Key, Estimate]:
    """The robust test error of each cell, of no attack and of the strongest; what must hold between
    columns; and the distance D.
    """
    estimates: dict[Key, Estimate] = {}
    for row, part in table.groupby("training", sort=False):
        for name in ("clean", *STRONGEST, *ATTACKS):
            errors = (part[column(name)] / part["tests"]).groupby(part["seed"]).mean()
            estimates[Key("error", f"{row}: {name}")] = mean_estimate(errors)
        lost = part["clean"] > COLLAPSED * part["tests"]
        estimates[Key("collapsed", str(row))] = Estimate(float(lost.mean()), None, len(part))
    means = mean_table(table)
    gap = distance(means.to_numpy(), [PAPER[row] for row in means.index])
    estimates[Key("distance")] = Estimate(gap, None, int(table["seed"].nunique()))
    return estimates | between_columns(table)


def between_columns(table: pd.DataFrame) -> dict[Key, Estimate]:
    """In all runs: by how much the strongest attack leads, and what underflow does to the twins."""
    n, runs = table["tests"], len(table)
    gaps = [table[a] - table[f"R_{a}"] for a in ("FGSM", "BIM")]
    apart = (gaps[0] != 0) | (gaps[1] != 0)
    found = {
        Key("twins"): Estimate(float(max(gap.div(n).max() for gap in gaps)), None, runs),
        Key("apart"): Estimate(float(apart.mean()), None, runs),
    }
    for name, columns in zip(STRONGEST, (NAMES[:6], NAMES[6:]), strict=True):
        lead = (table[column(name)] - table[columns].max(axis=1)).div(n).min()
        key = Key("strongest", name.removeprefix("strongest-"))
        found[key] = Estimate(float(lead), None, runs)
    return found


def summarise_choices(table: pd.DataFrame) -> dict[Key, Estimate]:
    """How many candidates there were, and the distance D of the nearest."""
    scores = ranked(table)
    nearest = float(scores["distance"].min())
    return {
        Key("candidates"): Estimate(float(len(scores)), None, len(scores)),
        Key("distance"): Estimate(nearest, None, int(table["seed"].nunique())),
    }


def _cost(point: Point) -> float:
    """Work per seed: a training without an attack is one step where the others make many."""
    inner = 1 if point["training"] == "Standard" else int(point["steps"])
    return float(point["d"]) * float(point["epochs"]) * float(point["images"]) * (inner + 5)


TOLERANCE = dict.fromkeys((*COUNTS, *HARDEST, "clean"), A_FEW)

EXPERIMENTS = (
    Experiment(
        name="mianjy-table1",
        title="Table 1: five trainings, eight attacks, 0 against 1",
        label="sec-reflected",
        columns={**COLUMNS, **HARDEST},
        grid=partial(grid, [CHOSEN]),
        measure=partial(measure, True, FRESH),
        draw=draw_table,
        summarise=summarise,
        alts=alts_table,
        seeds={"smoke": 1, "laptop": 2, "paper": 10},
        quantities={
            "error": "robust test error",
            "distance": "distance D from the paper's table",
            "collapsed": "share of the runs that collapsed",
            "strongest": "smallest lead of the strongest attack over the columns of its norm",
            "twins": "largest lead of FGSM over R-FGSM, and of BIM over R-BIM",
            "apart": "share of the runs in which one of these pairs differs",
        },
        cost=_cost,
        together=lambda point: 2,
        tolerance=TOLERANCE,
    ),
    Experiment(
        name="mianjy-table1-choices",
        title="Table 1, all rows: the candidates of the search",
        label="sec-reflected",
        columns=COLUMNS,
        grid=partial(grid, CANDIDATES),
        measure=partial(measure, False, 0),
        draw=draw_choices,
        summarise=summarise_choices,
        alts=alts_choices,
        seeds={"smoke": 1, "laptop": 1, "paper": 1},
        quantities={
            "candidates": "candidates whose whole table was made",
            "distance": "distance D of the nearest candidate",
        },
        cost=_cost,
        together=lambda point: 2,
        tolerance={name: TOLERANCE[name] for name in (*COUNTS, "clean")},
    ),
)
