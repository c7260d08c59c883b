"""Every slider of every page moves by keyboard and by mouse, and its picture follows."""

from pathlib import Path

import book_pages
import pytest
from playwright.sync_api import Browser, Locator, Page

WITH_SLIDERS = [
    name
    for name in book_pages.page_names()
    if 'class="adv-frames"' in (Path(book_pages.HTML) / name).read_text(encoding="utf-8")
]
SIZES = pytest.mark.parametrize("size", [book_pages.WIDE, book_pages.PHONE], ids=["wide", "phone"])
PAGES = pytest.mark.parametrize("name", WITH_SLIDERS)
_VISIBLE = """(box) => [...box.querySelectorAll('img')]
  .filter((picture) => picture.getBoundingClientRect().width > 50)
  .map((picture) => [picture.alt, picture.src])"""


def picture(box: Locator) -> list[str]:
    """The one picture that is seen in the box of a slider: its description and its bytes."""
    seen: list[list[str]] = box.evaluate(_VISIBLE)
    assert len(seen) == 1
    return seen[0]


def value(box: Locator) -> str:
    """The value beside the slider, which is also what a screen reader says."""
    said = box.locator("input").get_attribute("aria-valuetext")
    assert box.locator("output").inner_text() == said
    assert said
    return said


def drag_to_the_end(page: Page, slider: Locator) -> None:
    """Drag the handle with the mouse to the far right."""
    slider.scroll_into_view_if_needed()
    track = slider.bounding_box()
    assert track is not None
    height = track["y"] + track["height"] / 2
    page.mouse.move(track["x"] + 15, height)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] - 2, height, steps=12)
    page.mouse.up()


def test_the_book_has_a_slider() -> None:
    assert WITH_SLIDERS != []


@SIZES
@PAGES
def test_the_picture_follows_the_slider(
    browser: Browser, site: str, name: str, size: tuple[int, int]
) -> None:
    page = book_pages.new_page(browser, size)
    book_pages.settle(page, f"{site}/{name}")
    for box in page.locator(".adv-frames").all():
        slider = box.locator("input")
        first, said = picture(box), value(box)
        slider.focus()
        page.keyboard.press("ArrowRight")
        second = picture(box)
        assert second != first
        assert value(box) != said
        drag_to_the_end(page, slider)
        last = picture(box)
        assert last not in (first, second)
        page.keyboard.press("Home")
        assert (picture(box), value(box)) == (first, said)
        page.keyboard.press("End")
        assert picture(box) == last
    page.close()


@SIZES
@PAGES
def test_a_slider_has_a_name_and_room_for_a_finger(
    browser: Browser, site: str, name: str, size: tuple[int, int]
) -> None:
    page = book_pages.new_page(browser, size)
    book_pages.settle(page, f"{site}/{name}")
    for box in page.locator(".adv-frames").all():
        slider, label = box.locator("input"), box.locator("label")
        place = slider.bounding_box()
        assert place is not None
        assert place["height"] >= 44
        assert place["width"] >= 128
        assert label.inner_text().strip()
        assert label.is_visible()
    page.close()


@PAGES
def test_print_shows_the_chosen_picture_and_its_value(
    browser: Browser, site: str, name: str
) -> None:
    page = book_pages.new_page(browser, theme="dark")
    book_pages.settle(page, f"{site}/{name}")
    box = page.locator(".adv-frames").first
    box.locator("input").press("End")
    chosen = picture(box)
    page.emulate_media(media="print")
    assert picture(box) == chosen
    assert box.locator("output").is_visible()
    assert not box.locator("input").is_visible()
    shown = box.locator("img:not([hidden])")
    assert shown.evaluate("(image) => getComputedStyle(image).filter") == "none"
    page.close()


@PAGES
def test_without_scripts_the_first_picture_stands(browser: Browser, site: str, name: str) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{site}/{name}")
    for box in page.locator(".adv-frames").all():
        assert box.locator("img:visible").count() == 1
        assert box.locator("img").first.is_visible()
        assert box.locator("input").is_disabled()
    page.close()
