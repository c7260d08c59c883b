"""Every slider of every page moves by keyboard and by mouse, and its picture follows."""

from pathlib import Path

import book_pages
import pytest
from playwright.sync_api import Browser, Locator, Page

_VIEW = "application/vnd.jupyter.widget-view+json"
WITH_SLIDERS = [
    name
    for name in book_pages.page_names()
    if _VIEW in (Path(book_pages.HTML) / name).read_text(encoding="utf-8")
]
_VISIBLE = """(box) => [...box.querySelectorAll('img')]
  .filter((picture) => picture.getBoundingClientRect().width > 50)
  .map((picture) => [picture.alt, picture.src])"""


def picture(box: Locator) -> list[list[str]]:
    """The one picture that is seen in the box of a slider: its description and its bytes."""
    page = box.page
    page.wait_for_timeout(150)
    seen: list[list[str]] = box.evaluate(_VISIBLE)
    assert len(seen) == 1
    return seen


def drag_to_the_end(page: Page, handle: Locator) -> None:
    """Drag with the mouse to the far right of the slider."""
    handle.scroll_into_view_if_needed()
    start = handle.bounding_box()
    track = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-base')]").bounding_box()
    assert start is not None
    assert track is not None
    height = start["y"] + start["height"] / 2
    page.mouse.move(start["x"] + start["width"] / 2, height)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"], height, steps=12)
    page.mouse.up()


def test_the_book_has_a_slider() -> None:
    assert WITH_SLIDERS != []


@pytest.mark.parametrize("size", [book_pages.WIDE, book_pages.PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("name", WITH_SLIDERS)
def test_the_picture_follows_the_slider(
    browser: Browser, site: str, name: str, size: tuple[int, int]
) -> None:
    page = book_pages.new_page(browser, size)
    book_pages.settle(page, f"{site}/{name}")
    handles = page.locator(".noUi-handle")
    assert handles.count() > 0
    for handle in handles.all():
        box = handle.locator("xpath=ancestor::*[contains(@class, 'widget-vbox')][1]")
        first = picture(box)
        handle.focus()
        page.keyboard.press("ArrowRight")
        second = picture(box)
        assert second != first
        drag_to_the_end(page, handle)
        last = picture(box)
        assert last != first
        page.keyboard.press("Home")
        assert picture(box) == first
    page.close()
