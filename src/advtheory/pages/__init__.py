"""How records, figures and sliders are shown on a page."""

from advtheory.pages.durations import show_duration
from advtheory.pages.of_records import (
    committed,
    measured,
    show_columns,
    show_comparison,
    show_figure,
    show_made_here,
    show_provenance,
    show_table,
)
from advtheory.pages.pictures import Picture, frames, panels, picture, show
from advtheory.pages.status import show_status

__all__ = [
    "Picture",
    "committed",
    "frames",
    "measured",
    "panels",
    "picture",
    "show",
    "show_columns",
    "show_comparison",
    "show_duration",
    "show_figure",
    "show_made_here",
    "show_provenance",
    "show_status",
    "show_table",
]
