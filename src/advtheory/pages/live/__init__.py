"""Live figures: small networks that a reader moves, in the page itself."""

from advtheory.pages.live.digit import break_a_digit
from advtheory.pages.live.fragment import LiveFigure, int8_rows, live_figure, packed, rounded
from advtheory.pages.live.iterations import iterations
from advtheory.pages.live.plane import plane
from advtheory.pages.live.reflected import reflected
from advtheory.pages.live.stored import Four, four
from advtheory.pages.live.three_classes import three_classes
from advtheory.pages.live.void import void
from advtheory.pages.live.window import window

__all__ = [
    "Four",
    "LiveFigure",
    "break_a_digit",
    "four",
    "int8_rows",
    "iterations",
    "live_figure",
    "packed",
    "plane",
    "reflected",
    "rounded",
    "three_classes",
    "void",
    "window",
]
