"""Break a digit fits every screen and theme, stands twice on a page, and has a still picture."""

from pathlib import Path

import book_pages
import pytest
from playwright.sync_api import Browser, expect

from advtheory.pages.live import LiveFigure, break_a_digit, four
from tests.pages.live.shown import (
    AXE,
    PIXELS,
    Shown,
    check,
    move,
    show,
    skip_the_guess,
)

SIZES = {"wide": (1400, 900), "phone": book_pages.PHONE, "narrow": (320, 640)}


@pytest.fixture(scope="module")
def figure() -> LiveFigure:
    return break_a_digit()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_it_is_accessible_and_fits(
    browser: Browser, tmp_path: Path, figure: LiveFigure, size: tuple[int, int], theme: str
) -> None:
    shown = show(browser, tmp_path, figure.html, size, theme)
    shown.page.evaluate(AXE)
    check(shown)
    skip_the_guess(shown)
    check(shown)
    move(shown, 0.5)
    check(shown)
    assert shown.wrong == []
    shown.page.close()


def test_on_a_phone_slider_and_all_networks_are_seen_together(
    browser: Browser, tmp_path: Path, figure: LiveFigure
) -> None:
    shown = show(browser, tmp_path, figure.html, book_pages.PHONE)
    skip_the_guess(shown)
    shown.page.locator(".cards > .card").last.evaluate(
        "(card) => card.scrollIntoView({block: 'end'})"
    )
    boxes = [shown.page.get_by_role("slider").bounding_box()]
    boxes += [picture.bounding_box() for picture in shown.page.locator(".picture").all()]
    edge = 0.0
    for box in boxes:
        assert box is not None
        assert box["y"] >= edge
        edge = box["y"] + box["height"]
    assert edge <= book_pages.PHONE[1]
    shown.page.close()


def test_the_theme_may_change(shown: Shown) -> None:
    first = shown.page.locator(".digits canvas").first.evaluate(PIXELS)
    shown.page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")
    shown.page.wait_for_timeout(100)
    assert shown.page.locator(".digits canvas").first.evaluate(PIXELS) != first


def test_two_figures_on_one_page_live_by_themselves(
    browser: Browser, tmp_path: Path, figure: LiveFigure
) -> None:
    """The same fragment twice, and a third of other networks."""
    book = four()
    other = break_a_digit(book.networks[:2], book.images, names=["one", "two"]).html
    shown = show(browser, tmp_path, figure.html + figure.html + other)
    figures = shown.page.locator("[data-live]")
    expect(figures).to_have_count(3)
    for k in (1, 2):
        figures.nth(k).get_by_role("button", name="Skip the guess").click()
    figures.nth(1).get_by_role("slider").fill("0.8")
    figures.nth(1).get_by_role("radio", name="20 steps").check()
    expect(figures.nth(1).locator(".say")).to_contain_text("Moved by 0.80")
    expect(figures.nth(2).locator(".say")).to_contain_text("Nothing is moved yet")
    expect(figures.nth(2).get_by_role("radio", name="one step")).to_be_checked()
    expect(figures.nth(2).locator(".cards > .card")).to_have_count(2)
    expect(figures.nth(0).get_by_role("slider")).to_have_count(0)
    assert shown.wrong == []
    shown.page.close()


def test_a_still_picture_stands_for_it_on_paper(shown: Shown) -> None:
    still = shown.page.locator("[slot=still] svg")
    expect(still).to_be_hidden()
    shown.page.emulate_media(media="print")
    expect(still).to_be_visible()
    expect(shown.page.locator(".cards")).to_be_hidden()
    shown.page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")
    expect(shown.page.locator("figcaption")).to_have_css("color", "rgb(76, 87, 97)")  # on white


def test_a_still_picture_stands_for_it_without_scripts(
    browser: Browser, tmp_path: Path, figure: LiveFigure
) -> None:
    shown = show(browser, tmp_path, figure.html, java_script_enabled=False)
    expect(shown.page.locator("[slot=still] svg")).to_be_visible()
    expect(shown.page.locator("figcaption")).to_be_visible()
    shown.page.close()
