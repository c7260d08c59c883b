"""Figures: always described, and drawn without loss."""

import base64
import io
import re
from collections.abc import Iterator

import IPython.display
import matplotlib
import numpy as np
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


def size(made: Picture) -> tuple[float, float]:
    """Width and height of an SVG, in points."""
    found = re.search(r"viewBox=\"0 0 (\S+) (\S+)\"", made.data.decode())
    assert found is not None
    return float(found[1]), float(found[2])


def test_a_picture_has_the_size_of_its_figure_and_no_paper() -> None:
    made = picture(draw(1), "A line.")
    assert size(made) == (3 * 72, 2 * 72)
    assert (made.kind, made.width) == ("svg+xml", 3 * 96)
    assert b"#ffffff" not in made.data


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert picture(draw(1), "A line.") == picture(draw(1), "A line.")


def test_pixels_are_kept_as_they_are() -> None:
    pixels = np.array([[0, 50, 100], [150, 200, 255], [7, 8, 9]], dtype=np.uint8)
    figure, axes = pyplot.subplots()
    axes.imshow(np.stack([pixels] * 3, axis=-1), interpolation="none")
    found = re.search(
        r'href="data:image/png;base64,\s*([^"]*)"', picture(figure, "Pixels.").data.decode()
    )
    assert found is not None
    inside = Image.open(io.BytesIO(base64.b64decode(found[1])))
    assert np.array_equal(np.asarray(inside.convert("L")), pixels)


def test_what_has_very_many_points_is_a_png_without_paper() -> None:
    figure, axes = pyplot.subplots(figsize=(3, 2))
    axes.scatter(range(5000), range(5000))
    made = picture(figure, "Points.")
    assert made.kind == "png"
    image = Image.open(io.BytesIO(made.data))
    assert image.size == (3 * 144, 2 * 144)
    assert np.asarray(image)[0, 0, 3] == 0


def test_an_svg_in_fewer_letters_is_drawn_alike() -> None:
    """Every element that draws is still there, in its order."""
    figure = draw(1)
    figure.savefig(raw := io.BytesIO(), format="svg", transparent=True)
    drawing = r"<(?:path|use|image|text)\b"
    made = picture(figure, "A line.").data.decode()
    assert re.findall(drawing, made) == re.findall(drawing, raw.getvalue().decode())


@given(st.text().filter(lambda text: text.strip() != ""))
def test_any_description_survives_in_the_page(alt: str) -> None:
    from bs4 import BeautifulSoup

    words = " ".join(alt.split())
    element = BeautifulSoup(Picture(b'<svg a="#"/>', words, 10)._repr_html_(), "html.parser").img
    assert element is not None
    assert element["alt"] == words.replace("\r", "\n")
    assert element["src"] == "data:image/svg+xml,<svg a='%23'/>"


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
    assert size(left) == size(right)
    for made in (left, right):
        assert 2 * 96 < made.width < 3.2 * 96
        assert size(made)[0] == pytest.approx(made.width * 72 / 96, abs=1)


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
