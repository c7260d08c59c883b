"""Folds: the directives `fold` and `predict`, as `<details>` that open without a script.

    :::{fold} The constants of the union bound
    the technical step
    :::

    :::{predict} Which of the two networks is harder to break?
    the answer
    :::

Inside another directive the outer fence is the longer one. On paper of LaTeX the content stands
open below its line.
"""

from docutils import nodes
from docutils.nodes import Node
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator
from sphinx.writers.latex import LaTeXTranslator


class Details(nodes.General, nodes.Element):
    """A part of a page that opens; its first child is the `Summary`."""


class Summary(nodes.General, nodes.TextElement):
    """The line that a reader sees of closed `Details`."""


def make_details(title: list[Node], body: list[Node], *classes: str) -> Details:
    r"""Return closed `Details` with the line `title` above the `body`.

    Arguments:
        title: the nodes of the line.
        body: what opens below it.
        classes: classes of the element, for the style.

    Example:
        >>> make_details([nodes.Text("More")], [nodes.paragraph("", "text")], "fold").astext()
        'More\n\ntext'
    """
    return Details("", Summary("", "", *title), *body, classes=list(classes))


class Fold(SphinxDirective):
    """A technical step: `fold` with one line that says what is inside."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[Node]:
        """Return the closed fold."""
        self.assert_has_content()
        title, messages = self.parse_inline(self.arguments[0])
        body = self.parse_content_to_nodes()
        return [make_details([*self.lead(), *title], body, self.name), *messages]

    def lead(self) -> list[Node]:
        """What stands before the line of the author."""
        return []


class Predict(Fold):
    """A question to answer before one looks: `predict` with the question."""

    def lead(self) -> list[Node]:
        """The word that asks the reader to think first."""
        return [nodes.strong("", "Predict:"), nodes.Text(" ")]


def visit_details(self: HTML5Translator, node: Node) -> None:
    """Begin the element."""
    self.body.append(self.starttag(node, "details", "\n"))


def depart_details(self: HTML5Translator, node: Node) -> None:
    """End the element."""
    self.body.append("</details>\n")


def visit_summary(self: HTML5Translator, node: Node) -> None:
    """Begin the line."""
    self.body.append(self.starttag(node, "summary", ""))


def depart_summary(self: HTML5Translator, node: Node) -> None:
    """End the line."""
    self.body.append("</summary>\n")


def pass_latex(self: LaTeXTranslator, node: Node) -> None:
    """LaTeX shows the content alone."""


def part_latex(self: LaTeXTranslator, node: Node) -> None:
    """Begin or end the paragraph of the line."""
    self.body.append("\n\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_node(Details, html=(visit_details, depart_details), latex=(pass_latex, pass_latex))
    app.add_node(Summary, html=(visit_summary, depart_summary), latex=(part_latex, part_latex))
    app.add_directive("fold", Fold)
    app.add_directive("predict", Predict)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
