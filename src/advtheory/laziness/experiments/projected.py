r"""Figure 4 of Wang et al. (2022): adversarial training that is kept in the lazy ball.

Two-layer ReLU networks learn 0 against 1 on the unit sphere by Algorithm 1: every batch is attacked
by Euclidean PGD, every step ends with a projection onto :math:`\|W - W_0\|_{2,\infty} \le V`.
*Left*: :math:`V = C_0/\sqrt m` with :math:`C_0 = 10`, the dimension and the budget vary. *Right*:
d = 784 and the budget 0.2 are fixed, the width and V vary. Robust accuracy on the test images is
measured by the strongest attack and, for small d, proved from below. Book labels ``alg-projected``,
``sec-figure4``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from advtheory.attacks.flipping import flipping_step
from advtheory.attacks.strongest import unbroken
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.data.images import load
from advtheory.laziness.certificate import certified
from advtheory.laziness.experiments.numbers import numbers, share
from advtheory.laziness.experiments.projected_figure import (
    alts_left,
    alts_right,
    draw_left,
    draw_right,
)
from advtheory.laziness.experiments.projected_thresholds import (
    NAMES,
    summarise_left,
    summarise_right,
)
from advtheory.laziness.experiments.setting import LEARNED, SEEDS, scaled_deviation
from advtheory.laziness.prediction import alignment
from advtheory.networks.two_layer import TwoLayer, initialise
from advtheory.training.projected import Plan, Trained, train_projected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from matplotlib.figure import Figure

C0 = 10.0
BUDGET = 0.2  # of the right panel
SIDES = {"smoke": (5, 7), "laptop": (5, 7, 10), "paper": (5, 7, 10, 14, 20, 28)}
RIGHT_SIDE = {"smoke": 7, "laptop": 14, "paper": 28}
ONE_WIDTH = {"smoke": 64, "laptop": 300, "paper": 1000}
WIDTHS = {"smoke": (32, 64), "laptop": (100, 300), "paper": (100, 316, 1000, 3162, 10_000)}
BUDGETS = {
    "smoke": (0.1, 0.8),
    "laptop": (0.1, 0.2, 0.4, 0.8),
    "paper": tuple(round(0.05 * 2 ** (k / 2), 4) for k in range(9)),
}
RADII = {
    "smoke": (0.5, 2.0),
    "laptop": (0.25, 0.5, 1.0, 2.0),
    "paper": tuple(round(0.1 * 2 ** (k / 2), 4) for k in range(11)),
}
EPOCHS = {"smoke": 2, "laptop": 6, "paper": 20}
STEPS = {"smoke": 10, "laptop": 40, "paper": 100}
COMPARED = {"smoke": 25, "laptop": 100, "paper": 100}  # the dimension of both protocols
COMPARED_AT = {"smoke": (0.8,), "laptop": (0.2, 0.4), "paper": (0.2, 0.2828, 0.4)}  # the drop
CERTIFIED = 49  # the largest dimension at which inputs are certified
ENSEMBLE = 10_000  # neurons trained together on an accelerator

COLUMNS = {
    "d": "input dimension, the number of pixels",
    "m": "width, the number of neurons",
    "eps": "budget of the attack in training and in the test, Euclidean; all images have length 1",
    "radius": "V, the largest distance of a row from its start that the projection allows",
    "projection": "step: attack every batch, project after every step (the paper); epoch: attack "
    "all images and project once an epoch (the published code)",
    "epochs": "most epochs allowed",
    "steps": "steps of the attack in training and in the test, each 2.5 eps / steps long",
    "c0": "V sqrt(m), to compare with C0",
    "seed": "seed of the initial weights, of the order of the examples and of the restarts",
    "data": "data set",
    "ran": "epochs until the robust training accuracy no longer increased",
    "robust_train": "robust training accuracy of the last epoch",
    "deviation": "sqrt(m) times the largest distance of a row from its start",
    "test_error": "fraction of test images misclassified without an attack",
    "robust": "fraction of test images that the strongest attack leaves right",
    "one_step": "fraction of test images that no step along their gradient within eps breaks",
    "robust_before": "robust before the last projection; equal to it with projection 'step'",
    "deviation_before": "deviation before the last projection; equal with projection 'step'",
    "certified": "fraction of test images proved right on the whole ball; 0 (untried) where d > 49",
    "margin": "mean of y f(x) over the test images",
    "gradient_norm": "mean of the Euclidean norm of the input gradient over the test images",
    "start_value": "mean of |f(x)| over the test images at the start",
    "alignment": "half the mean of y v.x over the training images, v along the difference of the "
    "class means",
}

SHARE = Tolerance(absolute=0.01)
"""For a robust accuracy, since an attack within training may take another way at a kink."""
TOLERANCE = {
    **dict.fromkeys(COLUMNS, LEARNED),
    "ran": Tolerance(absolute=1),  # one image more or less ends the training
    **dict.fromkeys(("margin", "gradient_norm"), Tolerance(relative=0.02)),
    **dict.fromkeys(("robust_train", "test_error", "robust", "one_step", "robust_before"), SHARE),
    "certified": SHARE,
}


def left_grid(scale: str) -> list[Point]:
    """Every dimension and budget; then the authors' protocol around the drop of one curve."""
    m = ONE_WIDTH[scale]
    places = [(side**2, eps, "step") for side in SIDES[scale] for eps in BUDGETS[scale]]
    places += [(COMPARED[scale], eps, "epoch") for eps in COMPARED_AT[scale]]
    return [
        {
            "d": d,
            "m": m,
            "eps": eps,
            "radius": round(C0 / math.sqrt(m), 6),
            "projection": way,
            "epochs": EPOCHS[scale],
            "steps": STEPS[scale],
        }
        for d, eps, way in places
    ]


