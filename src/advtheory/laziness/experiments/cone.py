r"""Figure 1 of Wang et al. (2022): the cone over the lazy ball, and what flips the networks in it.

The cone is :math:`\{cW : c > 0, W \text{ lazy}\}`. Value and gradient of a ReLU network scale with
c. So the perturbation that flips W flips every cW; its length stays, and the *step* along the
gradient is divided by c. Here W is a random network with a random lazy shift. Measured are the
flipping step and distance of cW, how far cW is from the start, and which inputs the step
:math:`\eta = 8/d` flips, with and without the division. Book label ``prop-cone``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from advtheory.attacks.flipping import flipping_step
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.fits import complete_seeds, loglog_slope, mean_estimate
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.data.synthetic import apart, sphere
from advtheory.laziness.experiments import alts
from advtheory.laziness.experiments.cone_figure import STEP, draw
from advtheory.laziness.experiments.numbers import numbers, share
from advtheory.networks.two_layer import TwoLayer, initialise
from advtheory.networks.weight_balls import deviation
from advtheory.norms import L2

if TYPE_CHECKING:
    import pandas as pd


DIMENSIONS = {"smoke": (25, 49), "laptop": (25, 196), "paper": (25, 100, 784)}
WIDTH = {"smoke": 200, "laptop": 1000, "paper": 1000}
SEEDS = {"smoke": 2, "laptop": 3, "paper": 10}
PER_DECADE = {"smoke": 1, "laptop": 2, "paper": 4}
DECADES = 2  # c from 0.01 to 100
C0 = 2.0
INPUTS = 200  # random inputs on the sphere for each network
DIGITS = 6  # kept of a slope; what is smaller is rounding

COLUMNS = {
    "d": "input dimension",
    "m": "width, the number of neurons",
    "c": "scale factor: the network measured has the weights cW",
    "c0": "C0: W is a random point of the lazy ball of radius C0/sqrt(m) around the start",
    "seed": "seed of the start, of the lazy shift and of the inputs",
    "deviation": "largest distance of a row of cW from its start, in units of C0/sqrt(m)",
    "thinness": "C0/sqrt(m) over the longest row of W0: half the extent of the ball along W0",
    "value": "median of f(x;cW)/f(x;W) over the inputs; all |x| = 1",
    "agrees": "fraction of inputs at which f(x;cW) has the sign of f(x;W)",
    "gradient_norm": "mean of the Euclidean norm of the input gradient of cW",
    "step": "median flipping step of cW",
    "distance": "median flipping distance of cW: length of the step along the gradient",
    "unflipped": "fraction of inputs whose sign never flips on the ray; inf in the medians",
    "rescaled": "fraction of inputs that the step eta/c along the gradient of cW flips, eta = 8/d",
    "unrescaled": "fraction of inputs that the step eta along the gradient of cW flips",
    "unrescaled_length": "median length of the step eta along the gradient of cW",
}
ONE_INPUT = Tolerance(absolute=1.5 / INPUTS)  # in double precision everything else is the same
TOLERANCE = dict.fromkeys(("agrees", "unflipped", "rescaled", "unrescaled"), ONE_INPUT)
SLOPES = ("value", "gradient_norm", "step", "distance", "unrescaled_length")
SHARES = ("agrees", "rescaled")


NAMES = {
    "value": "slope of the value against c",
    "gradient_norm": "slope of the gradient norm against c",
    "step": "slope of the flipping step against c",
    "distance": "slope of the flipping distance against c",
    "unrescaled_length": "slope against c of the length of the step that is not divided by c",
    "agrees": "fraction of inputs at which cW predicts what W predicts",
    "rescaled": "fraction of inputs that the step divided by c flips",
    "unrescaled": "fraction of inputs that the step not divided by c flips",
    "half": "the c from which on the step not divided by c flips half of the inputs",
}


def grid(scale: str) -> list[Point]:
    """Every dimension and every c of the scale, at one width."""
    each = PER_DECADE[scale]
    factors = [float(f"{10 ** (k / each):.6g}") for k in range(-DECADES * each, DECADES * each + 1)]
    return [{"d": d, "m": WIDTH[scale], "c": c} for d in DIMENSIONS[scale] for c in factors]


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each seed."""
    d, m, c = int(point["d"]), int(point["m"]), float(point["c"])
    rows: list[Row] = []
    device = place.device
    for seed in seeds:
        start, lazy, x = lazy_network(d, m, seed)
        start, lazy, x = start.to(device), lazy.to(device), x.to(device)
        scaled = replace(lazy, w=c * lazy.w)
        radius = C0 / math.sqrt(m)
        longest = torch.linalg.vector_norm(start.w, dim=1).max()
        where = {"deviation": deviation(scaled, start) / radius, "thinness": longest}
        row = numbers({**where, **compare(lazy, scaled, c, x)})
        row["thinness"] = radius / row["thinness"]  # here: torch would multiply by an inverse
        rows.append({**point, "c0": C0, "seed": seed, **row})
    return rows


