"""Exercises and their solutions, with one look in theory pages and labs.

A solution of class `dropdown` and a raw `<details>` of a notebook become the same element as a
fold (folds.py): the whole bar opens it. An exercise of a lab, which begins as in
`**Exercise 2 (routine, 10 minutes). Title.**`, is framed as one of a theory page, and its level and
time stand apart from its title.
"""

import html
import re
from typing import Any

from docutils import nodes
from docutils.nodes import Element, Node
from folds import Details, make_details
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_exercise.nodes import exercise_node, is_exercise_node, solution_node

LEVEL = re.compile(r"\s*\((routine|medium|hard|research)(?:, ([^()]*))?\)\s*$")
LAB_EXERCISE = re.compile(r"Exercise (\d+)\s*\(([^()]*)\)\.\s*")
RAW_OPEN = re.compile(r"<details(?: class=\"(\w+)\")?>\s*<summary>(.*?)</summary>", re.S)
MATHS = re.compile(r"\$([^$]+)\$")


def parts_of(title: list[Node]) -> tuple[list[Node], str]:
    """Split the nodes of a title from the level and the time that end it.

    Example:
        >>> parts_of([nodes.Text("The slab (routine, 10 minutes)")])
        ([<#text: 'The slab'>], 'routine, 10 minutes')
    """
    last = title[-1]
    found = LEVEL.search(last.astext()) if isinstance(last, nodes.Text) else None
    if found is None:
        return title, ""
    effort = ", ".join(part for part in found.groups() if part)
    return [*title[:-1], nodes.Text(last.astext()[: found.start()])], effort


def set_apart(words: list[Node], effort: str) -> list[Node]:
    """The nodes of a title, then its level and time in an element of their own."""
    tag = [nodes.Text(" "), nodes.inline("", effort, classes=["effort"])] if effort else []
    return [*words, *tag]


# Theory pages.


class FrameExercises(SphinxPostTransform):
    """After the numbers are known: the titles of exercises, and solutions that open."""

    default_priority = 30  # after sphinx_exercise, which resolves titles until 22
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Change every exercise and every folded solution of the page."""
        for exercise in self.document.findall(is_exercise_node):
            _retitle(exercise[0])
        for solution in list(self.document.findall(solution_node)):
            if "dropdown" in solution["classes"]:
                solution.replace_self(_opening(solution))


def _retitle(title: Element) -> None:
    """Of "(Title (routine))", as sphinx_exercise leaves it, take the outer brackets away."""
    inner = list(title.children)
    if len(inner) > 2 and (inner[0].astext(), inner[-1].astext()) == (" (", ")"):
        title.children = []
        title += set_apart(*parts_of(inner[1:-1]))


def _opening(solution: Element) -> Details:
    """The solution as details; its exercise is named in the bar and not linked from there."""
    name = re.match(r"Solution to Exercise [\w.]+", " ".join(solution[0].astext().split()))
    assert name is not None, "sphinx_exercise names a solution after its exercise"
    door = make_details([nodes.Text(name[0])], solution[1].children, "solution")
    door["ids"], solution["classes"] = solution["ids"], []  # which the replacement would inherit
    return door


# Labs.


def fold_raw_details(app: Sphinx, doctree: nodes.document) -> None:
    """Make details of the raw HTML that a notebook uses for them (Colab shows it as it is)."""
    for begin in list(doctree.findall(nodes.raw)):
        found = RAW_OPEN.fullmatch(begin.astext().strip())
        if found:
            _fold(begin, found[1], found[2])


def _fold(begin: nodes.raw, name: str | None, title: str) -> None:
    """Replace everything from `begin` to the raw end by details."""
    parent = begin.parent
    start = parent.index(begin)
    ends = (at for at in range(start, len(parent)) if parent[at].astext().strip() == "</details>")
    end = next(ends, None)
    if end is None:
        return
    kind = name or ("solution" if title.startswith("Solution") else "fold")
    door = make_details(_line(title), parent[start + 1 : end], kind)
    parent[start : end + 1] = [door]


def _line(title: str) -> list[Node]:
    """A line of HTML with formulas as nodes."""
    texts = MATHS.split(title.strip())
    line = [_maths(part) if at % 2 else _text(part) for at, part in enumerate(texts) if part]
    lead = "Predict:"
    if title.startswith(lead):
        line[0] = _text(texts[0].removeprefix(lead))
        line.insert(0, nodes.strong("", lead))
    return line


def _text(part: str) -> Node:
    plain = html.unescape(part)
    return nodes.raw("", part, format="html") if "<" in part else nodes.Text(plain)


def _maths(part: str) -> Node:
    formula = html.unescape(part)
    return nodes.math(formula, formula)


def frame_lab_exercises(app: Sphinx, doctree: nodes.document) -> None:
    """Put the exercises of a lab into the frame of the exercises of theory pages."""
    for strong in list(doctree.findall(nodes.strong)):
        found = LAB_EXERCISE.match(strong.astext())
        if found and _first(strong.parent) is strong:
            _frame(strong, *found.groups())


def _frame(strong: nodes.strong, number: str, effort: str) -> None:
    paragraph, parent = strong.parent, strong.parent.parent
    start = parent.index(paragraph)
    words = [LAB_EXERCISE.sub("", strong[0].astext()), *strong.children[1:]]
    frame = exercise_node("", _lab_title(number, effort, words), classes=["exercise"])
    frame["ids"] = [f"exercise-{number}"]
    frame["label"] = frame["ids"][0]
    frame["number"] = number
    paragraph.remove(strong)
    end = next((at for at in range(start + 1, len(parent)) if _ends(parent[at])), len(parent))
    frame += parent[start:end]
    parent[start:end] = [frame]
    _name_solution(parent, start + 1, number)


def _lab_title(number: str, effort: str, words: list[Node | str]) -> nodes.title:
    """The title of an exercise of a lab, without its last full stop."""
    rest = [nodes.Text(word) if isinstance(word, str) else word for word in words]
    if isinstance(rest[-1], nodes.Text):
        rest[-1] = nodes.Text(rest[-1].astext().rstrip("."))
    count = nodes.inline("", f"Exercise {number} ", classes=["caption-number"])
    return nodes.title("", "", count, *set_apart(rest, effort))


def _first(node: Node) -> Node | None:
    """What a paragraph begins with; the parser may leave an empty text before it."""
    children = node if isinstance(node, nodes.paragraph) else ()
    return next((child for child in children if child.astext()), None)


def _ends(node: Node) -> bool:
    """Whether the text of an exercise ends before this node."""
    first = _first(node)
    another = isinstance(first, nodes.strong) and LAB_EXERCISE.match(first.astext())
    return bool(another) or isinstance(node, Details | nodes.section | nodes.transition)


def _name_solution(parent: Element, at: int, number: str) -> None:
    """Say in the bar whose solution it is, for those who go from bar to bar."""
    door = parent[at] if at < len(parent) else None
    if isinstance(door, Details) and door[0].astext() == "Solution":
        door[0].children = []
        door[0] += nodes.Text(f"Solution to Exercise {number}")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-read", fold_raw_details, priority=600)  # after sphinx_exercise
    app.connect("doctree-read", frame_lab_exercises, priority=610)
    app.add_post_transform(FrameExercises)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
