"""The still picture of "Three classes": the example of the paper and the ways of four attacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from advtheory.attacks import pgd, targeted
from advtheory.losses import CROSS_ENTROPY, REFLECTED, REFLECTED_SOFTMAX
from advtheory.networks import AutogradModel

WIDE, HIGH = 460, 300
INK = "fill:none;stroke-linecap:round;stroke-width:"
STYLES = {
    "targeted": "stroke:var(--accent);stroke-opacity:.75;" + INK + "5",
    "plain": "stroke:light-dark(#0b63a5,#8cc7f7);stroke-dasharray:9 5;" + INK + "3",
    "margin": "stroke:var(--flip);" + INK + "3",
    "softmax": "stroke:light-dark(#8a3d00,#ffab6b);stroke-dasharray:1 6;" + INK + "3",
}
LOSSES = {"plain": CROSS_ENTROPY, "margin": REFLECTED, "softmax": REFLECTED_SOFTMAX}
ALT = (
    "The plane with three classes: class 2 on the left, class 1 on the right, class 3 above. "
    "Around x in class 1 lies a ball that reaches into class 3. The plain and the targeted attack "
    "end there; greedy margin reflection walks to the left, greedy softmax reflection down, and "
    "both stay in class 1."
)


def ends(data: Mapping[str, Any]) -> dict[str, Tensor]:
    """Where the attacks of the package end, by the names of the figure.

    >>> start = {"x": (1.0, 0.0), "radius": 0.3, "step": 0.009, "steps": 100}
    >>> found = ends({"rows": [[2.0, 0.0], [1.0, 0.0], [0.0, 10.0]], **start})
    >>> [name for name, point in found.items() if 10 * point[1] > 2 * point[0]]
    ['plain', 'targeted']
    """
    rows = torch.tensor(data["rows"], dtype=torch.float64)
    model = AutogradModel(lambda x: x @ rows.mT, len(rows))
    x = torch.tensor([data["x"]], dtype=torch.float64)
    y = model.value(x).argmax(-1)
    budget = {name: data[name] for name in ("radius", "step", "steps")}
    found = {name: pgd(model, x, y, loss=loss, **budget)[0] for name, loss in LOSSES.items()}
    return found | {"targeted": targeted(model, x, y, loss=REFLECTED, **budget)[0]}


def still(data: Mapping[str, Any]) -> str:
    """An ``<svg>`` in the colours of the page; each way is drawn as the line to its end."""
    (left, right), (low, high) = data["across"], data["up"]

    def place(x: float, y: float) -> str:
        u, v = WIDE * (x - left) / (right - left), HIGH * (high - y) / (high - low)
        return f"{u:.1f},{v:.1f}"

    start = place(*data["x"])
    u, v = start.split(",")
    edges = f"M{place(0, 0)}L{place(right, 0.2 * right)}M{place(0, low)}L{place(0, 0)}"
    edges += f"L{place(left, 0.1 * left)}"
    ways = [
        f'<path d="M{start}L{place(*end.tolist())}" style="{STYLES[name]}"/>'
        for name, end in sorted(ends(data).items(), key=lambda way: list(STYLES).index(way[0]))
    ]
    words = [
        f'<text x="{spot[0]}" y="{spot[1]}" text-anchor="middle" style="fill:var(--text)">class '
        f"{k + 1}</text>"
        for k, (x, y) in enumerate(data["words"])
        for spot in [place(x, y).split(",")]
    ]
    far = WIDE * data["radius"] / (right - left)
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{ALT}" viewBox="0 0 '
            f'{WIDE} {HIGH}" width="{WIDE}" height="{HIGH}" '
            'style="font:13px system-ui,sans-serif">',
            f'<path d="{edges}" style="fill:none;stroke:var(--quiet);stroke-width:1.2"/>',
            f'<circle cx="{u}" cy="{v}" r="{far:.1f}" style="fill:none;stroke:var(--text);'
            'stroke-dasharray:3 4"/>',
            *ways,
            *words,
            f'<circle cx="{u}" cy="{v}" r="6" style="fill:var(--text)"/></svg>',
        ]
    )
