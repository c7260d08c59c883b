"""The still picture of "Where the theorem speaks", for paper and where no script runs."""

from __future__ import annotations

import torch
from torch import Tensor

from advtheory.attacks import pgd
from advtheory.losses import REFLECTED
from advtheory.networks import TwoLayer

SPAN, SIDE = 2.0, 360  # the map shows the square from -SPAN to SPAN on so many pixels
STEPS = 24
FINE = 90  # cells of the shading, along a side


def still(net: TwoLayer, nu: float, point: tuple[float, float]) -> str:
    """An ``<svg>`` of the disc, the effective points and the attack, in the colours of the page.

    >>> from advtheory.networks import leaky_relu
    >>> net = TwoLayer(torch.eye(2).double(), -torch.ones(2).double(), activation=leaky_relu(0.9))
    >>> still(net, 0.5, (-0.1, 0.0)).startswith("<svg")
    True
    """
    x = torch.tensor([point], dtype=net.w.dtype)
    steep = float(torch.linalg.matrix_norm(net.w) * net.a.abs().max())
    path = _path(net, x, nu, 1 / steep**2)
    threshold = 2 * (1 - (net.activation.kink or 0.0)) * steep * nu
    (u, v), unit = _pixels(x)[0], SIDE / (2 * SPAN)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{_alt(net, path)}" '
        f'viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}" '
        'style="font:13px system-ui,sans-serif">',
        *_shading(net, x, nu, threshold),
        f'<circle cx="{u:.1f}" cy="{v:.1f}" r="{nu * unit:.1f}" '
        'style="fill:none;stroke:var(--quiet);stroke-width:1.8"/>',
        *_steps(path),
        f'<circle cx="{u:.1f}" cy="{v:.1f}" r="6" style="fill:var(--text)"/>',
        f'<text x="{u - 18:.1f}" y="{v - 6:.1f}" font-style="italic" '
        'style="fill:var(--text)">x</text>',
        "</svg>",
    ]
    return "".join(parts)


def _path(net: TwoLayer, x: Tensor, nu: float, eta: float) -> Tensor:
    """The points of the attack: pgd, stopped after each number of steps."""
    y = torch.ones(1, dtype=x.dtype)
    ends = [
        pgd(net, x, y, radius=nu, step=eta, steps=t, loss=REFLECTED, keep="last")
        for t in range(1, STEPS + 1)
    ]
    return torch.cat([x, *ends])


def _alt(net: TwoLayer, path: Tensor) -> str:
    first, last = net.value(path[[0, -1]]).tolist()
    return (
        "A square of inputs with a disc around the point x, cut by the boundary of the answers. "
        f"From x, with the margin {first:.2f}, the attack goes to a point with the margin "
        f"{last:.2f}. Around its end a part of the disc is shaded, the effective attacks."
    )


def _pixels(places: Tensor) -> list[tuple[float, float]]:
    scale = SIDE / (2 * SPAN)
    return [(scale * (SPAN + u), scale * (SPAN - v)) for u, v in places.tolist()]


def _shading(net: TwoLayer, x: Tensor, nu: float, threshold: float) -> list[str]:
    """Rows of cells: pale where the answer is wrong, deep where a point is effective enough."""
    axis = (torch.arange(FINE, dtype=x.dtype) + 0.5) / FINE * 2 * SPAN - SPAN
    grid = torch.cartesian_prod(axis.flip(0), axis).flip(1)
    margin = net.value(grid)
    inside = torch.linalg.vector_norm(grid - x, dim=-1) <= nu
    return [
        _cells(margin <= 0, "light-dark(#fdebdc,#3a281a)"),
        _cells(inside & (margin <= -threshold), "light-dark(#e59a5c,#a8602a)"),
    ]


def _cells(marked: Tensor, colour: str) -> str:
    """One path of all runs of marked cells."""
    size, runs = SIDE / FINE, []
    for i, row in enumerate(marked.reshape(FINE, FINE).int()):
        ends = torch.diff(row, prepend=row.new_zeros(1), append=row.new_zeros(1)).nonzero()[:, 0]
        runs += [
            f"M{size * a:.1f},{size * i:.1f}H{size * b:.1f}V{size * (i + 1):.1f}H{size * a:.1f}Z"
            for a, b in ends.reshape(-1, 2).tolist()
        ]
    return f'<path d="{"".join(runs)}" style="fill:{colour}"/>'


def _steps(path: Tensor) -> list[str]:
    places = _pixels(path)
    through = "L".join(f"{u:.1f},{v:.1f}" for u, v in places)
    line = f'<path d="M{through}" style="fill:none;stroke:var(--accent);stroke-width:2"/>'
    dots = [
        f'<circle cx="{u:.1f}" cy="{v:.1f}" r="2.5" style="fill:var(--accent)"/>' for u, v in places
    ]
    return [line, *dots]
