"""Raw and signed attacks in closed form: against the plain loop, and what reflection cannot do."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import Direction, Schedule, ascend, pgd, raw
from advtheory.attacks.raw_paths import Way, margins, perturb
from advtheory.losses import LOGISTIC, REFLECTED, Loss
from advtheory.networks import SOFTPLUS, AutogradModel, TwoLayer, initialise
from advtheory.norms import L2, LINF, Ball

BALLS = pytest.mark.parametrize(("ball", "radius"), [(L2, 1.0), (LINF, 0.2)], ids=["l2", "linf"])
BOXES = pytest.mark.parametrize("box", [None, (0.0, 1.0)], ids=["free", "box"])
LOSSES = pytest.mark.parametrize("loss", [LOGISTIC, REFLECTED], ids=["plain", "reflected"])
KEEPS = pytest.mark.parametrize("keep", ["last", "best"])


def images(n: int = 7, d: int = 20, seed: int = 3) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(n, d, generator=generator, dtype=torch.float64)
    return x, torch.randn(n, generator=generator, dtype=torch.float64).sign()


def networks() -> TwoLayer:
    return initialise(20, 30, [0, 1], biases=True, dtype=torch.float64)


def along(loss: Loss, signed: bool) -> Direction:
    return Direction(loss.slope, torch.sign) if signed else raw(loss)


@BALLS
@BOXES
@LOSSES
@KEEPS
@pytest.mark.parametrize("signed", [False, True], ids=["raw", "signed"])
def test_the_path_is_that_of_the_plain_loop(
    ball: Ball, radius: float, box: tuple[float, float] | None, loss: Loss, keep: str, signed: bool
) -> None:
    net, (x, y) = networks(), images()
    schedule = Schedule(radius, 0.5, 25, keep, decay=0.2)
    direction = along(loss, signed)
    loop = ascend(net, x, y, ball=ball, schedule=schedule, direction=direction, box=box)
    ours = perturb(net, x.expand(2, -1, -1), y, Way(ball, schedule, loss, signed, box))
    torch.testing.assert_close(ours, loop)


@BALLS
@LOSSES
def test_margins_are_those_of_every_prefix(ball: Ball, radius: float, loss: Loss) -> None:
    """A path of 12 steps holds those of 0, 1, ..., 12 steps, for any differentiable function."""
    net, (x, y) = networks().member(0), images()
    found = margins(net, x, y, Way(ball, Schedule(radius, 0.5, 12), loss))
    assert found.shape == (13, 7)
    model = AutogradModel(net.value)
    torch.testing.assert_close(found[0], y * net.value(x))
    for steps in (1, 5, 12):
        new = pgd(
            model, x, y, radius=radius, ball=ball, steps=steps, step=0.5, loss=loss, keep="last"
        )
        torch.testing.assert_close(found[steps], y * net.value(new))


def test_blocks_of_inputs_are_put_together_in_order() -> None:
    net, (x, y) = networks(), images(600)
    way = Way(LINF, Schedule(0.2, 0.5, 2), LOGISTIC)
    torch.testing.assert_close(
        margins(net, x, y, way)[..., 500:], margins(net, x[500:], y[500:], way)
    )


@given(st.integers(0, 200), st.booleans())
def test_signed_steps_do_not_feel_reflection(seed: int, clipped: bool) -> None:
    """cor-fgsm: FGSM = R-FGSM and BIM = R-BIM, to the last bit."""
    net, (x, y) = initialise(20, 30, seed).to("cpu", torch.float64), images(seed=seed)
    for schedule in (Schedule(0.1, 0.1, 1, "last"), Schedule(0.1, 10.0, 12, "last", decay=0.2)):
        box = (0.0, 1.0) if clipped else None
        plain, mirrored = (
            perturb(net, x, y, Way(LINF, schedule, loss, True, box))
            for loss in (LOGISTIC, REFLECTED)
        )
        assert torch.equal(plain, mirrored)


def test_only_underflow_tells_the_signs_apart() -> None:
    """cor-fgsm: where the weight q is below the range of floats, FGSM stays and R-FGSM moves."""
    net = TwoLayer(torch.eye(2), torch.tensor([1.0, 1.0]))
    x, y = torch.full((1, 2), 1e4), torch.ones(1)
    schedule = Schedule(0.1, 0.1, 1, "last")
    stays, moves = (
        perturb(net, x, y, Way(LINF, schedule, one, True)) for one in (LOGISTIC, REFLECTED)
    )
    assert torch.equal(stays, x)
    torch.testing.assert_close(moves, x - 0.1)


def test_a_raw_gradient_vanishes_where_the_reflected_one_does_not() -> None:
    """prop-lengths: the steps are parallel, and their lengths are q and s."""
    net = TwoLayer(torch.eye(2, dtype=torch.float64), torch.ones(2, dtype=torch.float64))
    x, y = torch.full((1, 2), 5.0, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    schedule = Schedule(9.0, 1.0, 1, "last")
    plain, mirrored = (
        perturb(net, x, y, Way(L2, schedule, one)) - x for one in (LOGISTIC, REFLECTED)
    )
    z = float(y * net.value(x))
    torch.testing.assert_close(plain, mirrored * math.exp(-z))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"y": torch.zeros(7)}, "-1 and \\+1"),
        ({"x": torch.full((7, 20), 2.0)}, "leaves the box"),
        ({"x": torch.full((7, 20), math.nan)}, "NaN"),
        ({"net": initialise(20, 30, 0, activation=SOFTPLUS)}, "softplus is smooth"),
    ],
)
def test_bad_input_is_named(wrong: dict[str, Any], sentence: str) -> None:
    x, y = (t.float() for t in images())
    given: dict[str, Any] = {"net": initialise(20, 30, 0), "x": x, "y": y, **wrong}
    way = Way(LINF, Schedule(0.1, 0.1, 1), LOGISTIC, box=(0.0, 1.0))
    with pytest.raises(ValueError, match=sentence):
        margins(**given, way=way)


@pytest.mark.parametrize("wrong", [{"decay": 0.0}, {"decay": 1.5}, {"every": 0}])
def test_a_schedule_says_what_is_wrong(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Schedule(0.1, 0.1, 1, **wrong)
