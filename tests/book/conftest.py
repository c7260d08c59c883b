"""One browser without a network, and one small server of the built pages, for each test process."""

from collections.abc import Iterator

import book_pages
import pytest
from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = book_pages.chromium_path()
    if executable is None:
        pytest.skip("NO CHROMIUM: NO PAGE WAS LOOKED AT. Install chromium to run these tests.")
    with book_pages.offline_browser(executable) as started:
        yield started


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    with book_pages.served() as address:
        yield address
