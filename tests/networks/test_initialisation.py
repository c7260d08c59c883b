"""Two-layer networks at initialisation: their law, their size, and what a seed means."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from advtheory.networks import RELU, Activation, initialise
from tests.networks.cases import ACTIVATIONS, BIASES, LAYOUT, LEAKY, close, points


@ACTIVATIONS
@BIASES
@LAYOUT
def test_antisymmetric_networks_start_at_zero(
    activation: Activation, biases: bool, seeds: list[int] | None, lead: tuple[int, ...]
) -> None:
    """sec-two-layer: antisymmetric signs give f = 0, no input gradient, but a weight gradient."""
    net = initialise(
        5,
        12,
        seeds if seeds else 4,
        biases=biases,
        signs="antisymmetric",
        activation=activation,
        dtype=torch.float64,
    )
    x = points(*lead, 7, 5)
    f, gradient = net.value_and_gradient(x)
    assert f.abs().max() <= 1e-14
    assert gradient.abs().max() <= 1e-14
    assert net.weight_gradient(x, torch.ones_like(f))[0].abs().max() > 0.1
    assert torch.equal(net.a[..., :6], -net.a[..., 6:])


def standard_error(samples: Tensor) -> float:
    return float(samples.std() / math.sqrt(len(samples)))


@pytest.mark.parametrize("activation", [RELU, LEAKY], ids=lambda s: s.name)
@pytest.mark.parametrize("d", [3, 20])
def test_size_at_initialisation_on_the_sphere(activation: Activation, d: int) -> None:
    """sec-two-layer: E f = 0, E f^2 = (1 + alpha^2) / 2 and E |grad f|^2 = d (1 + alpha^2) / 2.

    The second moments hold exactly for every width, so only sampling errors remain: five of them.
    """
    net = initialise(d, 40, range(3000), activation=activation, dtype=torch.float64)
    x = points(1, d)
    f, gradient = net.value_and_gradient(x / x.norm())
    assert activation.kink is not None
    half = (1 + activation.kink**2) / 2
    for samples, mean in ((f, 0.0), (f**2, half), (gradient.square().sum(-1), half * d)):
        assert abs(float(samples.mean()) - mean) <= 5 * standard_error(samples.flatten())


def test_size_at_initialisation_with_biases() -> None:
    """sec-two-layer: a bias doubles the variance of z on the sphere, and c adds 1/m to E f^2."""
    net = initialise(6, 40, range(3000), biases=True, dtype=torch.float64)
    x = points(1, 6)
    squares = net.value(x / x.norm()).square().flatten()
    assert net.c is not None
    assert torch.equal(net.c.abs(), torch.full((3000,), 40**-0.5).double())
    assert abs(float(squares.mean()) - (1 + 1 / 40)) <= 5 * standard_error(squares)


def test_the_gradient_norm_grows_like_the_root_of_the_dimension() -> None:
    """thm-lazy-fragile: |grad f| at initialisation has the log-log slope 1/2 against d."""
    dimensions, logs, errors = (8, 32, 128), [], []
    for d in dimensions:
        x = points(1, d)
        squares = initialise(d, 64, range(300)).input_gradient((x / x.norm()).float())
        sizes = squares.square().sum(-1).flatten()
        logs.append(0.5 * math.log(sizes.mean()))
        errors.append(0.5 * standard_error(sizes) / float(sizes.mean()))
    u = np.log(dimensions) - np.log(dimensions).mean()
    slope = float(u @ logs / (u @ u))
    error = float(np.sqrt(np.sum((u * errors) ** 2)) / (u @ u))
    assert abs(slope - 0.5) <= 5 * error
    assert error < 0.02


@BIASES
@pytest.mark.parametrize("signs", ["independent", "antisymmetric"])
def test_a_seed_means_the_same_alone_and_in_an_ensemble(biases: bool, signs: str) -> None:
    """sec-two-layer: an ensemble of one equals the single network, and so does every member."""
    x = points(3, 6).float()
    ensemble = initialise(6, 8, [7, 3, 7], biases=biases, signs=signs)
    for index, seed in enumerate([7, 3, 7]):
        single = initialise(6, 8, seed, biases=biases, signs=signs)
        one = initialise(6, 8, [seed], biases=biases, signs=signs)
        for net in (ensemble.member(index), one.member(0)):
            assert torch.equal(net.w, single.w)
            assert torch.equal(net.a, single.a)
        for team, place in ((ensemble, index), (one, 0)):
            for ours, alone in zip(
                team.value_and_gradient(x), single.value_and_gradient(x), strict=True
            ):
                torch.testing.assert_close(ours[place], alone, rtol=1e-5, atol=1e-6)
    assert not torch.equal(ensemble.w[0], ensemble.w[1])


def test_weights_are_standard_normal_and_signs_are_fair() -> None:
    """sec-two-layer: w_s ~ N(0, I_d), b_s ~ N(0, 1), a_s = +-1 with equal chances."""
    net = initialise(30, 2000, 0, biases=True, dtype=torch.float64)
    assert net.b is not None
    assert set(net.a.tolist()) == {-1.0, 1.0}
    for sample in (net.w.flatten(), net.b, net.a):
        assert abs(float(sample.mean())) <= 5 / math.sqrt(len(sample))
    for sample in (net.w.flatten(), net.b):  # squares have variance 2
        assert abs(float(sample.square().mean()) - 1) <= 5 * math.sqrt(2 / len(sample))


def test_precision_and_shape_follow_the_arguments() -> None:
    """sec-two-layer: dtype, m and d are what was asked for, and to() converts every part."""
    net = initialise(6, 8, [0, 1], biases=True)
    wide = net.to("cpu", torch.float64)
    assert (net.m, net.d, net.w.dtype) == (8, 6, torch.float32)
    parts = (wide.w, wide.a, wide.b, wide.c)
    assert [t.dtype for t in parts if t is not None] == [torch.float64] * 4
    assert initialise(6, 8, 0).to("cpu").b is None
    assert close(wide.member(1).value(points(3, 6)), wide.value(points(3, 6))[1], 1e-12)