def lazy_network(d: int, m: int, seed: int) -> tuple[TwoLayer, TwoLayer, Tensor]:
    r"""A start, a lazy network and inputs on the unit sphere, all random, in double precision.

    Each row of the shift :math:`W - W_0` is uniform in the ball of radius :math:`C_0/\sqrt m`.

    Returns:
        The start, the lazy network, and the inputs ``(INPUTS, d)``.
    """
    start = initialise(d, m, seed, dtype=torch.float64)
    generator = apart(seed)
    shift = L2.sample((m, d), C0 / math.sqrt(m), generator)
    x = sphere(INPUTS, d, generator=generator)
    lazy = replace(start, w=start.w + shift.double())
    return start, lazy, x


def compare(net: TwoLayer, scaled: TwoLayer, c: float, x: Tensor) -> dict[str, Tensor]:
    """The numbers of cW beside those of W, over the inputs: the columns from "value" on."""
    here, (there, gradient) = net.value(x), scaled.value_and_gradient(x)
    flip = flipping_step(scaled, x)
    eta = STEP / net.d
    way = -torch.sign(there)[:, None] * gradient

    return {
        "value": (there / here).median(),
        "agrees": share(there * here > 0),
        "gradient_norm": flip.gradient_norm.mean(),
        "step": flip.step.median(),
        "distance": flip.distance.median(),
        "unflipped": share(flip.step.isinf()),
        "rescaled": share(scaled.value(x + eta / c * way) * there < 0),
        "unrescaled": share(scaled.value(x + eta * way) * there < 0),
        "unrescaled_length": eta * flip.gradient_norm.median(),
    }


def summarise(table: pd.DataFrame) -> dict[Key, Estimate]:
    """For each d: slopes against c, shares of the inputs, and where the unrescaled step fails."""
    estimates: dict[Key, Estimate] = {}
    for d, part in table.groupby("d"):
        whole = complete_seeds(part, ["c"], part["c"].nunique())
        estimates |= _slopes(whole[whole["step"] < math.inf], f"d={d}")
        estimates |= {Key(name, f"d={d}"): _over_seeds(part, name) for name in SHARES}
        for c in (part["c"].min(), part["c"].max()):
            key = Key("unrescaled", f"d={d}, c={c:g}")
            estimates[key] = _over_seeds(part[part["c"] == c], "unrescaled")
        if half := [c for _, rows in whole.groupby("seed") for c in half_flipped(rows)]:
            estimates[Key("half", f"d={d}")] = mean_estimate(half)
    return estimates


def _slopes(part: pd.DataFrame, curve: str) -> dict[Key, Estimate]:
    """The slope of every quantity against c; none without two different c."""
    if part.groupby("seed")["c"].nunique().min() < 2 or part.empty:
        return {}
    fits = {name: loglog_slope(part["c"], part[name], part["seed"]) for name in SLOPES}
    return {Key(name, curve): _rounded(fit) for name, fit in fits.items()}


def _rounded(fit: Estimate) -> Estimate:
    error = None if fit.error is None else round(fit.error, DIGITS)
    return Estimate(round(fit.value, DIGITS) + 0.0, error, fit.n)  # adding 0.0 makes -0.0 a zero


def _over_seeds(part: pd.DataFrame, column: str) -> Estimate:
    return mean_estimate(part.groupby("seed")[column].mean())


def half_flipped(rows: pd.DataFrame) -> list[float]:
    """From which c on the unrescaled step flips half of one seed's inputs, between two log c.

    Empty if it flips half of them at the smallest c already, or at no c.
    """
    rows = rows.sort_values("c")
    logs, flipped = np.log(rows["c"].to_numpy(float)), rows["unrescaled"].to_numpy(float)
    k = int((flipped >= 0.5).argmax())
    if k == 0:  # the smallest c already, or none
        return []
    part = (0.5 - flipped[k - 1]) / (flipped[k] - flipped[k - 1])
    return [math.exp(logs[k - 1] + part * (logs[k] - logs[k - 1]))]


EXPERIMENTS = (
    Experiment(
        name="wang-fig1",
        title="the cone over the lazy ball: step and distance that flip the scaled network",
        label="prop-cone",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        alts=lambda table: alts.cone(summarise(table)),
        seeds=SEEDS,
        quantities=NAMES,
        cost=lambda point: float(point["d"]) * float(point["m"]),
        together=lambda point: 10,
        tolerance=TOLERANCE,
    ),
)
