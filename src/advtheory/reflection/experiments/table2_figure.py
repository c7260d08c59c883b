"""Table 2 of Mianjy & Arora (2023) as a figure: accuracies against the number of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def usual(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the paper's table: without the cells of our own beside it."""
    return table[(table["rule"] == "code") & (table["batch_norm"] == "train")]


def draw(table: pd.DataFrame) -> Figure:
    """A panel for each radius: standard and robust accuracy against the number of steps."""
    import matplotlib.pyplot as plt

    rows = usual(table)
    radii = sorted(rows["radius"].unique())
    figure, panels = plt.subplots(1, len(radii), figsize=(3.4 * len(radii), 4.0), squeeze=False)
    for axes, radius in zip(panels[0], radii, strict=True):
        axes.set(title=f"radius {radius}/255")
    return figure


def alts(table: pd.DataFrame) -> list[str]:
    """One sentence for each panel."""
    return [f"radius {radius}/255" for radius in sorted(usual(table)["radius"].unique())]
