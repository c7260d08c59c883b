"""The search of a whole grid against numpy, which sorts everything."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from advtheory.losses import CROSS_ENTROPY, REFLECTED, REFLECTED_SOFTMAX
from advtheory.reflection import exact_grid
from advtheory.reflection.exact_grid import LOSSES, Grid, top

X = torch.tensor([3.0, 2.0, 1.0], dtype=torch.float64)


def shifted(x: torch.Tensor) -> Any:
    return lambda shift: x[:, None] + shift


def everything(grid: Grid) -> Any:
    """The points of the ball in the order of the grid, one by one."""
    axis = [
        grid.half * (-1 + 2 * (i / (grid.side - 1) if grid.ends else (i + 0.5) / grid.side))
        for i in range(grid.side)
    ]
    points = np.array(list(itertools.product(axis, repeat=grid.dimension)))
    return points[(points**2).sum(1) <= grid.radius**2]


def by_hand(f: Any) -> dict[str, Any]:
    """The losses by their formulas."""
    p = np.exp(f) / np.exp(f).sum(1, keepdims=True)
    z = f[:, 0] - f[:, 1:].max(1)
    return {
        "cross-entropy": -np.log(p[:, 0]),
        "margin reflection": -np.log1p(np.exp(z)),
        "softmax reflection": np.log(p[:, 1:].max(1)),
    }


@given(
    side=st.integers(2, 14),
    ends=st.booleans(),
    radius=st.floats(0.3, 1.0),
    half=st.floats(0.2, 0.6),
    k=st.integers(1, 60),
    start=st.lists(st.floats(-1, 1), min_size=3, max_size=3),
)
def test_it_is_the_sorted_grid(
    side: int, ends: bool, radius: float, half: float, k: int, start: list[float]
) -> None:
    """sec-grid: the values are those of sorting all points; each point has its value."""
    grid, x = Grid(side, half, radius, ends=ends), torch.tensor(start, dtype=torch.float64)
    points = everything(grid)
    if not len(points):
        with pytest.raises(ValueError, match="holds no grid point"):
            top(shifted(x), LOSSES, grid, k)
        return
    found = top(shifted(x), LOSSES, grid, k)
    f = x.numpy() + points
    assert found.points == pytest.approx(len(points), abs=24)  # points on the sphere, by rounding
    assert abs(found.flips - int((f[:, 1:].max(1) > f[:, 0]).sum())) <= 24
    for name, values in by_hand(f).items():
        best = found.top[name]
        assert len(best.values) == min(k, found.points)
        again = by_hand(x.numpy() + best.points.numpy())[name]
        np.testing.assert_allclose(best.values.numpy(), again, rtol=1e-12)
        if found.points == len(points):
            np.testing.assert_allclose(best.values, np.sort(values)[::-1][:k], rtol=1e-12)


@pytest.mark.parametrize("ends", [False, True])
def test_flips_are_counted_in_the_plane_of_figure_2(ends: bool) -> None:
    """sec-grid: with a wider ball there are flips on a coarse grid too, and margins find them."""
    grid = Grid(21, 0.6, 0.9, ends=ends)
    found, f = top(shifted(X), LOSSES, grid, 300), X.numpy() + everything(grid)
    flips = f[:, 1:].max(1) > f[:, 0]
    assert found.flips == flips.sum() > 100
    assert found.top["margin reflection"].count(100) == 100
    for name, values in by_hand(f).items():
        place = np.lexsort((np.arange(len(f)), -np.round(values, 12)))[:300]
        # equal up to rounding: which of them comes first may differ, but no flip ties with another
        assert abs(found.top[name].count(300) - flips[place].sum()) <= found.top[name].tied


def test_ties_are_broken_by_the_order_of_the_grid_and_counted() -> None:
    """sec-grid: a constant loss keeps the first points, and all others tie."""
    grid = Grid(5, 1.0, 9.0, ends=True)
    found = top(lambda shift: shift, {"none": lambda f: torch.zeros_like(f[0])}, grid, 7)
    assert found.top["none"].points.tolist() == everything(grid)[:7].tolist()
    assert found.top["none"].tied == 5**3 - 7


def test_the_losses_are_those_of_the_package() -> None:
    """sec-grid: class by class or input by input."""
    f = torch.randn(4, 50, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    y = torch.zeros(50, dtype=torch.long)
    for ours, theirs in zip(
        LOSSES.values(), (CROSS_ENTROPY, REFLECTED, REFLECTED_SOFTMAX), strict=True
    ):
        torch.testing.assert_close(ours(f), theirs.value(f.mT, y))


def test_other_dimensions_and_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """sec-grid: in the plane and in four dimensions; blocks of any length give the same points."""
    for d in (2, 4):
        grid, x = Grid(6, 0.5, 0.6, dimension=d), torch.linspace(1, 0, d, dtype=torch.float64)
        whole = top(shifted(x), LOSSES, grid, 20)
        monkeypatch.setattr(exact_grid, "BLOCK", 7)
        pieces = top(shifted(x), LOSSES, grid, 20)
        monkeypatch.undo()
        assert whole.points == pieces.points == len(everything(grid))
        for name in LOSSES:
            assert whole.top[name].points.equal(pieces.top[name].points)
            assert whole.top[name].tied == pieces.top[name].tied


def test_the_cap_of_figure_2() -> None:
    """prop-caps: the best points of the ball and the box, among many on its surface and its edges.

    A cross-entropy maximiser raises the third output, a softmax one lowers it; neither flips.
    """
    angle = torch.linspace(0, 2 * math.pi, 1500, dtype=torch.float64)
    height = torch.linspace(-0.51, 0.51, 1501, dtype=torch.float64)[:, None]
    free = (0.7078**2 - height**2).sqrt()
    ring = [free * angle.cos(), free * angle.sin(), height.expand(-1, 1500)]
    points = torch.cat([torch.stack([*ring[k:], *ring[:k]]).reshape(3, -1) for k in range(3)], 1)
    points = points[:, points.abs().amax(0) <= 0.51 + 1e-12]
    f = X[:, None] + points
    flips = f[1:].amax(0) > f[0]
    wanted = {
        "cross-entropy": (-0.51, 0.475, 0.123),
        "margin reflection": (-0.5005, 0.5005, 0.0),
        "softmax reflection": (-0.481, 0.51, -0.097),
    }
    for name, place in wanted.items():
        best = LOSSES[name](f).argmax()
        assert points[:, best].tolist() == pytest.approx(place, abs=3e-3)
        assert bool(flips[best]) is (name == "margin reflection")
    # a flip leaves almost nothing for the third coordinate
    assert float(points[2, flips].abs().max()) < math.sqrt(0.7078**2 - 0.5) < 0.0314


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"side": 1}, "side is 1; expected two points or more along an edge"),
        ({"dimension": 1}, "dimension is 1; expected two or more"),
        ({"radius": -1.0}, "radius is -1.0"),
    ],
)
def test_a_grid_that_there_is_not(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Grid(**{"side": 4, "half": 1.0, "radius": 1.0, **options})


def test_k_is_at_least_1() -> None:
    with pytest.raises(ValueError, match="k is 0; expected an integer of at least 1"):
        top(shifted(X), LOSSES, Grid(4, 0.51, 0.7), 0)
