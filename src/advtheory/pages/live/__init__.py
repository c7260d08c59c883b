"""Live figures: small networks that a reader moves, in the page itself."""

from advtheory.pages.live.fragment import LiveFigure, live_figure, packed, rounded
from advtheory.pages.live.plane import plane
from advtheory.pages.live.window import window

__all__ = ["LiveFigure", "live_figure", "packed", "plane", "rounded", "window"]
