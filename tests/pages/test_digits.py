"""Pictures of digits: the colours say the pixels, signs included, and 0 is the page."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.axes import Axes

from advtheory.pages import draw_digit
from advtheory.pages.digits import ABOVE, BELOW, INK


@pytest.fixture
def axes() -> Iterator[Axes]:
    figure, made = pyplot.subplots()
    yield made
    pyplot.close(figure)


def colours(axes: Axes) -> np.ndarray:
    return np.asarray(axes.images[0].get_array(), dtype=float) / 255


def scale(axes: Axes) -> list[str]:
    (bar,) = axes.child_axes
    return [label.get_text() for label in bar.get_xticklabels()]


@given(st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4), st.booleans())
def test_every_pixel_can_be_read_off_its_colour(values: list[float], change: bool) -> None:
    figure, axes = pyplot.subplots()
    draw_digit(axes, values, top=1.0, change=change)
    seen = colours(axes)
    pyplot.close(figure)
    below = np.isclose(seen[..., :3], BELOW, atol=0.01).all(axis=-1)
    above = np.isclose(seen[..., :3], ABOVE if change else INK, atol=0.01).all(axis=-1)
    assert (below | above).all()
    read = np.where(below, -1, 1) * seen[..., 3]
    np.testing.assert_allclose(read.ravel(), values, atol=0.5 / 255 + 1e-9)


def test_a_digit_has_a_scale_from_0_and_a_signed_one_has_both_ends(axes: Axes) -> None:
    draw_digit(axes, torch.tensor([0.0, 0.25, 0.125, 0.5]), title="image")
    assert scale(axes) == ["0", "0.5"]
    assert axes.get_title() == "image"


def test_negative_pixels_are_told(axes: Axes) -> None:
    draw_digit(axes, [[0.0, -0.25], [0.125, 0.5]])
    assert scale(axes) == ["−0.5", "0", "0.5"]


def test_pixels_beyond_the_scale_are_told(axes: Axes) -> None:
    draw_digit(axes, [[0.0, -0.25], [0.125, 0.5]], top=0.2)
    assert scale(axes) == ["≤ −0.2", "0", "≥ 0.2"]
    assert colours(axes)[..., 3].max() == 1


def test_no_change_at_all_has_a_scale_too(axes: Axes) -> None:
    draw_digit(axes, np.zeros(4), change=True)
    assert colours(axes)[..., 3].max() == 0


def test_what_is_no_square_is_told(axes: Axes) -> None:
    with pytest.raises(ValueError, match="An image of 3 pixels is not a square"):
        draw_digit(axes, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="top is -1; expected the size of a pixel"):
        draw_digit(axes, [1.0], top=-1)
