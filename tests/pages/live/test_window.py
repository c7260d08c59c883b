"""The window: its bounds are those of the package, and it is driven as a reader drives it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import book_pages
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from advtheory.laziness import bounds
from advtheory.pages.live import window
from advtheory.pages.live.window_still import ends
from tests.pages.live.shown import (
    AXE,
    Shown,
    check,
    script,
    show,
    touch,
)

SIZES = {"wide": (1400, 900), "phone": book_pages.PHONE}
CHOSEN = 200
BOUNDS = """(points) => points.map(([c0, d, m, gamma, radius]) => {
  const {value, gradient, step, lazy, ball, ratios} = conditions(c0, d, m, gamma);
  return {
    value, gradient, step, lazy, ball, ...ratios,
    count: lazyCount(c0, d, m, gamma), turned: ballCount(radius, d, m, gamma),
    norm: rowNorm(Math.ceil(m / 3), d, m, gamma), inside: ballChange(radius, d, m, gamma),
    low: lowestWidth(d), high: highestWidth(c0, d, gamma),
  };
})"""


def sizes() -> dict[str, Any]:
    """Random sizes from a network on a desk to far beyond the window."""
    random = np.random.default_rng(9)
    d = 10 ** random.uniform(0.5, 20, CHOSEN)
    m = d * 10 ** random.uniform(0, 40, CHOSEN)
    c0, gamma = 10 ** random.uniform(-2, 2, CHOSEN), 10 ** random.uniform(-6, -0.95, CHOSEN)
    return {"c0": c0, "d": d, "m": m, "gamma": gamma, "radius": random.uniform(0, 0.5, CHOSEN)}


def of_the_package(c0: Any, d: Any, m: Any, gamma: Any, radius: Any) -> dict[str, Any]:
    step = bounds.perturbation_bound(c0, d, gamma)
    return {
        "value": bounds.value_bound(c0, gamma),
        "gradient": bounds.gradient_lower(d),
        "step": step,
        "lazy": bounds.lazy_gradient_change(c0, d, m, gamma),
        "ball": bounds.ball_gradient_change(np.minimum(step, 0.5), d, m, gamma),
        **bounds.conditions(c0, d, m, gamma),
        "count": bounds.lazy_count(c0, d, m, gamma),
        "turned": bounds.ball_count(radius, d, m, gamma),
        "norm": bounds.row_norm(np.ceil(m / 3), d, m, gamma),
        "inside": bounds.ball_gradient_change(radius, d, m, gamma),
        "low": np.log10(bounds.smallest_width(d)),
        "high": bounds.largest_log_width(c0, d, gamma) / np.log(10),
    }


RATIOS = ("radius", "lazy", "ball")


def test_the_bounds_are_those_of_the_package(page: Page) -> None:
    chosen = sizes()
    points = np.stack([chosen[k] for k in ("c0", "d", "m", "gamma", "radius")], axis=1)
    code = f"(points) => {{ {script('bounds.js')}; return ({BOUNDS})(points); }}"
    rows = page.evaluate(code, points.tolist())
    for name, expected in of_the_package(**chosen).items():
        found = np.array([row[name] for row in rows], dtype=float)
        np.testing.assert_allclose(found, expected, rtol=1e-10, err_msg=name)


@pytest.mark.parametrize(("c0", "gamma"), [(0.5, 0.1), (2, 0.1), (10, 0.1), (10, 0.00125)])
def test_the_honest_sizes_are_those_of_the_package(page: Page, c0: float, gamma: float) -> None:
    first = """([c0, gamma]) => ["radius", "lazy", "ball"].map((name) => 10 ** firstDimension((d) =>
      conditions(c0, d, (d * Math.log(d)) ** 2, gamma).ratios[name] <= 1))"""
    found = page.evaluate(f"(x) => {{ {script('bounds.js')}; return ({first})(x); }}", [c0, gamma])
    wanted = bounds.smallest_dimension(c0, gamma)
    assert found == pytest.approx(
        [wanted[name] for name in RATIOS], rel=5e-5
    )  # whole numbers there


@pytest.mark.parametrize(("c0", "gamma"), [(0.5, 0.1), (10, 0.00125)])
def test_the_window_opens_where_its_ends_meet(page: Page, c0: float, gamma: float) -> None:
    code = f"(x) => {{ {script('bounds.js')}; return windowOpens(...x); }}"
    opens = page.evaluate(code, [c0, gamma])
    for log, inside in ((opens - 1e-5, False), (opens + 1e-5, True)):
        low = np.log(bounds.smallest_width(10**log))
        assert bool(low <= bounds.largest_log_width(c0, 10**log, gamma)) is inside


def test_the_still_picture_has_the_ends_of_the_package() -> None:
    for log in (2.0, 10.0, 18.5, 22.0):
        low, high = ends(10, 0.1, log)
        assert low == pytest.approx(float(np.log10(bounds.smallest_width(10**log))), rel=1e-12)
        largest = float(bounds.largest_log_width(10, 10**log, 0.1)) / np.log(10)
        assert high == pytest.approx(largest, rel=1e-12)


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[Shown]:
    opened = show(browser, tmp_path, window().html)
    yield opened
    assert opened.wrong == []
    opened.page.close()


def value(text: str) -> float:
    """A number as people write it."""
    raised = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
    plain = text.replace("\u00a0", "").replace("·10", "e").translate(raised)
    return float(re.sub(r"^10(?=-?\d)", "1e", plain) if re.match("10[⁰-⁹⁻¹²³]", text) else plain)


def chain(shown: Shown) -> dict[str, float]:
    names = ("value", "lazy", "tenth", "change", "ball", "fifth", "step")
    return {
        name: value(str(shown.page.locator(f".chain output.{name}").text_content()))
        for name in names
    }


def test_it_begins_with_a_network_for_digits(shown: Shown) -> None:
    expect(shown.page.locator(".say")).to_contain_text("The theorem says nothing here")
    expect(shown.page.locator(".say")).to_contain_text("All three conditions fail.")
    size, lazy, ball = (
        float(bounds.gradient_lower(784)),
        float(bounds.lazy_gradient_change(10, 784, 10**4, 0.1)),
        float(bounds.ball_gradient_change(0.5, 784, 10**4, 0.1)),
    )
    wanted = {
        "value": float(bounds.value_bound(10, 0.1)),
        "lazy": lazy,
        "tenth": size / 10,
        "change": 2 * lazy + ball,
        "ball": ball,
        "fifth": size / 5,
        "step": float(bounds.perturbation_bound(10, 784, 0.1)),
    }
    assert chain(shown) == pytest.approx(wanted, rel=5e-3)
    marks = [shown.page.locator(f".chain .{name}.fails").count() for name in RATIOS]
    assert marks == [1, 1, 1]


def test_sliders_move_the_sizes_by_keys(shown: Shown) -> None:
    page = shown.page
    dimension = page.get_by_role("slider", name="Dimension d")
    dimension.press("End")
    expect(page.get_by_role("slider", name="Width m")).to_have_attribute("aria-valuetext", "10²²")
    expect(page.locator("output.d")).to_have_text("10²²")
    page.get_by_role("slider", name="Width m").fill("60")
    expect(page.locator(".say")).to_contain_text("The theorem speaks here")
    step = float(bounds.perturbation_bound(10, 1e22, 0.1))
    assert chain(shown)["step"] == pytest.approx(step, rel=0.02)
    expect(page.locator(".chain .fails")).to_have_count(0)
    page.get_by_role("slider", name="One event").press("Home")
    expect(page.locator(".say")).to_contain_text("1 − 8γ = 1,")
    page.get_by_role("slider", name="Lazy ball").press("End")
    expect(page.locator("output.c0")).to_have_text("100")
    assert chain(shown)["value"] == pytest.approx(float(bounds.value_bound(100, 1e-6)), rel=5e-3)


def test_the_point_is_moved_by_pointer_and_keys(shown: Shown) -> None:
    page = shown.page
    dot, plot = page.get_by_role("slider", name="Your dimension and width"), page.locator(".widths")
    box, start = plot.bounding_box(), page.locator(".chosen .dot").bounding_box()
    assert box is not None
    assert start is not None
    page.mouse.move(start["x"] + 7, start["y"] + 7)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.93 * box["width"], box["y"] + 0.3 * box["height"], steps=10)
    page.mouse.up()
    expect(page.locator(".say")).to_contain_text("The theorem speaks here")
    expect(dot).to_be_focused()
    for _ in range(40):
        page.keyboard.press("ArrowLeft")
    expect(page.locator(".say")).to_contain_text("how far the gradient turns on the way")
    expect(page.locator(".say")).to_contain_text("One condition fails.")
    expect(page.locator("[aria-live=polite]")).to_contain_text("One condition fails.")
    width = page.locator("output.m").text_content()
    page.keyboard.press("ArrowUp")
    expect(page.locator("output.m")).not_to_have_text(str(width))


def test_a_finger_moves_the_point_and_not_the_page(browser: Browser, tmp_path: Path) -> None:
    shown = show(browser, tmp_path, window().html, book_pages.PHONE, has_touch=True, is_mobile=True)
    shown.page.locator(".widths").scroll_into_view_if_needed()
    box, before = shown.page.locator(".chosen .dot").bounding_box(), shown.page.evaluate("scrollY")
    assert box is not None
    where = (box["x"] + 7, box["y"] + 7)
    touch(shown, where, (where[0] + 40, where[1] - 100))
    expect(shown.page.locator("output.d")).not_to_have_text("784")
    expect(shown.page.locator("output.m")).not_to_have_text("10⁴")
    assert shown.page.evaluate("scrollY") == before
    shown.page.close()


def test_a_width_is_never_below_the_dimension(shown: Shown) -> None:
    page = shown.page
    page.get_by_role("slider", name="Dimension d").fill("12")
    expect(page.locator("output.m")).to_have_text("10¹²")
    page.get_by_role("slider", name="Width m").fill("3")
    expect(page.locator("output.m")).to_have_text("10¹²")


def test_presets(shown: Shown) -> None:
    page = shown.page
    page.get_by_role("button", name="Into the window").click()
    expect(page.locator(".say")).to_contain_text("The theorem speaks here")
    page.get_by_role("button", name="A network for digits").click()
    expect(page.locator("output.d")).to_have_text("784")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_it_is_accessible_and_fits(
    browser: Browser, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    shown = show(browser, tmp_path, window().html, size, theme)
    shown.page.evaluate(AXE)
    for name in ("A network for digits", "Into the window"):
        shown.page.get_by_role("button", name=name).click()
        check(shown)
    assert shown.wrong == []
    shown.page.close()


def test_a_still_picture_stands_for_it(shown: Shown) -> None:
    still = shown.page.locator("[slot=still] svg")
    expect(still).to_be_hidden()
    shown.page.emulate_media(media="print")
    expect(still).to_be_visible()
    expect(shown.page.locator(".plots")).to_be_hidden()
