"""One browser without a network, and one small server of the built pages, for each test process."""

from collections.abc import Iterator

import book_pages
import pytest
from playwright.sync_api import Browser


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium leave one test of the pages, which says so: see test_pages.py."""
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


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    with book_pages.served() as address:
        yield address
