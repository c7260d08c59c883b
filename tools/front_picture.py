"""Draw the picture of the front page again, from its record: `python tools/front_picture.py`."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from advtheory import pages
from advtheory.contract.axes import GREY, loglog_band, plain_ticks, power_law
from advtheory.laziness.experiments.lazy_sgd_figure import EXPONENTS, QUANTITIES
from advtheory.pages.figures import provenance_line, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FILE = Path(__file__).resolve().parents[1] / "book" / "_static" / "front.png"
RECORD = "wang-fig5"
# Where the dashed line leaves room for its name.
CORNERS: dict[str, Literal["upper left", "lower left"]] = {
    "gradient_norm": "upper left",
    "step": "lower left",
    "relative": "lower left",
}


def draw() -> "Figure":
    """Three panels and, where a fourth would be, the names of the curves; legible on a phone."""
    from matplotlib import pyplot

    record = pages.committed(RECORD)
    with style(marks=True):
        figure, ((*first, second), (third, words)) = pyplot.subplots(2, 2, figsize=(6, 6.4))
        for axes, column in zip((*first, second, third), QUANTITIES, strict=True):
            _panel(axes, record.table, column)
        _words(words, *first)
        figure.supxlabel(provenance_line(record), fontsize=11, color=GREY)
    return figure


def _panel(axes: "Axes", table: "pd.DataFrame", column: str) -> None:
    name, symbol, exponent = QUANTITIES[column]
    for width, part in table.groupby("m"):
        loglog_band(axes, part, "d", column, f"width $m = {width}$")
    power_law(axes, table, "d", column, exponent, rf"$\propto {EXPONENTS[exponent]}$")
    axes.legend(handles=[axes.lines[-1]], loc=CORNERS[column], fontsize="medium")
    axes.set(title=f"{name} {symbol}", xlabel="input dimension $d$")
    axes.title.set_fontsize(13)
    plain_ticks(axes, sorted(table["d"].unique()))


def _words(axes: "Axes", named: "Axes") -> None:
    """The names of the curves that all panels share."""
    axes.set_axis_off()
    handles, size = named.lines[:-1], "medium"
    axes.legend(
        handles=handles, title="lazy networks", loc="center", fontsize=size, title_fontsize=size
    )


if __name__ == "__main__":
    with style():
        draw().savefig(FILE, metadata={"Software": None})
