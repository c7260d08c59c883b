r"""Table 2 of Mianjy & Arora (2023): adversarial training with and without reflection on CIFAR-10.

A PreActResNet is trained against sign steps on the cross-entropy (PGD) or on its greedy reflection
(R-PGD), for several radii and numbers of steps. All are tested at 8/255: by 50 sign steps from 10
random points, in two readings, and by every wrong class in turn. What the paper leaves open is a
column each: the size of the attack's step and the mode of batch norm. Book label
``sec-many-classes``.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from advtheory.attacks.ascent import Schedule
from advtheory.attacks.restarts import every_class, restarted
from advtheory.contract.estimates import Estimate, Key
from advtheory.contract.experiment import Experiment, Point, Row
from advtheory.contract.fits import mean_estimate
from advtheory.contract.place import Place
from advtheory.contract.tolerance import Tolerance
from advtheory.data.cifar import colours, small_digits
from advtheory.data.source import Bytes, Source
from advtheory.losses import CROSS_ENTROPY, REFLECTED
from advtheory.networks.model import AutogradModel
from advtheory.networks.preact_resnet import PreActResNet, preact_resnet
from advtheory.reflection.experiments.table2_figure import alts, draw
from advtheory.training.adversarial import PIXELS, Inner, Outer, train_adversarial
from advtheory.training.augment import Images, rows_of

if TYPE_CHECKING:
    import pandas as pd

LOSSES = {"PGD": CROSS_ENTROPY, "R-PGD": REFLECTED}
CODE, QUARTER = "code", "quarter"  # radius/2 for 2 steps, 2/255 for more; or always radius/4
UNIT = 255  # radii and steps are told in grey levels
TEST = Schedule(8 / UNIT, 2 / UNIT, 50, keep="last")
BRIEF = replace(TEST, steps=5)  # at smoke scale

WIDTH = {"smoke": 2, "laptop": 8, "paper": 64}
EPOCHS = {"smoke": 2, "laptop": 8, "paper": 20}
IMAGES = {"smoke": 256, "laptop": 10_000, "paper": 45_000}
TESTED = {"smoke": 40, "laptop": 1000, "paper": 10_000}
RESTARTS = {"smoke": 2, "laptop": 10, "paper": 10}
RADII = {"smoke": (8,), "laptop": (8, 16, 4), "paper": (8, 16, 4, 2)}
STEPS = {"smoke": (4,), "laptop": (2, 4, 16), "paper": (2, 4, 16, 32)}
SEEDS = {"smoke": 1, "laptop": 1, "paper": 1}
MORE = 3  # seeds where an attack has two steps: such training varies by points
TOGETHER = 500  # test images attacked together

COLUMNS = {
    "method": "loss that the attack in training maximises: PGD cross-entropy, R-PGD reflected",
    "radius": "radius of the attack in training, maximum norm, in units of 1/255",
    "steps": "number of steps of the attack in training",
    "rule": "its step size: code is radius/2 for 2 steps and else 2/255; quarter is radius/4",
    "batch_norm": "mode of batch norm during the attack in training, train or eval",
    "width": "channels of the first stage of the network; 64 is the usual one",
    "epochs": "epochs of training",
    "images": "number of training images",
    "seed": "seed of the initial weights, the order, the crops, and the random starts",
    "data": "data set",
    "step": "step size of the attack in training, in units of 1/255",
    "tested": "number of test images",
    "standard": "fraction of the test images classified correctly without attack",
    "any_restart": "fraction right at the end of all runs of PGD-50 at 8/255",
    "largest_loss": "fraction right at that end point of PGD-50 whose loss is largest",
    "every_class": "fraction right at all those end points and after 50 steps to each wrong class",
}
A_FEW = Tolerance(absolute=0.03)  # training carries rounding on: another machine, another network
MEASURED = ("standard", "any_restart", "largest_loss", "every_class")
NAMES = {
    "robust": "robust accuracy in percent, PGD-50, largest loss of 10 restarts",
    "any": "robust accuracy in percent, PGD-50, any of 10 restarts",
    "margin": "robust accuracy in percent, also against each wrong class in turn",
    "standard": "standard accuracy in percent",
    "change": "robust accuracy with reflection minus without, in percentage points",
}


def grid(scale: str) -> list[Point]:
    """The most telling cells first: both methods of a cell one after the other."""
    size = {"width": WIDTH[scale], "epochs": EPOCHS[scale], "images": IMAGES[scale]}
    cells = [(nu, steps, CODE, "train") for nu in RADII[scale] for steps in STEPS[scale]]
    cells += [(16, 4, QUARTER, "train"), (8, 4, CODE, "eval")]
    names = ("radius", "steps", "rule", "batch_norm")
    return [
        {"method": method, **dict(zip(names, cell, strict=True)), **size}
        for cell in cells
        for method in LOSSES
    ]


def step_size(radius: int, steps: int, rule: str) -> float:
    """The step of the attack in training, in the units of the radius.

    >>> step_size(16, 2, CODE), step_size(16, 4, CODE), step_size(16, 4, QUARTER)
    (8.0, 2.0, 4.0)
    """
    if rule == QUARTER:
        return radius / 4
    return radius / 2 if steps == 2 else 2.0


def measure(point: Point, seeds: Sequence[int], place: Place) -> list[Row]:
    """One row for each seed: a network is trained and tested."""
    source = small_digits() if place.scale == "smoke" else colours(fallback=place.fallback)
    rows: list[Row] = []
    for seed in seeds:
        net = trained(point, seed, place, source)
        step = step_size(int(point["radius"]), int(point["steps"]), str(point["rule"]))
        found = accuracies(net, source, place, seed)
        rows.append({**point, "seed": seed, "data": source.name, "step": step, **found})
    return rows


def trained(point: Point, seed: int, place: Place, source: Source) -> PreActResNet:
    """The network of a point; where the place has a folder for it, it goes on from there.

    >>> point = {**grid("smoke")[0], "epochs": 1, "images": 128}
    >>> net = trained(point, 0, Place("cpu", "smoke"), small_digits())
    >>> net.training, net.classes
    (False, 10)
    """
    radius, steps = int(point["radius"]), int(point["steps"])
    step = step_size(radius, steps, str(point["rule"]))
    schedule = Schedule(radius / UNIT, step / UNIT, steps, keep="last")
    inner = Inner(LOSSES[str(point["method"])], schedule, str(point["batch_norm"]))
    shape = source.train[0].shape[1:]
    net = preact_resnet(seed, width=int(point["width"]), shape=shape, device=place.device)
    train_adversarial(
        net,
        images(source.train, int(point["images"]), source.white, place.device),
        inner=inner,
        outer=Outer(int(point["epochs"])),
        seed=seed,
        scratch=place.scratch and place.scratch / str(seed),
    )
    return net.eval()


def images(part: tuple[Bytes, Bytes], n: int, white: int, device: str) -> Images:
    """The first n images of a part, on a device.

    >>> images(small_digits().test, 3, 16, "cpu").y
    tensor([0, 3, 6])
    """
    x, y = (torch.as_tensor(array[:n]) for array in part)
    return Images(x.to(device), y.long().to(device), white)


def accuracies(net: PreActResNet, source: Source, place: Place, seed: int) -> dict[str, float]:
    """The accuracies of a network, a few hundred images at a time."""
    part = images(source.test, TESTED[place.scale], source.white, place.device)
    model = AutogradModel(net, classes=net.classes)
    test = BRIEF if place.scale == "smoke" else TEST
    batches = zip(torch.split(part.x, TOGETHER), torch.split(part.y, TOGETHER), strict=True)
    generator = torch.Generator().manual_seed(seed)  # on the CPU: a seed means the same everywhere
    found = [
        attacked(model, rows_of(x, part.white), y, test, RESTARTS[place.scale], generator)
        for x, y in batches
    ]
    right = torch.cat(found, dim=1).double().mean(1).tolist()
    return {"tested": len(part.x), **dict(zip(MEASURED, right, strict=True))}


def attacked(
    model: AutogradModel,
    x: Tensor,
    y: Tensor,
    test: Schedule,
    restarts: int,
    generator: torch.Generator,
) -> Tensor:
    """Which images are right without attack and after each of three: ``(4, n)``, boolean."""
    clean = model.value(x).argmax(-1) == y
    read = restarted(model, x, y, schedule=test, restarts=restarts, box=PIXELS, generator=generator)
    left = clean & read.any_restart
    rows = left.nonzero()[:, 0]
    left[rows] = every_class(model, x[rows], y[rows], schedule=test, box=PIXELS)
    return torch.stack([clean, read.any_restart, read.largest_loss, left])


def cell(row: Mapping[Hashable, object]) -> str:
    """The name of a cell of the table; one that the paper has not has a longer name.

    So a narrow network is never compared with the paper's.

    >>> cell({"radius": 8, "steps": 2, "rule": "code", "batch_norm": "train", "width": 64})
    'radius=8/255, steps=2'
    """
    name = f"radius={row['radius']}/255, steps={row['steps']}"
    name += ", step=radius/4" if row["rule"] == QUARTER else ""
    name += ", batch norm=eval" if row["batch_norm"] == "eval" else ""
    return name + (f", width={row['width']}" if row["width"] != WIDTH["paper"] else "")


def summarise(table: pd.DataFrame) -> dict[Key, Estimate]:
    """The accuracies of each cell in percent, and what reflection changes, seed by seed."""
    table = table.assign(cell=[cell(row) for row in table.to_dict("records")])
    columns = {"robust": "largest_loss", "any": "any_restart", "margin": "every_class"}
    columns["standard"] = "standard"
    found = {}
    for (method, name), part in table.groupby(["method", "cell"], sort=False):
        for quantity, column in columns.items():
            found[Key(quantity, f"{method}, {name}")] = mean_estimate(100 * part[column])
    wide = table.pivot_table(index=["cell", "seed"], columns="method", values="largest_loss")
    for name, part in wide.reindex(columns=list(LOSSES)).dropna().groupby("cell", sort=False):
        change = 100 * (part["R-PGD"] - part["PGD"])
        found[Key("change", str(name))] = mean_estimate(change)
    return found


def cost(point: Point) -> float:
    """Image gradients of a training, in passes over the images; a test costs about as many."""
    return (
        float(point["images"])
        * float(point["epochs"])
        * (float(point["steps"]) + 1.5)
        * float(point["width"])
    )


EXPERIMENTS = (
    Experiment(
        name="mianjy-table2",
        title="adversarial training with and without reflection on CIFAR-10",
        label="sec-many-classes",
        columns=COLUMNS,
        grid=grid,
        measure=measure,
        draw=draw,
        summarise=summarise,
        seeds=SEEDS,
        quantities=NAMES,
        alts=alts,
        cost=cost,
        repeats=lambda point: MORE if point["steps"] == 2 else 1,
        tolerance=dict.fromkeys(MEASURED, A_FEW),
    ),
)
