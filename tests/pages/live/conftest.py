"""An empty page for the scripts of live figures, and a page that shows a module's `figure`."""

from collections.abc import Iterator
from pathlib import Path

import book_pages
import pytest
from playwright.sync_api import Browser, Page

from advtheory.pages.live import LiveFigure
from tests.pages.live.shown import Shown, show


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = book_pages.new_page(browser)
    yield opened
    opened.close()


@pytest.fixture
def shown(browser: Browser, tmp_path: Path, figure: LiveFigure) -> Iterator[Shown]:
    opened = show(browser, tmp_path, figure.html)
    yield opened
    assert opened.wrong == []
    opened.page.close()
