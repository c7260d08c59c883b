"""Axes that figures of experiments share: bands, power laws, ticks, maps of colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import XAxis, YAxis
    from numpy.typing import ArrayLike, NDArray

GREY = "#555555"
"""Lines of theory and of reference."""
FROM_PAGE = "#0072B21A", "#0072B2B3", "#003A5CFF"
"""The colours of a map, from a tint over the page's own colour (0) to the deepest ink (1)."""


class Axis(NamedTuple):
    """One panel: the coordinate along x, the one along which the threshold lies, their symbols."""

    x: str
    y: str
    x_label: str
    y_label: str


def colour_map(axes: Axes, table: pd.DataFrame, axis: Axis, column: str, title: str) -> None:
    """The mean of a column over the plane of a panel; what was not measured stays blank."""
    from matplotlib.colors import LinearSegmentedColormap

    grid = table.pivot_table(index=axis.y, columns=axis.x, values=column)
    x, y = grid.columns.to_numpy(float), grid.index.to_numpy(float)
    cmap = LinearSegmentedColormap.from_list("from page", FROM_PAGE)
    mesh = axes.pcolormesh(_edges(x), _edges(y), grid.to_numpy(float), cmap=cmap, vmin=0, vmax=1)
    # an inset: a panel that is cut out of the figure keeps its scale
    axes.figure.colorbar(mesh, cax=axes.inset_axes((1.03, 0, 0.05, 1)))
    axes.set(xscale="log", yscale="log", ylim=(_edges(y)[0], _edges(y)[-1]))
    axes.grid(visible=False)
    axes.set(xlabel=axis.x_label, ylabel=axis.y_label, title=title)
    ticks(axes.xaxis, list(x))
    ticks(axes.yaxis, list(y[::2]))


def line_on_map(axes: Axes, x: ArrayLike, y: ArrayLike, style: str, color: str, label: str) -> None:
    """A line with a bright edge, which is seen on every colour of a map."""
    from matplotlib.patheffects import withStroke

    edge = withStroke(linewidth=4.5, foreground="white")
    axes.plot(x, y, style, color=color, marker="", label=label, path_effects=[edge])


def _edges(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Borders of cells around the places, halfway between them on a logarithmic scale."""
    logs = np.log(places)
    gaps = np.diff(logs) / 2 if len(logs) > 1 else np.array([0.5])
    inner = logs[:-1] + gaps if len(logs) > 1 else np.array([])
    edges: NDArray[np.float64] = np.exp([logs[0] - gaps[0], *inner, logs[-1] + gaps[-1]])
    return edges


def loglog_band(axes: Axes, table: pd.DataFrame, x: str, y: str, label: str) -> None:
    """Mean of ``y`` against ``x`` on logarithmic axes, in a band of one standard error over seeds.

    The rows of one seed at one x are averaged first; see
    :func:`~advtheory.contract.fits.seed_means`.

    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> table = pd.DataFrame({"d": [1, 1, 4, 4], "seed": [0, 1, 0, 1], "v": [1, 3, 4, 4]})
    >>> loglog_band(axes, table, "d", "v", "measured")
    >>> axes.lines[0].get_ydata().tolist(), axes.get_xscale()
    ([2.0, 4.0], 'log')
    """
    from advtheory.contract.fits import seed_means

    means = seed_means(table, x, y)
    (line,) = axes.plot(means[x], means["mean"], label=label)
    low, high = means["mean"] - means["error"], means["mean"] + means["error"]
    axes.fill_between(means[x], low, high, color=line.get_color(), alpha=0.25, linewidth=0)
    axes.set(xscale="log", yscale="log")


def power_law(axes: Axes, table: pd.DataFrame, x: str, y: str, exponent: float, label: str) -> None:
    r"""The dashed curve :math:`c\,x^{e}` of an exponent e, through the middle of the data.

    c is the geometric mean of :math:`\bar y / x^{e}`: theory fixes the slope, not c.
    """
    from advtheory.contract.fits import seed_means

    means = seed_means(table, x, y)
    places = means[x].to_numpy(dtype=float)
    scale = np.exp(np.mean(np.log(means["mean"].to_numpy(dtype=float)) - exponent * np.log(places)))
    ends = np.array([places.min(), places.max()])
    axes.plot(ends, scale * ends**exponent, "--", color=GREY, marker="", label=label)


def plain_ticks(axes: Axes, places: Sequence[float]) -> None:
    """Logarithmic axes with ticks at ``places`` on x and at 1, 2, 5 on y, as plain numbers.

    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> _ = axes.loglog([25, 784], [1, 5])
    >>> plain_ticks(axes, [25, 784])
    >>> [axes.xaxis.get_major_formatter()(place) for place in axes.get_xticks()]
    ['25', '784']
    """
    ticks(axes.xaxis, places)
    ticks(axes.yaxis)


def ticks(axis: XAxis | YAxis, places: Sequence[float] | None = None) -> None:
    """Plain numbers at ``places``, by default at 1, 2, 5 of every decade, and nowhere else.

    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> axes.set_xscale("log")
    >>> ticks(axes.xaxis, [25, 784])
    >>> axes.get_xticks().tolist()
    [25, 784]
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)) if places is None else FixedLocator(places))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def legend_below(axes: Axes, columns: int = 2) -> None:
    """The legend under the axes, where it hides no curve; each panel has its own.

    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> _ = axes.plot([1, 2], label="measured")
    >>> legend_below(axes)
    >>> axes.get_legend().get_texts()[0].get_text()
    'measured'
    """
    from matplotlib.transforms import ScaledTranslation

    inches = axes.figure.dpi_scale_trans
    under = axes.transAxes + ScaledTranslation(0, -0.62, inches)  # the ticks and the name of x
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        bbox_transform=under,
        ncols=columns,
        fontsize="small",
        borderaxespad=0,
        columnspacing=1.2,
        handlelength=1.8,
    )
