"""A small Sphinx extension: the style sheet that the outputs of a page carry stands there once.

Each output of a notebook brings its own, since Jupyter and Colab show it by itself.
"""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

STYLE = re.compile(r'<style class="adv-look">.*?</style>', re.S)


def only_first(body: str) -> str:
    """The page without the repetitions of the style sheet."""
    first, *others = STYLE.split(body)
    sheet = STYLE.search(body)
    return first + (sheet[0] if sheet else "") + "".join(others)


def keep_one(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Do so before a page is written."""
    if "body" in context:
        context["body"] = only_first(context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("html-page-context", keep_one)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
