"""Drawings of Table 1 and of the search for its choices.

Book label ``sec-reflected``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from advtheory.contract.axes import GREY
from advtheory.reflection.choices import OPTIONS
from advtheory.reflection.experiments.table1_measure import column
from advtheory.reflection.experiments.table1_scores import mean_table, ranked, scored
from advtheory.reflection.table_one import ATTACKS, PAPER, TRAININGS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

NAMES = [column(attack) for attack in ATTACKS]
TICKS = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5)
MARKS = "osv^"


def draw_standard(table: pd.DataFrame) -> Figure:
    """How each choice moves the Standard row, one field at a time from the nearest choice."""
    import matplotlib.pyplot as plt

    scores = scored(table)
    figure, axes = plt.subplots(3, 3, figsize=(9.6, 11.4))
    for panel, name in zip(axes.flat, OPTIONS, strict=True):
        for i, (_, row) in enumerate(one_field(scores, name).iterrows()):
            _columns(panel, row[NAMES].to_numpy(float), f"{row[name]}", MARKS[i % 4])
        _columns(panel, PAPER["Standard"], "paper", "x")
        _finish(panel, name)
    return figure


def draw_choices(table: pd.DataFrame) -> Figure:
    """Each row of the table: the candidates, nearest first, and the paper."""
    scores = ranked(table)
    means = {
        i: mean_table(table[(table[list(OPTIONS)] == row[list(OPTIONS)]).all(axis=1)])
        for i, row in scores.iterrows()
    }
    return _rows({f"candidate {int(str(i)) + 1}": errors for i, errors in means.items()})


def draw_table(table: pd.DataFrame) -> Figure:
    """Each row of the table: ours and the paper's."""
    return _rows({"ours": mean_table(table)})


def _rows(means: Mapping[str, pd.DataFrame]) -> Figure:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 3, figsize=(9.6, 8))
    for panel, row in zip(axes.flat, TRAININGS, strict=False):
        for i, (label, errors) in enumerate(means.items()):
            if row in errors.index:
                _columns(panel, errors.loc[row].to_numpy(float), label, MARKS[i % 4])
        _columns(panel, PAPER[row], "paper", "x")
        _finish(panel, f"trained: {row}")
    for i, (label, errors) in enumerate(means.items()):
        _columns(axes.flat[-1], errors.mean().to_numpy(float), label, MARKS[i % 4])
    _columns(axes.flat[-1], np.mean(list(PAPER.values()), axis=0), "paper", "x")
    _finish(axes.flat[-1], "mean of the trainings")
    return figure


def one_field(scores: pd.DataFrame, name: str) -> pd.DataFrame:
    """The nearest choice, and the choices that differ from it in one field only.

    >>> import pandas as pd
    >>> same = dict.fromkeys(OPTIONS, 1)
    >>> scores = pd.DataFrame([same, same | {"logits": 2}, same | {"steps": 5}])
    >>> list(one_field(scores, "logits")["logits"])
    [1, 2]
    """
    nearest = scores.iloc[0]
    others = [field for field in OPTIONS if field != name]
    same = (scores[others] == nearest[others]).all(axis=1)
    return scores[same].sort_values(name)


def _columns(axes: Axes, errors: ArrayLike, label: str, marker: str) -> None:
    """One row of the table, a mark for each column."""
    (line,) = axes.plot(range(len(ATTACKS)), errors, marker=marker, label=label)
    if label == "paper":
        line.set(color=GREY, linestyle="--")


def _finish(axes: Axes, title: str) -> None:
    """On the scale of the criterion: arcsin of the square root."""
    axes.set(title=title, ylabel="robust test error")
    axes.set_yscale("function", functions=(_angle, _share))
    axes.set_ylim(0, 0.9)  # the legend stands above the curves
    axes.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.set_xticks(range(len(ATTACKS)), ATTACKS, rotation=90)
    axes.legend(loc="upper center", ncols=2, fontsize="small", frameon=False)


def _angle(p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.arcsin(np.sqrt(np.clip(p, 0, 1)))


def _share(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sin(np.clip(angle, 0, np.pi / 2)) ** 2


def alts_standard(table: pd.DataFrame) -> list[str]:
    """One description for each field."""
    scores = scored(table)
    return [
        f"The eight columns of the Standard row for each value of {name}, the other fields as in "
        f"the nearest choice, beside the paper's row. Distances: {_distances(scores, name)}."
        for name in OPTIONS
    ]


def _distances(scores: pd.DataFrame, name: str) -> str:
    rows = one_field(scores, name)
    return "; ".join(f"{row['distance']:.3f} for {row[name]}" for _, row in rows.iterrows())


def alts_choices(table: pd.DataFrame) -> list[str]:
    """One description for each training."""
    nearest = ranked(table)["distance"].min()
    return [
        f"The eight columns of the row {row} for each candidate, beside the paper's. The nearest "
        f"candidate has the distance {nearest:.3f} over all rows."
        for row in (*TRAININGS, "mean of the trainings")
    ]


def alts_table(table: pd.DataFrame) -> list[str]:
    """One description for each training, with our mean and the paper's number of each column."""
    means = mean_table(table)
    alts = [f"Trained with {row}: {_pairs(means.T[row], PAPER[row])}." for row in TRAININGS]
    paper = np.mean(list(PAPER.values()), axis=0)
    return [*alts, f"Mean of the trainings: {_pairs(means.mean(), paper)}."]


def _pairs(means: pd.Series, stated: Sequence[float] | NDArray[np.float64]) -> str:
    pairs = zip(ATTACKS, means, stated, strict=True)
    return "; ".join(f"{name} {ours:.3f}, paper {paper:.3f}" for name, ours, paper in pairs)
