"""Every link inside the book leads to a page, and every anchor to a place on it."""

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse

import book_pages
import pytest
import yaml
from bs4 import BeautifulSoup

PAGES = book_pages.page_names()


@cache
def page(name: str) -> BeautifulSoup:
    return BeautifulSoup((book_pages.HTML / name).read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(name: str) -> frozenset[str]:
    return frozenset(str(element["id"]) for element in page(name).select("[id]"))


def inside(name: str) -> list[str]:
    """What the page asks for on this site: links, pictures, scripts and styles."""
    asked = [
        str(element[key]) for key in ("href", "src") for element in page(name).select(f"[{key}]")
    ]
    return [link for link in asked if not link.startswith(("http:", "https:", "mailto:", "data:"))]


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    here = (book_pages.HTML / name).parent
    for link in inside(name):
        path, anchor = urldefrag(unquote(link))
        path = path.partition("?")[0]
        target = (here / path).resolve() if path else book_pages.HTML / name
        assert target.is_file(), f"{name}: {link} leads nowhere"
        if anchor and target.suffix == ".html":
            known = anchors(target.relative_to(book_pages.HTML).as_posix())
            assert anchor in known, f"{name}: {link} names a place that does not exist"


def test_every_notebook_opens_in_colab() -> None:
    repository = yaml.safe_load((book_pages.ROOT / "_config.yml").read_text())["repository"]
    owner = urlparse(repository["url"]).path
    for name in PAGES:
        source = Path(name).with_suffix(".ipynb").as_posix()
        if not (book_pages.ROOT / source).exists():
            continue
        link = page(name).select_one("a.colab-link")
        assert link is not None
        assert str(link["href"]).endswith(f"/github{owner}/blob/{repository['branch']}/{source}")
