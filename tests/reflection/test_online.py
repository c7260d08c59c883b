"""Online adversarial training: against autograd, its bounds, and what the attacks find."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from advtheory.data.synthetic import apart, at_margin
from advtheory.losses import REFLECTED
from advtheory.networks import TwoLayer, initialise, leaky_relu
from advtheory.reflection import bounds
from advtheory.reflection.exact_plane import best_in_disc, least_margin
from advtheory.reflection.experiments.margin_setting import worst_of_90
from advtheory.training import (
    linear_attack,
    no_attack,
    noise_attack,
    reflected_attack,
    train_online,
)

REAL = torch.float64
GAMMA = 0.5


def networks(d: int, m: int, alpha: float, seeds: list[int], top: Tensor | None = None) -> TwoLayer:
    net = initialise(d, m, seeds, activation=leaky_relu(alpha), dtype=REAL)
    return net if top is None else replace(net, a=top.expand(net.a.shape))


def examples(k: int, steps: int, d: int, rare: float = 0.5) -> tuple[Tensor, Tensor]:
    return at_margin(k, steps, d=d, gamma=GAMMA, rare=rare, generator=apart(3))


def size(net: TwoLayer) -> float:
    return float(net.a.square().mean().sqrt())


def test_a_run_is_that_of_autograd() -> None:
    """lem-perceptron, eq-online: three steps by autograd on the logistic loss, with an attack."""
    net, (x, y) = networks(3, 5, 0.3, [1, 2]), examples(2, 3, 3)
    run = train_online(net, x, y, linear_attack(0.2), learning_rate=0.4)
    for k in range(2):
        w, a = net.w[k].clone().requires_grad_(), net.a[k]
        for t in range(3):
            point, label = x[k, t].clone().requires_grad_(), y[k, t]
            f = torch.nn.functional.leaky_relu(w @ point, 0.3) @ a / math.sqrt(5)
            (way,) = torch.autograd.grad(f, point)
            shown = (point - 0.2 * label * way / way.norm()).detach()
            f = torch.nn.functional.leaky_relu(w @ shown, 0.3) @ a / math.sqrt(5)
            (step,) = torch.autograd.grad(torch.nn.functional.softplus(-label * f), w)
            assert run.pull[k, t] == pytest.approx(float(torch.sigmoid(-label * f.detach())))
            assert run.norm[k, t] == pytest.approx(float(w.detach().norm()))
            w = (w.detach() - 0.4 * step).requires_grad_()
        torch.testing.assert_close(run.net.w[k], w.detach())
    assert net.w.equal(networks(3, 5, 0.3, [1, 2]).w)  # the start is left alone


@settings(max_examples=25)
@given(
    st.integers(2, 8), st.integers(1, 12), st.floats(0.05, 1), st.floats(0, 0.9),
    st.floats(0.05, 1), st.integers(0, 10**6), st.sampled_from(["signs", "any"]),
)  # fmt: skip
def test_every_attack_obeys_both_bounds(
    d: int, m: int, alpha: float, share: float, slower: float, seed: int, kind: str
) -> None:
    """lem-perceptron: parts 1 and 2 at every step, for any top layer, step and noise."""
    draw = torch.Generator().manual_seed(seed)
    top = None if kind == "signs" else torch.randn(m, generator=draw, dtype=REAL)
    net, nu = networks(d, m, alpha, [seed, seed + 1], top), share * GAMMA
    (x, y), sphere = examples(2, 120, d), torch.randn(2, 120, d, generator=draw, dtype=REAL)
    attack = noise_attack(nu * sphere / sphere.norm(dim=-1, keepdim=True))
    eta = slower * float(bounds.step_size(nu, top=size(net)))
    run = train_online(net, x, y, attack, learning_rate=eta)
    t, gain = np.arange(1, 121), bounds.correlation(GAMMA, nu, alpha=alpha, top=size(net))
    for k in range(2):
        start = float(run.norm[k, 0])
        pull = run.pull[k].cumsum(0).numpy() / t
        assert (pull <= bounds.mean_bound(t, eta, gain, start=start) * (1 + 1e-9)).all()
        assert (run.norm[k, 1:].numpy() <= bounds.norm_bound(t, eta, start=start) + 1e-9).all()


def test_the_bound_is_independent_of_the_width() -> None:
    """lem-perceptron: linear networks of two widths with the same slope train alike."""
    (x, y), pulls = examples(1, 50, 4), []
    for m in (1, 300):
        net = networks(4, m, 1.0, [0], torch.ones(m, dtype=REAL))
        net = replace(net, w=torch.ones_like(net.w) / math.sqrt(m))
        pulls.append(train_online(net, x, y, linear_attack(0.2), learning_rate=0.5).pull)
    torch.testing.assert_close(*pulls)


def test_a_top_layer_of_zeros_learns_nothing() -> None:
    """prop-zero-top: all pulls are one half, for ever."""
    x, y = examples(1, 40, 3)
    net = networks(3, 6, 0.5, [0], torch.zeros(6, dtype=REAL))
    run = train_online(net, x, y, no_attack, learning_rate=1.0)
    assert (run.pull == 0.5).all()


def test_a_tiny_top_layer_breaks_the_printed_lemma_and_not_ours() -> None:
    """prop-zero-top: one entry 1, the others 1/sqrt m; then with the step of lem-perceptron."""
    eps, nu, radius = 0.45, 0.0, 1.0
    steps = math.ceil(4 * (radius + nu) ** 2 / ((GAMMA - nu) * eps) ** 2)
    m = math.ceil(2 * steps / math.log(1 / eps - 1)) + 1
    top = torch.full((m,), m**-0.5, dtype=REAL)
    top[0] = 1.0
    net = networks(2, m, 1.0, [0], top)
    net = replace(net, w=torch.zeros_like(net.w))
    x, y = examples(1, steps, 2)
    printed = train_online(net, x, y, no_attack, learning_rate=1.0)
    assert (printed.pull > eps).all()
    eta = float(bounds.step_size(nu, top=size(net)))
    assert steps == bounds.perceptron_iterations(eps, GAMMA, nu, top=size(net))
    assert train_online(net, x, y, no_attack, learning_rate=eta).pull.mean() <= eps


def test_an_exact_attack_bounds_the_robust_error() -> None:
    """cor-exact-oracle: at every iterate the error is at most twice the pull at the worst point."""
    x, y = examples(3, 150, 2, rare=0.1)
    fresh, label = at_margin(400, d=2, gamma=GAMMA, rare=0.1, generator=apart(9))
    pulls, wrong = [], []

    def watch(net: TwoLayer) -> None:
        worst = least_margin(net, fresh, label, 0.3)
        pulls.append(torch.sigmoid(-worst).mean(-1))
        wrong.append((worst <= 0).double().mean(-1))

    def exact(net: TwoLayer, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return best_in_disc(net, x, y, 0.3)

    train_online(networks(2, 8, 0.4, [0, 1, 2]), x, y, exact, learning_rate=0.5, watch=watch)
    assert len(wrong) == 150
    assert (torch.stack(wrong) <= 2 * torch.stack(pulls)).all()


def test_ninety_points_of_the_circle_are_nearly_as_bad_as_the_worst_of_the_disc() -> None:
    """cor-exact-oracle: the cheap attack of training, against the exact one and points inside."""
    net, (x, y) = networks(2, 7, 0.3, [0, 1, 2, 3]), examples(4, 30, 2)
    nu, worst = 0.3, least_margin(networks(2, 7, 0.3, [0, 1, 2, 3]), x, y, 0.3)
    draw = torch.Generator().manual_seed(0)
    slope = net.w.norm(dim=-1).sum(-1)[:, None] / math.sqrt(7)
    for _ in range(300):
        way = torch.randn(x.shape, generator=draw, dtype=REAL)
        depth = torch.rand(y.shape, generator=draw, dtype=REAL).sqrt()[..., None]
        inside = x + nu * depth * way / way.norm(dim=-1, keepdim=True)
        assert (y * net.value(inside) >= worst - 1e-12).all()
    shown = worst_of_90(nu)(net, x, y)
    lost = y * net.value(shown) - worst
    assert ((lost >= -1e-12) & (lost <= 0.035 * nu * slope)).all()
    torch.testing.assert_close((shown - x).norm(dim=-1), torch.full(y.shape, nu, dtype=REAL))


def test_the_step_of_theorem_34() -> None:
    """thm-training: strong attacks are as rare as four pulls at PGD's point and eps say."""
    nu, eps, alpha = 0.3, 0.2, 0.75
    net, (x, y) = networks(2, 6, alpha, list(range(20))), examples(20, 60, 2)
    norm = torch.linalg.matrix_norm(net.w)
    steps = int(bounds.attack_iterations(eps, nu, float(norm.max())))
    found = y * net.value(reflected_attack(nu, steps)(net, x, y))
    strong = least_margin(net, x, y, nu) <= -2 * nu * (1 - alpha) * norm[:, None]
    assert strong.any()
    assert (strong.double() <= 4 * torch.sigmoid(-found) + eps).all()


