"""What the plane computes in the browser is what the package computes from the same weights."""

import re
from typing import Any

import pytest
import torch
from playwright.sync_api import Page
from torch import Tensor

from advtheory.attacks import flipping_step
from advtheory.laziness.worst_case import extreme_value, value_range
from advtheory.networks import TwoLayer
from advtheory.networks.weight_balls import deviation
from advtheory.pages.live import plane
from advtheory.pages.live.plane_still import answers
from tests.pages.live.shown import script

SCRIPT = script("core.js", "drawing.js", "ball.js")
PARTS = """const networkOf = ({w, b, a}) => core.network({m: a.length, d: 2,
  w: Float64Array.from(w.flat()), b: Float64Array.from(b), a: Float64Array.from(a)});"""
RANGES = """([parts, radius, inputs]) => {
  const net = networkOf(parts);
  return inputs.map(([x, y]) => {
    const worst = [-1, 1].map((sign) => extremeNetwork(net, radius, [x, y], sign));
    const {low, value, high} = lazyRange(net, radius, x, y), flip = core.flip(net, [x, y]);
    return {
      low, value, high, answers: answers(net, radius, x, y), gradient: [...flip.gradient],
      distance: String(flip.distance), corners: flip.corners, slope: flip.slope,
      rows: worst.map((one) => [...one.w]), biases: worst.map((one) => [...one.b]),
    };
  });
}"""


def inputs(count: int = 200) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return 4 * torch.rand(count, 2, generator=generator, dtype=torch.float64) - 2


def biases(net: TwoLayer) -> Tensor:
    assert net.b is not None
    return net.b


def homogeneous(net: TwoLayer, x: Tensor) -> tuple[TwoLayer, Tensor]:
    """The rows (w, b) at the inputs (x, 1): how the book reads biases."""
    rows = torch.cat([net.w, biases(net)[:, None]], dim=1)
    return TwoLayer(rows, net.a), torch.cat([x, torch.ones(len(x), 1, dtype=x.dtype)], dim=1)


@pytest.fixture(scope="module", params=[3, 6, 40])
def net(request: pytest.FixtureRequest) -> TwoLayer:
    return plane(neurons=request.param).networks[0]


@pytest.fixture
def rows(page: Page, net: TwoLayer) -> list[dict[str, Any]]:
    parts = {"w": net.w.tolist(), "b": biases(net).tolist(), "a": net.a.tolist()}
    code = f"(given) => {{ {SCRIPT}; {PARTS} return ({RANGES})(given); }}"
    found: list[dict[str, Any]] = page.evaluate(code, [parts, RADIUS, inputs().tolist()])
    return found


RADIUS = 0.15


def test_value_gradient_and_flip_are_those_of_the_package(
    net: TwoLayer, rows: list[dict[str, Any]]
) -> None:
    x = inputs()
    flip, gradient = flipping_step(net, x), net.input_gradient(x)
    torch.testing.assert_close(column(rows, "value"), flip.value, rtol=0, atol=1e-12)
    torch.testing.assert_close(column(rows, "gradient"), gradient, rtol=0, atol=1e-12)
    distance = torch.tensor([float(row["distance"]) for row in rows], dtype=torch.float64)
    torch.testing.assert_close(distance, flip.distance, rtol=1e-9, atol=1e-12)


def column(rows: list[dict[str, Any]], name: str) -> Tensor:
    return torch.tensor([row[name] for row in rows], dtype=torch.float64)


def test_phi_has_its_corners_where_the_network_bends(
    net: TwoLayer, rows: list[dict[str, Any]]
) -> None:
    """At its corners, halfway between, and beyond the last one."""
    for x, row in zip(inputs(), rows, strict=True):
        sign, gradient = column([row], "value").sign(), column([row], "gradient")
        corners = column([row], "corners")[0]
        beyond = corners[-1] + column([{"end": [1.0, row["slope"]]}], "end")[0]
        places = torch.cat([corners, (corners[1:] + corners[:-1]) / 2, beyond[None]])
        ray = x - sign * places[:, :1] * gradient
        torch.testing.assert_close(sign * net.value(ray), places[:, 1], rtol=1e-8, atol=1e-8)


def test_the_range_over_the_lazy_ball_is_exact(net: TwoLayer, rows: list[dict[str, Any]]) -> None:
    start, wide = homogeneous(net, inputs())
    c0 = RADIUS * net.m**0.5
    ranges = [value_range(start, one, c0) for one in wide]
    low, high = (torch.stack([r[k] for r in ranges]) for k in (0, 1))
    torch.testing.assert_close(column(rows, "low"), low, rtol=0, atol=1e-12)
    torch.testing.assert_close(column(rows, "high"), high, rtol=0, atol=1e-12)