def right_grid(scale: str) -> list[Point]:
    """Every width and radius."""
    return [
        {
            "d": RIGHT_SIDE[scale] ** 2,
            "m": m,
            "eps": BUDGET,
            "radius": radius,
            "projection": "step",
            "epochs": EPOCHS[scale],
            "steps": STEPS[scale],
        }
        for m in WIDTHS[scale]
        for radius in RADII[scale]
    ]


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each seed."""
    d, m, epochs, steps = (int(point[key]) for key in ("d", "m", "epochs", "steps"))
    eps, radius = float(point["eps"]), float(point["radius"])
    images, device = load(d, sphere=True, fallback=place.fallback), place.device
    start = initialise(d, m, seeds, device=device)
    trained = train_projected(
        start,
        images.train.x.to(device),
        images.train.y.to(device),
        budgets=[eps] * len(seeds),
        radii=[radius] * len(seeds),
        seeds=seeds,
        plan=Plan(epochs=epochs, attack_steps=steps, projection=str(point["projection"])),
    )
    common = {**point, "c0": radius * math.sqrt(m), "data": images.name}
    common["alignment"] = alignment(images.train)
    test = images.test.x.to(device), images.test.y.to(device)
    return [
        {**common, "seed": seed, **_row(one, start.member(k), *test, eps, steps, seed)}
        for k, (seed, one) in enumerate(zip(seeds, trained, strict=True))
    ]


def _row(
    one: Trained, start: TwoLayer, x: Tensor, y: Tensor, eps: float, steps: int, seed: int
) -> Row:
    net, flip = one.net, flipping_step(one.net, x)
    f = flip.value
    robust = share(unbroken(net, x, y, eps, steps=steps, seed=seed))
    before = robust
    if one.before is not net:
        before = share(unbroken(one.before, x, y, eps, steps=steps, seed=seed))
    measured = {
        "deviation": scaled_deviation(net, start),
        "test_error": share(y * f <= 0),
        "robust": robust,
        "one_step": share((y * f > 0) & (flip.distance > eps)),
        "robust_before": before,
        "deviation_before": scaled_deviation(one.before, start),
        "certified": share(certified(net, x, y, eps))
        if net.d <= CERTIFIED
        else torch.zeros_like(robust),
        "margin": (y * f).double().mean(),
        "gradient_norm": flip.gradient_norm.double().mean(),
        "start_value": start.value(x).abs().double().mean(),
    }
    return {"ran": len(one.robust), "robust_train": one.robust[-1], **numbers(measured)}


def _experiment(
    side: str,
    symbol: str,
    title: str,
    grid: Callable[[str], Sequence[Point]],
    draw: Callable[[pd.DataFrame], Figure],
    summarise: Callable[[pd.DataFrame], Mapping[Key, Estimate]],
    alts: Callable[[pd.DataFrame], Sequence[str]],
) -> Experiment:
    return Experiment(
        name=f"wang-fig4-{side}",
        title=title,
        label="sec-figure4",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        seeds=SEEDS,
        quantities={**NAMES, "threshold": f"threshold of {symbol}"},
        alts=alts,
        cost=lambda point: float(point["m"]) * (600 + float(point["d"])),
        together=_together,
        tolerance=TOLERANCE,
    )


def _together(point: Point) -> int:
    """One seed at a time on a CPU, where an ensemble saves nothing here; more on an accelerator."""
    return max(1, ENSEMBLE // int(point["m"])) if torch.cuda.is_available() else 1


EXPERIMENTS = (
    _experiment(
        "left",
        "ε",
        "adversarial training in the lazy ball: dimension against budget",
        left_grid,
        draw_left,
        summarise_left,
        alts_left,
    ),
    _experiment(
        "right",
        "V",
        "adversarial training in a ball of any size: width against radius",
        right_grid,
        draw_right,
        summarise_right,
        alts_right,
    ),
)
