"""The still picture of "The window": both ends of the window of widths against the dimension."""

from __future__ import annotations

import math
from collections.abc import Mapping

ACROSS, UP = (0.6, 22.0), 80.0  # log10 of d; of m, from 0
LEFT, TOP, WIDE, HIGH = 44, 10, 460, 260
BOTTOM = TOP + HIGH
QUIET = 'style="fill:var(--quiet)"'
END = "fill:none;stroke:var(--text);stroke-width:1.6"
ALT = (
    "The smallest and the largest width of the theorem against the dimension, both as powers of "
    "ten. The two curves cross beyond the dimension ten to the eighteen, and only beyond that is "
    "there a window of widths. A network for digits is far from it."
)


def still(sizes: Mapping[str, float]) -> str:
    """An ``<svg>`` in the colours of the page: the window, its ends, and the chosen sizes.

    Args:
        sizes: ``d`` and ``m`` to base 10, ``c0`` and ``gamma``.

    >>> still({"d": 3, "m": 4, "c0": 10, "gamma": 0.1}).count("<svg")
    1
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{ALT}" viewBox="0 0 '
        '520 300" width="520" height="300" style="font:13px system-ui,sans-serif">',
        *_curves(sizes["c0"], sizes["gamma"]),
        *_axes(),
        *_chosen(sizes["d"], sizes["m"]),
        "</svg>",
    ]
    return "".join(parts)


def ends(c0: float, gamma: float, log_d: float) -> tuple[float, float]:
    r"""log10 of the smallest and the largest width: the window of the book's ``prop-window``.

    >>> [round(end, 1) for end in ends(2, 0.1, 18)]
    [39.2, 60.0]
    """
    log, value = log_d * math.log(10), c0 + 2 * math.sqrt(math.log(2 / gamma))
    smallest = 2 * (log_d + math.log10(log))
    return smallest, 10 ** (log_d / 2) / (32000 * value * log) / math.log(10)


def _curves(c0: float, gamma: float) -> list[str]:
    """The window between its ends, and where it opens."""
    logs = [ACROSS[0] + (ACROSS[1] - ACROSS[0]) * k / 200 for k in range(201)]
    both = [(log, *ends(c0, gamma, log)) for log in logs]
    low = [(log, smallest) for log, smallest, _ in both]
    high = [(log, largest) for log, _, largest in both if largest < UP]
    above = [(log, min(largest, UP)) for log, smallest, largest in both if largest > smallest]
    below = [(log, smallest) for log, smallest, largest in both if largest > smallest]
    u, v = _place(*below[0])
    return [
        f'<path d="{_path(above + below[::-1])}Z" style="fill:light-dark(#8fcbb5,#2f7563)"/>',
        f'<path d="{_path(low)}" style="{END}"/>',
        f'<path d="{_path(high)}" style="{END};stroke-dasharray:7 4"/>',
        f'<text x="{u - 10:.0f}" y="{v - 18:.0f}" text-anchor="end" {QUIET}>'
        "the window opens</text>",
    ]


def _axes() -> list[str]:
    """Both axes, with powers of ten."""
    across = [(_place(d, 0)[0], BOTTOM + 17.0, "middle", d) for d in (5, 10, 15, 20)]
    up = [(LEFT - 6.0, _place(0, m)[1] + 4, "end", m) for m in (20, 40, 60, 80)]
    return [
        f'<path d="M{LEFT},{TOP}V{BOTTOM}H{LEFT + WIDE}" style="fill:none;stroke:var(--quiet)"/>',
        f'<text x="{LEFT + 6}" y="{BOTTOM + 17}" font-style="italic" {QUIET}>d</text>',
        f'<text x="{LEFT + 6}" y="{TOP + 8}" font-style="italic" {QUIET}>m</text>',
        *(
            f'<text x="{u:.0f}" y="{v:.0f}" text-anchor="{anchor}" {QUIET}>10'
            f'<tspan dy="-5" font-size="10">{power}</tspan></text>'
            for u, v, anchor, power in across + up
        ),
    ]


def _chosen(log_d: float, log_m: float) -> list[str]:
    u, v = _place(log_d, log_m)
    return [
        f'<circle cx="{u:.1f}" cy="{v:.1f}" r="6" style="fill:var(--flip)"/>',
        f'<text x="{u + 11:.1f}" y="{v + 5:.1f}" style="fill:var(--flip)">a network for digits'
        "</text>",
    ]


def _place(log_d: float, log_m: float) -> tuple[float, float]:
    share = (log_d - ACROSS[0]) / (ACROSS[1] - ACROSS[0])
    return LEFT + WIDE * share, TOP + HIGH * (1 - log_m / UP)


def _path(points: list[tuple[float, float]]) -> str:
    places = (_place(*point) for point in points)
    return "M" + "L".join(f"{u:.1f},{v:.1f}" for u, v in places)
