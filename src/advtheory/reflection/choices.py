r"""What Section 4.2 of Mianjy & Arora (2023) leaves open: each choice is a field.

Book label ``sec-reflected``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from advtheory.attacks.boundary import Box
from advtheory.checks import as_seed
from advtheory.networks.two_layer import TwoLayer

STARTS = ("pytorch", "glorot", "he", "gaussian")
CLIPS: dict[str, tuple[Box, Box]] = {
    "none": (None, None),
    "linf": ((0.0, 1.0), None),
    "l2": (None, (0.0, 1.0)),
    "both": ((0.0, 1.0), (0.0, 1.0)),
}
"""Name -> the pixel ranges of the attacks in the maximum norm and in the Euclidean norm."""
MEAN = 1 / 64
"""What is left of a raw gradient in the mean over a batch."""
GRADIENTS: dict[str, tuple[float, float]] = {
    "example": (1.0, 1.0),
    "mean": (MEAN, MEAN),
    "mean-linf": (MEAN, 1.0),
    "mean-l2": (1.0, MEAN),
}
"""Whose raw gradient it is, each example's, that of the batch's mean, or the latter in one norm
only -> a factor of the step in the maximum norm and in the Euclidean norm."""
BIM_STEPS = {"scheduled": (10.0, 0.2), "small": (0.01, 1.0)}
"""The step of BIM with its decay, that of the other attacks, or a tenth of the radius."""


@dataclass(frozen=True)
class Choice:
    """One way of filling the gaps.

    Attributes:
        init: "pytorch" (uniform, 1/sqrt(fan-in), biases too), "glorot" (uniform), "he" (normal),
            "gaussian" (this book's: standard normal rows, signs on top).
        top: Whether the top layer is "trained" or "fixed".
        biases: "yes" or "no".
        logits: 1 with the logistic loss, or 2 with the cross-entropy.
        clip: Which attacks keep the pixels in [0, 1]: see ``CLIPS``.
        gradient: Whose raw gradient an attack follows: see ``GRADIENTS``.
        steps: Iterations of every iterated attack.
        keep: Which iterate it returns, "last" or "best".
        bim: The step of BIM: see ``BIM_STEPS``.

    Raises ValueError for a field that is none of these.

    >>> Choice(init="he").steps
    40
    """

    init: str = "pytorch"
    top: str = "trained"
    biases: str = "yes"
    logits: int = 1
    clip: str = "none"
    gradient: str = "example"
    steps: int = 40
    keep: str = "last"
    bim: str = "scheduled"

    def __post_init__(self) -> None:
        for name, allowed in OPTIONS.items():
            if getattr(self, name) not in allowed:
                known = ", ".join(map(str, allowed))
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected one of {known}")

    @property
    def rate(self) -> float:
        """How fast the top layer learns beside the first; two logits move against each other."""
        return float(self.logits) if self.top == "trained" else 0.0


OPTIONS: dict[str, Sequence[str | int]] = {
    "init": STARTS,
    "top": ("trained", "fixed"),
    "biases": ("yes", "no"),
    "logits": (1, 2),
    "clip": tuple(CLIPS),
    "gradient": tuple(GRADIENTS),
    "steps": (5, 10, 20, 40),
    "keep": ("last", "best"),
    "bim": tuple(BIM_STEPS),
}
"""Field -> its values."""
OF_THE_NETWORK = ("init", "top", "biases", "logits")
"""The fields that matter when nobody attacks."""


def choice_of(point: Mapping[str, Any]) -> Choice:
    """The choice whose fields a point has, among other coordinates; the others have their defaults.

    >>> choice_of({"d": 784, "init": "he"}).init
    'he'
    """
    return Choice(**{name: point[name] for name in OPTIONS if name in point})


def start(
    choice: Choice, d: int, m: int, seeds: Sequence[int], device: torch.device | str = "cpu"
) -> TwoLayer:
    r"""Networks before training, an ensemble with a leading axis.

    With two logits f is the second minus the first: its top layer is the difference of two.

    Args:
        choice: The fields of the network are used.
        d: Dimension of the input.
        m: Width.
        seeds: One for each member.
        device: Where the numbers go after they were drawn.

    >>> start(Choice(biases="no"), 784, 100, [0, 1]).w.shape
    torch.Size([2, 100, 784])
    """
    drawn = [_draw(choice, d, m, as_seed(seed)) for seed in seeds]
    w, v, b, c = (torch.stack(column).to(device) for column in zip(*drawn, strict=True))
    a = v * math.sqrt(m)
    return TwoLayer(w, a, b, c) if choice.biases == "yes" else TwoLayer(w, a)


Draw = Callable[..., Tensor]


def _draw(choice: Choice, d: int, m: int, seed: int) -> tuple[Tensor, ...]:
    """One network: first layer, top layer v, biases, output bias."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(*shape: int) -> Tensor:
        return 2 * torch.rand(shape, generator=generator) - 1

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator)

    w, v, b, c = _LAYERS[choice.init](d, m, choice.logits, uniform, normal)
    f = v[1] - v[0] if choice.logits == 2 else v[0]
    return w, f, b, c[1] - c[0] if choice.logits == 2 else c[0]


def _pytorch(d: int, m: int, k: int, uniform: Draw, normal: Draw) -> tuple[Tensor, ...]:
    first, second = 1 / math.sqrt(d), 1 / math.sqrt(m)
    w, b = uniform(m, d) * first, uniform(m) * first
    return w, uniform(k, m) * second, b, uniform(k) * second


def _glorot(d: int, m: int, k: int, uniform: Draw, normal: Draw) -> tuple[Tensor, ...]:
    w, v = uniform(m, d) * math.sqrt(6 / (d + m)), uniform(k, m) * math.sqrt(6 / (m + k))
    return w, v, torch.zeros(m), torch.zeros(k)


def _he(d: int, m: int, k: int, uniform: Draw, normal: Draw) -> tuple[Tensor, ...]:
    w, v = normal(m, d) * math.sqrt(2 / d), normal(k, m) * math.sqrt(2 / m)
    return w, v, torch.zeros(m), torch.zeros(k)


def _gaussian(d: int, m: int, k: int, uniform: Draw, normal: Draw) -> tuple[Tensor, ...]:
    w, b = normal(m, d), normal(m)
    signs, last = normal(k, m).sign(), normal(k).sign()
    return w, signs / math.sqrt(m), b, last / math.sqrt(m)


_LAYERS = {"pytorch": _pytorch, "glorot": _glorot, "he": _he, "gaussian": _gaussian}
