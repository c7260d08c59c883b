"""Figures: always described, and drawn without loss."""

import io
from collections.abc import Iterator

import IPython.display
import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.figure import Figure
from PIL import Image

from advtheory.pages import Picture, panels, picture, show
from advtheory.pages.markup import Fragment


@pytest.fixture(autouse=True)
def no_screen() -> Iterator[None]:
    matplotlib.use("agg")
    pyplot.close("all")  # what the tests of other modules left open is not ours
    yield
    assert pyplot.get_fignums() == []


def draw(value: float) -> Figure:
    figure, axes = pyplot.subplots(figsize=(3, 2), layout="constrained")
    axes.plot([0, 1], [0, value])
    return figure


def image(made: Picture) -> Image.Image:
    return Image.open(io.BytesIO(made.png))


def test_a_picture_loses_no_colour_and_has_the_size_of_its_figure() -> None:
    figure, axes = pyplot.subplots(figsize=(3, 2))
    axes.imshow([[0.0, 0.5, 1.0]], cmap="coolwarm", interpolation="nearest")
    figure.savefig(raw := io.BytesIO(), format="png", dpi=144)
    made = image(picture(figure, "Three colours."))
    assert made.size == (3 * 144, 2 * 144)
    assert made.convert("RGB").tobytes() == Image.open(raw).convert("RGB").tobytes()


@given(st.text().filter(lambda text: text.strip() != ""))
def test_any_description_survives_in_the_page(alt: str) -> None:
    from bs4 import BeautifulSoup

    words = " ".join(alt.split())
    element = BeautifulSoup(Picture(b"", words, 10)._repr_html_(), "html.parser").img
    assert element is not None
    assert element["alt"] == words.replace("\r", "\n")
    assert element["src"] == "data:image/png;base64,"


def test_a_figure_has_a_number_a_caption_and_a_maker(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Fragment] = []
    monkeypatch.setattr(IPython.display, "display", shown.append)
    show(draw(2), "A line.", number=2, caption="See [Figure 1](#figure-1).", made="laptop scale")
    html = shown[0].html
    assert html.startswith('<figure class="adv-figure" id="figure-2"><img')
    assert '<strong>Figure 2.</strong> See <a href="#figure-1">Figure 1</a>.' in html
    assert html.endswith('<p class="provenance">laptop scale</p></figcaption></figure>')


def test_show_gives_the_page_a_described_picture(capsys: pytest.CaptureFixture[str]) -> None:
    show(draw(2), "  A line,\n steep. ")
    assert capsys.readouterr().out == "A line, steep.\n"  # a terminal gets the words


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
