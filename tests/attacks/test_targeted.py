"""Every wrong class in turn, against what is known of linear classifiers."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import pgd, targeted
from advtheory.losses import CROSS_ENTROPY, LOGISTIC, REFLECTED, REFLECTED_SOFTMAX, margin
from advtheory.networks import AutogradModel, initialise
from advtheory.norms import LINF, Ball
from tests.attacks.setting import images, size
from tests.attacks.test_classes import BALLS, D, classifier, lowest


@BALLS
@given(
    seed=st.integers(0, 10**6), radius=st.sampled_from([0.0, 0.05, 0.7]), classes=st.integers(2, 6)
)
def test_a_linear_classifier_is_attacked_optimally(
    ball: Ball, seed: int, radius: float, classes: int
) -> None:
    """prop-targeted: the lowest margin is the closed form, whatever the labels are."""
    (model, rows), (x, _) = classifier(classes, seed), images(7, D, seed)
    y = torch.randint(0, classes, (7,), generator=torch.Generator().manual_seed(seed))
    found = targeted(model, x, y, ball=ball, radius=radius, steps=4)
    assert (size(ball, found - x) <= radius + 1e-12).all()
    torch.testing.assert_close(margin(model.value(found), y), lowest(rows, x, y, ball, radius))


@pytest.mark.parametrize("loss", [LOGISTIC, REFLECTED, CROSS_ENTROPY, REFLECTED_SOFTMAX])
def test_of_two_classes_it_is_pgd(loss: Any) -> None:
    """prop-targeted: one wrong class, one run, the same bits; both readings are one."""
    (model, _), (x, _) = classifier(2, 3), images(40, D, 3)
    y = torch.arange(40) % 2
    options: dict[str, Any] = {"radius": 0.3, "steps": 6, "step": 0.05}
    expected = pgd(model, x, y, loss=loss, **options)
    torch.testing.assert_close(targeted(model, x, y, loss=loss, **options), expected)
    if loss is REFLECTED:
        again = targeted(model, x, y, loss=REFLECTED_SOFTMAX, **options)
        torch.testing.assert_close(again, expected)


@BALLS
def test_a_shared_hidden_layer(ball: Ball) -> None:
    """prop-targeted: the pair margin is a network with the top row a_y - a_k, attacked by pgd."""
    (x, _), generator = images(30, D), torch.Generator().manual_seed(1)
    w = torch.randn(20, D, generator=generator, dtype=torch.float64)
    top = torch.randn(4, 20, generator=generator, dtype=torch.float64)
    model = AutogradModel(lambda x: (x @ w.mT).relu() @ top.mT, 4)
    y = model.value(x).argmax(-1)
    options: dict[str, Any] = {"radius": 0.2, "steps": 5, "ball": ball}
    found = margin(model.value(targeted(model, x, y, **options)), y)
    one = torch.ones(30, dtype=torch.float64)
    for ahead in range(1, 4):
        pair = partial(_pair, w=w, a=top[y] - top[(y + ahead) % 4])
        moved = pgd(AutogradModel(pair), x, one, **options)
        assert (found <= pair(moved) + 1e-12).all()


def _pair(x: Tensor, w: Tensor, a: Tensor) -> Tensor:
    return (a * (x @ w.mT).relu()).sum(-1)


def test_the_best_of_all_runs_is_kept() -> None:
    """prop-targeted: with restarts it is never worse; from a generator it repeats."""
    (model, _), (x, _) = classifier(5, 1), images(20, D)
    y = torch.arange(20) % 5

    def lowest_of(**options: Any) -> Tensor:
        found = targeted(model, x, y, radius=0.3, steps=2, step=0.02, ball=LINF, **options)
        return margin(model.value(found), y)

    again = [
        lowest_of(restarts=2, generator=torch.Generator().manual_seed(0), box=(0.0, 1.0))
        for _ in range(2)
    ]
    assert again[0].equal(again[1])
    assert (again[0] <= lowest_of(box=(0.0, 1.0))).all()


def test_an_ensemble_of_classifiers() -> None:
    """prop-targeted: a leading axis of models and inputs is attacked as each of them alone."""
    rows = torch.randn(3, 4, D, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x = torch.stack([images(9, D, seed)[0] for seed in range(3)])
    y = torch.arange(27).reshape(3, 9) % 4
    together = targeted(AutogradModel(lambda x: x @ rows.mT, 4), x, y, radius=0.3)
    for k in range(3):
        model = AutogradModel(partial(torch.matmul, other=rows[k].mT), 4)
        alone = targeted(model, x[k], y[k], radius=0.3)
        torch.testing.assert_close(together[k], alone)


def test_a_model_without_wrong_classes() -> None:
    x = torch.ones(1, 3)
    with pytest.raises(ValueError, match="classes=None; expected two classes or more"):
        targeted(initialise(3, 4, 0), x, torch.ones(1), radius=0.1)


def test_bad_input_is_named_at_the_boundary() -> None:
    (model, _), (x, _) = classifier(3, 0), images(2, D)
    with pytest.raises(ValueError, match=r"label outside 0, \.\.\., 2"):
        targeted(model, x, torch.tensor([0, 3]), radius=0.1)
    with pytest.raises(ValueError, match="radius is -1"):
        targeted(model, x, torch.tensor([0, 1]), radius=-1.0)
    with pytest.raises(ValueError, match="restarts is -1"):
        targeted(model, x, torch.tensor([0, 1]), radius=0.1, restarts=-1)
    with pytest.raises(ValueError, match="leaves the box"):
        targeted(model, x, torch.tensor([0, 1]), radius=0.1, box=(0.0, 0.1))