def test_the_extreme_networks_are_lazy_and_reach_the_ends(
    net: TwoLayer, rows: list[dict[str, Any]]
) -> None:
    start, wide = homogeneous(net, inputs())
    for one, row in list(zip(wide, rows, strict=True))[:40]:
        for k, sign in enumerate((-1, 1)):
            w = torch.tensor(row["rows"][k], dtype=torch.float64).reshape(-1, 2)
            b = torch.tensor(row["biases"][k], dtype=torch.float64)
            far = TwoLayer(torch.cat([w, b[:, None]], dim=1), net.a)
            wanted = extreme_value(start, one, RADIUS * net.m**0.5, sign)
            torch.testing.assert_close(far.w, wanted.w, rtol=0, atol=1e-12)
            assert float(deviation(far, start)) <= RADIUS * (1 + 1e-9)
            reached = float(far.value(one[None]))
            assert reached == pytest.approx(row["low" if sign < 0 else "high"], abs=1e-12)


def test_no_network_of_the_ball_contradicts_where_that_is_settled(net: TwoLayer) -> None:
    """Random networks of the ball, at 200 inputs; and some do contradict elsewhere."""
    x, generator = inputs(), torch.Generator().manual_seed(0)
    start, wide = homogeneous(net, x)
    _, _, plus, minus = answers(net, RADIUS * net.m**0.5, x)
    move = torch.randn(300, *start.w.shape, generator=generator, dtype=torch.float64)
    move *= RADIUS / move.norm(dim=-1, keepdim=True)
    signs = torch.stack([TwoLayer(start.w + one, start.a).value(wide).sign() for one in move])
    assert bool((signs[:, plus > 0] > 0).all())
    assert bool((signs[:, minus > 0] < 0).all())
    assert not bool((signs == signs[0]).all())


def test_the_still_picture_and_the_live_one_have_the_same_regions(
    net: TwoLayer, rows: list[dict[str, Any]]
) -> None:
    found = column(rows, "answers").T
    wanted = torch.stack(answers(net, RADIUS * net.m**0.5, inputs()))
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)


AREA = """([columns, rows]) => {
  const grid = sample((x, y) => x - 0.37 * y - 0.21, [-1, 1], [1, -1], columns, rows);
  return positivePart(grid, 300, 200);
}"""


def numbers(path: str) -> list[list[tuple[float, float]]]:
    """The polygons of a path."""
    loops = [part for part in re.split("M", path.replace("Z", "")) if part]
    return [[(float(u), float(v)) for u, v in (p.split(",") for p in loop.split("L"))]
            for loop in loops]  # fmt: skip


def shoelace(loop: list[tuple[float, float]]) -> float:
    pairs = zip(loop, [*loop[1:], loop[0]], strict=True)
    return sum(u * q - p * v for (u, v), (p, q) in pairs) / 2


def test_the_part_of_a_linear_function_is_exact(page: Page) -> None:
    part = page.evaluate(f"(given) => {{ {SCRIPT}; return ({AREA})(given); }}", [40, 30])
    area = sum(shoelace(loop) for loop in numbers(part["area"]))
    # x > 0.37 y + 0.21 on the square of side 2: the mean of 1 - 0.21 - 0.37 y over y, times 2
    assert area / (300 * 200) == pytest.approx((1 - 0.21) / 2, abs=1e-4)
    (edge,) = numbers(part["edge"])  # one line, so that dashes run on
    for u, v in edge:
        x, y = u / 150 - 1, 1 - v / 100
        assert x - 0.37 * y - 0.21 == pytest.approx(0, abs=1.5e-3)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"neurons": 2}, "neurons is 2; expected a whole number from 3 to 40"),
        ({"neurons": 41}, "neurons is 41; expected"),
        ({"point": (0.0, 2.5)}, r"point is \(0.0, 2.5\); expected two numbers from -2 to 2"),
        ({"point": (float("nan"), 0.0)}, "expected two numbers from -2 to 2"),
        ({"c0": -0.1}, "C0 is -0.1; expected a finite number of at least 0"),
    ],
)
def test_what_the_plane_cannot_show_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        plane(**given)


def test_more_neurons_of_a_seed_are_the_same_and_more() -> None:
    few, many = (plane(neurons=m).networks[0] for m in (4, 40))
    assert few.w.equal(many.w[:4])
    assert biases(few).equal(biases(many)[:4])
    lines = biases(many).abs() / many.w.norm(dim=1)
    assert float(lines.max()) < 1.7  # every line meets the map
