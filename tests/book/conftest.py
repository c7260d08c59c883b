"""One small server of the built pages for each test process."""

from collections.abc import Iterator

import book_pages
import pytest


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    with book_pages.served() as address:
        yield address
