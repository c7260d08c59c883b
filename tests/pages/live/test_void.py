"""The figure about the hypothesis: its numbers are those of the package, and it is driven."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import book_pages
import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from advtheory.attacks import flipping_step
from advtheory.networks import TwoLayer, leaky_relu
from advtheory.pages.live import void
from advtheory.reflection import best_in_disc, iterates
from tests.pages.live.shown import AXE, Shown, check, script, show, touch

SIZES = {"wide": (1400, 900), "phone": book_pages.PHONE}
ATTACKS = """([w, a, alpha, nu, inputs, eta, steps]) => {
  const net = core.network({m: a.length, d: 2, w: Float64Array.from(w.flat()),
    a: Float64Array.from(a), alpha});
  return inputs.map((x) => {
    const best = bestAttack(net, x, nu), path = attackPath(net, x, nu, eta, steps);
    const flip = core.flip(net, Float64Array.from(x));
    return {value: core.value(net, Float64Array.from(x)), gradient: [...flip.gradient],
      distance: String(flip.distance), best: best.margin, steep: steepness(net),
      far: Math.hypot(best.x[0] - x[0], best.x[1] - x[1]), path: path.map((one) => one.x)};
  });
}"""


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.85, 1.0])
def test_attacks_are_those_of_the_package(page: Page, alpha: float) -> None:
    """thm-attack, prop-void: value, gradient, flip, best attack and path of leaky networks."""
    generator, nu, eta, steps = torch.Generator().manual_seed(2), 0.7, 0.2, 25
    w, x = (torch.randn(n, 2, generator=generator).double() for n in (4, 100))
    a = torch.tensor([1.0, -0.5, -2.0, 0.7]).double()
    net, y = TwoLayer(w, a, activation=leaky_relu(alpha)), torch.ones(100).double()
    given = [w.tolist(), a.tolist(), alpha, nu, x.tolist(), eta, steps]
    code = script("core.js", "void_attack.js")
    rows: list[dict[str, Any]] = page.evaluate(
        f"(g) => {{ {code}; return ({ATTACKS})(g); }}", given
    )
    best = best_in_disc(net, x, y, nu)
    path = iterates(net, x, y, radius=nu, step=eta, steps=steps).swapaxes(0, 1)
    wanted = {
        "value": net.value(x),
        "gradient": net.input_gradient(x),
        "best": net.value(best),
        "path": path,
        "steep": torch.full((100,), float(2 * torch.linalg.matrix_norm(w))).double(),
        "distance": flipping_step(net, x).distance,
    }
    for name, value in wanted.items():
        entries = [float(row[name]) if name == "distance" else row[name] for row in rows]
        found = torch.tensor(entries, dtype=torch.float64)
        torch.testing.assert_close(found, value, rtol=1e-9, atol=1e-9, msg=name)
    assert max(row["far"] for row in rows) <= nu + 1e-9


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[Shown]:
    opened = show(browser, tmp_path, void().html)
    yield opened
    assert opened.wrong == []
    opened.page.close()


def number(shown: Shown, name: str) -> float:
    return float(str(shown.page.locator(f".table .{name}").text_content()).replace("−", "-"))


def test_it_begins_where_the_hypothesis_holds(shown: Shown) -> None:
    expect(shown.page.locator(".say")).to_contain_text("The hypothesis holds")
    (net,) = void().networks
    x, y = torch.tensor([[-0.25, 0.3]]).double(), torch.ones(1).double()
    reach = 0.8 * float(torch.linalg.matrix_norm(net.w))
    wanted = {
        "margin": float(net.value(x)),
        "reach": reach,
        "threshold": 0.3 * reach,
        "lowest": float(net.value(best_in_disc(net, x, y, 0.8))),
    }
    assert {name: number(shown, name) for name in wanted} == pytest.approx(wanted, abs=5.1e-3)


def test_steep_gates_make_it_void(shown: Shown) -> None:
    page = shown.page
    page.get_by_role("button", name="Steep gates").click()
    expect(page.locator(".say")).to_contain_text("The hypothesis is void: α is at most ½")
    expect(page.locator(".say")).to_contain_text("The attack still finds")
    page.get_by_role("slider", name="Slope").fill("0.6")
    expect(page.locator(".say")).to_contain_text("The hypothesis does not hold")
    page.get_by_role("slider", name="Slope").press("End")
    expect(page.locator(".say")).to_contain_text("The hypothesis holds")
    assert number(shown, "threshold") == 0
    page.get_by_role("slider", name="Radius").press("Home")
    expect(page.locator(".say")).to_contain_text("No point of the disc changes the answer.")


def test_the_point_is_moved_by_keys_and_pointer(shown: Shown) -> None:
    page = shown.page
    dot, before = page.get_by_role("slider", name="The point x"), number(shown, "margin")
    dot.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".table .margin")).not_to_have_text(f"{before:.2f}")
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".say")).to_contain_text("wrong before any attack")
    expect(page.locator("[aria-live=polite]")).to_contain_text("wrong before any attack")
    box, at = page.locator(".map").bounding_box(), page.locator(".point .dot").bounding_box()
    assert box is not None
    assert at is not None
    page.mouse.move(at["x"] + 7, at["y"] + 7)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"], steps=6)
    page.mouse.up()
    expect(page.locator(".say")).not_to_contain_text("wrong before any attack")


def test_a_finger_moves_the_point_and_not_the_page(browser: Browser, tmp_path: Path) -> None:
    shown = show(browser, tmp_path, void().html, book_pages.PHONE, has_touch=True, is_mobile=True)
    shown.page.locator(".map").scroll_into_view_if_needed()
    box, before = shown.page.locator(".point .dot").bounding_box(), shown.page.evaluate("scrollY")
    assert box is not None
    margin = number(shown, "margin")
    touch(shown, (box["x"] + 7, box["y"] + 7), (box["x"] + 67, box["y"] + 27))
    expect(shown.page.locator(".table .margin")).not_to_have_text(f"{margin:.2f}")
    assert shown.page.evaluate("scrollY") == before
    shown.page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_it_is_accessible_and_fits(
    browser: Browser, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    shown = show(browser, tmp_path, void().html, size, theme)
    shown.page.evaluate(AXE)
    for name in ("Steep gates", "Nearly straight"):
        shown.page.get_by_role("button", name=name).click()
        check(shown)
    assert shown.wrong == []
    shown.page.close()


def test_a_still_picture_stands_for_it(shown: Shown) -> None:
    still = shown.page.locator("[slot=still] svg")
    expect(still).to_be_hidden()
    shown.page.emulate_media(media="print")
    expect(still).to_be_visible()
    expect(shown.page.locator(".map")).to_be_hidden()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"alpha": 1.2}, "alpha is 1.2; expected a slope from 0 to 1"),
        ({"nu": 2.0}, "nu is 2.0; expected a radius"),
        ({"point": (3.0, 0.0)}, "expected two numbers from -2 to 2"),
    ],
)
def test_other_settings_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        void(**options)
