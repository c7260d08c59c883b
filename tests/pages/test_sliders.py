"""Frames: all pictures are there, one is seen, and nothing is asked of a kernel."""

import json
from collections.abc import Iterator
from typing import Any

import matplotlib
import pytest
from bs4 import BeautifulSoup
from matplotlib import pyplot
from matplotlib.figure import Figure

from advtheory.pages import frames


@pytest.fixture(autouse=True)
def no_screen() -> Iterator[None]:
    matplotlib.use("agg")
    yield
    pyplot.close("all")


def draw(value: float) -> Figure:
    figure, axes = pyplot.subplots(figsize=(3, 2), layout="constrained")
    axes.plot([0, 1], [0, value])
    return figure


def sentence(value: float) -> str:
    return f"A line that rises to {value}."


def page(values: list[float], **given: Any) -> Any:
    made = frames(draw, values, label="slope < 3", alt=sentence, **given)
    return BeautifulSoup(made.html, "html.parser")


def test_frames_hold_one_described_picture_for_each_value() -> None:
    pictures = page([0.5, 1.5]).find_all("img")
    assert [picture["alt"] for picture in pictures] == [sentence(0.5), sentence(1.5)]
    assert [picture.has_attr("hidden") for picture in pictures] == [False, True]


def test_the_slider_has_a_name_and_values_for_people() -> None:
    found = page([1, 2], describe='d is "{}"'.format)
    slider = found.find("input")
    assert slider.find_parent("label").get_text().strip() == "slope < 3"
    assert json.loads(slider["data-texts"]) == ['d is "1"', 'd is "2"']
    assert (slider["min"], slider["max"], slider["value"]) == ("0", "1", "0")
    assert slider["aria-valuetext"] == found.find("output").get_text() == 'd is "1"'
    assert slider.has_attr("disabled")  # until a script moves it


def test_keys_are_left_to_the_slider() -> None:
    """Jupyter Lab looks at the focused element itself; else `d d` deletes the cell."""
    assert page([1]).find("input")["data-lm-suppress-shortcuts"] == "true"


def test_frames_have_the_frame_of_a_figure() -> None:
    figure = page([1], number=3, caption="Lines.", made="laptop scale").find("figure")
    assert figure["id"] == "figure-3"
    assert figure.figcaption.get_text() == "Figure 3. Lines.laptop scale"


def test_frames_are_drawn_in_the_style_of_the_book() -> None:
    seen = []

    def noted(value: float) -> Figure:
        seen.append(pyplot.rcParams["axes.grid"])
        return draw(value)

    frames(noted, [1.0], label="slope", alt=sentence)
    assert seen == [True]


def test_a_terminal_gets_words() -> None:
    assert repr(frames(draw, [1], label="slope", alt=sentence)) == sentence(1)


def test_nothing_to_draw_is_told() -> None:
    with pytest.raises(ValueError, match="give frames\\(\\) at least one value"):
        page([])


def test_axes_instead_of_a_figure_are_told() -> None:
    figure = draw(1)
    axes: Any = figure.axes[0]
    with pytest.raises(ValueError, match="not from Axes: return the figure itself"):
        frames(lambda _: axes, [1], label="d", alt=sentence)
