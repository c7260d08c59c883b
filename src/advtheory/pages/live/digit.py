"""The live figure "Break a digit": one image, several networks, one slider."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from advtheory.data import Split
from advtheory.networks import TwoLayer
from advtheory.pages.live.digit_still import still
from advtheory.pages.live.fragment import LiveFigure, live_figure, packed, rounded
from advtheory.pages.live.stored import Four, four

TOP = 0.3  # the pixel of an image of length 1 that is full ink
MAGNIFIED = 5
ABOUT = (
    "<b>Break a digit.</b> {count} networks with {width} hidden neurons, their weights rounded to "
    "8 bits, see one image of {side} × {side} pixels, scaled to length 1."
)
BOOK = (
    " It is a test image of MNIST. The lazy networks were trained until a neuron had moved by "
    "<i>C</i><sub>0</sub>/√<i>m</i> with <i>C</i><sub>0</sub> = {lazy:g}, the adversarial one on "
    "digits attacked within {budget:g}; it went as far as <i>C</i><sub>0</sub> = {far:.0f}."
)
HOW = (
    " Each picture is moved against the answer of its own network; the curve is the margin along "
    "the gradient, with its exact first zero. A late flip along the gradient is no large robust "
    "radius: {steps} steps of projected gradient descent, the dots, may find earlier ones."
)


def break_a_digit(
    networks: Sequence[TwoLayer] | None = None,
    images: Split | None = None,
    *,
    names: Sequence[str] = (),
    notes: Sequence[str] = (),
    longest: float = 0.8,
    steps: int = 20,
    caption: str | None = None,
) -> LiveFigure:
    """A digit that a reader moves against the answers of several networks, or draws.

    Without arguments, the four networks of the book. Weights are rounded to 8 bits first:
    ``.networks`` are the rounded ones, with which the figure computes.

    Args:
        networks: Two to six ReLU networks for square images, such as ``train_lazy`` returns.
        images: Images to choose from, 0 labelled -1 and 1 labelled +1; each row is scaled to
            length 1, and its pixels are rounded to 256 levels.
        names: What each network is called.
        notes: What is said of it, in three or four words.
        longest: The longest move.
        steps: Steps of the second attack, projected gradient descent.
        caption: HTML; by default what was done, in five sentences.

    Raises:
        ValueError: for networks or images of other sizes, negative pixels, an image of zeros, lists
            of other lengths, or what :func:`~advtheory.pages.live.fragment.rounded` refuses.

    >>> figure = break_a_digit()
    >>> len(figure.networks), len(figure.html) < 340_000
    (4, True)
    """
    told = ABOUT + HOW
    if networks is None or images is None:
        book = four()
        networks, images, names, notes = book.networks, book.images, book.names, book.notes
        told = ABOUT + _trained(book) + HOW
    notes = notes or [""] * len(networks)
    side = _check(networks, images, names, notes)
    nets, levels = [rounded(net) for net in networks], _levels(images.x)
    rows = zip(names, notes, nets, strict=True)
    values = {
        "side": side,
        "longest": longest,
        "steps": steps,
        "top": TOP,
        "magnified": MAGNIFIED,
        "images": [
            {"label": int(y > 0), "pixels": base64.b64encode(row.numpy().tobytes()).decode()}
            for row, y in zip(levels, images.y, strict=True)
        ],
        "networks": [
            {"name": name, "note": note, "packed": packed(net)} for name, note, net in rows
        ],
    }
    first = levels[0].float() / levels[0].float().norm()
    told = told.format(count=_count(nets), width=nets[0].m, side=side, steps=steps)
    return live_figure(
        "digit",
        values,
        still=still(nets, first, names, TOP, MAGNIFIED),
        caption=told if caption is None else caption,
        label="Break a digit",
        networks=nets,
        parts=["digit_card.js", "digit_pad.js", "digit_guess.js"],
    )


def _trained(book: Four) -> str:
    """How the networks of the book were trained, in the numbers of their provenance."""
    settings, last = book.provenance["settings"], book.provenance["networks"][-1]
    lazy, budget = settings["lazy"]["c0"], settings["adversarial"]["budget"]
    return BOOK.format(lazy=lazy, budget=budget, far=last["c0"])


def _count(nets: Sequence[TwoLayer]) -> str:
    return {2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six"}[len(nets)]


def _levels(x: Tensor) -> Tensor:
    """Pixels as whole numbers from 0 to 255, the largest of each image 255."""
    scaled = 255 * x.detach().cpu().double() / x.detach().cpu().double().amax(1, keepdim=True)
    return scaled.round().to(torch.uint8)


def _check(
    networks: Sequence[TwoLayer], images: Split, names: Sequence[str], notes: Sequence[str]
) -> int:
    """The side of the images, if everything fits together."""
    if not 2 <= len(networks) <= 6:
        raise ValueError(f"there are {len(networks)} networks; the figure compares 2 to 6")
    if not len(networks) == len(names) == len(notes):
        raise ValueError(
            f"there are {len(networks)} networks, {len(names)} names and {len(notes)} notes; "
            "expected one of each for every network"
        )
    d = networks[0].d
    if any(net.d != d for net in networks) or images.x.ndim != 2 or images.x.shape[1] != d:
        raise ValueError(
            f"images.x has shape {tuple(images.x.shape)} and the networks take "
            f"{[net.d for net in networks]} pixels; expected (k, d) and the same d for all"
        )
    if math.isqrt(d) ** 2 != d:
        raise ValueError(f"the networks take {d} pixels; expected a square image, like 196")
    if not len(images.x) or bool((images.x < 0).any()) or not bool(images.x.amax(1).gt(0).all()):
        raise ValueError("expected at least one image, no pixel below 0, and none of zeros only")
    return math.isqrt(d)
