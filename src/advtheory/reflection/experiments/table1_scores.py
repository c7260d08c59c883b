"""The criterion of the search, for every choice of a table.

Book label ``sec-reflected``.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from advtheory.reflection.choices import (
    BIM_STEPS,
    CLIPS,
    GRADIENTS,
    MEAN,
    OF_THE_NETWORK,
    OPTIONS,
)
from advtheory.reflection.experiments.table1_measure import column
from advtheory.reflection.table_one import ATTACKS, PAPER, TRAININGS, distance

if TYPE_CHECKING:
    import pandas as pd

SMALL = "BIM_small"
"""The column of BIM with its small step."""
SLACK = 0.01
"""Of D, about the error of a share of 2115 images on its scale."""
EUCLIDEAN = ("PGD_2", "R_PGD_2")


def scored(table: pd.DataFrame) -> pd.DataFrame:
    """Every choice, nearest first: its fields, its Standard row, and its distance D to the paper's.

    A table of the first stage has one row for each box and gradient. Attacks in the maximum norm
    and in the Euclidean norm may differ in both, and BIM has two steps, so each row serves several
    choices.

    >>> from advtheory.records import open_records
    >>> scores = scored(open_records().read("mianjy-table1-standard", "paper").table)
    >>> scores.loc[0, "clip"], len(scores.drop_duplicates(list(OPTIONS))) == len(scores)
    ('l2', True)
    """
    import pandas as pd

    fields = [*OF_THE_NETWORK, "steps", "keep"]
    errors = shares(table).groupby([*fields, "box", "gradient"], sort=False).mean().reset_index()
    halves = dict(tuple(errors.groupby(["box", "gradient"])))
    parts = []
    for clip, gradient in itertools.product(CLIPS, GRADIENTS):
        linf, euclid = (_half(clip, gradient, norm) for norm in (0, 1))
        if linf not in halves or euclid not in halves:
            continue
        first = halves[linf].drop(columns=["box", "gradient", *EUCLIDEAN])
        both = first.merge(halves[euclid][[*fields, *EUCLIDEAN]], on=fields)
        both = both.assign(clip=clip, gradient=gradient)
        parts += [_with_bim(both, bim).assign(bim=bim) for bim in BIM_STEPS]
    every = pd.concat(parts, ignore_index=True)[[*OPTIONS, *map(column, ATTACKS)]]
    rows = every[list(map(column, ATTACKS))].to_numpy()
    every["distance"] = [distance(row, PAPER["Standard"]) for row in rows]
    return every.sort_values("distance", kind="stable", ignore_index=True)


def _half(clip: str, gradient: str, norm: int) -> tuple[str, str]:
    """Where the first stage has the attacks of a norm: the box and the gradient of its rows."""
    box = "no" if CLIPS[clip][norm] is None else "yes"
    return box, "mean" if GRADIENTS[gradient][norm] == MEAN else "example"


def shares(table: pd.DataFrame) -> pd.DataFrame:
    """The fields of each row, and its counts as shares of the test images; no seeds."""
    fields = [name for name in (*OPTIONS, "box", "training") if name in table]
    counts = [name for name in (*map(column, ATTACKS), SMALL, "clean") if name in table]
    return table[fields].join(table[counts].div(table["tests"], axis=0))


def _with_bim(errors: pd.DataFrame, bim: str) -> pd.DataFrame:
    """BIM's columns with the step of that name; R-BIM with the small step is BIM."""
    if bim == "scheduled":
        return errors
    return errors.assign(BIM=errors[SMALL], R_BIM=errors[SMALL])


def mean_table(table: pd.DataFrame) -> pd.DataFrame:
    """The mean robust errors of one choice: a row for each training, the columns of the paper."""
    errors = shares(table).groupby("training", sort=False)[list(map(column, ATTACKS))].mean()
    return errors.loc[[row for row in TRAININGS if row in errors.index]]


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    """The candidates of the second stage, nearest first: fields, and D over all forty cells.

    >>> from advtheory.records import open_records
    >>> ranked(open_records().read("mianjy-table1-choices", "paper").table).loc[0, "init"]
    'pytorch'
    """
    import pandas as pd

    found = []
    for fields, part in table.groupby(list(OPTIONS), sort=False):
        means = mean_table(part)
        if len(means) < len(TRAININGS):  # a run may be unfinished
            continue
        gap = distance(means.to_numpy(), [PAPER[row] for row in TRAININGS])
        found.append({**dict(zip(OPTIONS, fields, strict=True)), "distance": gap})
    return pd.DataFrame(found).sort_values("distance", kind="stable", ignore_index=True)


def candidates(scores: pd.DataFrame, count: int) -> pd.DataFrame:
    """Which choices go on to the second stage, from the scores of the first: at most ``count``.

    A single run cannot tell D apart by less than ``SLACK``. Of the choices with the same network,
    clipping and gradient those count whose D is within ``SLACK`` of their smallest; the one with
    the fewest iterations goes on, which returns the last iterate if it may, and then the nearest.

    >>> from advtheory.records import open_records
    >>> scores = scored(open_records().read("mianjy-table1-standard", "paper").table)
    >>> len(candidates(scores, 5))
    5
    """
    groups = [*OF_THE_NETWORK, "clip", "gradient"]
    best = scores.groupby(groups)["distance"].transform("min")
    near = scores[scores["distance"] <= best + SLACK]
    plain = near.sort_values(["steps", "keep", "distance"], ascending=[True, False, True])
    first = plain.drop_duplicates(groups).sort_values("distance", kind="stable")
    return first.head(count).reset_index(drop=True)
