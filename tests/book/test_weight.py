"""A lab with everything that it loads is light enough for a phone on the road."""

import book_pages
import pytest
from playwright.sync_api import Browser, Response

from tests.book.sources import LABS, ROOT

NAMES = [path.relative_to(ROOT).with_suffix(".html").as_posix() for path in LABS]
LARGEST = 3_200_000  # bytes, before any compression; the index of the search has a tenth of it


@pytest.mark.parametrize("lab", NAMES)
def test_a_lab_with_what_it_loads_is_light(browser: Browser, site: str, lab: str) -> None:
    page = book_pages.new_page(browser)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    book_pages.settle(page, f"{site}/{lab}")
    sizes = {
        answer.url.removeprefix(site).partition("?")[0]: len(answer.body())
        for answer in answers
        if answer.url.startswith(site) and answer.ok
    }
    page.close()
    assert len(sizes) > 10
    assert sum(sizes.values()) <= LARGEST, sorted(sizes.items(), key=lambda item: -item[1])[:8]
