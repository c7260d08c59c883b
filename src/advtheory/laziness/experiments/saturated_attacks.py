r"""Attacks along a saturated loss: how much robustness is claimed that is not there.

A lazily trained network W is replaced by cW, with its biases too. That multiplies all margins by c
and changes no sign, so cW is exactly as robust as W (``lem-homogeneity``). The same steps of
projected gradient descent are made along the gradient of the margin and along that of the
cross-entropy, which carries the factor :math:`1/(1 + e^{yf})`, normalised in several ways. A
perturbation that breaks a network is its own proof, so whatever a rule claims above the margin's
rule is wrong. Book label ``sec-strongest``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from advtheory.attacks.ascent import Direction, Schedule, ascend
from advtheory.attacks.library_rules import RULES
from advtheory.contract.axes import GREY, legend_below, ticks
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.fits import mean_estimate, seed_means
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.laziness.experiments import alts
from advtheory.laziness.experiments.numbers import numbers, share
from advtheory.laziness.experiments.setting import LEARNED, RAW, lazy_exits
from advtheory.networks.two_layer import TwoLayer
from advtheory.norms import L2

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


STEPS = 40  # of length 2.5 eps / STEPS
BATCHES = (1, 16, 64, 256, 1024)  # tried at one factor
AT = 2.0  # that factor
FACTORS = tuple(2.0**k for k in range(-2, 7))  # powers of two: scaling rounds nothing
WRONG = 0.01  # an overestimate above this counts as wrong

SIDE = {"smoke": 7, "laptop": 14, "paper": 28}
WIDTH = {"smoke": 100, "laptop": 1000, "paper": 1000}
BUDGET = {"smoke": 0.5, "laptop": 1.0, "paper": 1.0}  # of 49 pixels less is enough
EPOCHS = {"smoke": 60, "laptop": 60, "paper": 200}
IMAGES = {"smoke": 60, "laptop": 200, "paper": 300}
SEEDS = {"smoke": 2, "laptop": 3, "paper": 5}

COLUMNS = {
    "d": "input dimension, the number of pixels",
    "m": "width, the number of neurons",
    "eps": "budget of the attack, Euclidean; the pixels are in [0, 1]",
    "epochs": "most epochs of SGD allowed",
    "images": "number of test images attacked",
    "seed": "seed of the initial weights and of the order of the examples",
    "data": "data set",
    "rule": "which gradient the attack follows, and how it is normalised",
    "batch": "what the mean loss divides by; 1 for a sum",
    "c": "scale factor: the network attacked has the weights and biases of cW",
    "margin": "median margin y f(x; cW) of the test images",
    "clean": "fraction of the images classified correctly without attack",
    "claimed": "fraction that the attack leaves correct: the robust accuracy it claims",
    "moved": "median length of the perturbation, in units of the budget",
}

A_FEW = Tolerance(absolute=5.5 / 300)  # of the 300 images
TOLERANCE = {
    "margin": LEARNED,
    "moved": Tolerance(relative=0.01),
    "clean": A_FEW,
    "claimed": A_FEW,
}


NAMES = {
    "clean": "accuracy without attack",
    "robust": "robust accuracy that the attack along the margin finds",
    "spread": "range over c of what the attack along the margin finds",
    "overestimate": "robust accuracy claimed beyond the margin's, largest c",
    "as_trained": "robust accuracy claimed beyond the margin's, c = 1",
    "wrong_from": "median margin from which on the claim is wrong",
}


def grid(scale: str) -> list[Point]:
    """One place: all rules and all factors attack the same trained network."""
    size = {"d": SIDE[scale] ** 2, "m": WIDTH[scale], "eps": BUDGET[scale]}
    return [{**size, "epochs": EPOCHS[scale], "images": IMAGES[scale]}]


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each seed, rule and factor; at the factor ``AT``, for each batch too."""
    images, _, left = lazy_exits(point, seeds, place, RAW)
    n = int(point["images"])
    x, y = images.test.x[:n].to(place.device), images.test.y[:n].to(place.device)
    rows: list[Row] = []
    for out in left:
        where = {**point, "seed": seeds[out.member], "data": images.name}
        rows += [{**where, **row} for row in claims(out.inside, x, y, float(point["eps"]))]
    return rows


def claims(net: TwoLayer, x: Tensor, y: Tensor, eps: float) -> list[Row]:
    """What every rule claims of one network: the columns from "rule" on."""
    rows: list[Row] = []
    for c in FACTORS:
        scaled = times(net, c)
        for name, rule in RULES.items():
            for batch in BATCHES if rule.mean and c == AT else (rule.usual,):
                here = {"rule": name, "batch": batch, "c": c}
                rows.append({**here, **attacked(scaled, x, y, eps, rule.direction(batch))})
    return rows


def times(net: TwoLayer, c: float) -> TwoLayer:
    """The network whose value is c times that of ``net`` everywhere, for c > 0."""
    b, shift = (None if t is None else c * t for t in (net.b, net.c))
    return replace(net, w=c * net.w, b=b, c=shift)


