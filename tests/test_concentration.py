"""The probability tools of sec-tools: exact tails, enumerations and draws against every bound."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory import concentration
from advtheory.laziness.bounds import row_norm

GAMMA = st.floats(1e-6, 1.0)
ROUNDING = 1e-9


def binomial_tail(n: int, p: float, above: float) -> float:
    """Pr[S >= above] for n trials, summed term by term."""
    first = max(0, math.ceil(above - ROUNDING))
    return math.fsum(
        math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(min(first, n + 1), n + 1)
    )


# Sums.


@given(st.integers(1, 60), st.floats(0, 40), st.floats(0, 200), st.floats(0, 0.99))
def test_from_moments_to_tails(k: int, t: float, u: float, scaled: float) -> None:
    """tool-sub-gamma: k exponential variables minus their mean have v = k and b = 1."""
    shape = torch.tensor(float(k), dtype=torch.float64)

    def tail(above: float) -> float:
        return float(torch.special.gammaincc(shape, shape + above))

    moment = -k * (scaled + math.log1p(-scaled))
    assert moment <= scaled**2 * k / (2 * (1 - scaled)) + ROUNDING
    assert tail(math.sqrt(2 * k * t) + t) <= math.exp(-t) + ROUNDING
    assert tail(u) <= math.exp(-u * u / (2 * (k + u))) + ROUNDING


@given(st.integers(1, 60), st.floats(0.01, 0.99), GAMMA)
def test_sums_against_exact_binomial_tails(n: int, p: float, gamma: float) -> None:
    """tool-hoeffding, tool-bernstein, tool-chernoff: failure at most gamma, by the exact law."""
    mean = n * p
    low, high = concentration.chernoff(mean, gamma)
    limits = (
        mean + concentration.hoeffding([1.0] * n, gamma),
        mean + concentration.bernstein(mean * (1 - p), max(p, 1 - p), gamma),
        high,
    )
    for limit in limits:
        # a boundary counts as beyond, up to rounding
        assert binomial_tail(n, p, limit + 2 * ROUNDING) <= gamma + ROUNDING
    below = binomial_tail(n, 1 - p, n - low + 2 * ROUNDING)
    assert below <= gamma + ROUNDING
    assert high <= 2 * mean + math.log(1 / gamma) + ROUNDING


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=9), GAMMA)
def test_signs_by_listing_all_of_them(weights: list[float], gamma: float) -> None:
    """tool-hoeffding: the sum of weighted signs, over all choices of signs."""
    limit = concentration.hoeffding([2 * abs(c) for c in weights], gamma)
    sums = [
        sum(c * e for c, e in zip(weights, signs, strict=True))
        for signs in itertools.product((-1, 1), repeat=len(weights))
    ]
    assert limit == pytest.approx(math.hypot(*weights) * math.sqrt(-2 * math.log(gamma)))
    assert sum(s > limit + ROUNDING for s in sums) <= gamma * len(sums)


def test_bernstein_beats_hoeffding_where_terms_are_rarely_large() -> None:
    """tool-bernstein: the variance counts, not the range."""
    n, p, gamma = 1000, 0.001, 0.01
    assert concentration.bernstein(n * p, 1.0, gamma) < 0.2 * concentration.hoeffding(
        [1.0] * n, gamma
    )


# Normal variables.


@given(st.integers(1, 400), GAMMA)
def test_chi_square_tails(k: int, gamma: float) -> None:
    """tool-chi-square: both tails by the incomplete gamma function."""
    low, high = concentration.chi_square(k, gamma)
    half = torch.tensor(k / 2, dtype=torch.float64)
    upper = torch.special.gammaincc(half, torch.tensor(high / 2, dtype=torch.float64))
    assert float(upper) <= gamma + ROUNDING
    if low > 0:
        lower = torch.special.gammainc(half, torch.tensor(low / 2, dtype=torch.float64))
        assert float(lower) <= gamma + ROUNDING


@given(st.integers(1, 300), GAMMA)
def test_the_norm_is_a_lipschitz_function(k: int, gamma: float) -> None:
    """tool-gaussian-lipschitz: the length of a normal vector has an exact law to compare with."""
    mean = math.sqrt(2) * math.exp(math.lgamma((k + 1) / 2) - math.lgamma(k / 2))
    limit = mean + concentration.gaussian_lipschitz(1.0, gamma)
    half = torch.tensor(k / 2, dtype=torch.float64)
    tail = torch.special.gammaincc(half, torch.tensor(limit**2 / 2, dtype=torch.float64))
    assert float(tail) <= gamma + ROUNDING


@pytest.mark.parametrize("k", [1, 2, 4, 8])
def test_norms_of_all_row_subsets(k: int) -> None:
    """tool-gaussian-matrix: the bound holds for every subset, and is no more than twice too big."""
    m, d = 8, 5
    draws = torch.randn(50, m, d, generator=torch.Generator().manual_seed(k), dtype=torch.float64)
    subsets = list(itertools.combinations(range(m), k))
    norms = torch.stack([torch.linalg.matrix_norm(draws[:, list(rows)], ord=2) for rows in subsets])
    largest = norms.amax(0)
    limit = float(row_norm(k, d, m, 0.02))
    assert (largest > limit).double().mean() <= 0.02
    assert limit < 2.5 * largest.max()


# Patterns and families of sets.


@given(st.integers(1, 6), st.integers(0, 10**6), st.floats(0.02, 1))
def test_families_shatter_as_many_sets_as_they_have_patterns(
    m: int, seed: int, share: float
) -> None:
    """tool-sauer: random families of patterns, all subsets of neurons tried."""
    kept = torch.rand(2**m, generator=torch.Generator().manual_seed(seed)) < share
    family = torch.arange(2**m)[kept].tolist() or [seed % 2**m]
    shattered = [
        mask for mask in range(2**m) if len({p & mask for p in family}) == 2 ** mask.bit_count()
    ]
    assert len(shattered) >= len(family)
    largest = max(mask.bit_count() for mask in shattered)
    if largest:
        assert len(family) <= concentration.patterns(m, largest)
        assert math.log(len(family)) <= concentration.log_growth(m, largest) + ROUNDING


@pytest.mark.parametrize(("m", "d"), [(5, 2), (7, 2), (6, 3), (9, 3)])
def test_gate_patterns_found_by_search(m: int, d: int) -> None:
    """tool-patterns: the cells that random inputs find are as many as Cover counts, no more."""
    generator = torch.Generator().manual_seed(m)
    rows = torch.randn(m, d, generator=generator, dtype=torch.float64)
    inputs = torch.randn(200_000, d, generator=generator, dtype=torch.float64)
    powers = 2 ** torch.arange(m)
    found = len(set((((inputs @ rows.T) > 0) * powers).sum(1).tolist()))
    assert found == 2 * sum(math.comb(m - 1, i) for i in range(d))
    assert found <= concentration.patterns(m, d)


@pytest.mark.parametrize("m", [1, 2, 5, 9])
def test_the_bound_on_patterns_may_be_strict(m: int) -> None:
    """tool-patterns: on the line the sign of x decides, so three inputs show all."""
    for seed in range(20):
        rows = torch.randn(m, 1, generator=torch.Generator().manual_seed(seed))
        inputs = torch.tensor([[-1.0], [0.0], [1.0]])
        shown = len({tuple(gates) for gates in (inputs @ rows.T > 0).tolist()})
        assert shown <= concentration.patterns(m, 1) == m + 1
        assert shown <= 3
    assert concentration.patterns(5, 1) == 6


@given(st.integers(1, 40), st.integers(1, 60))
def test_patterns_are_the_sum_of_binomials(m: int, d: int) -> None:
    """tool-patterns: with as many dimensions as neurons every pattern is allowed."""
    assert concentration.patterns(m, d) == sum(math.comb(m, i) for i in range(d + 1))
    assert concentration.patterns(m, m + d) == concentration.patterns(m, 10**400) == 2**m


@given(st.integers(1, 200), st.integers(1, 60))
def test_the_closed_form_is_above_the_sum(n: int, dimension: int) -> None:
    """tool-patterns: the sum of binomials is at most (en/D)^D."""
    if n >= dimension:
        bound = concentration.log_growth(n, dimension)
        assert math.log(concentration.patterns(n, dimension)) <= bound + ROUNDING


@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.01, 60))
def test_swapping_pairs(both: int, one: int, a: float) -> None:
    """tool-relative-vc: the step of the proof with a fixed pattern, by the exact binomial law."""
    above = (4 * one + 3 * a + both) / 7  # kappa + B > 4/3 (kappa + n - B) + a
    assert binomial_tail(one, 0.5, above + 2 * ROUNDING) <= math.exp(-12 * a / 49)


@given(st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 500), GAMMA)
def test_the_union_over_cuts(m: int, measure: float, log_cuts: float, gamma: float) -> None:
    """tool-relative-vc: with this excess, twice the sum over all cuts is below gamma."""
    excess = concentration.relative_vc(measure, m, log_cuts, gamma) - 2 * measure
    a = m * excess - 4 / 3
    assert math.log(2) + log_cuts - 12 * a / 49 <= math.log(gamma) + 1e-6 * m


def test_slabs_never_hold_many_points() -> None:
    """tool-relative-vc: the fullest slab of a width, over all directions of the plane."""
    m, width = 2000, 0.05
    points = torch.randn(20, m, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    angles = torch.arange(720, dtype=torch.float64) * math.pi / 720
    directions = torch.stack([angles.cos(), angles.sin()])
    fullest = ((points @ directions).abs() <= width).double().mean(1).amax(1)
    measure = math.erf(width / math.sqrt(2))
    limit = concentration.relative_vc(measure, m, 2 * concentration.log_growth(2 * m, 3), 0.05)
    assert fullest.max() <= limit
    assert limit < 8 * fullest.max()


# Convex functions of signs.


@given(st.integers(0, 1000), st.floats(1e-4, 1.0))
def test_norms_of_sign_sums_by_listing_all_of_them(seed: int, gamma: float) -> None:
    """tool-talagrand: the mean is below the root of the squares, and the tail below gamma."""
    vectors = torch.randn(9, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    signs = torch.tensor(list(itertools.product((-1.0, 1.0), repeat=9)), dtype=torch.float64)
    lengths = torch.linalg.vector_norm(signs @ vectors, dim=1)
    mean, norm = lengths.mean(), float(torch.linalg.matrix_norm(vectors, ord=2))
    assert mean <= vectors.square().sum().sqrt() + ROUNDING
    assert (lengths >= mean + concentration.convex(norm, gamma)).double().mean() <= gamma
    sums = signs.sum(1)  # a linear function is convex, too, and 3-Lipschitz
    assert (sums >= concentration.convex(3.0, gamma)).double().mean() <= gamma
