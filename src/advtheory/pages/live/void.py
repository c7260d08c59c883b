"""The live figure "Where the theorem speaks": effective attacks in a disc, by the leak's slope."""

from __future__ import annotations

import math

import torch

from advtheory.checks import require
from advtheory.networks import TwoLayer, leaky_relu
from advtheory.pages.live.fragment import LiveFigure, live_figure
from advtheory.pages.live.void_still import SPAN, still

PARTS = ("drawing.js", "void_attack.js")
LABEL = "Where the theorem speaks"
ROWS = ((2.0, 0.4, -1.0), (1.8, -0.7, -1.0), (-0.3, 0.8, 0.8))  # w_1, w_2 and a of each neuron
CAPTION = (
    "<p><b>Where the theorem speaks.</b> A leaky network with three neurons; the label of <i>x</i> "
    "is +. Dots are the points of the attack with the reflected loss, the cross is the best attack "
    "of the disc. The theorem asks for a point with a margin of −<i>B</i> or less; such points are "
    "shaded. With a smaller <i>α</i> the number <i>B</i> grows; for <i>α</i> up to ½ it is out of "
    "reach for every <i>x</i> with the right answer.</p>"
)


def void(
    *,
    alpha: float = 0.85,
    nu: float = 0.8,
    point: tuple[float, float] = (-0.25, 0.3),
    caption: str = CAPTION,
) -> LiveFigure:
    r"""Where the hypothesis of ``thm-attack`` holds, and why it is void for small :math:`\alpha`.

    Args:
        alpha: Slope of the leaky ReLU at the beginning.
        nu: Radius of the disc at the beginning, 0.1 to 1.5.
        point: Where x is at the beginning, inside the square from -2 to 2.
        caption: HTML.

    Raises:
        ValueError: for a slope, a radius or a point outside these ranges.

    >>> figure = void(alpha=0.3)
    >>> figure.networks[0].m, len(figure.html) < 60_000
    (3, True)
    """
    require(0 <= alpha <= 1, f"alpha is {alpha}; expected a slope from 0 to 1")
    require(0.1 <= nu <= 1.5, f"nu is {nu}; expected a radius from 0.1 to 1.5")
    require(
        len(point) == 2 and all(math.isfinite(v) and abs(v) <= SPAN for v in point),
        f"point is {point}; expected two numbers from -2 to 2",
    )
    rows = torch.tensor(ROWS, dtype=torch.float64)
    net = TwoLayer(rows[:, :2], rows[:, 2], activation=leaky_relu(alpha))
    return live_figure(
        "void",
        {"rows": rows.tolist(), "alpha": alpha, "nu": nu, "x": list(point)},
        still=still(net, nu, point),
        caption=caption,
        label=LABEL,
        parts=PARTS,
        networks=(net,),
    )
