"""How records, figures and sliders are shown on a page."""

from advtheory.pages.captions import made_here
from advtheory.pages.checks import show_checks
from advtheory.pages.digits import draw_digit
from advtheory.pages.durations import show_duration
from advtheory.pages.of_records import (
    committed,
    measured,
    show_columns,
    show_comparison,
    show_figure,
    show_provenance,
)
from advtheory.pages.pictures import Picture, panels, picture, show
from advtheory.pages.sliders import frames
from advtheory.pages.sources import show_source
from advtheory.pages.status import show_status
from advtheory.pages.tables import show_table

__all__ = [
    "Picture",
    "committed",
    "draw_digit",
    "frames",
    "made_here",
    "measured",
    "panels",
    "picture",
    "show",
    "show_checks",
    "show_columns",
    "show_comparison",
    "show_duration",
    "show_figure",
    "show_provenance",
    "show_source",
    "show_status",
    "show_table",
]