def attacked(
    net: TwoLayer, x: Tensor, y: Tensor, eps: float, direction: Direction
) -> dict[str, float]:
    """The measured columns of one attack; like the libraries, it returns the last iterate.

    The box comes after the ball, as in CleverHans and torchattacks. AdverTorch has it before.
    """
    margin = y * net.value(x)
    schedule = Schedule(eps, 2.5 * eps / STEPS, STEPS, keep="last")
    new = ascend(net, x, y, ball=L2, schedule=schedule, direction=direction, box=(0.0, 1.0))
    measured = {
        "margin": margin.median(),
        "clean": share(margin > 0),
        "claimed": share(y * net.value(new) > 0),
        "moved": L2.norm(new - x).median().double() / eps,
    }
    return numbers(measured)


def overestimates(table: pd.DataFrame) -> pd.DataFrame:
    """The rows at the usual batch, with a column "over": the claim minus that of the margin.

    >>> import pandas as pd
    >>> claims = {"margin": 0.25}  # the others find fewer adversarial inputs
    >>> table = pd.DataFrame(
    ...     {"rule": name, "batch": rule.usual, "seed": 0, "c": 1, "claimed": claims.get(name, 1.0)}
    ...     for name, rule in RULES.items()
    ... )
    >>> sorted(set(overestimates(table)["over"]))
    [0.0, 0.75]
    """
    sizes = table["rule"].map({name: rule.usual for name, rule in RULES.items()})
    rows = table[table["batch"] == sizes]
    found = rows[rows["rule"] == "margin"].set_index(["seed", "c"])["claimed"].rename("found")
    rows = rows.join(found, on=["seed", "c"])
    return rows.assign(over=rows["claimed"] - rows["found"])


def summarise(table: pd.DataFrame) -> dict[Key, Estimate]:
    """What the margin's rule finds, by how much the others claim more, and from which margin on."""
    rows = overestimates(table)
    margin, others = rows[rows["rule"] == "margin"], rows[rows["rule"] != "margin"]
    spread = margin.groupby("seed")["claimed"].agg(lambda claimed: claimed.max() - claimed.min())
    estimates = {Key("clean"): mean_estimate(margin.groupby("seed")["clean"].mean())}
    estimates[Key("robust")] = mean_estimate(margin.groupby("seed")["claimed"].mean())
    estimates[Key("spread")] = mean_estimate(spread)
    for name, part in others.groupby("rule"):
        for key, c in (("overestimate", part["c"].max()), ("as_trained", 1.0)):
            estimates[Key(key, str(name))] = mean_estimate(part[part["c"] == c]["over"])
        wrong = part[part["over"] > WRONG].groupby("seed")["margin"].min()
        if not wrong.empty:
            estimates[Key("wrong_from", str(name))] = mean_estimate(wrong)
    return estimates


def draw(table: pd.DataFrame) -> Figure:
    """Claimed robust accuracy against the size of the margins, and against the batch."""
    import matplotlib.pyplot as plt

    figure, (scales, batches) = plt.subplots(1, 2, figsize=(8.4, 5.2))
    rows = overestimates(table)
    median = rows.groupby("c")["margin"].mean()
    for name in reversed(list(RULES)):  # the margin last, on top of the curves it agrees with
        means = seed_means(rows[rows["rule"] == name], "c", "claimed")
        _band(scales, median[means["c"]].to_numpy(), means, name)
        if RULES[name].mean:
            part = table[(table["rule"] == name) & (table["c"] == AT)]
            means = seed_means(part, "batch", "claimed")
            _band(batches, means["batch"].to_numpy(), means, name)
    batches.axhline(float(rows["found"].mean()), color=_colour("margin"), label="margin")
    scales.axhline(float(rows["clean"].mean()), ls="--", color=GREY, label="without attack")
    scales.set(title="the same robustness")
    scales.set(xlabel=r"median margin $y f(x; cW)$")
    batches.set(title=f"median margin {median[AT]:.1f}", xlabel="batch size")
    for axes in (scales, batches):
        axes.set(xscale="log", ylabel="claimed robust accuracy", ylim=(-0.03, 1.03))
        legend_below(axes)
    ticks(scales.xaxis)
    ticks(batches.xaxis, BATCHES)
    return figure


def _colour(name: str) -> str:
    return f"C{list(RULES).index(name)}"


def _band(axes: Axes, x: NDArray[np.float64], means: pd.DataFrame, name: str) -> None:
    """A curve with the same colour and marker in both panels, in a band of one standard error."""
    marker = "osv^DP"[list(RULES).index(name)]
    axes.plot(x, means["mean"], color=_colour(name), marker=marker, label=name)
    low, high = means["mean"] - means["error"], means["mean"] + means["error"]
    axes.fill_between(x, low, high, color=_colour(name), alpha=0.25, linewidth=0)


EXPERIMENTS = (
    Experiment(
        name="saturated-attacks",
        title="attacks along a saturated loss: robustness that is claimed and is not there",
        label="sec-strongest",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        alts=lambda table: alts.saturated(summarise(table)),
        seeds=SEEDS,
        quantities=NAMES,
        cost=lambda point: float(point["d"]) * float(point["m"]) * float(point["images"]),
        together=lambda point: 5,
        tolerance=TOLERANCE,
    ),
)
