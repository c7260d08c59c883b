"""Random inputs on the sphere: where they lie, that they are uniform, and the same for a seed."""

from __future__ import annotations

import math

import pytest
import torch

from advtheory.data.synthetic import APART, apart, at_cosine, random_input, sphere


@pytest.mark.parametrize("shape", [(7,), (4, 3), (2, 5, 40)])
def test_points_lie_on_the_sphere(shape: tuple[int, ...]) -> None:
    x = sphere(*shape, generator=apart(1))
    assert x.shape == shape
    torch.testing.assert_close(x.square().sum(-1), torch.ones(shape[:-1], dtype=torch.float64))


def test_the_third_coordinate_of_a_sphere_in_space_is_uniform() -> None:
    """Archimedes: the area of a slice depends on its height only."""
    n = 20_000
    x = sphere(n, 3, generator=apart(0))
    place = torch.arange(1, n + 1, dtype=torch.float64) / n
    for coordinate in x.T:
        gap = ((coordinate.sort().values + 1) / 2 - place).abs().max()
        assert float(gap) < 1.95 / math.sqrt(n)  # Kolmogorov and Smirnov, one in a thousand


def test_a_seed_means_one_input() -> None:
    x = random_input(20, 5)
    assert torch.equal(x, random_input(20, 5))
    assert torch.equal(x, sphere(20, generator=torch.Generator().manual_seed(APART + 5)))
    assert not torch.equal(x, random_input(20, 6))


@pytest.mark.parametrize("cosine", [0.0, 0.5, -0.9, 1.0])
def test_a_slice_of_the_sphere(cosine: float) -> None:
    x = at_cosine(2000, 6, cosine, apart(2)).double()
    torch.testing.assert_close(x.square().sum(1), torch.ones(2000).double(), rtol=0, atol=1e-6)
    assert bool((x[:, 0] - cosine).abs().max() < 1e-7)
    rest = x[:, 1:]
    share = (1 - cosine**2) / 5  # of the square for each of the other coordinates
    assert float(rest.mean(0).abs().max()) < 0.06
    torch.testing.assert_close(
        rest.square().mean(0), torch.full((5,), share).double(), rtol=0.1, atol=1e-9
    )
