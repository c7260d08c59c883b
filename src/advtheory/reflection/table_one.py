r"""The protocol of Table 1 of Mianjy & Arora (2023): five trainings, eight attacks, one choice.

Book label ``sec-reflected``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from advtheory.attacks.ascent import Schedule
from advtheory.attacks.projected_gradient import pgd
from advtheory.attacks.raw_paths import Way, margins, perturb
from advtheory.losses import LOGISTIC, REFLECTED, margin
from advtheory.networks.two_layer import TwoLayer
from advtheory.norms import L2, LINF, Ball
from advtheory.reflection.choices import BIM_STEPS, CLIPS, GRADIENTS, Choice, start
from advtheory.training.minibatch import Decay, train_minibatch

ATTACKS = ("FGSM", "R-FGSM", "PGD-inf", "R-PGD-inf", "BIM", "R-BIM", "PGD-2", "R-PGD-2")
"""The columns of the table."""
TRAININGS = ("Standard", "PGD-inf", "R-PGD-inf", "PGD-2", "R-PGD-2")
"""Its rows, where nobody attacks, or the attack of that name."""
PAPER: dict[str, tuple[float, ...]] = {
    "Standard": (0.236, 0.236, 0.033, 0.286, 0.286, 0.286, 0.003, 0.256),
    "PGD-inf": (0.004, 0.004, 0.005, 0.005, 0.005, 0.005, 0.003, 0.05),
    "R-PGD-inf": (0.003, 0.003, 0.004, 0.004, 0.004, 0.004, 0.002, 0.042),
    "PGD-2": (0.013, 0.013, 0.022, 0.024, 0.024, 0.024, 0.002, 0.034),
    "R-PGD-2": (0.004, 0.004, 0.005, 0.006, 0.006, 0.006, 0.0, 0.008),
}
"""Row -> the paper's robust test errors, in the order of the columns."""
STRONGEST = ("strongest-linf", "strongest-l2")
"""For each norm, what any attack breaks."""
RADII: dict[str, float] = {"linf": 0.1, "l2": 2.0}
HIDDEN = 100
BATCH = 64


def way(name: str, choice: Choice) -> Way:
    """The attack of a column.

    >>> way("R-PGD-2", Choice(gradient="mean")).schedule.step
    0.15625
    """
    loss = REFLECTED if name.startswith("R-") else LOGISTIC
    kind = name.removeprefix("R-")
    linf, euclid = CLIPS[choice.clip]
    if kind == "PGD-2":
        return Way(L2, _raw("l2", choice), loss, box=euclid)
    if kind == "PGD-inf":
        return Way(LINF, _raw("linf", choice), loss, box=linf)
    schedule = Schedule(RADII["linf"], RADII["linf"], 1, "last")
    if kind == "BIM":
        step, decay = BIM_STEPS[choice.bim]
        schedule = Schedule(RADII["linf"], step, choice.steps, choice.keep, decay)
    return Way(LINF, schedule, loss, signed=True, box=linf)


def _raw(norm: str, choice: Choice) -> Schedule:
    step = 10.0 * GRADIENTS[choice.gradient][norm == "l2"]
    return Schedule(RADII[norm], step, choice.steps, choice.keep, decay=0.2)


def trained(
    choice: Choice, row: str, x: Tensor, y: Tensor, seeds: Sequence[int], epochs: int = 20
) -> TwoLayer:
    """The networks of a row, one for each seed, on the device of x.

    Args:
        choice: How the gaps are filled.
        row: One of ``TRAININGS``.
        x: Training inputs, ``(n, d)``.
        y: Labels -1 or +1, ``(n,)``.
        seeds: Of the starts and of the orders of the examples.
        epochs: 20 in the paper.

    Raises ValueError for another row.

    >>> x, y = torch.eye(4), torch.tensor([1.0, -1.0, 1.0, -1.0])
    >>> trained(Choice(steps=5), "R-PGD-2", x, y, [0, 1], epochs=1).w.shape
    torch.Size([2, 100, 4])
    """
    if row not in TRAININGS:
        raise ValueError(f"row is {row!r}; expected one of {', '.join(TRAININGS)}")
    attack = None
    if row != "Standard":
        inner = way(row, choice)

        def attack(net: TwoLayer, x: Tensor, y: Tensor) -> Tensor:
            return perturb(net, x, y, inner)

    first = start(choice, x.shape[1], HIDDEN, seeds, x.device)
    settings = Decay(batch=BATCH, epochs=epochs, top=choice.rate)
    return train_minibatch(first, x, y, seeds=seeds, settings=settings, attack=attack)


