"""A network in the plane on every screen, in both themes, beside other figures, and on paper."""

from pathlib import Path

import book_pages
import pytest
from playwright.sync_api import Browser, expect

from advtheory.pages.live import LiveFigure, break_a_digit, plane, window
from tests.pages.live.shown import (
    AXE,
    Shown,
    check,
    show,
    skip,
    touch,
)
from tests.pages.live.test_notebook import INSERT

SIZES = {"wide": (1400, 900), "phone": book_pages.PHONE}


@pytest.fixture(scope="module")
def figure() -> LiveFigure:
    return plane()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_it_is_accessible_and_fits(
    browser: Browser, tmp_path: Path, figure: LiveFigure, size: tuple[int, int], theme: str
) -> None:
    shown = show(browser, tmp_path, figure.html, size, theme)
    shown.page.evaluate(AXE)
    for step in (None, skip, more):
        if step:
            step(shown)
        check(shown)
    assert shown.wrong == []
    shown.page.close()


def more(shown: Shown) -> None:
    shown.page.get_by_role("slider", name="Neurons").fill("40")
    shown.page.get_by_role("button", name="The next neuron").click()


def test_a_finger_drags_the_point_and_scrolls_beside_it(
    browser: Browser, tmp_path: Path, figure: LiveFigure
) -> None:
    shown = show(browser, tmp_path, figure.html, book_pages.PHONE, has_touch=True, is_mobile=True)
    skip(shown)
    point = shown.page.get_by_role("slider", name="The point x")
    box = shown.page.locator(".point .dot").bounding_box()
    map_box = shown.page.locator(".map").bounding_box()
    assert box is not None
    assert map_box is not None
    where, before = (box["x"] + 7, box["y"] + 7), shown.page.evaluate("scrollY")
    touch(shown, where, (where[0], where[1] - 60))
    expect(point).not_to_have_attribute("aria-valuetext", "0.40, −0.30")
    assert shown.page.evaluate("scrollY") == before
    moved = point.get_attribute("aria-valuetext")
    corner = (map_box["x"] + 0.9 * map_box["width"], map_box["y"] + 0.95 * map_box["height"])
    touch(shown, corner, (corner[0], corner[1] - 150))
    expect(point).to_have_attribute("aria-valuetext", str(moved))
    shown.page.wait_for_function("(before) => scrollY > before", arg=before)
    assert shown.wrong == []
    shown.page.close()


@pytest.mark.parametrize("attached", [True, False])
@pytest.mark.parametrize("made", [plane(), window()], ids=["plane", "window"])
def test_it_lives_in_the_output_of_a_notebook(
    browser: Browser, tmp_path: Path, made: LiveFigure, attached: bool
) -> None:
    shown = show(browser, tmp_path, "")
    for _ in range(2):  # the cell runs again
        shown.page.evaluate(INSERT, [made._repr_html_(), attached])
    last = shown.page.locator("[data-live]").last
    last.locator("#c0").press("Home")
    expect(last.locator("output.c0")).to_have_text("0.00" if len(made.networks) else "0.01")
    assert shown.wrong == []
    shown.page.close()


def test_it_lives_beside_others_and_itself(
    browser: Browser, tmp_path: Path, figure: LiveFigure
) -> None:
    both = figure.html + figure.html + window().html + break_a_digit().html
    shown = show(browser, tmp_path, both)
    planes = shown.page.locator(".adv-live-plane [data-live]")
    planes.nth(1).get_by_role("slider", name="Neurons").fill("12")
    expect(planes.nth(1).locator("output.width")).to_have_text("12")
    expect(planes.nth(0).locator("output.width")).to_have_text("6")
    expect(planes.nth(0).locator(".asked")).to_be_visible()
    windowed = shown.page.locator(".adv-live-window [data-live]")
    windowed.get_by_role("button", name="Into the window").click()
    expect(windowed.locator(".say")).to_contain_text("The theorem speaks here")
    assert shown.wrong == []
    shown.page.close()


def test_the_colours_follow_the_theme(shown: Shown) -> None:
    colour = "(element) => getComputedStyle(element).fill"
    region = shown.page.locator("path.plus.settled")
    light = region.evaluate(colour)
    shown.page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")
    assert region.evaluate(colour) != light


def test_a_still_picture_stands_for_it_on_paper(shown: Shown) -> None:
    still = shown.page.locator("[slot=still] svg").first
    expect(still).to_be_hidden()
    shown.page.emulate_media(media="print")
    expect(still).to_be_visible()
    expect(shown.page.locator(".layout")).to_be_hidden()


def test_paper_is_light_also_where_the_page_is_dark(
    browser: Browser, tmp_path: Path, figure: LiveFigure
) -> None:
    shown = show(browser, tmp_path, figure.html, theme="dark")
    caption, colour = shown.page.locator("figcaption"), "(text) => getComputedStyle(text).color"
    dark = caption.evaluate(colour)
    shown.page.emulate_media(media="print")
    assert dark == "rgb(170, 180, 190)"
    assert caption.evaluate(colour) == "rgb(76, 87, 97)"
    shown.page.close()


@pytest.mark.parametrize("made", [plane(), window()], ids=["plane", "window"])
def test_a_still_picture_stands_for_it_without_scripts(
    browser: Browser, tmp_path: Path, made: LiveFigure
) -> None:
    shown = show(browser, tmp_path, made.html, java_script_enabled=False)
    expect(shown.page.locator("[slot=still] svg").first).to_be_visible()
    expect(shown.page.locator("figcaption")).to_be_visible()
    shown.page.close()
