"""The live figure "A network in the plane": lines, answers, one step, and the lazy ball."""

from __future__ import annotations

import math

import torch

from advtheory.checks import require, require_c0
from advtheory.networks import TwoLayer, initialise
from advtheory.pages.live.fragment import LiveFigure, live_figure
from advtheory.pages.live.plane_still import SPAN, still

FEWEST, MOST = 3, 40  # neurons
PARTS = ("drawing.js", "ball.js", "plane_map.js", "plane_graph.js", "plane_handles.js")
LABEL = "A network in the plane"
CAPTION = (
    "<p><b>A network in the plane.</b> Every neuron is a line; its arrow is the row <i>w</i>, on "
    "the side where the neuron is active. Between the lines the network is linear, so the "
    "boundary of its answers is made of straight pieces. The step from <i>x</i> follows the "
    "gradient at <i>x</i>. The graph shows <i>φ</i>, the value on the way times its sign at "
    "<i>x</i>; it bends where the step crosses a line, and the answer flips where it reaches 0. A "
    "<i>lazy</i> network has each row (<i>w</i>, <i>b</i>) moved by at most "
    "<i>C</i><sub>0</sub>/√<i>m</i>, where <i>m</i> is the number of neurons.</p>"
)


def plane(
    *,
    neurons: int = 6,
    c0: float = 0.2,
    point: tuple[float, float] = (0.4, -0.3),
    seed: int = 34999,
    caption: str = CAPTION,
) -> LiveFigure:
    """A ReLU network with two inputs whose neurons, point and lazy ball a reader moves.

    Its rows and biases are standard normal and its signs fair, as in the book; neurons whose line
    misses the map are drawn again. The default seed shows a phi that bends upwards before it
    falls to zero.

    Args:
        neurons: How many at the beginning, 3 to 40.
        c0: The lazy ball lets each row (w, b) move by ``c0`` over the root of their number.
        point: Where x is at the beginning, inside the square from -2 to 2.
        seed: Of the network, and of the networks that the reader draws.
        caption: HTML.

    Raises:
        ValueError: for another number of neurons, a negative ``c0``, or a point outside.

    >>> figure = plane(neurons=4)
    >>> figure.networks[0].m, len(figure.html) < 100_000
    (4, True)
    """
    require(
        isinstance(neurons, int) and FEWEST <= neurons <= MOST,
        f"neurons is {neurons}; expected a whole number from {FEWEST} to {MOST}",
    )
    require(
        len(point) == 2 and all(math.isfinite(v) and abs(v) <= SPAN for v in point),
        f"point is {point}; expected two numbers from -2 to 2",
    )
    require_c0(c0)
    drawn, b = _drawn(seed)
    net = TwoLayer(drawn.w[:neurons], drawn.a[:neurons], b[:neurons])
    rows = torch.cat([drawn.w, b[:, None], drawn.a[:, None]], dim=1).tolist()
    return live_figure(
        "plane",
        {"rows": rows, "m": neurons, "c0": float(c0), "x": list(point), "seed": seed},
        still=still(net, float(c0), point),
        caption=caption,
        label=LABEL,
        parts=PARTS,
        networks=(net,),
    )


def _drawn(seed: int) -> tuple[TwoLayer, torch.Tensor]:
    """Forty random neurons whose lines meet the map, and their biases; all with three decimals."""
    many = initialise(2, 10 * MOST, seed, biases=True)
    assert many.b is not None
    seen = (many.b.abs() < 0.8 * SPAN * many.w.norm(dim=-1)).nonzero()[:MOST, 0]
    w, b, a = (t[seen].double().mul(1000).round() / 1000 for t in (many.w, many.b, many.a))
    return TwoLayer(w, a, b), b
