"""The attack that pays for switches only has the iterates of PGD (prop-switching-pgd)."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from advtheory.attacks import pgd, switch_table, switching_pgd
from advtheory.attacks.switching import ROWS
from advtheory.networks import SOFTPLUS, TwoLayer, initialise, leaky_relu


def batch(members: int, n: int, d: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(members, n, d, generator=generator, dtype=torch.float64)
    x /= torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    y = torch.randint(0, 2, (members, n), generator=generator) * 2.0 - 1.0
    return x, y.double()


def nets(d: int, m: int, members: int, **options: Any) -> TwoLayer:
    return initialise(d, m, range(members), dtype=torch.float64, **options)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(1, 12),
    st.integers(1, 60),
    st.floats(0, 2),
    st.integers(1, 15),
    st.booleans(),
    st.sampled_from([0.0, 0.3]),
)
def test_prop_switching_pgd_has_the_iterates_of_pgd(
    seed: int, d: int, m: int, radius: float, steps: int, biases: bool, alpha: float
) -> None:
    """prop-switching-pgd: the values at the end agree with those of the dense loop."""
    net = initialise(d, m, seed, biases=biases, activation=leaky_relu(alpha), dtype=torch.float64)
    x, y = batch(1, 5, d, seed)
    ours = switching_pgd(net, x[0], y[0], radius=radius, steps=steps)
    theirs = pgd(net, x[0], y[0], radius=radius, steps=steps, keep="last")
    clear = torch.linalg.vector_norm(net.input_gradient(x[0]), dim=1) > 1e-3
    # at a kink both are right to go either way, and the values agree all the same
    gap = (net.value(ours) - net.value(theirs)).abs()[clear]
    assert bool((torch.linalg.vector_norm(ours - x[0], dim=1) <= radius + 1e-9).all())
    assert gap.numel() == 0 or gap.median() <= 1e-7


def test_every_member_has_its_own_budget() -> None:
    net = nets(9, 50, 3)
    x, y = batch(3, 4, 9, 0)
    budgets = torch.tensor([0.1, 0.3, 0.9], dtype=torch.float64)
    together = switching_pgd(net, x, y, radius=budgets, steps=12)
    for k in range(3):
        alone = switching_pgd(net.member(k), x[k], y[k], radius=float(budgets[k]), steps=12)
        torch.testing.assert_close(together[k], alone, rtol=0, atol=1e-10)
        length = torch.linalg.vector_norm(together[k] - x[k], dim=1)
        torch.testing.assert_close(length, budgets[k].expand(4))


def test_blocks_do_not_change_the_result() -> None:
    net = nets(6, 40, 1).member(0)
    x, y = batch(1, ROWS + 7, 6, 1)
    whole = switching_pgd(net, x[0], y[0], radius=0.4, steps=8)
    rows = [
        switching_pgd(net, x[0, i : i + 1], y[0, i : i + 1], radius=0.4, steps=8)
        for i in (0, ROWS + 6)
    ]
    torch.testing.assert_close(whole[[0, -1]], torch.cat(rows), rtol=0, atol=1e-10)


def test_single_precision_stays_close_over_many_steps() -> None:
    net = initialise(100, 500, 0)
    x, y = (t[0].float() for t in batch(1, 64, 100, 2))
    ours = switching_pgd(net, x, y, radius=0.3)
    exact = pgd(
        net.to("cpu", torch.float64), x.double(), y.double(), radius=0.3, steps=100, keep="last"
    )
    gap = (y * net.value(ours)).double() - y.double() * net.to("cpu", torch.float64).value(exact)
    assert gap.abs().max() < 1e-2
    assert gap.abs().median() < 1e-4


def test_a_table_at_hand_gives_the_same() -> None:
    net = initialise(5, 30, 0)
    x, y = (t[0].float() for t in batch(1, 6, 5, 3))
    with_table = switching_pgd(net, x, y, radius=0.2, table=switch_table(net))
    assert torch.equal(with_table, switching_pgd(net, x, y, radius=0.2))


def test_tiny_weights_do_not_mask_the_gradient() -> None:
    """prop-switching-pgd: a factor in front of all rows changes no iterate."""
    net = initialise(20, 80, 1, dtype=torch.float64)
    x, y = (t[0] for t in batch(1, 6, 20, 5))
    tiny = TwoLayer(1e-9 * net.w, net.a)
    ours, theirs = (switching_pgd(one, x, y, radius=0.3, steps=20) for one in (tiny, net))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-9)


def test_a_dead_network_does_not_move() -> None:
    net = initialise(4, 10, 0)
    dead = TwoLayer(net.w, net.a, b=torch.full((10,), -100.0), c=torch.tensor(0.5))
    x, y = (t[0].float() for t in batch(1, 3, 4, 4))
    assert torch.equal(switching_pgd(dead, x, y, radius=1.0), x)


def test_tensors_that_autograd_watches_are_attacked_alike() -> None:
    net = initialise(4, 10, 0)
    x, y = (t[0].float() for t in batch(1, 3, 4, 4))
    watched = net.each(lambda t: t.clone().requires_grad_(t.is_floating_point()))
    found = switching_pgd(watched, x.clone().requires_grad_(), y, radius=0.3, steps=5)
    assert not found.requires_grad
    assert torch.equal(found, switching_pgd(net, x, y, radius=0.3, steps=5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radius": -0.1}, "radius is -0.1; expected a finite number of at least 0"),
        ({"radius": float("nan")}, "radius is nan"),
        ({"radius": math.inf}, "radius is inf; expected a finite number"),
        ({"step": math.inf}, "step is inf; expected a finite number"),
        ({"x": torch.ones(3, 2, 4)}, r"x has shape \(3, 2, 4\) and w \(10, 4\); expected \(n, d\)"),
        ({"x": torch.ones(2, 4).double()}, "x is torch.float64 and the network torch.float32"),
        ({"radius": torch.ones(3)}, "one for each member"),
        ({"steps": 0}, "steps is 0; expected an integer of at least 1"),
        ({"step": -1.0}, "step is -1.0"),
        ({"y": torch.zeros(2)}, "label other than -1 and"),
        ({"y": torch.ones(3)}, "one label a row"),
        ({"x": torch.ones(2, 7)}, r"expected \(..., n, 4\)"),
        ({"x": torch.full((2, 4), float("nan"))}, "x holds a NaN"),
    ],
)
def test_bad_input_gets_one_sentence(change: dict[str, Any], message: str) -> None:
    net = initialise(4, 10, 0)
    arguments: dict[str, Any] = {"x": torch.ones(2, 4), "y": torch.ones(2), "radius": 0.1, **change}
    with pytest.raises(ValueError, match=message):
        switching_pgd(net, **arguments)


def test_a_smooth_network_is_refused() -> None:
    with pytest.raises(ValueError, match="softplus, which is smooth"):
        switch_table(initialise(4, 10, 0, activation=SOFTPLUS))
