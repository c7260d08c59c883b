"""Reflection changes the length of a step and never its direction: identities bit for bit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from advtheory.attacks import Schedule, ascend, bim, fgsm, normalised, pgd, raw
from advtheory.attacks.ascent import Direction
from advtheory.attacks.library_rules import one_logit, two_logits
from advtheory.losses import LOGISTIC, MARGIN, REFLECTED, Loss, margin
from advtheory.networks import TwoLayer, initialise
from advtheory.networks.activations import leaky_relu
from advtheory.norms import L2, LINF, Ball
from advtheory.reflection import q_time, s_time

SEEDS = st.integers(0, 10**6)
BOTH = (LOGISTIC, REFLECTED)


def drawn(seed: int, dtype: torch.dtype = torch.float32) -> tuple[TwoLayer, Tensor, Tensor]:
    """Two leaky networks, and six inputs that the first one gets right."""
    alpha = seed % 5 / 4
    pair = [seed, seed + 1]
    net = initialise(5, 7, pair, activation=leaky_relu(alpha), biases=seed % 2 == 0, dtype=dtype)
    x = torch.rand(6, 5, generator=torch.Generator().manual_seed(seed)).to(dtype)
    f = net.member(0).value(x)
    return net, x, torch.where(f >= 0, 1.0, -1.0).to(dtype)


def signed(
    net: TwoLayer, x: Tensor, y: Tensor, loss: Loss, schedule: Schedule, box: bool
) -> Tensor:
    """Steps by the signs of a loss's gradient."""
    limits = (0.0, 1.0) if box else None
    direction = normalised(loss, LINF)
    return ascend(net, x, y, ball=LINF, schedule=schedule, direction=direction, box=limits)


@given(SEEDS, st.floats(0.01, 1), st.booleans())
def test_fgsm_is_reflected_fgsm(seed: int, radius: float, box: bool) -> None:
    """cor-fgsm: bit for bit, and it is the package's FGSM, which knows no loss."""
    net, x, y = drawn(seed)
    one = Schedule(radius, radius, 1, "last")
    found = [signed(net, x, y, loss, one, box) for loss in BOTH]
    assert torch.equal(*found)
    assert torch.equal(found[0], fgsm(net, x, y, radius=radius, box=(0.0, 1.0) if box else None))


@given(SEEDS, st.floats(0.01, 1), st.integers(1, 12), st.booleans())
def test_bim_is_reflected_bim(seed: int, radius: float, steps: int, box: bool) -> None:
    """cor-fgsm: bit for bit over all steps, whichever iterate is returned."""
    net, x, y = drawn(seed)
    for keep in ("last", "best"):
        many = Schedule(radius, radius / steps, steps, keep)
        found = [signed(net, x, y, loss, many, box) for loss in BOTH]
        assert torch.equal(*found)
    limits = (0.0, 1.0) if box else None
    last = signed(net, x, y, REFLECTED, Schedule(radius, radius / steps, steps, "last"), box)
    assert torch.equal(last, bim(net, x, y, radius=radius, steps=steps, box=limits))


@given(SEEDS, st.floats(0.01, 1))
def test_normalised_pgd_is_its_reflection(seed: int, radius: float) -> None:
    """cor-fgsm: Euclidean steps of a given length agree up to rounding, in double precision."""
    net, x, y = drawn(seed, torch.float64)
    many = Schedule(radius, radius / 4, 8)
    found = [
        ascend(net, x, y, ball=L2, schedule=many, direction=normalised(loss, L2))
        for loss in (LOGISTIC, REFLECTED, MARGIN)
    ]
    for other in found[1:]:
        lowest = [margin(net.value(point), y) for point in (found[0], other)]
        torch.testing.assert_close(*lowest, rtol=1e-6, atol=1e-8)


@given(SEEDS, st.floats(0.1, 12))
def test_raw_gradients_are_multiples_of_one_another(seed: int, size: float) -> None:
    """prop-lengths: the reflected gradient is e^z times the other, and their lengths add up."""
    net, x, y = drawn(seed, torch.float64)
    net = replace(net, a=size * net.a)
    f, pull = net.linearise(x)
    one, other = (pull(loss.slope(f, y.expand_as(f))) for loss in BOTH)
    z = margin(f, y)
    torch.testing.assert_close(other, z.exp()[..., None] * one, rtol=1e-9, atol=1e-12)
    whole = pull(torch.ones_like(f))
    torch.testing.assert_close(L2.norm(one) + L2.norm(other), L2.norm(whole), rtol=1e-9, atol=1e-12)


def moves(direction: Direction, z: float, net: TwoLayer) -> bool:
    """Whether the attack moves from an input with this margin at all."""
    x = torch.tensor([[z]], dtype=net.w.dtype)
    one = Schedule(1.0, 1.0, 1, "last")
    found = ascend(net, x, torch.ones(1).to(x), ball=LINF, schedule=one, direction=direction)
    return not torch.equal(found, x)


