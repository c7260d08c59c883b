"""Theorems by their names: in the contents of a page, and where a reference stands.

"Theorem 3.5" says nothing to somebody who looks for chi-square tails. So the titles of statements
stand below their section in the contents of the page, the title is the tooltip of a reference, and
in a table the title follows the number.
"""

from collections.abc import Iterator

from docutils import nodes
from docutils.nodes import Element, Node
from sphinx import addnodes
from sphinx.application import Sphinx

TITLES = "statements"  # where the titles of a page's statements stand in its metadata


def title_of(statement: Element) -> list[Node]:
    """The nodes of a statement's title, without the brackets that sphinx_proof puts around it."""
    title = [node.deepcopy() for node in statement[0]]
    if title and isinstance(title[0], nodes.Text):
        title[0] = nodes.Text(title[0].astext().removeprefix(" ("))
    if title and isinstance(title[-1], nodes.Text):
        title[-1] = nodes.Text(title[-1].astext().removesuffix(")"))
    return title


def statements(doctree: nodes.document) -> Iterator[Element]:
    """The numbered statements of a page that have a title."""
    for node in doctree.findall(nodes.Admonition):
        if node.get("realtype") and len(node[0]):
            yield node


def list_titles(app: Sphinx, doctree: nodes.document) -> None:
    """Note the titles of a page's statements, and put them into its contents."""
    page, found = app.env.docname, list(statements(doctree))
    app.env.metadata[page][TITLES] = {node["label"]: title_of(node) for node in found}
    for node in found:
        section = node.parent
        anchor = f"#{section['ids'][0]}" if isinstance(section, nodes.section) else None
        for link in app.env.tocs[page].findall(nodes.reference):
            if link["anchorname"] == anchor:
                _enter(link.parent.parent, node, page)
                break


def _enter(item: nodes.list_item, statement: Element, page: str) -> None:
    """Add a statement below its section, before the sections inside that one."""
    if not isinstance(item[-1], nodes.bullet_list):
        item += nodes.bullet_list("")
    link = nodes.reference("", "", *title_of(statement), internal=True, refuri=page)
    link["anchorname"] = f"#{statement['ids'][0]}"
    line = addnodes.compact_paragraph("", "", link, skip_section_number=True)
    before = sum("skip_section_number" in one[0] for one in item[-1])
    item[-1].insert(before, nodes.list_item("", line))


def name_references(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give the references to statements their titles."""
    titles = {
        label: title
        for notes in app.env.metadata.values()
        for label, title in notes.get(TITLES, {}).items()
    }
    for link in doctree.findall(nodes.reference):
        label = link.get("refid") or link.get("refuri", "").rpartition("#")[2]
        if label in titles:
            _name(link, titles[label])


def _name(link: nodes.reference, title: list[Node]) -> None:
    words = nodes.inline("", "", *(node.deepcopy() for node in title))
    link["reftitle"] = words.astext()
    if isinstance(link.parent.parent, nodes.entry) and words.astext() not in link.astext():
        words["classes"] = ["statement-title"]
        link += [nodes.Text(" "), words]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-read", list_titles, priority=600)
    app.connect("doctree-resolved", name_references)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
