"""The beginning of every section and statement, for the results of the search.

Sphinx asks for a page again to show an excerpt of it, which a browser forbids where the book is
read as a file. So `excerpts.js` has them all, and `search.js` puts them below the results.
"""

import json
import re
from collections.abc import Iterator
from html.entities import html5
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx.application import Sphinx

FILE = "excerpts.js"  # below _static
LENGTH = 220
PLACES = "article section[id], article div.proof[id], article div.exercise[id]"
APART = {"section", "table", "details", "figure", "pre", "script", "style"}
MATHS = re.compile(r"\\[(\[](.*?)\\[)\]]", re.S)
SIGNS = {  # the other commands have the names that HTML gives to their signs
    "cdot": "·", "sqrt": "√", "to": "→", "infty": "∞", "dots": "…", "partial": "∂", "quad": " ",
    "qquad": " ", "log": "log", "max": "max", "min": "min", "exp": "exp", "sup": "sup", "Pr": "Pr",
}  # fmt: skip


def _sign(found: re.Match[str]) -> str:
    """A command of TeX as a sign; nothing for what only sets it."""
    return SIGNS.get(found[1]) or html5.get(f"{found[1]};", "")


def plain(text: str) -> str:
    r"""The text of a page without the marks of TeX.

    Example:
        >>> plain(r"It is \(\|\nabla f\|\le\frac12\sqrt{d}\), where \(C_0\) is fixed.")
        'It is |∇f|≤1/2√d, where C0 is fixed.'
    """
    return re.sub(r"\s+", " ", MATHS.sub(_formula, text)).strip()


def _formula(found: re.Match[str]) -> str:
    text = found[1]
    text = re.sub(r"\\[td]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\1/\2", text)
    text = re.sub(r"\\[td]?frac\s*(\w)\s*(\w)", r"\1/\2", text).replace(r"\|", "|")
    text = re.sub(r"\\([A-Za-z]+)\s?", _sign, text)
    return re.sub(r"\\.|[{}&_]", "", text)


def _pieces(place: Tag) -> Iterator[str]:
    """The texts directly below a title, until something of another kind follows."""
    inner = place.find("section", recursive=False) if place.name == "div" else place
    for child in inner.find_all(True, recursive=False) if isinstance(inner, Tag) else []:
        kinds = set(child.get_attribute_list("class"))
        if child.name in APART or kinds & {"proof", "exercise", "admonition"}:
            return
        head = re.match("span|h[1-6]", child.name)
        if not head and not kinds & {"colab", "sources"}:
            yield child.get_text(" " if child.name == "ul" else "")


def _cut(text: str) -> str:
    """The first words of a text."""
    return text if len(text) <= LENGTH else text[:LENGTH].rpartition(" ")[0] + " …"


def _title(place: Tag) -> str:
    head = place.find(re.compile("^(h[1-6]|p)$"))
    return plain(head.get_text().replace("#", "").replace("¶", "")) if head else ""


def excerpts_of(page: str) -> Iterator[tuple[str, str, str]]:
    """Anchor, title and first words of the places of a page, given as HTML."""
    for place in BeautifulSoup(page, "html.parser").select(PLACES):
        anchor = str(place["id"])
        if not anchor.endswith("-content"):  # of a statement
            yield anchor, _title(place), _cut(plain(" ".join(_pieces(place))))


def write_excerpts(app: Sphinx, failure: Exception | None) -> None:
    """Write the file beside the pages."""
    if failure is not None or app.builder.name != "html":
        return
    found = {}
    for page in sorted(app.env.found_docs):
        text = Path(app.outdir, f"{page}.html").read_text(encoding="utf-8")
        for at, (anchor, *words) in enumerate(excerpts_of(text)):
            found[f"{page}.html#{anchor}"] = words
            if at == 0:
                found[f"{page}.html"] = words
    script = f"window.bookExcerpts = {json.dumps(found, ensure_ascii=False)};\n"
    Path(app.outdir, "_static", FILE).write_text(script, encoding="utf-8")


def add_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Load the excerpts on the page of the search alone."""
    if page == "search":
        app.add_js_file(FILE)
        app.add_js_file("search.js")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write_excerpts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
