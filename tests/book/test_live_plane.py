"""The plane and the window on a page of a book: the directive makes them, and they live there."""

from pathlib import Path

import book_pages
from playwright.sync_api import Browser, expect

from tests.book.test_live import built

PAGE = """# A page

:::{live} plane
**My plane.** With $x$.
:::

:::{live} window
:::

:::{live} break-a-digit
:::
"""


def test_the_directive_puts_both_on_a_page(browser: Browser, tmp_path: Path) -> None:
    html, warnings = built(tmp_path, PAGE)
    assert warnings == ""
    assert "<strong>My plane.</strong>" in html
    assert "<b>The honest size.</b>" in html
    page = book_pages.new_page(browser)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((tmp_path / "_build/html/index.html").as_uri())
    page.get_by_role("button", name="later").click()
    expect(page.locator(".adv-live-plane .say")).to_contain_text("flips at the distance")
    page.keyboard.press("ArrowUp")
    point = page.get_by_role("slider", name="The point x")
    expect(point).to_have_attribute("aria-valuetext", "0.40, −0.25")
    page.get_by_role("button", name="Into the window").press("Enter")
    expect(page.locator(".adv-live-window .say")).to_contain_text("The theorem speaks here")
    assert wrong == []
    page.close()
