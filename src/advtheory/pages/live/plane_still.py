"""The still picture of "A network in the plane", for paper and where no script runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from advtheory.attacks import flipping_step
from advtheory.networks import TwoLayer

SPAN = 2.0  # the map shows the square from -SPAN to SPAN
SIDE, GRAPH, GAP = 320, 300, 40  # of the map, of the graph, and between them
CELLS = 96
UP, UP_PALE = "light-dark(#b9dcf0,#1c4763)", "light-dark(#ecf5fa,#17252f)"
DOWN, DOWN_PALE = "light-dark(#fbd3b3,#663716)", "light-dark(#fdf3eb,#2a201a)"

HATCH = (
    '<pattern id="adv-live-plane-hatch" width="7" height="7" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><path d="M0,0V7" style="stroke:var(--quiet);'
    'stroke-opacity:.4;stroke-width:1.2"/></pattern>'
)


def still(net: TwoLayer, c0: float, point: tuple[float, float]) -> str:
    """An ``<svg>`` of the network, the step from the point, and phi, in the colours of the page.

    >>> net = TwoLayer(torch.eye(2).double(), torch.tensor([1.0, -1.0]).double(), torch.ones(2))
    >>> still(net.to("cpu", torch.float64), 0.1, (1.0, 0.0)).startswith("<svg")
    True
    """
    x = torch.tensor([point], dtype=torch.float64)
    flip, gradient = flipping_step(net, x), net.input_gradient(x)[0]
    sign = float(flip.value.sign())
    ray = -sign * gradient / gradient.norm().clamp_min(1e-300)
    width, alt = SIDE + GAP + GRAPH, _alt(net, float(flip.distance))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{alt}" '
        f'viewBox="0 0 {width} {SIDE}" width="{width}" height="{SIDE}" '
        'style="font:13px system-ui,sans-serif">',
        f'<svg width="{SIDE}" height="{SIDE}">',
        *_regions(net, c0),
        *_lines(net),
        *_ray(x[0], ray, float(flip.distance)),
        "</svg>",
        *_phi(net, x[0], ray, sign, float(flip.distance)),
        "</svg>",
    ]
    return "".join(parts)


def _alt(net: TwoLayer, distance: float) -> str:
    flips = f"flips at the distance {distance:.2f}" if math.isfinite(distance) else "never flips"
    return (
        f"A square cut by the lines of {net.m} neurons, in two colours for the answers, pale and "
        "hatched along their boundary where a lazy network says the opposite. On the ray from the "
        f"point x along the gradient the answer {flips}. Beside it the graph of phi on that ray."
    )


def _pixels(places: Tensor) -> list[tuple[float, float]]:
    """From the plane to the map."""
    scale = SIDE / (2 * SPAN)
    return [(scale * (SPAN + u), scale * (SPAN - v)) for u, v in places.tolist()]


def _path(places: Sequence[tuple[float, float]], style: str) -> str:
    through = "L".join(f"{u:.1f},{v:.1f}" for u, v in places)
    return f'<path d="M{through}" style="fill:none;{style}"/>'


def _regions(net: TwoLayer, c0: float) -> list[str]:
    """The answer in two colours, pale where a lazy network says the opposite; and its boundary."""
    axis = torch.linspace(-SPAN, SPAN, CELLS + 1, dtype=torch.float64)
    x = torch.cartesian_prod(axis.flip(0), axis).flip(1)  # row by row from the top
    plus, minus, plus_settled, minus_settled = answers(net, c0, x)
    edge = "fill:none;stroke:var(--text);stroke-width:2.5"
    layers = [
        (_outline(plus), f"fill:{UP_PALE}"),
        (_outline(minus), f"fill:{DOWN_PALE}"),
        (_outline(plus) + _outline(minus), "fill:url(#adv-live-plane-hatch)"),
        (_outline(plus_settled), f"fill:{UP}"),
        (_outline(minus_settled), f"fill:{DOWN}"),
        (_outline(plus, edge=True) + _outline(minus, edge=True), edge),
    ]
    return [HATCH, *(f'<path d="{path}" style="{style}"/>' for path, style in layers)]


def answers(net: TwoLayer, c0: float, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    r"""Four numbers for each input: positive where f is, where f < 0, and where that is settled.

    "Settled" means that every network of the lazy ball gives the answer. A row (w_s, b_s) moves by
    at most :math:`V = C_0/\sqrt m`, so its preactivation by at most V times the length of (x, 1),
    and that is reached; rows move independently and the ReLU does not decrease. Where no neuron is
    active a sum is 0; it is continued to a negative number that vanishes at the first line, so that
    the edge of that part can be drawn.

    >>> net = TwoLayer(torch.eye(2), torch.tensor([1.0, -1.0]), torch.zeros(2))
    >>> [round(float(v), 2) for v in answers(net, 1.0, torch.tensor([[3.0, 0.0]]))]
    [2.12, -2.12, -1.04, -3.7]
    """
    z, shift = net.preactivation(x), c0 / math.sqrt(net.m) * (x.square().sum(-1) + 1).sqrt()

    def signed(way: float, sign: float) -> Tensor:
        moved = z + way * net.a * shift[:, None]
        most, total = moved.amax(-1), sign * (net.a * torch.relu(moved)).sum(-1)
        return torch.where(most > 0, total, most) / math.sqrt(net.m)

    return signed(0, 1), signed(0, -1), signed(-1, 1), signed(1, -1)


def _outline(field: Tensor, edge: bool = False) -> str:
    """The path around the part of the map where a field on the grid is positive, or its edge."""
    from matplotlib.figure import Figure

    most, least = float(field.max()), float(field.min())
    if most <= 0 or (edge and least >= 0):
        return ""
    grid = field.reshape(CELLS + 1, CELLS + 1).numpy()
    scale, axes = np.linspace(0, SIDE, CELLS + 1), Figure().add_subplot()
    levels = [0.0] if edge else [0.0, 2 * most]
    drawn = (axes.contour if edge else axes.contourf)(scale, scale, grid, levels=levels)
    loops = [
        np.asarray(loop).tolist()
        for path in drawn.get_paths()
        for loop in path.to_polygons(closed_only=not edge)
    ]
    return "".join(f"M{'L'.join(f'{u:.1f},{v:.1f}' for u, v in loop)}" for loop in loops)


def _lines(net: TwoLayer) -> list[str]:
    """Every neuron: its line, its row as an arrow, its sign on the line."""
    assert net.b is not None
    parts = []
    for s, (w, b, a) in enumerate(zip(net.w, net.b, net.a, strict=True), start=1):
        norm, t = w.norm(), torch.linspace(-3 * SPAN, 3 * SPAN, 601, dtype=w.dtype)
        line = -b * w / norm**2 + t[:, None] * torch.stack([-w[1], w[0]]) / norm
        near = line[(line.abs() < 0.85 * SPAN).all(-1)]
        knob = near[int(0.618 * s % 1 * len(near))]  # apart, also where lines meet
        ends = _pixels(torch.stack([knob, knob + 0.42 * w / norm.sqrt()]))
        parts += [
            _path(_pixels(line[[0, -1]]), "stroke:var(--text);stroke-opacity:.62"),
            _path(ends, "stroke:var(--text);stroke-width:2"),
            _sign(ends[0], "+" if a > 0 else "−"),
        ]
    return parts


def _sign(place: tuple[float, float], sign: str) -> str:
    u, v = place
    return (
        f'<circle cx="{u:.1f}" cy="{v:.1f}" r="8" style="fill:var(--paper);stroke:var(--text)"/>'
        f'<text x="{u:.1f}" y="{v + 4.5:.1f}" style="fill:var(--text);text-anchor:middle">'
        f"{sign}</text>"
    )


def _ray(x: Tensor, ray: Tensor, distance: float) -> list[str]:
    """The point, and the way from it to the flip."""
    end = x + min(distance, 6 * SPAN) * ray
    (u, v), (p, q) = _pixels(torch.stack([x, end]))
    return [
        _path([(u, v), (p, q)], "stroke:var(--flip);stroke-width:2.5"),
        f'<circle cx="{p:.1f}" cy="{q:.1f}" r="7" style="fill:none;stroke:var(--flip);'
        'stroke-width:2.5"/>',
        f'<circle cx="{u:.1f}" cy="{v:.1f}" r="6" style="fill:var(--flip);stroke:var(--paper)"/>',
    ]


def _phi(net: TwoLayer, x: Tensor, ray: Tensor, sign: float, distance: float) -> list[str]:
    """The graph of phi along the ray, with the flip."""
    far = 1.25 * distance if math.isfinite(distance) and distance > 0 else 2 * SPAN
    r = torch.linspace(0, far, 301, dtype=torch.float64)
    phi = sign * net.value(x + r[:, None] * ray)
    left, zero, tall = SIDE + GAP, 0.62 * SIDE, 0.5 * SIDE / float(phi.max().clamp_min(1e-9))
    places = [
        (left + GRAPH * float(s / far), zero - tall * float(v)) for s, v in zip(r, phi, strict=True)
    ]
    quiet = 'style="fill:var(--quiet)"'
    marks = [
        _path([(left, 0.1 * SIDE), (left, zero), (left + GRAPH, zero)], "stroke:var(--quiet)"),
        _path(places, "stroke:var(--flip);stroke-width:2.4"),
        f'<text x="{left - 16}" y="{zero + 4}" {quiet}>0</text>',
        f'<text x="{left - 16}" y="{0.1 * SIDE + 8}" {quiet} font-style="italic">φ</text>',
        f'<text x="{left + 6}" y="{zero + 40}" {quiet}>distance along the gradient</text>',
    ]
    if math.isfinite(distance):
        u = left + GRAPH * distance / far
        marks += [
            f'<circle cx="{u:.1f}" cy="{zero}" r="6" style="fill:none;stroke:var(--flip);'
            'stroke-width:2.5"/>',
            f'<text x="{u - 8:.1f}" y="{zero + 19}" style="fill:var(--flip);text-anchor:end;'
            f'font-weight:600">{distance:.2f}</text>',
        ]
    return marks
