"""The exact best attack in the plane, and all points of the algorithm, against slow ways."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import pgd
from advtheory.losses import REFLECTED
from advtheory.networks import TwoLayer, initialise, leaky_relu
from advtheory.reflection import best_in_disc, iterates

SEEDS = st.integers(0, 10**6)
SIZES = st.sampled_from([(1, 1.0), (2, 0.0), (3, 0.5), (6, 0.2), (6, 1.0)])


def ensemble(seed: int, m: int, alpha: float) -> TwoLayer:
    generator = torch.Generator().manual_seed(seed)
    w = torch.randn(3, m, 2, generator=generator).double()
    a = torch.randn(3, m, generator=generator).double()
    return TwoLayer(w, a, activation=leaky_relu(alpha))


def labelled(seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed + 1)
    x = torch.randn(3, 4, 2, generator=generator).double()
    return x, torch.where(torch.rand(3, 4, generator=generator) < 0.5, -1.0, 1.0).double()


@given(SEEDS, SIZES, st.floats(0.05, 3))
def test_no_point_of_a_fine_grid_is_better(
    seed: int, size: tuple[int, float], radius: float
) -> None:
    """thm-attack: the best attack is in the disc, and a grid of mesh h comes as close as G h."""
    net, (x, y) = ensemble(seed, *size), labelled(seed)
    best = best_in_disc(net, x, y, radius)
    assert float((best - x).norm(dim=-1).max()) <= radius * (1 + 1e-12)
    r = torch.linspace(0, radius, 41, dtype=torch.float64)
    turn = torch.linspace(0, 2 * math.pi, 241, dtype=torch.float64)
    grid = (r[:, None, None] * torch.stack([turn.cos(), turn.sin()], -1)).reshape(-1, 2)
    f = net.value((x[:, :, None] + grid).reshape(3, -1, 2)).reshape(3, 4, -1)
    lowest, exact = (y[..., None] * f).amin(-1), y * net.value(best)
    mesh = radius * (1 / 80 + math.pi / 240)
    lipschitz = (net.a.abs() * net.w.norm(dim=-1)).sum(-1) / math.sqrt(net.m)
    assert bool((exact <= lowest + 1e-12).all())
    assert bool((lowest - exact <= lipschitz[:, None] * mesh + 1e-12).all())


def test_the_best_attack_may_be_the_origin() -> None:
    net = TwoLayer(torch.tensor([[1.0, 0.0], [-1.0, 0.0]]), torch.ones(2))
    far = best_in_disc(net, torch.tensor([[0.5, 0.3]]), torch.ones(1), 1.0)
    assert float(net.value(far)) == 0.0


def test_other_networks_are_refused() -> None:
    for net in (initialise(3, 4, 0), initialise(2, 4, 0, biases=True)):
        with pytest.raises(ValueError, match="expected two inputs, no biases and a leaky ReLU"):
            best_in_disc(net, torch.ones(1, net.d), torch.ones(1), 1.0)


@given(SEEDS, SIZES, st.integers(1, 9))
def test_the_points_are_those_of_pgd(seed: int, size: tuple[int, float], steps: int) -> None:
    """thm-attack: pgd on the reflected loss keeps the lowest of the T + 1 points, or the last."""
    net, (x, y) = ensemble(seed, *size), labelled(seed)
    path = iterates(net, x, y, radius=0.7, step=0.4, steps=steps)
    assert path.shape == (steps + 1, 3, 4, 2)
    assert path[0].equal(x)
    margins = torch.stack([y * net.value(point) for point in path])
    kept = {
        keep: y
        * net.value(pgd(net, x, y, radius=0.7, step=0.4, steps=steps, loss=REFLECTED, keep=keep))
        for keep in ("best", "last")
    }
    torch.testing.assert_close(kept["best"], margins.amin(0), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(kept["last"], margins[-1], rtol=1e-12, atol=1e-12)


def test_each_input_may_have_its_own_step() -> None:
    net, (x, y) = ensemble(0, 3, 0.5), labelled(0)
    step = torch.linspace(0.1, 0.8, 12).double().reshape(3, 4)
    together = iterates(net, x, y, radius=0.5, step=step, steps=5)
    alone = iterates(net, x, y, radius=0.5, step=float(step[1, 2]), steps=5)
    torch.testing.assert_close(together[:, 1, 2], alone[:, 1, 2], rtol=1e-12, atol=1e-12)
