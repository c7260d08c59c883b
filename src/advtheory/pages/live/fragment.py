r"""One piece of HTML for a live figure, which works in the built page, in Jupyter and in Colab.

It holds everything that it needs and asks nobody for anything: a still picture (for print, and
where no script runs), the HTML and CSS of the figure in a ``<template>`` that the script moves into
a shadow tree, the mathematics (``core.js``), what figures share (``stage.js``), and the data.

A figure NAME is the files ``NAME.html``, ``NAME.css`` and ``NAME.js`` in this folder; ``stage.js``
says what the script defines, and ``base.css`` begins the CSS of every figure. The HTML has a
``.say`` for the sentence that tells what changed and a ``.heard`` that is read aloud.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any

import torch

from advtheory.networks import TwoLayer

LEVELS = 127  # weights are whole numbers up to here, times the scale of their row
BITS = 11  # of a scale: with the 7 of a whole number fewer than the 24 of float32


@dataclass(frozen=True)
class LiveFigure:
    """A live figure: shown by a notebook as it is; ``html`` goes anywhere else.

    Attributes:
        head: The fragment up to its caption.
        caption: HTML of the caption.
        tail: The rest of the fragment.
        networks: The networks that the figure computes with, as the package has them.

    >>> LiveFigure("<figure>", "A <b>figure</b>.", "</figure>").html
    '<figure><figcaption>A <b>figure</b>.</figcaption></figure>'
    """

    head: str = field(repr=False)
    caption: str
    tail: str = field(repr=False)
    networks: Sequence[TwoLayer] = field(default=(), repr=False)

    @property
    def html(self) -> str:
        """The whole fragment."""
        return f"{self.head}<figcaption>{self.caption}</figcaption>{self.tail}"

    def _repr_html_(self) -> str:
        return self.html


def live_figure(
    name: str,
    data: Mapping[str, Any],
    *,
    still: str,
    caption: str,
    label: str,
    parts: Sequence[str] = (),
    networks: Sequence[TwoLayer] = (),
) -> LiveFigure:
    """The fragment of the figure ``name``.

    Args:
        name: Of its files: ``digit``, ``plane``, ``window``.
        data: What its script is called with, as JSON has it.
        still: HTML of the picture that stands for it, ``<svg>`` or ``<img>`` with a description.
        caption: HTML of the caption.
        label: What a screen reader calls the figure.
        parts: Scripts that it shares with other figures, or is divided into, before its own.
        networks: What the attribute of the same name will be.

    >>> figure = live_figure("digit", {}, still="<svg></svg>", caption="", label="Break a digit")
    >>> figure.html.startswith('<figure class="adv-live adv-live-digit">')
    True
    """
    values = json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    script = "\n".join(map(_file, ["core.js", "stage.js", *parts, f"{name}.js"]))
    inside = "".join(
        [
            f"<style>{_file('base.css')}{_file(f'{name}.css')}</style>",
            f'<div class="live">{_file(f"{name}.html")}</div><slot name="still"></slot>',
        ]
    )
    key = f"{name}-{hashlib.sha256((script + inside + values).encode()).hexdigest()[:10]}"
    # Jupyter Lab takes the keys of a cell for itself unless an element says otherwise
    keys = 'data-lm-suppress-shortcuts="true"'
    head = (
        f'<figure class="adv-live adv-live-{name}"><style>{_file("host.css")}</style>'
        f'<div data-live="{key}" {keys} role="group" aria-label="{html.escape(label)}">'
        f'<div slot="still">{still}</div><template>{inside}</template></div>'
    )
    begin = f'start("{key}", figure, {values});'
    tail = f'<script>(() => {{\n"use strict";\n{script}\n{begin}\n}})();</script></figure>'
    return LiveFigure(head, caption, tail, networks)


def rounded(net: TwoLayer) -> TwoLayer:
    r"""The network with the weights that a fragment can carry: what reader and package then share.

    Each row of w becomes whole numbers from -127 to 127 times a scale with 11 significant bits, so
    that every product is exact in float32. Biases become float32.

    Raises ``ValueError`` for an ensemble, an activation other than ReLU, or weights that are not
    finite.

    >>> from advtheory.networks import initialise
    >>> net = initialise(5, 8, 0)
    >>> once = rounded(net)
    >>> bool((once.w - net.w).abs().max() < 0.02), rounded(once).w.equal(once.w)
    (True, True)
    """
    whole, scale = int8_rows(net)
    return replace(net.to("cpu", torch.float32), w=(whole * scale[:, None]).float())


def packed(net: TwoLayer) -> dict[str, Any]:
    """The :func:`rounded` network for ``core.unpack``: int8 weights and float32 scales as base64.

    Raises ``ValueError`` as :func:`rounded` does.

    >>> from advtheory.networks import initialise
    >>> sorted(packed(initialise(5, 8, 0)))
    ['a', 'b', 'c', 'd', 'm', 'scale', 'w']
    """
    whole, scale = int8_rows(net)
    return {
        "m": net.m,
        "d": net.d,
        "w": _base64(whole.to(torch.int8)),
        "scale": _base64(scale.float()),
        "a": _base64(net.a.to(torch.int8)),
        "b": None if net.b is None else _base64(net.b.float()),
        "c": 0.0 if net.c is None else float(net.c),
    }


def int8_rows(net: TwoLayer) -> tuple[torch.Tensor, torch.Tensor]:
    """Whole numbers, and the scale of each row."""
    if net.w.ndim != 2:
        raise ValueError(
            f"w has shape {tuple(net.w.shape)}; a live figure takes one network at a time: "
            "choose a member of the ensemble with net.member(k)"
        )
    if net.activation.kink != 0:
        raise ValueError(f"the activation is {net.activation.name}; live figures know ReLU only")
    w = net.w.detach().cpu().double()
    if not bool(w.isfinite().all()):
        raise ValueError("w has entries that are not finite")
    mantissa, exponent = torch.frexp(w.abs().amax(-1) / LEVELS)
    scale = torch.ldexp((mantissa * 2**BITS).round() / 2**BITS, exponent)
    scale = torch.where(scale == 0, 1.0, scale)  # a row of zeros
    return (w / scale[:, None]).round(), scale


def _base64(tensor: torch.Tensor) -> str:
    return base64.b64encode(tensor.contiguous().numpy().tobytes()).decode()


def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
