"""Three classes: the attacks are those of the package, and it is driven as a reader drives it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import book_pages
import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from advtheory.losses import margin
from advtheory.pages.live import three_classes
from advtheory.pages.live.three_classes import START
from advtheory.pages.live.three_classes_still import ends
from tests.pages.live.shown import AXE, Shown, check, script, show, touch

SIZES = {"wide": (1400, 900), "phone": book_pages.PHONE}


def cases() -> list[dict[str, Any]]:
    """The example of the paper, and random inputs, radii, steps and rows."""
    random = np.random.default_rng(4)
    found = [START]
    for k in range(60):
        rows = START["rows"] if k % 2 else random.normal(size=(3, 2)).round(3).tolist()
        x = [round(float(random.uniform(*START[axis])), 3) for axis in ("across", "up")]
        radius, step = float(random.uniform(0.05, 0.6)), float(random.choice([0.009, 0.1, 2.0]))
        found.append({**START, "rows": rows, "x": x, "radius": radius, "step": step})
    return found


def test_the_attacks_are_those_of_the_package(page: Page) -> None:
    """prop-greedy-fails: the same best iterates, up to ties of margins."""
    every = "all.map((one) => attacks(one.rows, one.x, one))"
    code = f"(all) => {{ {script('three_attacks.js')}; return {every}; }}"
    for case, found in zip(cases(), page.evaluate(code, cases()), strict=True):
        rows = torch.tensor(case["rows"], dtype=torch.float64)
        y = torch.tensor([found["y"]])
        for name, end in ends(case).items():
            walked = found["walks"][name]
            best = torch.tensor([walked["best"]], dtype=torch.float64)
            ours, theirs = (margin(p @ rows.mT, y).item() for p in (best, end[None]))
            assert ours == pytest.approx(theirs, abs=1e-9)
            assert walked["margin"] == pytest.approx(theirs, abs=1e-9)
            assert len(walked["path"]) == case["steps"] + 1


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[Shown]:
    opened = show(browser, tmp_path, three_classes().html)
    yield opened
    assert opened.wrong == []
    opened.page.close()


def winners(shown: Shown) -> set[str]:
    marked = shown.page.locator(".found .wins").evaluate_all(
        "(all) => all.map((one) => one.className)"
    )
    return {name.split()[0] for name in marked}


def test_it_begins_with_the_example_of_the_paper(shown: Shown) -> None:
    """prop-greedy-fails: the plain and the targeted attack find class 3, greed does not."""
    said = shown.page.locator(".say")
    expect(said).to_contain_text("found by the plain attack and targeted reflection, and missed by")
    assert winners(shown) == {"plain", "targeted"}
    expect(shown.page.locator(".found .plain output")).to_contain_text("finds class 3")
    expect(shown.page.locator(".found .plain output")).to_contain_text("1.87, 0.94, 2.93")
    expect(shown.page.locator("[aria-live=polite]")).to_contain_text("missed by greedy margin")


def test_keys_the_slider_and_the_button(shown: Shown) -> None:
    page = shown.page
    x = page.get_by_role("slider", name="The input x")
    for _ in range(5):
        x.press("ArrowUp")
    expect(x).to_have_attribute("aria-valuetext", "x = (1.00, 0.10), class 1")
    assert "plain" in winners(shown)
    page.get_by_role("slider", name="Radius").fill("0.05")
    expect(page.locator(".say")).to_contain_text("no attack finds another class")
    for _ in range(6):
        x.press("ArrowUp")
    expect(page.locator(".say")).to_contain_text("is of class 3")
    page.get_by_role("button", name="The example of the paper").click()
    expect(page.locator(".say")).to_contain_text("x = (1.00, 0.00) is of class 1. Within 0.30")


def test_the_point_is_dragged(shown: Shown) -> None:
    page = shown.page
    dot, box = page.locator(".point .dot").bounding_box(), page.locator(".map").bounding_box()
    assert dot is not None
    assert box is not None
    page.mouse.move(dot["x"] + 5, dot["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.2 * box["height"], steps=5)
    page.mouse.up()
    expect(page.locator(".say")).to_contain_text("is of class 3")
    text = page.get_by_role("slider", name="The input x").get_attribute("aria-valuetext")
    place = [float(v) for v in re.findall(r"\d\.\d\d", str(text))]
    assert place == pytest.approx([-0.4 + 0.9 * 2.3, 0.75 - 0.2 * 1.5], abs=0.02)
    expect(page.get_by_role("slider", name="The input x")).to_be_focused()


def test_a_finger_moves_the_point_and_not_the_page(browser: Browser, tmp_path: Path) -> None:
    options: dict[str, Any] = {"has_touch": True, "is_mobile": True}
    shown = show(browser, tmp_path, three_classes().html, book_pages.PHONE, **options)
    shown.page.locator(".map").scroll_into_view_if_needed()
    box, before = shown.page.locator(".point .dot").bounding_box(), shown.page.evaluate("scrollY")
    assert box is not None
    touch(shown, (box["x"] + 5, box["y"] + 5), (box["x"] + 40, box["y"] - 70))
    expect(shown.page.locator(".say")).to_contain_text("is of class 3")
    assert shown.page.evaluate("scrollY") == before
    shown.page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_it_is_accessible_and_fits(
    browser: Browser, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    shown = show(browser, tmp_path, three_classes().html, size, theme)
    shown.page.evaluate(AXE)
    check(shown)
    assert shown.wrong == []
    shown.page.close()


def test_it_has_a_picture_for_paper(shown: Shown) -> None:
    shown.page.emulate_media(media="print")
    expect(shown.page.locator("[slot=still] svg")).to_be_visible()
    expect(shown.page.locator(".map")).to_be_hidden()
