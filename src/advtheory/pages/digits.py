"""Pictures of digits and of their changes: every pixel as it is, the negative ones too.

Book label ``sec-records``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

INK, BELOW, ABOVE = (0.0, 0.0, 0.0), (0.835, 0.369, 0.0), (0.0, 0.447, 0.698)
"""Black, vermilion, blue."""


def draw_digit(
    axes: Axes,
    image: ArrayLike,
    *,
    title: str = "",
    top: float | None = None,
    change: bool = False,
) -> None:
    """Draw an image, or the change of one, on a stated scale; its axes show nothing else.

    A pixel of 0 has the colour of the page. Grey is above 0 and vermilion below; of a change, blue
    is above. A bar under the picture states the scale.

    Args:
        axes: Where to draw.
        image: The pixels, (side, side) or in one row; on a CPU.
        title: What it is.
        top: The size of a pixel with the deepest colour; larger ones have the same, and the bar
            says so. None: the largest pixel. Give one for all pictures that are compared.
        change: Whether the pixels are differences.

    Raises:
        ValueError: if the pixels do not make a square, or if ``top`` is not above 0.

    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> draw_digit(axes, [0.0, 0.5, -0.25, 1.0], title="a digit")
    >>> axes.images[0].get_array().shape
    (2, 2, 4)
    """
    pixels = _square(image)
    largest = float(np.abs(pixels).max())
    top = largest or 1.0 if top is None else top
    if not top > 0:
        raise ValueError(f"top is {top}; expected the size of a pixel, above 0.")
    axes.imshow(_ink(pixels / top, change), interpolation="none")
    axes.set_axis_off()
    axes.set_title(title)
    signed = change or bool((pixels < 0).any())
    _bar(axes, top, -1.0 if signed else 0.0, change, beyond=largest > top * (1 + 1e-6))


def _square(image: ArrayLike) -> NDArray[np.float64]:
    pixels = np.asarray(image, dtype=float)
    side = math.isqrt(pixels.size)
    if pixels.size == 0 or side * side != pixels.size:
        raise ValueError(f"An image of {pixels.size} pixels is not a square.")
    return pixels.reshape(side, side)


def _ink(shares: NDArray[np.float64], change: bool) -> NDArray[np.uint8]:
    """Colours whose opacity is the size of a pixel, so that 0 is the page."""
    colours = np.empty((*shares.shape, 4))
    colours[..., :3] = np.where(shares[..., None] < 0, BELOW, ABOVE if change else INK)
    colours[..., 3] = np.abs(shares).clip(0, 1)
    return np.round(255 * colours).astype(np.uint8)


def _bar(axes: Axes, top: float, low: float, change: bool, beyond: bool) -> None:
    """The scale under the picture, from ``low`` (0 or -1) to 1 in units of ``top``."""
    bar = axes.inset_axes((0.12, -0.08, 0.76, 0.04))
    bar.imshow(
        _ink(np.linspace(low, 1, 41)[None], change),
        extent=(low, 1, 0, 1),
        aspect="auto",
        interpolation="none",
    )
    more, less = ("≥ ", "≤ ") if beyond else ("", "")
    labels = {-1.0: f"{less}−{top:.2g}", 0.0: "0", 1.0: f"{more}{top:.2g}"}
    places = [place for place in labels if place >= low]
    bar.set_xticks(places, [labels[place] for place in places], fontsize="x-small")
    bar.set_yticks([])
    bar.tick_params(length=2, pad=2)
    bar.grid(visible=False)
    bar.spines[:].set(visible=True, linewidth=0.6)
