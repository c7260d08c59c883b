"""The lines *In code:*, *Measured by*, *Measured in* and *Tested in* as one quiet line with links.

A path of the repository becomes a link to the file where the repository is published; the name of
a record becomes a link to its card on the status page.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.nodes import Element
from sphinx.application import Sphinx

LINES = {
    "In code:": "in-code",
    "Measured by": "measured",
    "Measured in": "measured",
    "Tested in": "tested",
}
STATUS = "book/status"


def file_address(options: dict[str, Any], path: str) -> str:
    """Address of a file (relative to the repository) where the repository is published.

    Example:
        >>> options = {"repository_url": "https://example.org/book/", "repository_branch": "main"}
        >>> file_address(options, "tests/test_norms.py")
        'https://example.org/book/blob/main/tests/test_norms.py'
    """
    return f"{options['repository_url'].rstrip('/')}/blob/{options['repository_branch']}/{path}"


def _leads(paragraph: Element) -> list[nodes.emphasis]:
    """The words that begin the lines of a paragraph; none where it begins otherwise."""
    leads = [one for one in paragraph if isinstance(one, nodes.emphasis) and one.astext() in LINES]
    return leads if leads and paragraph[0] is leads[0] else []


def quieten(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Mark the lines of a page, and make links of the files and records in them."""
    for paragraph in doctree.findall(nodes.paragraph):
        for lead in _leads(paragraph):
            paragraph["classes"] = ["sources"]
            mark = nodes.inline("", lead.astext(), classes=["source", LINES[lead.astext()]])
            lead.replace_self(mark)
            _link_names(app, paragraph, docname)


def _link_names(app: Sphinx, paragraph: Element, docname: str) -> None:
    for literal in list(paragraph.findall(nodes.literal)):
        address = _address(app, literal.astext(), docname)
        if address and isinstance(literal.parent, nodes.paragraph):
            literal.replace_self(nodes.reference("", "", literal.deepcopy(), refuri=address))


def _address(app: Sphinx, name: str, docname: str) -> str | None:
    """Where the file or the record of that name can be read; None for other code."""
    root = Path(app.srcdir)
    if "/" in name and (root / name).is_file():
        return file_address(app.config.html_theme_options, name)
    if (root / "book" / "records" / name / "paper.csv").is_file():
        return f"{app.builder.get_relative_uri(docname, STATUS)}#record-{name}"
    return None


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-resolved", quieten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
