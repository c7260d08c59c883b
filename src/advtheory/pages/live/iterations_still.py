"""The still picture of "Radius against margin": iterations of training against the gap."""

from __future__ import annotations

import math

LEFT, TOP, WIDE, HIGH = 60, 14, 420, 230
GAPS, STEPS = (0.01, 0.5), (3.0, 9.0)  # the gap; log10 of the iterations
GAMMA, EPS = 0.5, 0.1
QUIET = 'style="fill:var(--quiet)"'
ALT = (
    "Steps of training against the gap between margin and attack, both on logarithmic axes: a "
    "nearly straight line that falls from more than ten to the seven at a gap of one hundredth to "
    "tens of thousands at one half."
)


def still() -> str:
    """An ``<svg>`` in the colours of the page, for a margin of 1/2 and linear networks.

    >>> still().count("<svg")
    1
    """
    gaps = [GAPS[0] * (GAPS[1] / GAPS[0]) ** (k / 60) for k in range(61)]
    line = "L".join("{:.1f},{:.1f}".format(*_place(gap, steps(gap))) for gap in gaps)
    ticks = [(gap, 0.0) for gap in (0.01, 0.1, 0.5)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{ALT}" viewBox="0 0 '
        '520 290" width="520" height="290" style="font:13px system-ui,sans-serif">',
        f'<path d="M{LEFT},{TOP}V{TOP + HIGH}H{LEFT + WIDE}" '
        'style="fill:none;stroke:var(--quiet)"/>',
        f'<path d="M{line}" style="fill:none;stroke:var(--accent);stroke-width:2.4"/>',
        *(
            f'<text x="{_place(gap, 1e3)[0]:.0f}" y="{TOP + HIGH + 17}" text-anchor="middle" '
            f"{QUIET}>{gap:g}</text>"
            for gap, _ in ticks
        ),
        *(
            f'<text x="{LEFT - 6}" y="{_place(1, 10.0**power)[1] + 4:.0f}" text-anchor="end" '
            f'{QUIET}>10<tspan dy="-5" font-size="10">{power}</tspan></text>'
            for power in (4, 6, 8)
        ),
        f'<text x="{LEFT + WIDE / 2}" y="{TOP + HIGH + 36}" text-anchor="middle" {QUIET}>'
        "gap γ − ν</text>",
        f'<text x="{LEFT + 12}" y="{TOP + 14}" {QUIET}>steps of training that are enough</text>',
        "</svg>",
    ]
    return "".join(parts)


def steps(gap: float) -> int:
    """The iterations of the book's ``thm-training`` for a linear network with R = 1.

    >>> steps(0.3)
    103509
    """
    reach = 1 + GAMMA - gap
    begun = math.sqrt(3) / reach * gap * EPS / 4
    return math.ceil(64 * (1 + begun) * (reach / (gap * EPS)) ** 2)


def _place(gap: float, count: float) -> tuple[float, float]:
    across = math.log(gap / GAPS[0]) / math.log(GAPS[1] / GAPS[0])
    up = (math.log10(count) - STEPS[0]) / (STEPS[1] - STEPS[0])
    return LEFT + WIDE * across, TOP + HIGH * (1 - up)
