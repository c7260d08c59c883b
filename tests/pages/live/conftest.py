"""An empty page for the scripts of live figures."""

from collections.abc import Iterator

import book_pages
import pytest
from playwright.sync_api import Browser, Page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = book_pages.new_page(browser)
    yield opened
    opened.close()
