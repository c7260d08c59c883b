"""Two readings of restarts, and every wrong class: against brute force and closed forms."""

import math

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks.ascent import Schedule, ascend
from advtheory.attacks.boundary import random_start
from advtheory.attacks.restarts import every_class, restarted, signed
from advtheory.losses import CROSS_ENTROPY, margin
from advtheory.networks import AutogradModel
from advtheory.norms import LINF


def curved(seed: int, d: int, classes: int) -> AutogradModel:
    """A classifier with many local maxima of its loss."""
    generator = torch.Generator().manual_seed(seed)
    first = torch.randn(d, 8, generator=generator, dtype=torch.float64)
    last = torch.randn(8, classes, generator=generator, dtype=torch.float64)
    return AutogradModel(lambda x: torch.sin(x @ first) @ last, classes=classes)


def inputs(seed: int, n: int, d: int, classes: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(n, d, generator=generator, dtype=torch.float64)
    return x, torch.randint(classes, (n,), generator=generator)


def brute(
    model: AutogradModel, x: Tensor, y: Tensor, schedule: Schedule, restarts: int, seed: int
) -> tuple[Tensor, Tensor]:
    """Every restart of every input in full, nobody leaves: right, and the loss, ``(runs, n)``."""
    generator = torch.Generator().manual_seed(seed)
    right, losses = [], []
    for _ in range(restarts):
        start = random_start(x, x.shape, LINF, schedule.radius, (0.0, 1.0), generator)
        end = ascend(
            model,
            x,
            y,
            ball=LINF,
            schedule=schedule,
            direction=signed(CROSS_ENTROPY),
            box=(0.0, 1.0),
            start=start,
        )
        right.append(margin(model.value(end), y) > 0)
        losses.append(CROSS_ENTROPY.value(model.value(end), y))
    return torch.stack(right), torch.stack(losses)


@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(1, 6))
def test_leaving_early_changes_neither_reading(seed: int, classes: int, restarts: int) -> None:
    model, (x, y) = curved(seed, 3, classes), inputs(seed, 40, 3, classes)
    schedule = Schedule(0.1, 0.03, 5, keep="last")
    right, losses = brute(model, x, y, schedule, restarts, seed)
    found = restarted(
        model,
        x,
        y,
        schedule=schedule,
        restarts=restarts,
        box=(0.0, 1.0),
        generator=torch.Generator().manual_seed(seed),
    )
    worst = losses.argmax(0, keepdim=True)
    assert found.any_restart.equal(right.all(0))
    assert found.largest_loss.equal(right.gather(0, worst)[0])
    assert not (found.any_restart & ~found.largest_loss).any()  # the second never understates


def test_the_readings_differ_where_a_right_point_has_the_larger_loss() -> None:
    """Wrong by a little, or right with a loss near log 5."""
    x, y = inputs(3, 400, 3, 5)
    schedule = Schedule(0.15, 0.05, 5, keep="last")
    found = restarted(curved(3, 3, 5), x, y, schedule=schedule, restarts=8)
    assert found.any_restart.sum() < found.largest_loss.sum()


@given(st.integers(0, 10_000), st.integers(2, 5))
def test_on_a_linear_classifier_each_class_has_its_radius(seed: int, classes: int) -> None:
    """f_k - f_y at x + delta is at most (f_k - f_y)(x) + radius ||w_k - w_y||_1, and is reached."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(classes, 6, generator=generator, dtype=torch.float64)
    x, y = inputs(seed, 50, 6, classes)
    model, f = AutogradModel(lambda x: x @ rows.T, classes=classes), x @ rows.T
    gain = (rows[None] - rows[y][:, None]).abs().sum(-1)
    gap = f - f.gather(1, y[:, None]) + 0.3 * gain
    exact = gap.scatter(1, y[:, None], -math.inf).amax(1) < 0
    schedule = Schedule(0.3, 0.1, 5, keep="last")
    assert every_class(model, x, y, schedule=schedule).equal(exact)
    tried = restarted(model, x, y, schedule=schedule, restarts=2).any_restart
    assert not (exact & ~tried).any()  # nobody breaks what cannot be broken


def test_every_class_finds_the_third_class_that_greed_misses() -> None:
    """prop-greedy-fails: class 1 is always ahead of class 2, and class 3 is far at x."""
    rows = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 10.0]])
    model = AutogradModel(lambda x: x @ rows.T, classes=3)
    x, y = torch.tensor([[1.0, 0.0]]), torch.tensor([0])
    assert not every_class(model, x, y, schedule=Schedule(0.3, 0.1, 5, keep="last")).any()
