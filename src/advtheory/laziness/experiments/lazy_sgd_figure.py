"""Figures 2, 3, 5 and 6 of Wang et al. (2022): three panels against d, and what they show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from advtheory.contract.estimates import Key
from advtheory.contract.fits import curve_slopes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


QUANTITIES: Mapping[str, tuple[str, str, float]] = {
    "gradient_norm": ("gradient norm", r"$\|\nabla f(x)\|$", 0.5),
    "step": ("flipping step", r"$\eta$", -1.0),
    "relative": ("relative perturbation", r"$\|\delta\|/\|x\|$", -0.5),
}
"""Column -> (name, symbol, exponent of d that Theorem 3.1 predicts)."""

EXPONENTS = {0.5: r"\sqrt{d}", -1.0: r"d^{-1}", -0.5: r"d^{-1/2}"}
SYMBOLS = {"m": ("m", "m"), "c0": ("C_0", "C0")}
"""The coordinate of the curves -> its symbol in a formula and in a sentence."""


def draw(by: str, table: pd.DataFrame) -> Figure:
    """Three panels against d, a curve for each width or C0, and the power of d from Theorem 3.1."""
    import matplotlib.pyplot as plt

    from advtheory.contract.axes import legend_below, loglog_band, plain_ticks, power_law

    figure, panels = plt.subplots(1, 3, figsize=(10.4, 4.5))
    for axes, (column, (name, tex, exponent)) in zip(panels, QUANTITIES.items(), strict=True):
        for value, part in table.groupby(by):
            loglog_band(axes, part, "d", column, f"${SYMBOLS[by][0]} = {value:g}$")
        power_law(axes, table, "d", column, exponent, f"$\\propto {EXPONENTS[exponent]}$")
        axes.set(title=name, xlabel="input dimension $d$", ylabel=tex)
        plain_ticks(axes, sorted(table["d"].unique()))
        legend_below(axes)
    return figure


def alts(by: str, table: pd.DataFrame) -> list[str]:
    """One description for each panel, with the slopes of this table."""
    return [
        f"The mean {name} against the dimension d on logarithmic axes. {_slopes(by, table, column)}"
        f"; the dashed line has slope {exponent:g}."
        for column, (name, _, exponent) in QUANTITIES.items()
    ]


def _slopes(by: str, table: pd.DataFrame, column: str) -> str:
    found = []
    for value, part in table.groupby(by):
        slopes = curve_slopes(part, [column], "", part["d"].nunique())
        slope = f"slope {slopes[Key(column)].value:.2f}" if slopes else "no slope yet"
        found.append(f"{slope} at {SYMBOLS[by][1]} = {value:g}")
    return "One curve each: " + ", ".join(found)
