"""A fragment holds everything it needs, and its networks are those that the package rounds."""

import base64
import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory.networks import TwoLayer, initialise, leaky_relu
from advtheory.pages.live import LiveFigure, break_a_digit, int8_rows, live_figure, packed, rounded


def unpacked(net: dict[str, Any]) -> Any:
    """The weights of a packed network, in float64 by NumPy."""
    whole = np.frombuffer(base64.b64decode(net["w"]), np.int8).reshape(net["m"], net["d"])
    scale = np.frombuffer(base64.b64decode(net["scale"]), "<f4")
    return whole.astype(float) * scale[:, None].astype(float)


@given(st.integers(0, 2**32 - 1), st.floats(-30, 30))
def test_packed_weights_are_the_rounded_ones_bit_by_bit(seed: int, power: float) -> None:
    start = initialise(5, 4, seed % 1000)
    net = rounded(start.each(lambda t: t if t is start.a else t * 10**power))
    assert np.array_equal(unpacked(packed(net)), net.w.double().numpy())
    assert rounded(net).w.equal(net.w)
    assert packed(rounded(net)) == packed(net)


def test_rounding_moves_no_weight_by_more_than_half_a_level() -> None:
    net = initialise(196, 64, 0)
    largest = net.w.abs().amax(1, keepdim=True)
    assert bool(((rounded(net).w - net.w).abs() <= 0.5006 * largest / 127).all())


def test_a_row_of_zeros_stays_one() -> None:
    net = TwoLayer(torch.tensor([[0.0, 0.0], [1.0, -3.0]]), torch.ones(2))
    assert rounded(net).w[0].tolist() == [0.0, 0.0]
    assert int8_rows(net)[0][1].tolist() == [42, -127]


def test_biases_are_carried_in_float32() -> None:
    net = rounded(initialise(3, 8, 0, biases=True, dtype=torch.float64))
    assert net.b is not None
    held = packed(net)
    assert np.array_equal(np.frombuffer(base64.b64decode(held["b"]), "<f4"), net.b.numpy())
    assert held["c"] == float(net.c if net.c is not None else 0)


def refused(w: Any) -> TwoLayer:
    return TwoLayer(torch.tensor(w), torch.ones(len(w)))


@pytest.mark.parametrize(
    ("net", "says"),
    [
        (initialise(2, 4, [0, 1]), r"w has shape \(2, 4, 2\); a live figure takes one network at"),
        (initialise(2, 4, 0, activation=leaky_relu(0.1)), "leaky ReLU 0.1; live figures know ReLU"),
        (refused([[1.0, float("inf")]]), "w has entries that are not finite"),
        (refused([[float("nan"), 1.0]]), "w has entries that are not finite"),
    ],
)
def test_what_no_figure_can_carry_is_refused(net: TwoLayer, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        rounded(net)
    with pytest.raises(ValueError, match=says):
        packed(net)


def made(data: dict[str, Any], caption: str = "") -> LiveFigure:
    return live_figure("digit", data, still="<svg></svg>", caption=caption, label="A “figure”")


def test_data_cannot_end_the_script() -> None:
    page = made({"name": "</script><b>"}).html
    assert page.count("</script>") == 1
    assert "\\u003c/script>" in page


def test_figures_have_keys_of_their_own_that_do_not_change() -> None:
    keys = [re.findall('data-live="([^"]+)"', made({"k": k}).html) for k in (1, 2, 1)]
    assert keys[0] == keys[2] != keys[1]


def test_the_fragment_names_no_other_file() -> None:
    """The only address is the name space of SVG."""
    page = break_a_digit().html
    outside = set(re.findall(r"https?://[^\s\"'<)]+|@import|url\(|\bsrc=|<link", page))
    assert outside <= {"http://www.w3.org/2000/svg"}


def test_the_caption_stands_between_head_and_tail() -> None:
    figure = made({}, "A <b>caption</b>.")
    assert figure.html == f"{figure.head}<figcaption>A <b>caption</b>.</figcaption>{figure.tail}"
    assert figure._repr_html_() == figure.html
    assert repr(figure) == "LiveFigure(caption='A <b>caption</b>.')"
