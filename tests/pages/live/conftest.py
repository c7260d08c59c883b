"""A browser without a network, and an empty page in it for the scripts of live figures."""

from collections.abc import Iterator

import book_pages
import pytest
from playwright.sync_api import Browser, Page


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium nothing here can run; tests/book/test_pages.py says so."""
    if book_pages.chromium_path() is not None:
        return
    needs = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=needs)
    items[:] = [item for item in items if item not in needs]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = book_pages.chromium_path()
    assert executable is not None
    with book_pages.offline_browser(executable) as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = book_pages.new_page(browser)
    yield opened
    opened.close()
