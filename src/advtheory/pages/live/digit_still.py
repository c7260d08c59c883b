"""The still picture of "Break a digit": each network's digit just where its answer changes.

It stands for the live figure on paper, and where no script runs.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from advtheory.attacks import Flip, flipping_step
from advtheory.networks import TwoLayer

INK, ORANGE, QUIET = (22, 34, 43), (213, 94, 0), "#4c5761"
SIZE, GAP = 150, 24  # of a picture and between two of them


def still(nets: Sequence[TwoLayer], x: Tensor, names: Sequence[str], top: float, many: int) -> str:
    """An SVG: a column for each network, above its digit as it flips, below the change.

    Args:
        nets: The networks.
        x: One image as a row of length 1, ``(d,)``.
        names: What the networks are called.
        top: The pixel value that is full ink; signed pixels are drawn as they are.
        many: How often the change is magnified.

    >>> picture = still([TwoLayer(torch.eye(4), torch.ones(4))], torch.ones(4) / 2, ["one"], 1, 5)
    >>> picture[:4], picture.count("<image")
    ('<svg', 2)
    """
    flips = [flipping_step(net.to("cpu", torch.float64), x.double()[None]) for net in nets]
    drawn = [_column(*one, x, top, many) for one in zip(nets, flips, names, strict=True)]
    columns = "".join(
        f'<g transform="translate({k * (SIZE + GAP)} 0)">{column}</g>'
        for k, column in enumerate(drawn)
    )
    width, height = len(nets) * (SIZE + GAP) - GAP, 2 * SIZE + 94
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" style="background:#fff" '
        f'font-family="system-ui,sans-serif" font-size="14" aria-label="{_words(flips, names)}">'
        f"{columns}</svg>"
    )


def _column(net: TwoLayer, flip: Flip, name: str, x: Tensor, top: float, many: int) -> str:
    change = _change(net, flip, x)
    said = int(flip.value > 0)
    lines = [
        f'<text y="16" font-weight="600">{html.escape(name)}</text>',
        f'<text y="36" fill="{QUIET}">{_far(flip)}</text>',
        _image(x + change, top, 46),
        f'<text y="{SIZE + 64}" fill="{QUIET}">said {said}, now says {1 - said}</text>',
        _image(many * change, top, SIZE + 74),
        f'<text y="{2 * SIZE + 90}" fill="{QUIET}">the change × {many}</text>',
    ]
    return "".join(lines)


def _change(net: TwoLayer, flip: Flip, x: Tensor) -> Tensor:
    """The move along the gradient up to the flip; none where the sign never flips."""
    gradient = net.to("cpu", torch.float64).input_gradient(x.double()[None])[0]
    step = flip.step if bool(flip.step.isfinite()) else torch.zeros(1)
    return -float(step) * float(torch.sign(flip.value)) * gradient


def _far(flip: Flip) -> str:
    return f"flips at {float(flip.distance):.2f}" if bool(flip.step.isfinite()) else "never flips"


def _words(flips: Sequence[Flip], names: Sequence[str]) -> str:
    told = [f"{name} {_far(flip)}" for name, flip in zip(names, flips, strict=True)]
    return html.escape(f"The same digit moved against each network: {', '.join(told)}.")


def _image(pixels: Tensor, top: float, y: int) -> str:
    """Signed pixels as a small PNG: ink or orange, the fainter the nearer to 0."""
    from PIL import Image

    side = round(len(pixels) ** 0.5)
    values = pixels.reshape(side, side).numpy()
    colours = np.zeros((side, side, 4), np.uint8)
    colours[..., :3] = np.where(values[..., None] < 0, ORANGE, INK)
    colours[..., 3] = (255 * np.minimum(np.abs(values) / top, 1)).round()
    file = io.BytesIO()
    Image.fromarray(colours).save(file, format="png", optimize=True)
    data = base64.b64encode(file.getvalue()).decode()
    return (
        f'<image y="{y}" width="{SIZE}" height="{SIZE}" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{data}"/><rect y="{y}" width="{SIZE}" height="{SIZE}" '
        'fill="none" stroke="#c3cbd2"/>'
    )
