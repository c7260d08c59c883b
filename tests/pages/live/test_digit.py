"""What "Break a digit" is made of: the rounded networks, the images, a still picture."""

import re
from typing import Any

import pytest
import torch

from advtheory.attacks import flipping_step
from advtheory.data import Split
from advtheory.networks import initialise
from advtheory.pages.live import break_a_digit, four, rounded

NETS = [initialise(16, 8, seed) for seed in (0, 1)]
IMAGES = Split(torch.rand(3, 16, generator=torch.Generator().manual_seed(0)), torch.ones(3))


def test_the_figure_computes_with_the_rounded_networks() -> None:
    figure = break_a_digit(NETS, IMAGES, names=["one", "other"])
    for net, kept in zip(NETS, figure.networks, strict=True):
        assert kept.w.equal(rounded(net).w)
        assert not kept.w.equal(net.w)


def test_own_networks_and_words_are_shown() -> None:
    words: dict[str, Any] = {
        "names": ["<one>", "other"],
        "notes": ["of mine", ""],
        "caption": "My <i>own</i>.",
    }
    page = break_a_digit(NETS, IMAGES, **words).html
    assert "My <i>own</i>.</figcaption>" in page
    assert "&lt;one&gt;" in page  # in the still picture
    assert "<one>" not in page


def test_the_caption_says_what_is_real() -> None:
    book = four().provenance
    told = break_a_digit().caption
    assert "Four networks with 256 hidden neurons" in told
    assert "<sub>0</sub> = 10, the adversarial one on digits attacked within 0.3" in told
    assert f"as far as <i>C</i><sub>0</sub> = {book['networks'][3]['c0']:.0f}." in told
    own = break_a_digit(NETS, IMAGES, names=["one", "other"], steps=7).caption
    assert "Two networks with 8 hidden neurons" in own
    assert "see one image of 4 × 4 pixels" in own
    assert "MNIST" not in own
    assert "7 steps of projected gradient descent" in own


def test_the_still_picture_says_where_each_network_flips() -> None:
    book = four()
    x = book.images.x[:1].double()
    found = [flipping_step(net.to("cpu", torch.float64), x).distance for net in book.networks]
    svg = re.findall("<svg.*?</svg>", break_a_digit().head, re.S)[0]
    assert re.findall(r">flips at ([\d.]+)<", svg) == [f"{float(d):.2f}" for d in found]
    told = "".join(re.findall('aria-label="([^"]+)"', svg))
    assert "random flips at 0.03, lazy flips at 0.18" in told


def test_a_network_that_never_flips_says_so() -> None:
    ones = initialise(16, 2, 0).each(torch.ones_like)
    page = break_a_digit([ones, NETS[0]], IMAGES, names=["all ones", "other"]).html
    assert "flips at" in page
    dead = ones.each(lambda t: torch.zeros_like(t) if t.ndim == 2 else t)
    page = break_a_digit([dead, NETS[0]], IMAGES, names=["dead", "other"]).html
    assert "dead flips at 0.00" in page  # f = 0 has no sign to lose


GOOD: dict[str, Any] = {"networks": NETS, "images": IMAGES, "names": ["one", "other"]}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"networks": NETS[:1], "names": ["one"]}, "there are 1 networks; the figure compares 2"),
        ({"names": ["one"]}, "there are 2 networks, 1 names and 2 notes; expected one of each"),
        ({"notes": ["a", "b", "c"]}, "2 names and 3 notes"),
        ({"networks": [NETS[0], initialise(9, 8, 0)]}, r"take \[16, 9\] pixels; expected \(k, d\)"),
        ({"images": Split(torch.ones(2, 9), torch.ones(2))}, r"images.x has shape \(2, 9\)"),
        ({"images": Split(-torch.ones(2, 16), torch.ones(2))}, "no pixel below 0"),
        ({"images": Split(torch.zeros(2, 16), torch.ones(2))}, "none of zeros only"),
        ({"images": Split(torch.zeros(0, 16), torch.ones(0))}, "expected at least one image"),
    ],
)
def test_what_does_not_fit_together_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        break_a_digit(**{**GOOD, **change})


def test_images_must_be_square() -> None:
    nets = [initialise(15, 8, seed) for seed in (0, 1)]
    with pytest.raises(ValueError, match="the networks take 15 pixels; expected a square image"):
        break_a_digit(nets, Split(torch.ones(1, 15), torch.ones(1)), names=["one", "other"])
