"""The picture of the front page is what its script draws from the record."""

import io

import front_picture
import numpy as np
from matplotlib import image
from matplotlib.axes import Axes

from advtheory.pages.figures import provenance_line, style
from advtheory.pages.of_records import committed


def test_the_front_picture_is_what_its_script_draws() -> None:
    drawn = io.BytesIO()
    with style():
        front_picture.draw().savefig(drawn, format="png")
    drawn.seek(0)
    here, kept = image.imread(drawn), image.imread(front_picture.FILE)
    assert here.shape == kept.shape
    # the edge of a line may differ a little on another machine
    assert np.abs(here - kept).mean() < 0.01


def names(axes: Axes) -> list[str]:
    """What stands in the legend."""
    legend = axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_the_front_picture_says_who_made_it_and_has_a_name_for_each_line() -> None:
    figure = front_picture.draw()
    assert figure.get_supxlabel() == provenance_line(committed(front_picture.RECORD))
    *panels, shared = map(names, figure.axes)
    assert [len(panel) for panel in panels] == [1, 1, 1]
    assert all(r"\propto" in name for (name,) in panels)
    assert len(shared) + 1 == len(figure.axes[0].lines)