def broken(z: Tensor, steps: int, keep: str) -> Tensor:
    """Which inputs an attack of so many steps breaks, from the margins of its path.

    Args:
        z: Margins of the iterates, ``(at least steps + 1, ..., n)``.
        steps: Iterations.
        keep: The iterate that counts, "last" or "best".

    >>> z = torch.tensor([[1.0], [-1.0], [1.0]])
    >>> broken(z, 2, "last"), broken(z, 2, "best")
    (tensor([False]), tensor([True]))
    """
    seen = z[: steps + 1]
    return (seen[-1] if keep == "last" else seen.amin(0)) <= 0


def table_row(
    net: TwoLayer, x: Tensor, y: Tensor, choice: Choice, *, hardest: bool = True
) -> dict[str, Tensor]:
    """Which inputs each attack breaks, and those of ``STRONGEST``: ``(k, n)``, boolean.

    "clean" is no attack. The strongest attack of a norm is any of the columns of the norm, or PGD
    on the margin from the input and from random points: at least as many as in each column.

    Args:
        net: Trained networks, an ensemble with a leading axis.
        x: Test inputs, ``(n, d)``.
        y: Labels -1 or +1, ``(n,)``.
        choice: How the gaps are filled.
        hardest: Whether to look for the strongest.

    >>> x, y = torch.eye(4), torch.tensor([1.0, -1.0, 1.0, -1.0])
    >>> found = table_row(start(Choice(), 4, 8, [0, 1]), x, y, Choice(steps=5), hardest=False)
    >>> found["BIM"].shape, bool((found["BIM"] == found["R-BIM"]).all())
    (torch.Size([2, 4]), True)
    """
    found = {"clean": margin(net.value(x), y) <= 0}
    for name in ATTACKS:
        how = way(name, choice)
        found[name] = broken(margins(net, x, y, how), how.schedule.steps, how.schedule.keep)
    balls = (LINF, L2) if hardest else ()
    return found | {
        f"strongest-{ball.name}": _any(net, x, y, ball, choice, found) for ball in balls
    }


def _any(
    net: TwoLayer, x: Tensor, y: Tensor, ball: Ball, choice: Choice, found: dict[str, Tensor]
) -> Tensor:
    ours = [found[name] for name in ATTACKS if way(name, choice).ball == ball]
    return torch.stack([found["clean"], *ours, _on_the_margin(net, x, y, ball, choice)]).any(0)


def _on_the_margin(net: TwoLayer, x: Tensor, y: Tensor, ball: Ball, choice: Choice) -> Tensor:
    box = CLIPS[choice.clip][ball == L2]
    generator = torch.Generator().manual_seed(0)
    new = pgd(
        net,
        x,
        y,
        radius=RADII[ball.name],
        ball=ball,
        steps=40,
        box=box,
        restarts=2,
        generator=generator,
    )
    return margin(net.value(new), y) <= 0


def distance(ours: ArrayLike, paper: ArrayLike) -> float:
    r"""How far robust errors are from the paper's: the criterion, fixed before the search.

    .. math:: a = \arcsin\sqrt p, \quad D = \sqrt{\operatorname{mean}\,(a - a')^2} .

    On this scale the share of n images has the same error :math:`1/(2\sqrt n)` whatever it is, so
    that small and large errors weigh alike; 2115 images give 0.011.

    Args:
        ours: Robust errors p.
        paper: Robust errors p', of the same shape.

    >>> distance([0.0, 0.25], [0.0, 0.25]), round(distance([0.0], [0.01]), 3)
    (0.0, 0.1)
    """
    gap = np.arcsin(np.sqrt(ours)) - np.arcsin(np.sqrt(paper))
    return float(np.sqrt(np.mean(gap**2)))
