r"""The search, first stage: how each unstated choice moves the Standard row of Table 1.

Networks of every kind are trained without an attack and then attacked in every way that the paper
leaves open. One path of 40 steps serves all numbers of steps and both iterates. Book label
``sec-reflected``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from torch import Tensor

from advtheory.attacks.raw_paths import margins
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.place import Place
from advtheory.losses import margin
from advtheory.networks.two_layer import TwoLayer
from advtheory.reflection.choices import (
    OF_THE_NETWORK,
    OPTIONS,
    STARTS,
    Choice,
    choice_of,
)
from advtheory.reflection.experiments.table1_figure import alts_standard, draw_standard
from advtheory.reflection.experiments.table1_measure import (
    A_FEW,
    IN_COMMON,
    column,
    counted,
    images_of,
    size,
)
from advtheory.reflection.experiments.table1_scores import SMALL, scored
from advtheory.reflection.table_one import ATTACKS, broken, trained, way

if TYPE_CHECKING:
    import pandas as pd

READ = (10, 20, 40)
"""Numbers of iterations that are read off a path."""

COLUMNS = {
    **IN_COMMON,
    "box": "whether the attacked pixels are kept in [0, 1]",
    **{column(name): f"test images that {name} breaks" for name in ATTACKS},
    SMALL: "test images that BIM breaks with steps of 0.01",
}


def grid(scale: str) -> list[Point]:
    """Every kind of network with biases, and without biases for one initialisation, at paper scale;
    elsewhere a few.
    """
    if scale == "paper":
        kinds = list(itertools.product(STARTS, OPTIONS["top"], ("yes",), OPTIONS["logits"]))
        kinds[4:4] = itertools.product(STARTS[:1], OPTIONS["top"], ("no",), OPTIONS["logits"])
    else:
        inits, tops = {"smoke": (STARTS[:1], 2), "laptop": (STARTS, 1)}[scale]
        kinds = list(itertools.product(inits, OPTIONS["top"][:tops], ("yes",), (1,)))
    fields = [dict(zip(OF_THE_NETWORK, kind, strict=True)) for kind in kinds]
    return [{**size(scale), **kind} for kind in fields]


def measure(point: Point, seeds: Sequence[int], place: Place) -> Iterator[Row]:
    """One row for each seed, box, gradient, number of steps and iterate."""
    choice = choice_of(point)
    images, train, test = images_of(point, place)
    net = trained(choice, "Standard", train.x, train.y, seeds, int(point["epochs"]))
    where = {**point, "data": images, "tests": len(test.y)}
    for read, found in readings(net, test.x, test.y, choice):
        for seed, numbers in zip(seeds, counted(found), strict=True):
            yield {**where, **read, "seed": seed, **numbers}


def readings(
    net: TwoLayer, x: Tensor, y: Tensor, choice: Choice
) -> Iterator[tuple[Row, dict[str, Tensor]]]:
    """What every way of attacking breaks: (its fields, column -> broken inputs ``(k, n)``)."""
    clean = margin(net.value(x), y) <= 0
    for box, gradient in itertools.product(("no", "yes"), ("example", "mean")):
        clip = "both" if box == "yes" else "none"
        here = replace(choice, clip=clip, gradient=gradient, steps=max(READ))
        paths = {column(name): margins(net, x, y, way(name, here)) for name in ATTACKS}
        paths[SMALL] = margins(net, x, y, way("BIM", replace(here, bim="small")))
        for steps, keep in itertools.product(READ, OPTIONS["keep"]):
            read = {"box": box, "gradient": gradient, "steps": steps, "keep": keep}
            found = {name: broken(z, steps, str(keep)) for name, z in paths.items()}
            # one step is one step, and its end is what it returns
            found |= {name: broken(paths[name], 1, "last") for name in ("FGSM", "R_FGSM")}
            yield read, {"clean": clean, **found}


def summarise(table: pd.DataFrame) -> dict[Key, Estimate]:
    """How many choices were tried, and the smallest distance from the paper's row for each value
    of each field.
    """
    scores = scored(table)
    estimates = {Key("tried"): Estimate(float(len(scores)), None, len(scores))}
    estimates[Key("distance")] = _smallest(scores)
    for name in OPTIONS:
        for value, part in scores.groupby(name):
            estimates[Key("distance", f"{name}={value}")] = _smallest(part)
    return estimates


def _smallest(scores: pd.DataFrame) -> Estimate:
    return Estimate(float(scores["distance"].min()), None, len(scores))


EXPERIMENTS = (
    Experiment(
        name="mianjy-table1-standard",
        title="Table 1, Standard row: every unstated choice",
        label="sec-reflected",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw_standard,
        summarise=summarise,
        alts=alts_standard,
        seeds={"smoke": 1, "laptop": 1, "paper": 1},
        quantities={
            "tried": "choices tried",
            "distance": "smallest distance D from the paper's Standard row",
        },
        cost=lambda point: float(point["d"]) * float(point["epochs"]) * float(point["images"]),
        together=lambda point: 1,
        tolerance=dict.fromkeys((*map(column, ATTACKS), SMALL, "clean"), A_FEW),
    ),
)
