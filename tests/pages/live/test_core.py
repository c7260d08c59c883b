"""What a live figure computes in the browser is what the package computes from the same weights."""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import book_pages
import pytest
import torch
from playwright.sync_api import Browser, Page
from torch import Tensor

import advtheory.pages.live as live
from advtheory.attacks import flipping_step, pgd
from advtheory.networks import TwoLayer, initialise

CORE = (Path(live.__file__).parent / "core.js").read_text(encoding="utf-8")
COMPUTE = """([packed, inputs, radius]) => {
  const net = core.unpack(packed);
  return inputs.map((x, k) => {
    const {value, norm, distance, gradient, corners, slope} = core.flip(net, x);
    const y = value < 0 ? -1 : 1;
    return {value, norm, distance: String(distance), gradient: [...gradient], slope,
      corners: k < 20 ? corners : [],
      plain: core.value(net, x), moved: [...core.step(x, gradient, y, radius)],
      attacked: [...core.pgd(net, x, y, radius, 20)]};
  });
}"""
RADIUS = 0.3
CASES = {
    "random": initialise(196, 256, 0),
    "with biases": initialise(2, 12, 3, biases=True),
    "nearly paired": initialise(30, 64, 1, signs="antisymmetric"),
    "five neurons": initialise(7, 5, 2),  # f is 0 at some inputs
    **dict(zip(live.four().names, live.four().networks, strict=True)),
}


class Case(NamedTuple):
    """A rounded network, 200 inputs of length 1, and what the browser computes of them."""

    net: TwoLayer
    x: Tensor
    rows: list[dict[str, Any]]


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, browser: Browser) -> Case:
    net = CASES[request.param]
    if request.param == "nearly paired":
        net = replace(net, w=net.w + 0.1 * torch.randn(64, 30, generator=seed(5)))
    net, x = live.rounded(net), torch.randn(200, net.d, generator=seed(7))
    x = (x / x.norm(dim=1, keepdim=True)).double()
    page = book_pages.new_page(browser)
    script = f"(given) => {{ {CORE}; return ({COMPUTE})(given); }}"
    rows = page.evaluate(script, [live.packed(net), x.tolist(), RADIUS])
    page.close()
    return Case(net, x, rows)


def seed(number: int) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def column(rows: list[dict[str, Any]], name: str) -> Tensor:
    values = [float(row[name]) if name == "distance" else row[name] for row in rows]
    return torch.tensor(values, dtype=torch.float64)


def by_the_package(net: TwoLayer, x: Tensor) -> dict[str, Tensor]:
    flip, gradient = flipping_step(net, x), net.input_gradient(x)
    y = 1.0 - 2.0 * (flip.value < 0).to(x)
    unit = gradient / gradient.norm(dim=1, keepdim=True).clamp_min(1e-30)
    return {
        "value": flip.value,
        "plain": flip.value,
        "gradient": gradient,
        "norm": flip.gradient_norm,
        "distance": flip.distance,
        "moved": x - RADIUS * y[:, None] * unit,
        "attacked": pgd(net, x, y, radius=RADIUS, steps=20),
    }


def off(found: Tensor, expected: Tensor) -> float:
    """The largest error, relative to the largest entry."""
    assert found.isinf().equal(expected.isinf())
    finite = expected.isfinite()
    error = (found[finite] - expected[finite]).abs().max() / expected[finite].abs().max()
    return float(error)


def test_in_float64_the_browser_and_the_package_agree_to_rounding(case: Case) -> None:
    wanted = by_the_package(case.net.to("cpu", torch.float64), case.x)
    wrong = {name: off(column(case.rows, name), value) for name, value in wanted.items()}
    assert max(wrong.values()) < 1e-10, wrong


def test_in_float32_they_agree_to_a_ten_thousandth(case: Case) -> None:
    """All but PGD: where float32 puts a neuron on the other side of its kink, it goes elsewhere."""
    wanted = by_the_package(case.net, case.x.float())
    for name in ("value", "gradient", "norm", "distance", "moved"):
        assert off(column(case.rows, name), wanted[name].double()) < 1e-4, name


def test_the_corners_are_those_of_phi(case: Case) -> None:
    """phi(eta) = sign(f(x)) f(x - eta sign(f(x)) g), at the corners and beyond the last one."""
    exact = case.net.to("cpu", torch.float64)
    for point, row in zip(case.x[:20], case.rows[:20], strict=True):
        f, gradient = row["value"], torch.tensor(row["gradient"], dtype=torch.float64)
        if f == 0:
            assert row["corners"] == [[0, 0]]
            continue
        sign = 1.0 if f > 0 else -1.0
        eta, height = torch.tensor(row["corners"], dtype=torch.float64).unbind(1)
        beyond = eta[-1] + torch.tensor([1.0], dtype=torch.float64)
        eta, height = torch.cat([eta, beyond]), torch.cat([height, height[-1:] + row["slope"]])
        phi = sign * exact.value(point - sign * eta[:, None] * gradient)
        assert float((phi - height).abs().max()) < 1e-9 * float(phi.abs().max())
        assert bool((eta.diff() >= 0).all())


ONE = """([parts, x]) => {
  const flip = core.flip(core.network({...parts, w: Float64Array.from(parts.w),
    a: Float64Array.from(parts.a)}), x);
  return [String(flip.step), String(flip.distance), flip.value];
}"""


@pytest.mark.parametrize(
    ("w", "x", "step", "distance"),
    [
        ([[1.0]], [3.0], 3.0, 3.0),  # relu(x) touches 0 and stays there
        ([[1.0]], [-1.0], 0.0, 0.0),  # f = 0 has no sign to lose
        ([[2.0, 0.0]], [3.0, 1.0], 1.5, 3.0),  # the example of flipping_step
        ([[1.0, 0.0], [-1.0, 0.0]], [1.0, 0.0], 2**0.5, 1.0),  # |x| rises again behind 0
    ],
)
def test_edges_of_the_flip(
    page: Page, w: list[list[float]], x: list[float], step: float, distance: float
) -> None:
    net = TwoLayer(torch.tensor(w).double(), torch.ones(len(w)).double())
    parts = {"m": net.m, "d": net.d, "w": net.w.flatten().tolist(), "a": net.a.tolist()}
    found = page.evaluate(f"(given) => {{ {CORE}; return ({ONE})(given); }}", [parts, x])
    flip = flipping_step(net, torch.tensor([x]).double())
    assert [float(found[0]), float(found[1])] == pytest.approx([step, distance])
    assert [float(found[0]), float(found[2])] == pytest.approx(
        [float(flip.step), float(flip.value)]
    )
