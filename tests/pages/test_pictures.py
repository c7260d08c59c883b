"""Figures and frames: always described, small, and moving with and without a stack of pictures."""

import base64
import io
import re
from collections.abc import Iterator
from typing import Any

import ipywidgets
import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.figure import Figure
from PIL import Image

from advtheory.pages import Picture, frames, panels, picture, show


@pytest.fixture(autouse=True)
def no_screen() -> Iterator[None]:
    matplotlib.use("agg")
    pyplot.close("all")  # what the tests of other modules left open is not ours
    yield
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("colours", [0, 257, 2.5, True])
def test_a_palette_has_1_to_256_colours(colours: Any) -> None:
    figure = pyplot.figure()
    with pytest.raises(ValueError, match=f"colours is {colours}; expected an integer from 1 to"):
        picture(figure, "Nothing.", colours=colours)
    pyplot.close(figure)


def draw(value: float) -> Figure:
    figure, axes = pyplot.subplots(figsize=(3, 2), layout="constrained")
    axes.plot([0, 1], [0, value])
    return figure


def sentence(value: float) -> str:
    return f"A line that rises to {value}."


def image(made: Picture) -> Image.Image:
    return Image.open(io.BytesIO(made.png))


def player(values: list[float]) -> Any:
    return frames(draw, values, label="slope", alt=sentence)


def test_a_picture_has_few_colours_and_the_size_of_its_figure() -> None:
    made = picture(draw(1), "A line.", colours=64)
    colours = image(made).convert("RGB").getcolors()
    assert colours is not None
    assert len(colours) <= 64
    assert image(made).size == (3 * 144, 2 * 144)
    assert made.width == 3 * 96


@given(st.text().filter(lambda text: text.strip() != ""))
def test_any_description_survives_in_the_page(alt: str) -> None:
    from bs4 import BeautifulSoup

    words = " ".join(alt.split())
    element = BeautifulSoup(Picture(b"", words, 10)._repr_html_(), "html.parser").img
    assert element is not None
    assert element["alt"] == words.replace("\r", "\n")
    assert element["src"] == "data:image/png;base64,"


def test_show_gives_the_page_a_described_picture(capsys: pytest.CaptureFixture[str]) -> None:
    show(draw(2), "  A line,\n steep. ")
    assert capsys.readouterr().out == "A line, steep.\n"  # a terminal gets the words


def test_frames_hold_one_described_picture_for_each_value() -> None:
    stack = player([0.5, 1.5]).children[1]
    alts = [re.search('alt="([^"]*)"', child.value) for child in stack.children]
    assert [alt and alt.group(1) for alt in alts] == [sentence(0.5), sentence(1.5)]
    assert stack.selected_index == 0


def test_the_slider_shows_real_values() -> None:
    slider = frames(draw, [1, 2], label="d", alt=sentence, describe="d is {}".format).children[0]
    assert slider.options == (("d is 1", 0), ("d is 2", 1))
    assert slider.description == "d"


def test_the_slider_drives_the_stack_in_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    linked: list[Any] = []
    monkeypatch.setattr(ipywidgets, "jslink", lambda *ends: linked.append(ends))
    slider, stack = player([1, 2]).children
    assert linked == [((slider, "index"), (stack, "selected_index"))]


def test_frames_carry_a_still_for_viewers_without_widgets() -> None:
    data = player([1, 2])._repr_mimebundle_()
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size == (432, 288)
    assert data["text/plain"] == sentence(1)
    assert "application/vnd.jupyter.widget-view+json" in data


def test_without_stacks_the_kernel_swaps_the_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(ipywidgets, "Stack")
    slider, box = player([1, 2, 3]).children
    first = box.children[0].value
    slider.value = 2
    assert sentence(3) in box.children[0].value
    slider.value = 0
    assert box.children[0].value == first


def test_nothing_to_draw_is_told() -> None:
    with pytest.raises(ValueError, match="give frames\\(\\) at least one value"):
        player([])


def test_axes_instead_of_a_figure_are_told() -> None:
    figure = draw(1)
    axes: Any = figure.axes[0]
    with pytest.raises(ValueError, match="not from Axes: return the figure itself"):
        frames(lambda _: axes, [1], label="d", alt=sentence)
    pyplot.close(figure)


def test_an_empty_description_is_told() -> None:
    figure = draw(1)
    with pytest.raises(ValueError, match="description of a figure is empty"):
        show(figure, "  ")
    pyplot.close(figure)


def two_panels() -> Figure:
    figure, _ = pyplot.subplots(1, 2, figsize=(6, 2), layout="constrained")
    return figure


def test_a_figure_is_cut_into_its_panels() -> None:
    left, right = panels(two_panels(), ["The left one.", " The right\n one."])
    assert [left.alt, right.alt] == ["The left one.", "The right one."]
    for made in (left, right):
        assert 2 * 96 < made.width < 3.2 * 96
        assert image(made).size[0] == pytest.approx(made.width * 144 / 96, abs=3)


def test_panels_without_their_descriptions_are_told() -> None:
    figure = two_panels()
    with pytest.raises(ValueError, match="2 panels and 1 descriptions: give one each"):
        panels(figure, ["Only the left one."])
    pyplot.close(figure)


def test_a_hidden_panel_is_told() -> None:
    figure = two_panels()
    figure.axes[1].set_visible(False)
    with pytest.raises(ValueError, match="One panel of the figure is hidden"):
        panels(figure, ["The left one.", "The right one."])
    pyplot.close(figure)
