"""Live figures: small networks that a reader moves, in the page itself."""

from advtheory.pages.live.fragment import LiveFigure, live_figure, packed, rounded

__all__ = ["LiveFigure", "live_figure", "packed", "rounded"]
