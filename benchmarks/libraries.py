"""Our attacks against foolbox and torchattacks: the same network, the same steps, the same numbers.

Robust accuracy of two small networks on MNIST: zeros against ones, and all ten digits. Both
libraries are right here, since no loss is saturated: images of length 1 have margins below 10. On
larger margins the l2 steps of one of them shrink (:mod:`advtheory.attacks.library_rules`). Neither
is needed by the package or its tests.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from advtheory.attacks import Direction, Schedule, ascend
from advtheory.data import Split, pair, ten
from advtheory.losses import CROSS_ENTROPY, LOGISTIC, margin
from advtheory.networks import AutogradModel, Model, initialise
from advtheory.norms import L2, LINF, Ball
from advtheory.training import move, propose

LIBRARIES = ("foolbox", "torchattacks")
STEPS, POINT = 40, 0.001  # of robust accuracy: a tenth of a percentage point
torch.set_num_threads(1)

Attack = Callable[[Tensor, Tensor], Tensor]


class Logits(nn.Module):
    """A model as the libraries ask for it: images in, one logit for each class out."""

    def __init__(self, logits: Callable[[Tensor], Tensor]) -> None:
        """Keep the function from rows ``(n, d)`` to logits ``(n, K)``."""
        super().__init__()
        self.anchor = nn.Parameter(torch.zeros(1))  # torchattacks asks a parameter for its device
        self.logits = logits

    def forward(self, images: Tensor) -> Tensor:
        """The logits of images ``(n, 1, side, side)``."""
        return self.logits(images.flatten(1))


def two(train: Split) -> tuple[Model, Logits]:
    """A network with one output, and the same as two logits -f/2 and f/2."""
    net = initialise(train.x.shape[1], 100, 0)
    for rows in torch.randperm(len(train.x), generator=torch.Generator().manual_seed(0)).split(64):
        x, y = train.x[rows], train.y[rows]
        step, _ = propose(net, x, y, 1.0)
        move(net, x, step)
    halves = torch.tensor([-0.5, 0.5])
    return net, Logits(lambda x: (torch.relu(x @ net.w.T) @ net.a / 10)[:, None] * halves)


def several(train: Split) -> tuple[Model, Logits]:
    """A network with ten logits."""
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Linear(train.x.shape[1], 100), nn.ReLU(), nn.Linear(100, 10))
    optimiser = torch.optim.SGD(layers.parameters(), 0.1, momentum=0.9)
    for rows in torch.randperm(len(train.x)).split(64):
        optimiser.zero_grad()
        nn.functional.cross_entropy(layers(train.x[rows]), train.y[rows]).backward()
        optimiser.step()
    layers.requires_grad_(False)
    return AutogradModel(layers, classes=10), Logits(layers)


def ours(model: Model, ball: Ball, radius: float, steps: int) -> Attack:
    """Normalised steps on the loss that the libraries climb, and the last iterate, as theirs."""
    loss = LOGISTIC if model.classes is None else CROSS_ENTROPY
    length = radius if steps == 1 else 2.5 * radius / steps
    return partial(
        ascend,
        model,
        ball=ball,
        schedule=Schedule(radius, length, steps, keep="last"),
        direction=Direction(loss.slope, ball.dual_direction),
        box=(0.0, 1.0),
    )


def by_foolbox(logits: Logits, ball: Ball, radius: float, steps: int) -> Attack:
    """The same attack by foolbox, on images and classes."""
    foolbox: Any = importlib.import_module("foolbox")
    model = foolbox.PyTorchModel(logits.eval(), bounds=(0, 1), device="cpu")
    if steps == 1:
        attack = foolbox.attacks.FGSM() if ball is LINF else foolbox.attacks.FGM()
    else:
        kind = foolbox.attacks.LinfPGD if ball is LINF else foolbox.attacks.L2PGD
        attack = kind(abs_stepsize=2.5 * radius / steps, steps=steps, random_start=False)
    return lambda x, y: attack.run(model, x, y, epsilon=radius)


def by_torchattacks(logits: Logits, ball: Ball, radius: float, steps: int) -> Attack:
    """The same attack by torchattacks."""
    library: Any = importlib.import_module("torchattacks")
    kind = library.PGD if ball is LINF else library.PGDL2
    length = radius if steps == 1 else 2.5 * radius / steps
    attack: Attack = kind(logits.eval(), eps=radius, alpha=length, steps=steps, random_start=False)
    return attack


def accuracies(
    model: Model, logits: Logits, test: Split, ball: Ball, radius: float, steps: int
) -> list[float]:
    """Robust accuracy under our attack, foolbox's and torchattacks'; judged by one rule."""
    side = round(test.x.shape[1] ** 0.5)
    images = test.x.reshape(-1, 1, side, side)
    classes = (test.y > 0).long() if model.classes is None else test.y
    attacked = [ours(model, ball, radius, steps)(test.x, test.y)]
    for library in (by_foolbox, by_torchattacks):
        attacked.append(library(logits, ball, radius, steps)(images, classes).flatten(1))
    return [float((margin(model.value(x), test.y) > 0).double().mean()) for x in attacked]


def compare(name: str, model: Model, logits: Logits, test: Split) -> float:
    """Print a line for each attack; the largest difference."""
    worst = 0.0
    for ball, radii in ((LINF, (0.005, 0.01)), (L2, (0.1, 0.2))):
        for radius in radii:
            for steps in (1, STEPS):
                found = accuracies(model, logits, test, ball, radius, steps)
                worst = max(worst, max(found) - min(found))
                cells = "".join(f"{accuracy:10.2%}" for accuracy in found)
                print(f"{name:12s}{ball.name:>6s} {radius:6.3f} {steps:3d} steps{cells}")
    return worst


def main() -> int:
    """Both networks; status 1 where a difference is larger than a tenth of a point."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        print(f"This compares with other libraries: pip install {' '.join(missing)}.")
        return 1
    print(" " * 34 + "".join(f"{name:>10s}" for name in ("ours", "foolbox", "torchatt.")))
    zeros_and_ones, digits = pair(sphere=True), ten(sphere=True)
    worst = max(
        compare("0 against 1", *two(zeros_and_ones.train), zeros_and_ones.test),
        compare("ten digits", *several(digits.train), digits.test),
    )
    print(f"largest difference: {100 * worst:.2f} points of robust accuracy")
    return int(worst > POINT)


if __name__ == "__main__":
    sys.exit(main())
