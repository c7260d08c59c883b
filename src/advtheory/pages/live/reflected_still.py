"""The still picture of "Two walks": the 0-1 loss between its two bounds, and one margin."""

from __future__ import annotations

import math
from collections.abc import Callable

ACROSS, UP = (-4.0, 8.0), (-9.0, 4.0)
LEFT, TOP, WIDE, HIGH = 30, 10, 470, 260
QUIET = 'style="fill:var(--quiet)"'
UPPER, LOWER = "light-dark(#0b63a5,#7cc0f5)", "light-dark(#00734f,#5fd0a5)"
ALT = (
    "The 0-1 loss against the margin: one up to the margin 0, then zero. Above it the logistic "
    "loss over log 2, which passes through the upper corner of the step; below it one plus the "
    "reflected loss over log 2, which passes through the lower corner. At a large margin the upper "
    "curve is level and the lower one falls with slope one over log 2."
)


def bounds(z: float) -> tuple[float, float]:
    r"""The lower and the upper bound at a margin: the book's ``prop-bounds``.

    >>> bounds(0.0)
    (0.0, 1.0)
    """
    return 1 - _softplus(z) / math.log(2), _softplus(-z) / math.log(2)


def still(z: float) -> str:
    """An ``<svg>`` in the colours of the page, with a mark at the margin z.

    >>> still(4.0).count("<svg")
    1
    """
    u, _ = _place(z, 0)
    low, high = bounds(z)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{ALT}" viewBox="0 0 '
        '520 300" width="520" height="300" style="font:13px system-ui,sans-serif">',
        *_axes(),
        _curve([(ACROSS[0], 1), (0, 1), (0, 0), (ACROSS[1], 0)], "var(--flip)"),
        _curve(_graph(lambda at: bounds(at)[1]), UPPER),
        _curve(_graph(lambda at: bounds(at)[0]), LOWER),
        f'<path d="M{u:.1f},{TOP}V{TOP + HIGH}" style="stroke:var(--quiet);stroke-dasharray:2 4"/>',
        *(_dot(z, value, fill) for value, fill in ((high, UPPER), (low, LOWER)) if value > UP[0]),
        f'<text x="{_place(-1.9, 0)[0]:.0f}" y="{_place(0, 3.0)[1]:.0f}" style="fill:{UPPER}">'
        "above</text>",
        f'<text x="{_place(3.2, 0)[0]:.0f}" y="{_place(0, -2.6)[1]:.0f}" style="fill:{LOWER}">'
        "below</text>",
        "</svg>",
    ]
    return "".join(parts)


def _softplus(z: float) -> float:
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def _axes() -> list[str]:
    zero, bottom = _place(0, 0), TOP + HIGH
    marks = [(_place(z, 0)[0], bottom + 17.0, "middle", z) for z in (-4, 0, 4)]
    marks += [(LEFT - 6.0, _place(0, value)[1] + 4, "end", value) for value in (-8, -4, 0, 4)]
    return [
        f'<path d="M{LEFT},{TOP}V{bottom}M{LEFT},{zero[1]:.1f}H{LEFT + WIDE}" '
        'style="fill:none;stroke:var(--quiet)"/>',
        f'<text x="{LEFT + WIDE - 8}" y="{bottom + 17}" font-style="italic" {QUIET}>z</text>',
        *(
            f'<text x="{u:.0f}" y="{v:.0f}" text-anchor="{anchor}" {QUIET}>'
            f"{str(mark).replace('-', '−')}</text>"
            for u, v, anchor, mark in marks
        ),
    ]


def _graph(f: Callable[[float], float]) -> list[tuple[float, float]]:
    """The part of a graph that is inside the picture."""
    places = [ACROSS[0] + (ACROSS[1] - ACROSS[0]) * k / 240 for k in range(241)]
    return [(z, f(z)) for z in places if UP[0] <= f(z) <= UP[1]]


def _dot(z: float, value: float, fill: str) -> str:
    u, v = _place(z, value)
    return f'<circle cx="{u:.1f}" cy="{v:.1f}" r="6" style="fill:{fill}"/>'


def _place(z: float, value: float) -> tuple[float, float]:
    across, up = (z - ACROSS[0]) / (ACROSS[1] - ACROSS[0]), (value - UP[0]) / (UP[1] - UP[0])
    return LEFT + WIDE * across, TOP + HIGH * (1 - up)


def _curve(points: list[tuple[float, float]], stroke: str) -> str:
    places = (_place(*point) for point in points)
    path = "M" + "L".join(f"{u:.1f},{v:.1f}" for u, v in places)
    return f'<path d="{path}" style="fill:none;stroke:{stroke};stroke-width:2.4"/>'
