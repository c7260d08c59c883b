"""The figure of the experiment ``contrast-init``: two starts, shifted and trained, against d."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from advtheory.laziness.two_starts import gradient_square

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


SIGNS = ("independent", "antisymmetric")
COSINE = 0.5  # v . x for the shifted networks

QUANTITIES = {
    "gradient_norm": ("gradient norm", r"$\|\nabla f(x)\|$"),
    "distance": ("flip along the gradient", r"$\|\delta\|$"),
    "attack": ("flip found by PGD", r"$\|\delta\|$"),
}
"""Column -> (name, symbol)."""


def draw(table: pd.DataFrame) -> Figure:
    """Gradient norm, flip along the gradient, flip by PGD, against d; theory for the shifted."""
    import matplotlib.pyplot as plt

    from advtheory.contract.axes import GREY, legend_below, loglog_band, plain_ticks

    figure, panels = plt.subplots(1, 3, figsize=(10.4, 5.1))
    for axes, (column, (name, symbol)) in zip(panels, QUANTITIES.items(), strict=True):
        finite = table[table[column] < math.inf]
        for (signs, way), part in finite.groupby(["signs", "way"], sort=False):
            loglog_band(axes, part, "d", column, f"{signs}, {way}")
        axes.set(title=name, xlabel="input dimension $d$", ylabel=symbol)
        plain_ticks(axes, sorted(table["d"].unique()))
    moved = table[table["way"] == "shifted"].drop_duplicates(["signs", "d"])
    for signs, part in moved.groupby("signs", sort=False):
        sizes = part[["d", "m", "c0"]].to_numpy(dtype=float)
        norms = [
            math.sqrt(gradient_square(int(d), int(m), c0, COSINE, str(signs))) for d, m, c0 in sizes
        ]
        # one name for both dashed curves
        label = "shifted, theory" if signs == SIGNS[0] else None
        panels[0].plot(part["d"], norms, "--", color=GREY, marker="", label=label)
    for axes in panels:  # a legend in each: a page shows them apart
        legend_below(axes, columns=1)
    return figure
