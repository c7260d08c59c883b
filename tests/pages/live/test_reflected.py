"""Two walks: its numbers are those of the package, and it is driven as a reader drives it."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import book_pages
import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from advtheory.pages.live import LiveFigure, reflected
from advtheory.pages.live.reflected_still import bounds
from advtheory.reflection import lower, q, s, steps_to_zero, upper
from tests.pages.live.shown import AXE, Shown, check, script, show, touch

SIZES = {"wide": (1400, 900), "phone": book_pages.PHONE}
Z = np.linspace(-20, 20, 401)
OF_ONE = """(points) => points.map((z) =>
  [BOUNDS.upper(z), BOUNDS.lower(z), WEIGHTS.upper(z), WEIGHTS.lower(z)])"""
WALKS = """(points) => points.map(([z, h]) => KINDS.map((kind) => walk(z, h, kind, 20000).steps))"""


def call(page: Page, code: str, argument: object) -> np.ndarray:
    parts = script("drawing.js", "reflected_plots.js")
    return np.array(page.evaluate(f"(x) => {{ {parts}; return ({code})(x); }}", argument))


def test_bounds_and_weights_are_those_of_the_package(page: Page) -> None:
    found = call(page, OF_ONE, Z.tolist()).T
    for column, f in zip(found, (upper, lower, q, s), strict=True):
        np.testing.assert_allclose(column, f(torch.tensor(Z)).numpy(), rtol=1e-12, atol=1e-14)
    for z in (-3.0, 0.0, 5.5):
        exact = [float(f(torch.tensor(z).double())) for f in (lower, upper)]
        assert bounds(z) == pytest.approx(exact, abs=1e-12)


def test_walks_are_those_of_the_package(page: Page) -> None:
    random = np.random.default_rng(3)
    points = np.stack([random.uniform(-1, 7, 60), 2 ** random.uniform(-2, 2, 60)], axis=1)
    found = call(page, WALKS, points.tolist())
    for (z, h), (slow, fast) in zip(points, found, strict=True):
        start = torch.tensor(z)
        wanted = [int(steps_to_zero(start, h, weight, 20_000)) for weight in (q, s)]
        assert abs(slow - wanted[0]) <= 1  # another rounding may decide the last step
        assert abs(fast - wanted[1]) <= 1


@pytest.fixture
def figure() -> LiveFigure:
    return reflected()


@pytest.fixture
def shown(browser: Browser, tmp_path: Path, figure: LiveFigure) -> Iterator[Shown]:
    opened = show(browser, tmp_path, figure.html)
    opened.page.emulate_media(reduced_motion="reduce")
    yield opened
    assert opened.wrong == []
    opened.page.close()


def said(shown: Shown) -> str:
    return str(shown.page.locator(".say").text_content())


def test_it_begins_with_a_sure_network(shown: Shown) -> None:
    expect(shown.page.locator(".say")).to_contain_text("At the margin 6.0")
    assert f"{math.exp(6):.0f} times as long" in said(shown)
    assert "ℓ needs 412 steps of size 1, ℓ₋ needs 7." in said(shown)
    weights = [shown.page.locator(f"output.{name}").text_content() for name in ("q", "s")]
    assert [float(str(text)) for text in weights] == pytest.approx([0.002472, 0.9975], rel=5e-3)


def test_sliders_move_by_keys(shown: Shown) -> None:
    page = shown.page
    page.get_by_role("slider", name="Margin z").fill("4")
    expect(page.locator(".say")).to_contain_text("ℓ needs 60 steps of size 1, ℓ₋ needs 5.")
    page.get_by_role("slider", name="Step h").press("Home")
    expect(page.locator("output.h")).to_have_text("0.25")
    steps = page.get_by_role("slider", name="Steps made")
    steps.press("End")
    expect(page.locator(".say")).to_contain_text("along ℓ zero was reached at step")
    expect(steps).to_have_attribute("aria-valuetext", str(round(1.1**100) - 1))
    page.get_by_role("slider", name="Margin z").press("Home")
    expect(page.locator(".say")).to_contain_text("wrong already")
    assert "the longer one, 20.1 times" in said(shown)


def test_a_walk_ends_where_both_have_arrived(shown: Shown) -> None:
    shown.page.get_by_role("button", name="Walk").click()
    expect(shown.page.locator(".say")).to_contain_text("along ℓ zero was reached at step 412")
    assert "along ℓ₋ zero was reached at step 7." in said(shown)
    expect(shown.page.locator("[aria-live=polite]")).to_contain_text("step 412")
    dots = shown.page.locator(".walks circle.been.lower")
    assert dots.count() == 7


def test_a_walk_takes_its_time_and_can_be_stopped(shown: Shown) -> None:
    page = shown.page
    page.emulate_media(reduced_motion="no-preference")
    page.get_by_role("button", name="Walk").click()
    expect(page.locator(".say")).to_contain_text("along ℓ₋ zero was reached at step 7.")
    assert "along ℓ the margin is" in said(shown)
    page.get_by_role("button", name="Near the boundary").click()
    page.wait_for_timeout(300)
    expect(page.locator("output.place")).to_have_text("0")


def test_the_margin_is_moved_by_pointer_and_keys(shown: Shown) -> None:
    page = shown.page
    dot, plot = page.get_by_role("slider", name="Your margin"), page.locator(".losses")
    box, start = plot.bounding_box(), page.locator(".chosen .dot").bounding_box()
    assert box is not None
    assert start is not None
    page.mouse.move(start["x"] + 7, start["y"] - 60)  # anywhere on the dotted line
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 20, steps=8)
    page.mouse.up()
    expect(dot).to_be_focused()
    z = float(str(dot.get_attribute("aria-valuenow")))
    assert 1 < z < 3
    page.keyboard.press("ArrowRight")
    expect(dot).to_have_attribute("aria-valuetext", f"margin {z + 0.1:.1f}")
    page.keyboard.press("End")
    expect(page.locator("output.z")).to_have_text("8.0")
    page.keyboard.press("ArrowRight")
    expect(page.locator("output.z")).to_have_text("8.0")


def test_a_finger_moves_the_margin_and_not_the_page(browser: Browser, tmp_path: Path) -> None:
    html = reflected().html
    shown = show(browser, tmp_path, html, book_pages.PHONE, has_touch=True, is_mobile=True)
    shown.page.locator(".losses").scroll_into_view_if_needed()
    box, before = shown.page.locator(".chosen .dot").bounding_box(), shown.page.evaluate("scrollY")
    assert box is not None
    where = (box["x"] + 7, box["y"] + 7)
    touch(shown, where, (where[0] - 80, where[1] + 60))
    expect(shown.page.locator("output.z")).not_to_have_text("6.0")
    assert shown.page.evaluate("scrollY") == before
    shown.page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_it_is_accessible_and_fits(
    browser: Browser, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    shown = show(browser, tmp_path, reflected().html, size, theme)
    shown.page.emulate_media(reduced_motion="reduce")
    shown.page.evaluate(AXE)
    for name in ("Near the boundary", "A sure network", "Walk"):
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
    assert re.search("0-1 loss", str(still.get_attribute("aria-label")))
