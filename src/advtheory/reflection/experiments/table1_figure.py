"""Drawings of Table 1 and of the search for its choices.

Book label ``sec-table-one``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from advtheory.contract.axes import GREY, legend_below
from advtheory.reflection.choices import OPTIONS
from advtheory.reflection.experiments.table1_measure import column
from advtheory.reflection.experiments.table1_scores import scored
from advtheory.reflection.table_one import ATTACKS, PAPER

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = tuple(name for name in OPTIONS)


def draw_standard(table: pd.DataFrame) -> Figure:
    """How each choice moves the Standard row, one field at a time from the nearest choice."""
    import matplotlib.pyplot as plt

    scores = scored(table)
    figure, axes = plt.subplots(3, 3, figsize=(9.6, 9.6), sharey=True)
    for panel, name in zip(axes.flat, SHOWN, strict=True):
        _one_field(panel, scores, name)
    return figure


def one_field(scores: pd.DataFrame, name: str) -> pd.DataFrame:
    """The nearest choice, and the choices that differ from it in one field only."""
    nearest = scores.iloc[0]
    others = [field for field in OPTIONS if field != name]
    same = (scores[others] == nearest[others]).all(axis=1)
    return scores[same].sort_values(name)


def _one_field(axes: Axes, scores: pd.DataFrame, name: str) -> None:
    places = range(len(ATTACKS))
    names = [column(attack) for attack in ATTACKS]
    for i, (_, row) in enumerate(one_field(scores, name).iterrows()):
        axes.plot(places, row[names].to_numpy(float), marker="osv^"[i % 4], label=f"{row[name]}")
    axes.plot(places, PAPER["Standard"], "--", color=GREY, marker="x", label="paper")
    axes.set(title=name, ylabel="robust test error")
    axes.set_xticks(list(places), ATTACKS, rotation=90)
    legend_below(axes)


def alts_standard(table: pd.DataFrame) -> list[str]:
    """One description for each field."""
    scores = scored(table)
    return [
        f"The eight columns of the Standard row for each value of {name}, the other fields as in "
        f"the nearest choice, beside the paper's row. Distances: {_distances(scores, name)}."
        for name in SHOWN
    ]


def _distances(scores: pd.DataFrame, name: str) -> str:
    rows = one_field(scores, name)
    return "; ".join(f"{row['distance']:.3f} for {row[name]}" for _, row in rows.iterrows())
