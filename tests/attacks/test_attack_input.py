"""What attacks refuse, and what they make of unusual input."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from advtheory.attacks import Schedule, ascend, bim, fgsm, pgd, steepest
from advtheory.networks import AutogradModel
from advtheory.norms import L2, LINF, Ball
from tests.attacks.setting import images, network, size

NET, (X, Y) = network(), images(9, 6)
TEAM, BROKEN = network([1, 2, 3]), replace(NET, w=NET.w * math.nan)
CLASSES = AutogradModel(lambda x: x, classes=6)


def ascent_from(start: Tensor, ball: Ball = L2, box: tuple[float, float] | None = None) -> Tensor:
    """One step of length 0 from that start, the last iterate."""
    schedule = Schedule(0.3, 0.0, 1, keep="last")
    options: dict[str, Any] = {"schedule": schedule, "direction": steepest(ball), "box": box}
    return ascend(NET, X, Y, ball=ball, start=start, **options)


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "labels-01": (lambda: pgd(NET, X, (Y + 1) / 2, radius=0.1), "y holds a label other than -1"),
    "labels-nan": (lambda: pgd(NET, X, Y * math.nan, radius=0.1), "y holds a label other"),
    "labels-column": (lambda: pgd(NET, X, Y[:, None], radius=0.1), "one label a row of x"),
    "labels-few": (lambda: pgd(NET, X, Y[:5], radius=0.1), r"x has shape \(9, 6\) and y \(5,\)"),
    "one-input": (lambda: pgd(NET, X[0], Y[:1], radius=0.1), r"x has shape \(6,\)"),
    "columns": (lambda: fgsm(NET, X[:, :5], Y, radius=0.1), r"x has shape \(9, 5\); expected"),
    "nan": (lambda: bim(NET, X * math.nan, Y, radius=0.1), "x holds a NaN"),
    "network-nan": (
        lambda: pgd(BROKEN, X, Y, radius=0.1),
        r"f\(x\) holds a NaN",
    ),
    "radius": (lambda: pgd(NET, X, Y, radius=-0.1), "radius is -0.1; expected"),
    "radius-nan": (lambda: fgsm(NET, X, Y, radius=math.nan), "radius is nan; expected"),
    "step": (lambda: pgd(NET, X, Y, radius=0.1, step=-1.0), "step is -1.0; expected"),
    "steps": (lambda: pgd(NET, X, Y, radius=0.1, steps=0), "steps is 0; expected an integer"),
    "steps-bim": (lambda: bim(NET, X, Y, radius=0.1, steps=0), "steps is 0; expected an integer"),
    "restarts": (lambda: pgd(NET, X, Y, radius=0.1, restarts=-1), "restarts is -1; expected"),
    "box": (lambda: pgd(NET, X, Y, radius=0.1, box=(1.0, 0.0)), r"box is \(1.0, 0.0\); expected"),
    "box-outside": (
        lambda: pgd(NET, X + 0.5, Y, radius=0.1, box=(0.0, 1.0)),
        r"x leaves the box \(0.0, 1.0\); scale",
    ),
    "whole-inputs": (lambda: pgd(NET, X.long(), Y, radius=0.1), "x is torch.int64; expected real"),
    "members": (
        lambda: pgd(TEAM, X.expand(2, 9, 6), Y, radius=0.1),
        r"x has shape \(2, 9, 6\) and w \(3, 20, 6\); expected \(n, d\), the same",
    ),
    "members-labels": (
        lambda: pgd(TEAM, X, Y.expand(2, 9), radius=0.1),
        r"y has shape \(2, 9\); expected labels for the outputs, \(3, 9\)",
    ),
    "labels-more": (lambda: pgd(NET, X, Y.expand(2, 9), radius=0.1), r"y has shape \(2, 9\); exp"),
    "fgsm-network-nan": (lambda: fgsm(BROKEN, X, Y, radius=0.1), r"f\(x\) holds a NaN"),
    "bim-network-nan": (lambda: bim(BROKEN, X, Y, radius=0.1), r"f\(x\) holds a NaN"),
    "column-model": (
        lambda: pgd(AutogradModel(lambda x: x[..., :1]), X, Y, radius=0.1),
        r"function gives \(9, 1\) for inputs \(9, 6\); expected \(9,\): one number a row, .*\[...",
    ),
    "constant-model": (
        lambda: pgd(AutogradModel(lambda x: x.detach()[..., 0]), X, Y, radius=0.1),
        "the function's value has no gradient in its input; expected",
    ),
    "scalar-model": (
        lambda: fgsm(AutogradModel(lambda x: x.sum()), X, Y, radius=0.1),
        r"function gives \(\) for inputs \(9, 6\)",
    ),
    "three-outputs": (
        lambda: pgd(AutogradModel(lambda x: x[..., :3]), X, Y, radius=0.1),
        r"function gives \(9, 3\) .* classes=K\) for K outputs",
    ),
    "other-classes": (
        lambda: pgd(AutogradModel(lambda x: x, classes=5), X, Y.long().abs(), radius=0.1),
        r"function gives \(9, 6\) for inputs \(9, 6\); expected \(9, 5\)",
    ),
    "class-real": (lambda: pgd(CLASSES, X, Y, radius=0.1), "y is torch.float64; expected the numb"),
    "class-bool": (
        lambda: pgd(CLASSES, X, Y > 0, radius=0.1),
        "y is torch.bool; expected",
    ),
    "class-outside": (
        lambda: pgd(CLASSES, X, torch.arange(9), radius=0.1),
        r"y holds a label outside 0, ..., 5; expected the number",
    ),
    "class-few": (lambda: pgd(CLASSES, X, torch.arange(5), radius=0.1), "one label a row of x"),
    "start-nan": (lambda: ascent_from(X * math.nan), "start holds a NaN"),
    "start-shape": (lambda: ascent_from(X[:5]), r"start has shape \(5, 6\); expected that of x"),
    "keep": (lambda: pgd(NET, X, Y, radius=0.1, keep="worst"), "keep is 'worst'; expected 'best'"),
}


@pytest.mark.parametrize(("call", "sentence"), WRONG.values(), ids=WRONG)
def test_bad_input_gets_one_sentence(call: Callable[[], object], sentence: str) -> None:
    """sec-attacks: what was wrong and what was expected."""
    with pytest.raises(ValueError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)


# What they take.


@pytest.mark.parametrize("ball", [L2, LINF], ids=lambda ball: ball.name)
@pytest.mark.parametrize("box", [None, (0.0, 1.0)])
def test_a_start_outside_the_ball_is_projected(ball: Ball, box: tuple[float, float] | None) -> None:
    """sec-attacks: far starts end in the ball and the box; a start inside is left as it is."""
    shift = torch.randn(9, 6, generator=torch.Generator().manual_seed(0)).double()
    for far in (10.0, 1e200):
        found = ascent_from(X + far * shift, ball, box)
        assert (size(ball, found - X) <= 0.3 + 1e-12).all()
        assert box is not None or bool((size(ball, found - X) >= 0.3 - 1e-12).all())
        assert box is None or bool(((found >= 0) & (found <= 1)).all())
    near = X + 0.01 * shift
    torch.testing.assert_close(ascent_from(near, ball), near, rtol=0, atol=1e-15)


def test_tensors_that_ask_for_gradients() -> None:
    """sec-attacks: inputs and weights with a graph are attacked like others; no graph comes out."""
    x, net = X.clone().requires_grad_(), replace(NET, w=NET.w.clone().requires_grad_())
    for attack in (pgd, fgsm, bim):
        found = attack(net, x, Y, radius=0.2)
        assert not found.requires_grad
        assert torch.equal(found, attack(NET, X, Y, radius=0.2))
    assert x.grad is None


def test_labels_without_a_sign_on_them() -> None:
    """sec-attacks: a batch of positive whole numbers is a batch of signs, if f has one output."""
    ones = torch.ones(9, dtype=torch.int64)
    assert torch.equal(pgd(NET, X, ones, radius=0.2), pgd(NET, X, ones.double(), radius=0.2))