@pytest.mark.parametrize(
    ("slope", "last"),
    [(LOGISTIC.slope, 88.7), (two_logits, 102.8), (one_logit, 16.6)],
    ids=["sigmoid", "two logits", "one logit"],
)
def test_the_identity_ends_where_the_weight_underflows(
    slope: Callable[[Tensor, Tensor], Tensor], last: float
) -> None:
    """cor-fgsm: in single precision, by three ways to compute q; the reflected one goes on."""
    line = TwoLayer(torch.ones(1, 1), torch.ones(1))
    direction = Direction(slope, torch.sign)
    assert moves(direction, last - 0.1, line)
    assert not moves(direction, last + 0.2, line)
    assert moves(normalised(REFLECTED, LINF), 1e6, line)
    assert moves(Direction(LOGISTIC.slope, torch.sign), 700.0, line.to("cpu", torch.float64))


@given(SEEDS, st.sampled_from([L2, LINF]))
def test_all_decreasing_losses_rank_points_alike(seed: int, ball: Ball) -> None:
    """prop-same-maximiser: of many points of a ball the same one has the largest loss."""
    net, x, y = drawn(seed, torch.float64)
    net = net.member(0)
    generator = torch.Generator().manual_seed(seed)
    points = x[:1] + ball.sample((400, 5), 0.7, generator).double()
    f = net.value(points)
    best = {int(loss.value(f, y[:1].expand(400)).argmax()) for loss in (LOGISTIC, REFLECTED)}
    assert best == {int((y[0] * f).argmin())}


def test_one_perturbation_for_two_examples() -> None:
    """prop-shared: each loss has a pair of examples on which it breaks fewer than it could."""
    delta = torch.linspace(-1, 1, 2001, dtype=torch.float64)
    first = torch.stack([-6 - 3 * delta, (1 + 2 * delta) / 4], -1)
    for z, wrong, right in ((first, LOGISTIC, REFLECTED), (-first, REFLECTED, LOGISTIC)):
        broken = {}
        for loss in (wrong, right):
            total = loss.value(z, torch.ones_like(z)).sum(-1)
            broken[loss.name] = int((z[total.argmax()] <= 0).sum())
        most = int((z <= 0).sum(-1).max())
        assert broken[right.name] == most == broken[wrong.name] + 1


@given(SEEDS, st.floats(1, 6), st.floats(0.05, 2))
def test_no_network_is_crossed_sooner(seed: int, z0: float, h: float) -> None:
    """prop-steps: raw PGD on ten inputs of any leaky network, inside a ball or not."""
    net = initialise(4, 6, seed, activation=leaky_relu(0.3), dtype=torch.float64)
    x = torch.rand(10, 4, generator=torch.Generator().manual_seed(seed)).double()
    f = net.value(x)
    largest = float(torch.linalg.matrix_norm(net.w, 2))
    net = replace(net, a=net.a * z0 / float(f.abs().max()))
    steep = largest * float(net.a.abs().max())  # a Lipschitz constant
    y, z = torch.where(f >= 0, 1.0, -1.0).double(), net.value(x).abs()
    least = (q_time(z) / h).ceil()
    for steps in (1, 2, 5, 20):
        found = pgd(net, x, y, radius=0.8, steps=steps, step=h / steep**2, loss=LOGISTIC)
        crossed = margin(net.value(found), y) <= 0
        assert bool((least[crossed] <= steps).all())


@given(st.floats(0.2, 6), st.floats(0.05, 3), st.floats(0.5, 4))
def test_steps_on_a_linear_network(z0: float, h: float, slope: float) -> None:
    """prop-steps: raw PGD itself crosses zero when the two formulas say so."""
    net = TwoLayer(torch.full((1, 1), slope).double(), torch.ones(1).double())
    net = replace(net, activation=leaky_relu(1.0))
    x, y = torch.tensor([[z0 / slope]]).double(), torch.ones(1).double()
    for loss, least, most in (
        (
            LOGISTIC,
            float(q_time(x * slope)) / h,
            1 + math.exp(h / 2) * float(q_time(x * slope)) / h,
        ),
        (REFLECTED, z0 / h, 1 + float(s_time(x * slope)) / h),
    ):
        few, many = math.ceil(least - 1e-9) - 1, math.ceil(most + 1e-9) - 1
        for steps, crossed in ((few, False), (max(many, 1), True)):
            if steps < 1:
                continue
            schedule = Schedule(1.001 * z0 / slope, h / slope**2, steps, "last")
            found = ascend(net, x, y, ball=L2, schedule=schedule, direction=raw(loss))
            assert bool(net.value(found) <= 1e-12) is crossed
