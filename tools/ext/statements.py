"""What surrounds a statement: its relation to a paper, where a machine checked it, and the map.

`book/statements/relations.toml` says in a word what a statement is to one of a paper;
`book/statements/machine_checked.toml` where a proof assistant has checked it. Each becomes a line
at the end of the statement. The directive `statement-map` lists the statements of the pages below a
folder, in reading order, each with what it uses and what uses it; a script draws the arcs.
"""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import statement_sources
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

FOLDER = "book/statements"
PAPERS = {
    "wang2022": "Wang et al. (2022)",
    "bubeck2021": "Bubeck et al. (2021)",
    "gao2019": "Gao et al. (2019)",
    "mianjy2023": "Mianjy and Arora (2023)",
}
ARTICLE = {"reproduction": "Reproduction", "special case": "Special case", "variant": "Variant"}


def data(root: Path, name: str) -> dict[str, dict[str, Any]]:
    """One of the two files of data, by label."""
    with (root / FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def text_nodes(text: str) -> list[nodes.Node]:
    """Text with formulas between dollars and code between backquotes."""
    made: list[nodes.Node] = []
    for part in re.split(r"(\$[^$]+\$|`[^`]+`)", text):
        if part.startswith("$"):
            made.append(nodes.math("", part.strip("$")))
        elif part.startswith("`"):
            made.append(nodes.literal("", part.strip("`")))
        elif part:
            made.append(nodes.Text(part))
    return made


def relation_line(entry: dict[str, str]) -> nodes.paragraph:
    """The line that says what a statement is to a paper's."""
    word = nodes.strong("", ARTICLE[entry["relation"]])
    of = f" of {entry['place']} of {PAPERS[entry['paper']]}. {entry['difference']}"
    return nodes.paragraph("", "", word, *text_nodes(of), classes=["relation"])


def checked_line(entry: dict[str, Any]) -> nodes.paragraph:
    """The line that says which declaration of which library was checked, and how it differs."""
    names = " and ".join(f"`{name}`" for name in entry["declarations"])
    address = f"https://github.com/{entry['repository']}/blob/{entry['commit']}/{entry['file']}"
    place = nodes.reference("", f"{entry['file'].rsplit('/', 1)[-1]}", refuri=address)
    word = nodes.strong("", "Machine-checked elsewhere")
    before = text_nodes(f": {names} of {entry['library']}, in ")
    after = text_nodes(f" at commit {entry['commit'][:7]}. {entry['difference']}")
    return nodes.paragraph("", "", word, *before, place, *after, classes=["relation"])


def add_lines(app: Sphinx, doctree: nodes.document) -> None:
    """Put the lines at the end of the statements of a page that was just read."""
    root = Path(app.srcdir)
    lines = [(data(root, "relations"), relation_line)]
    lines.append((data(root, "machine_checked"), checked_line))
    for statement in doctree.findall(lambda node: "label" in getattr(node, "attributes", {})):
        for entries, line in lines:
            if statement["label"] in entries and isinstance(statement, nodes.Admonition):
                _body(statement).append(line(entries[statement["label"]]))


def _body(statement: nodes.Element) -> nodes.Element:
    """Where the text of a statement lies: a section inside it, or itself."""
    return next(iter(statement.findall(nodes.section)), statement)


class StatementMap(SphinxDirective):
    """List the statements of the pages below a folder, and what uses what."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Make the list, page by page."""
        folder = self.arguments[0].rstrip("/")
        pages = [page for page in self.config.external_site_map if page.startswith(f"{folder}/")]
        statements, uses = statement_sources.read(Path(self.env.srcdir), pages)
        box = nodes.container(classes=["statement-map"])
        for page in dict.fromkeys(one.page for one in statements):
            self.env.note_dependency(self.env.doc2path(page))
            box += _with_class(self.parse_text_to_nodes(f"{{doc}}`/{page}`"), "statement-page")
            for one in (one for one in statements if one.page == page):
                entry = self.parse_text_to_nodes(_entry(one, uses))
                box += [_row(one, uses), *_with_class(entry, "statement"), _END]
        return [box]


class Relations(SphinxDirective):
    """What ours are to the papers': a line for each entry."""

    def run(self) -> list[nodes.Node]:
        """Make the list, in the order of the file."""
        return [_table(self, "relations", relation_line)]


class Checks(SphinxDirective):
    """What a machine has checked: a line for each entry."""

    def run(self) -> list[nodes.Node]:
        """Make the list, in the order of the file."""
        return [_table(self, "machine_checked", checked_line)]


def _table(directive: SphinxDirective, name: str, line: Callable[..., nodes.Node]) -> nodes.Node:
    """For each entry of a file of data the statement, and the line that stands in it."""
    root = Path(directive.env.srcdir)
    directive.env.note_dependency(str(root / FOLDER / f"{name}.toml"))
    box = nodes.container(classes=["statement-table"])
    for label, entry in data(root, name).items():
        box += [*directive.parse_text_to_nodes(f"{{prf:ref}}`{label}`"), line(entry)]
    return box


_END = nodes.raw("", "</div>", format="html")


def _with_class(made: list[nodes.Node], name: str) -> list[nodes.Node]:
    for node in made:
        if isinstance(node, nodes.Element):
            node["classes"].append(name)
    return made


def _row(one: statement_sources.Statement, uses: dict[str, list[str]]) -> nodes.raw:
    using = " ".join(uses[one.label])
    text = f'<div class="statement-row" data-label="{one.label}" data-uses="{using}">'
    return nodes.raw("", text, format="html")


def _entry(one: statement_sources.Statement, uses: dict[str, list[str]]) -> str:
    """The line of a statement and the quiet line below it, in MyST."""
    used_by = [label for label, others in uses.items() if one.label in others]
    lines = [f"{{prf:ref}}`{one.label}` {one.title}"]
    for word, labels in (("uses", uses[one.label]), ("used by", used_by)):
        if labels:
            lines.append(f"{word} " + ", ".join(f"{{prf:ref}}`{label}`" for label in labels))
    return "\n\n".join(lines)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-read", add_lines)
    app.add_directive("statement-map", StatementMap)
    app.add_directive("statement-relations", Relations)
    app.add_directive("statement-checks", Checks)
    app.add_css_file("statements.css")
    app.add_js_file("statement_map.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
