"""What a live figure computes in the browser is what the package computes from the same weights."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Page
from torch import Tensor

import advtheory.pages.live as live
from advtheory.attacks import flipping_step, pgd
from advtheory.networks import TwoLayer, initialise

CORE = (Path(live.__file__).parent / "core.js").read_text(encoding="utf-8")
COMPUTE = """([packed, inputs, radius]) => {
  const net = core.unpack(packed);
  return inputs.map((x) => {
    const flip = core.flip(net, x), y = flip.value < 0 ? -1 : 1;
    const {value, norm, distance, step} = flip;
    const attacked = [...core.pgd(net, x, y, radius, 20)], gradient = [...flip.gradient];
    const moved = [...core.step(x, flip.gradient, y, radius)];
    const plain = core.value(net, x);
    return {value, plain, gradient, norm, distance: String(distance), attacked, moved};
  });
}"""
RADIUS = 0.3
NETS = {
    "wide": initialise(196, 256, 0),
    "narrow with biases": initialise(2, 12, 3, biases=True),
    "paired": initialise(30, 64, 1, signs="antisymmetric"),
    "odd": initialise(7, 5, 2),
}


@pytest.fixture(scope="module", params=NETS)
def case(request: pytest.FixtureRequest) -> tuple[TwoLayer, Tensor]:
    """A rounded network, and 200 inputs of length 1 in float64."""
    net = NETS[request.param]
    w = net.w if request.param != "paired" else net.w + 0.1 * torch.randn(64, 30, generator=seed(5))
    x = torch.randn(200, net.d, generator=seed(7), dtype=torch.float64)
    return live.rounded(replace(net, w=w)), x / x.norm(dim=1, keepdim=True)


def seed(number: int) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def in_browser(page: Page, net: TwoLayer, x: Tensor) -> list[dict[str, Any]]:
    script = f"(given) => {{ {CORE}; return ({COMPUTE})(given); }}"
    found: list[dict[str, Any]] = page.evaluate(script, [live.packed(net), x.tolist(), RADIUS])
    return found


def column(rows: list[dict[str, Any]], name: str) -> Tensor:
    return torch.tensor(
        [float(row[name]) if name == "distance" else row[name] for row in rows], dtype=torch.float64
    )


def off(found: Tensor, expected: Tensor) -> float:
    """The largest error, relative to the largest entry."""
    assert found.isinf().equal(expected.isinf())
    finite = expected.isfinite()
    error = (found[finite] - expected[finite]).abs().max() / expected[finite].abs().max()
    return float(error)


def test_value_gradient_and_flip_are_those_of_the_package(
    page: Page, case: tuple[TwoLayer, Tensor]
) -> None:
    net, x = case
    exact = net.to("cpu", torch.float64)
    rows, flip = in_browser(page, net, x), flipping_step(exact, x)
    y = 1.0 - 2.0 * (flip.value < 0).double()
    gradient = exact.input_gradient(x)
    unit = gradient / gradient.norm(dim=1, keepdim=True).clamp_min(1e-300)
    pairs = {
        "value": flip.value,
        "plain": flip.value,
        "gradient": gradient,
        "norm": flip.gradient_norm,
        "distance": flip.distance,
        "moved": x - RADIUS * y[:, None] * unit,
        "attacked": pgd(exact, x, y, radius=RADIUS, steps=20),
    }
    assert {name: off(column(rows, name), want) for name, want in pairs.items()} == pytest.approx(
        dict.fromkeys(pairs, 0.0), abs=1e-9
    )
