r"""Adversarial training of a deep network by SGD with momentum, a cyclic rate and augmentation.

.. math:: \min_\theta \mathbb E \max_{\|\delta\|_\infty \le \nu} \ell(f_\theta(x + \delta), y),

the inner problem by a few sign steps from a random point, on the cross-entropy (PGD) or on its
greedy reflection (R-PGD). What is attacked and what is learnt from are the same pixels on the same
device; nothing waits for the host inside an epoch. Source: Section 4.3 of Mianjy & Arora (2023).
Book label ``sec-many-classes``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from advtheory.attacks.ascent import Schedule, climb
from advtheory.attacks.boundary import random_start
from advtheory.attacks.restarts import signed
from advtheory.checks import require_positive_integer
from advtheory.losses import Loss
from advtheory.networks.model import AutogradModel
from advtheory.networks.preact_resnet import PreActResNet
from advtheory.norms import LINF
from advtheory.training.augment import Images, shuffled

PIXELS = (0.0, 1.0)
MOST_EPOCHS = 1000  # apart from those of the next seed
CHECKPOINT = "epochs.pt"


@dataclass(frozen=True)
class Inner:
    """The inner problem: which loss rises, how far, in which steps, and the mode of batch norm.

    With ``batch_norm`` "train" an attack normalises by its own batch and moves the running
    averages, with "eval" it does neither.

    >>> from advtheory.losses import REFLECTED
    >>> Inner(REFLECTED, Schedule(8 / 255, 4 / 255, 2, keep="last")).batch_norm
    'train'
    """

    loss: Loss
    schedule: Schedule
    batch_norm: str = "train"

    def __post_init__(self) -> None:
        if self.batch_norm not in ("train", "eval"):
            raise ValueError(f"batch_norm is {self.batch_norm!r}; expected 'train' or 'eval'")


@dataclass(frozen=True)
class Outer:
    """The outer problem: epochs, batch, the largest rate, momentum, weight decay, the shift.

    >>> Outer(epochs=20).rate
    0.2
    """

    epochs: int
    batch: int = 128
    rate: float = 0.2
    momentum: float = 0.9
    decay: float = 5e-4
    shift: int = 4

    def __post_init__(self) -> None:
        require_positive_integer(self.epochs, "epochs")
        require_positive_integer(self.batch, "batch")


def train_adversarial(
    net: PreActResNet,
    images: Images,
    *,
    inner: Inner,
    outer: Outer,
    seed: int,
    scratch: Path | None = None,
) -> None:
    """Train a network in place.

    Args:
        net: On the device of the images.
        images: What it learns.
        inner: The attack on each batch.
        outer: The descent.
        seed: Of the order of the images, of crops, flips and random starts.
        scratch: A folder for a checkpoint after each epoch. A call with the same arguments goes on
            from there, and ends with the same bits on the same machine.

    Raises:
        ValueError: for fewer images than a batch holds.

    >>> from advtheory.losses import CROSS_ENTROPY
    >>> from advtheory.networks.preact_resnet import preact_resnet
    >>> from advtheory.training.augment import Images
    >>> net = preact_resnet(0, width=2, shape=(8, 8, 1))
    >>> x, y = torch.zeros(32, 8, 8, 1, dtype=torch.uint8), torch.zeros(32, dtype=torch.long)
    >>> inner = Inner(CROSS_ENTROPY, Schedule(0.1, 0.05, 2, keep="last"))
    >>> train_adversarial(net, Images(x, y, 16), inner=inner, outer=Outer(2, batch=16), seed=0)
    >>> net.eval()(torch.zeros(1, 64)).argmax().item()
    0
    """
    if len(images.x) < outer.batch:
        raise ValueError(
            f"there are {len(images.x)} images; expected at least a batch of {outer.batch}"
        )
    optimizer = torch.optim.SGD(
        net.parameters(), lr=0.0, momentum=outer.momentum, weight_decay=outer.decay
    )
    for epoch in range(_resume(net, optimizer, scratch), outer.epochs):
        _epoch(net, optimizer, images, inner, outer, epoch, seed)
        _keep(net, optimizer, scratch, epoch + 1)


def _epoch(
    net: PreActResNet,
    optimizer: torch.optim.Optimizer,
    images: Images,
    inner: Inner,
    outer: Outer,
    epoch: int,
    seed: int,
) -> None:
    """One pass over the images; its random numbers depend on the seed and its own number only."""
    generator = _generator(images.x.device, seed, epoch)
    steps = len(images.x) // outer.batch
    batches = shuffled(images, outer.batch, outer.shift, generator)
    for t, (x, y) in enumerate(batches):
        rate = outer.rate * cyclic((epoch + t / steps) / outer.epochs)
        for group in optimizer.param_groups:
            group["lr"] = rate
        with _half(x.device):
            x = perturbed(net, x, y, inner, generator)
            loss = cross_entropy(net.train()(x).float(), y)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()


def perturbed(
    net: PreActResNet, x: Tensor, y: Tensor, inner: Inner, generator: torch.Generator
) -> Tensor:
    """The batch that is learnt from: sign steps from a uniform point of each ball.

    Only the gradient in the inputs is asked for, so no weight's gradient is computed.

    >>> from advtheory.losses import CROSS_ENTROPY
    >>> from advtheory.networks.preact_resnet import preact_resnet
    >>> net, x = preact_resnet(0, width=2, shape=(8, 8, 1)), torch.full((4, 64), 0.5)
    >>> inner = Inner(CROSS_ENTROPY, Schedule(0.1, 0.05, 2, keep="last"))
    >>> new = perturbed(net, x, torch.arange(4), inner, torch.Generator().manual_seed(0))
    >>> bool(((new - x).abs() <= 0.1 + 1e-6).all()), net.first.weight.grad
    (True, None)
    """
    net.train(inner.batch_norm == "train")
    model = AutogradModel(lambda rows: net(rows).float(), classes=net.classes)
    start = random_start(x, x.shape, LINF, inner.schedule.radius, PIXELS, generator)
    return climb(
        model,
        x,
        y,
        start,
        ball=LINF,
        schedule=inner.schedule,
        direction=signed(inner.loss),
        box=PIXELS,
    )


def cyclic(part: float) -> float:
    """The rate after a part of all steps, as a share of the largest: 0, up to 1 halfway, to 0.

    >>> [cyclic(part) for part in (0, 0.25, 0.5, 0.75)]
    [0.0, 0.5, 1.0, 0.5]
    """
    return 1.0 - abs(2.0 * part - 1.0)


def _generator(device: torch.device, seed: int, epoch: int) -> torch.Generator:
    """On a GPU its own, so that no number waits for the host; else the CPU's."""
    where = device if device.type == "cuda" else "cpu"
    return torch.Generator(where).manual_seed(seed * MOST_EPOCHS + epoch)


def _half(device: torch.device) -> torch.autocast:
    """bfloat16 in products and convolutions on a GPU: its range is that of float32."""
    return torch.autocast("cuda", torch.bfloat16, enabled=device.type == "cuda")


def _keep(
    net: PreActResNet, optimizer: torch.optim.Optimizer, scratch: Path | None, done: int
) -> None:
    """A checkpoint, put in place in one step: a kill leaves the one before."""
    if scratch is None:
        return
    scratch.mkdir(parents=True, exist_ok=True)
    state = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "done": done}
    torch.save(state, scratch / "new")
    os.replace(scratch / "new", scratch / CHECKPOINT)


def _resume(net: PreActResNet, optimizer: torch.optim.Optimizer, scratch: Path | None) -> int:
    """How many epochs are done, after taking them over; 0 without a checkpoint."""
    if scratch is None or not (scratch / CHECKPOINT).exists():
        return 0
    where = next(net.parameters()).device
    state = torch.load(scratch / CHECKPOINT, map_location=where, weights_only=True)
    net.load_state_dict(state["net"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["done"])