def test_reflected_attack_is_algorithm_1_with_its_own_step() -> None:
    """thm-training: each network by a loop with its step 1/(top^2 |W|^2), the best iterate kept."""
    net, (x, y) = networks(3, 4, 0.6, [0, 1]), examples(2, 5, 3)
    shown = reflected_attack(0.25, 7)(net, x, y)
    for k in range(2):
        one, eta = net.member(k), float(net.w[k].norm()) ** -2
        for i in range(5):
            point, label = x[k, i : i + 1], y[k, i : i + 1]
            seen = [point]
            for _ in range(7):
                f, gradient = one.value_and_gradient(seen[-1])
                way = seen[-1] + eta * REFLECTED.slope(f, label)[:, None] * gradient - point
                far = float(way.norm())
                seen.append(point + way * min(1.0, 0.25 / far))
            best = min(seen, key=lambda p: float(label * one.value(p)))
            torch.testing.assert_close(shown[k, i : i + 1], best)


def test_a_small_beta_is_a_rescaling() -> None:
    """cor-small-beta: the same functions at every step, weights divided by c."""
    c, (x, y) = 0.01, examples(2, 40, 2)
    net = networks(2, 6, 0.7, [0, 1])
    small = replace(net, a=c * net.a, w=net.w / c)
    attack = reflected_attack(0.2, 5)
    one = train_online(net, x, y, attack, learning_rate=0.5)
    other = train_online(small, x, y, attack, learning_rate=0.5 / c**2)
    torch.testing.assert_close(one.pull, other.pull)
    torch.testing.assert_close(one.net.w, c * other.net.w)
    far = [-least_margin(n, x, y, 0.2) / torch.linalg.matrix_norm(n.w)[:, None]
           for n in (one.net, other.net)]  # fmt: skip
    torch.testing.assert_close(c * far[0], far[1])


