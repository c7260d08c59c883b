"""Bad input of lazy training, and training that diverges: one sentence each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from advtheory.networks import TwoLayer, initialise
from advtheory.training import LazyExit, Settings, train_lazy
from tests.training.cases import SEEDS, SETTINGS, ensemble, examples

NET, (X, Y) = ensemble(True), examples()


def train(
    net: TwoLayer = NET,
    x: Tensor = X,
    y: Tensor = Y,
    c0s: tuple[float, ...] = (1.0,),
    settings: Settings = SETTINGS,
) -> list[LazyExit]:
    return train_lazy(net, x, y, c0s, seeds=SEEDS, settings=settings)


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "single": (lambda: train(NET.member(0)), r"w has shape \(30, 4\) for 3 seeds; expected"),
    "seeds": (lambda: train(initialise(4, 30, [1, 2])), "for 3 seeds; expected"),
    "labels": (lambda: train(y=(Y + 1) / 2), "y holds a label other than -1"),
    "labels-few": (lambda: train(y=Y[:9]), r"x has shape \(50, 4\) and y \(9,\)"),
    "labels-column": (lambda: train(y=Y[:, None]), r"y \(50, 1\); expected"),
    "empty": (lambda: train(x=X[:0], y=Y[:0]), "with n at least 1"),
    "columns": (lambda: train(x=X[:, :3]), r"expected \(..., n, 4\)"),
    "nan": (lambda: train(x=X * math.nan), "x holds a NaN"),
    "precision": (lambda: train(x=X.float()), "x is torch.float32 and the network"),
    "network": (  # told at the first step; "the trained w" would mean after all epochs
        lambda: train(replace(NET, w=NET.w * math.nan)),
        "^w holds a NaN",
    ),
    "c0-none": (lambda: train(c0s=()), r"C0 is \[\]; expected positive numbers"),
    "c0-zero": (lambda: train(c0s=(1.0, 0.0)), r"C0 is \[1.0, 0.0\]; expected positive"),
    "c0-infinite": (lambda: train(c0s=(math.inf,)), r"C0 is \[inf\]; expected positive"),
    "rate": (lambda: Settings(learning_rate=0.0), "learning_rate is 0.0; expected a positive"),
    "rate-nan": (lambda: Settings(learning_rate=math.nan), "learning_rate is nan; expected"),
    "batch": (lambda: Settings(batch=0), "batch is 0; expected an integer of at least 1"),
    "epochs": (lambda: Settings(epochs=-2), "epochs is -2; expected an integer of at least 1"),
}


@pytest.mark.parametrize(("call", "sentence"), WRONG.values(), ids=WRONG)
def test_bad_input_gets_one_sentence(call: Callable[[], object], sentence: str) -> None:
    """def-lazy: what was wrong and what was expected."""
    with pytest.raises(ValueError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("c0", [1.0, 1e30])
@pytest.mark.parametrize("rate", [1e30, 1e300])
def test_divergence_gets_one_sentence(c0: float, rate: float) -> None:
    """def-lazy: a learning rate that sends the weights to infinity is named as the cause."""
    net, x, y = NET.to("cpu", torch.float32), X.float(), Y.float()
    with pytest.raises(ValueError, match="lower the learning rate"):
        train(net, x, y, (c0,), replace(SETTINGS, learning_rate=rate))
