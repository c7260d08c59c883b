"""The directive `exercise-list`: a table of all exercises of a part, made from its pages."""

from collections.abc import Iterator
from typing import NamedTuple

from docutils import nodes
from docutils.nodes import Element, Node
from solutions import parts_of
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx_exercise.nodes import exercise_enumerable_node, is_exercise_node

HEAD = ("Number", "Exercise", "Level", "Time")
NOTED = "exercises"  # where the exercises of a page stand in its metadata
HERE = "exercise-list"


class ExerciseList(nodes.General, nodes.Element):
    """The place of the table, until all pages are known."""


class Exercise(NamedTuple):
    """An exercise of a page; a lab counts its own, a theory page has them counted."""

    anchor: str
    number: str
    title: list[Node]
    effort: str


class ListExercises(SphinxDirective):
    """Stands where the table is to be."""

    def run(self) -> list[Node]:
        """Return the place of the table."""
        self.env.metadata[self.env.docname][HERE] = True
        return [ExerciseList("")]


def _of_theory(node: Element) -> Exercise:
    subtitle = node[0][1]
    title, effort = parts_of([child.deepcopy() for child in subtitle])
    return Exercise(node["ids"][0], "", title, effort)


def _of_lab(node: Element) -> Exercise:
    title = [child.deepcopy() for child in node[0][1:]]
    return Exercise(node["ids"][0], node["number"], title[:-2], title[-1].astext())


def note_exercises(app: Sphinx, doctree: nodes.document) -> None:
    """Keep of a page what the table needs."""
    app.env.metadata[app.env.docname][NOTED] = [
        _of_theory(node) if isinstance(node, exercise_enumerable_node) else _of_lab(node)
        for node in doctree.findall(is_exercise_node)
    ]


def pages_with_list(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages that are written again when any page was read."""
    return [page for page, notes in env.metadata.items() if HERE in notes]


# The table.


def _entry(*content: Node, **attributes: int) -> nodes.entry:
    return nodes.entry("", nodes.paragraph("", "", *content), **attributes)


def _numbered(env: BuildEnvironment, page: str, one: Exercise) -> str:
    counted = env.toc_fignumbers.get(page, {}).get("exercise", {}).get(one.anchor, ())
    return one.number or ".".join(map(str, counted))


def _row(app: Sphinx, here: str, page: str, one: Exercise) -> nodes.row:
    """Number, title with its link, level, time."""
    address = f"{app.builder.get_relative_uri(here, page)}#{one.anchor}"
    title = nodes.reference("", "", *[node.deepcopy() for node in one.title], refuri=address)
    title["internal"] = True
    level, _, time = one.effort.partition(", ")
    words = (nodes.Text(text) for text in (_numbered(app.env, page, one), level, time))
    number, *effort = map(_entry, words)
    return nodes.row("", number, _entry(title), *effort)


def _rows(app: Sphinx, here: str) -> Iterator[nodes.row]:
    """The pages of the folder in the order of the book, each followed by its exercises."""
    folder = here.rpartition("/")[0]
    for page in (one for one in app.env.collect_relations() if one.rpartition("/")[0] == folder):
        exercises = app.env.metadata[page].get(NOTED, [])
        if exercises:
            address = app.builder.get_relative_uri(here, page)
            name = nodes.strong("", app.env.titles[page].astext())
            link = nodes.reference("", "", name, refuri=address, internal=True)
            yield nodes.row("", _entry(link, morecols=len(HEAD) - 1))
        yield from (_row(app, here, page, one) for one in exercises)


def make_table(app: Sphinx, doctree: nodes.document, here: str) -> None:
    """Put the table into its place."""
    for place in list(doctree.findall(ExerciseList)):
        head = nodes.thead("", nodes.row("", *(_entry(nodes.Text(name)) for name in HEAD)))
        columns = [nodes.colspec(colwidth=width) for width in (10, 55, 15, 20)]
        body = nodes.tbody("", *_rows(app, here))
        group = nodes.tgroup("", *columns, head, body, cols=len(HEAD))
        place.replace_self(nodes.table("", group, classes=["exercise-list"]))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_node(ExerciseList)
    app.add_directive("exercise-list", ListExercises)
    app.connect("doctree-read", note_exercises, priority=620)  # after the frames of labs
    app.connect("env-updated", pages_with_list)
    app.connect("doctree-resolved", make_table)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