def test_a_linear_attack_is_exact_for_a_linear_network() -> None:
    """cor-linear-training, cor-exact-oracle: the margin falls by nu |u|, its closed form."""
    net, (x, y) = networks(5, 9, 1.0, [0, 1]), examples(2, 8, 5)
    u = torch.einsum("ks,ksd->kd", net.a, net.w) / 3
    exact = y * torch.einsum("knd,kd->kn", x, u) - 0.2 * u.norm(dim=-1)[:, None]
    torch.testing.assert_close(y * net.value(linear_attack(0.2)(net, x, y)), exact)
    torch.testing.assert_close(y * net.value(reflected_attack(0.2, 400)(net, x, y)), exact)


@pytest.mark.parametrize(("change", "words"), [
    ({"learning_rate": 0.0}, "learning_rate is 0.0"),
    ({"start": networks(2, 3, 0.5, [0]).member(0)}, "one network and T examples"),
    ({"y": torch.ones(1, 5)}, "one label a row"),
    ({"y": torch.zeros(1, 4)}, "other than -1 and"),
])  # fmt: skip
def test_bad_input_gets_a_sentence(change: dict[str, object], words: str) -> None:
    """lem-perceptron: shapes, labels, and the step."""
    x, y = examples(1, 4, 2)
    given = {"start": networks(2, 3, 0.5, [0]), "y": y, "learning_rate": 0.1} | change
    net, label, eta = given["start"], given["y"], given["learning_rate"]
    assert isinstance(net, TwoLayer)
    assert isinstance(label, Tensor)
    assert isinstance(eta, float)
    with pytest.raises(ValueError, match=words):
        train_online(net, x, label, no_attack, learning_rate=eta)


def test_data_at_the_margin() -> None:
    """def-margin-radius: radius, margin, and the share of the rare side."""
    x, y = at_margin(4000, d=3, gamma=0.3, rare=0.2, generator=apart(0))
    torch.testing.assert_close(y * x[:, 0], torch.full_like(y, 0.3))
    assert x.norm(dim=1).max() <= 1 + 1e-12
    assert float((y * x[:, 1] < 0).double().mean()) == pytest.approx(0.2, abs=0.03)
    assert abs(float(y.mean())) < 0.06
    with pytest.raises(ValueError, match="at least two dimensions"):
        at_margin(5, d=1, gamma=0.3, generator=apart(0))
