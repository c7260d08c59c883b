"""Table 2 of Mianjy & Arora (2023) as a figure: accuracies against the number of steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from advtheory.contract.axes import legend_below, ticks
from advtheory.contract.fits import seed_means

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METHODS = ("PGD", "R-PGD")
CURVES: Mapping[str, tuple[str, str]] = {
    "standard": ("standard", "s"),
    "largest_loss": ("PGD-50", "o"),
    "every_class": ("every class", "v"),
}
"""Column -> (its name in the legend, its marker)."""


def usual(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the paper's table: without the cells of our own beside it.

    >>> import pandas as pd
    >>> rules = pd.DataFrame({"rule": ["code", "quarter"], "batch_norm": ["train", "train"]})
    >>> len(usual(rules))
    1
    """
    return table[(table["rule"] == "code") & (table["batch_norm"] == "train")]


def draw(table: pd.DataFrame) -> Figure:
    """A panel for each radius: standard and robust accuracy against the number of steps."""
    import matplotlib.pyplot as plt

    rows = usual(table)
    radii = sorted(rows["radius"].unique())
    figure, panels = plt.subplots(1, len(radii), figsize=(3.5 * len(radii), 4.9), squeeze=False)
    for axes, radius in zip(panels[0], radii, strict=True):
        _panel(axes, rows[rows["radius"] == radius])
        axes.set(title=f"trained at {radius}/255", xlabel="steps of the attack in training")
        axes.set(ylabel="accuracy in percent", ylim=(0, 100), xscale="log")
        ticks(axes.xaxis, sorted(rows["steps"].unique()))
        legend_below(axes)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame) -> None:
    """Means over the seeds as lines, each seed as a dot; reflected ones dashed, a little aside."""
    for method, style, aside in zip(METHODS, ("-", "--"), (0.97, 1.03), strict=True):
        part = rows[rows["method"] == method]
        if part.empty:  # an unfinished record may have one of a pair
            continue
        for column, (name, marker) in CURVES.items():
            means = seed_means(part, "steps", column)
            color = f"C{METHODS.index(method)}"
            places = aside * means["steps"]
            label = f"{method}, {name}"
            axes.plot(places, 100 * means["mean"], style, marker=marker, color=color, label=label)
            each = aside * part["steps"], 100 * part[column]
            axes.plot(*each, ".", color=color, alpha=0.6, markersize=5)


def alts(table: pd.DataFrame) -> list[str]:
    """One description for each panel, with the table's own numbers."""
    rows = usual(table)
    return [_alt(radius, part) for radius, part in rows.groupby("radius")]


def _alt(radius: object, rows: pd.DataFrame) -> str:
    cells = []
    for steps, part in rows.groupby("steps"):
        means = 100 * part.groupby("method")[["largest_loss", "standard"]].mean()
        values = (f"{m} {v.largest_loss:.0f} and {v.standard:.0f}" for m, v in means.iterrows())
        cells.append(f"{steps} steps: {', '.join(values)}")
    return (
        f"Accuracy against the steps of the attack in training, radius {radius}/255; solid lines "
        f"without and dashed lines with reflection. Robust and standard accuracy in percent: "
        f"{'; '.join(cells)}."
    )
