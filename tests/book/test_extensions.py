"""What the small Sphinx extensions make of a page that has been read."""

from types import SimpleNamespace
from typing import Any

import anchors
import code_titles
import one_style
import pytest
from docutils import nodes
from docutils.utils import new_document


@pytest.fixture
def app() -> Any:
    """As much of Sphinx as an extension asks for."""
    return SimpleNamespace(env=SimpleNamespace(docname="lab", metadata={"lab": {}}))


def page(*content: nodes.Element) -> nodes.document:
    made = new_document("lab")
    made += content
    return made


def cell(code: str) -> nodes.container:
    inside = nodes.literal_block(code, code, language="ipython3")
    return nodes.container("", inside, prompt_show="Show", prompt_hide="Hide")


def test_every_label_of_a_page_can_be_named(app: Any) -> None:
    anchors.note_anchors(app, page(nodes.section(ids=["sec-a"]), nodes.container(ids=["lem-b"])))
    assert {"sec-a", "lem-b"} <= app.env.metadata["lab"]["myst_slugs"].keys()


def test_what_a_heading_has_noted_stays(app: Any) -> None:
    app.env.metadata["lab"]["myst_slugs"] = {"sec-a": (3, "sec-a", "A heading")}
    anchors.note_anchors(app, page(nodes.section(ids=["sec-a"])))
    assert app.env.metadata["lab"]["myst_slugs"] == {"sec-a": (3, "sec-a", "A heading")}


def test_folded_code_is_named_by_its_first_line(app: Any) -> None:
    doctree = page(cell("# @title Draw the curve\ndraw()"))
    code_titles.name_folds(app, doctree)
    (folded,) = doctree.findall(nodes.container)
    assert folded["prompt_show"] == folded["prompt_hide"] == "Code: draw the curve"
    (code,) = folded.findall(nodes.literal_block)
    assert (code.astext(), code.rawsource, code["language"]) == ("draw()", "draw()", "ipython3")


def test_code_without_a_title_stays(app: Any) -> None:
    doctree = page(cell("draw()  # @title no"))
    code_titles.name_folds(app, doctree)
    assert [folded["prompt_show"] for folded in doctree.findall(nodes.container)] == ["Show"]
    assert doctree.astext() == "draw()  # @title no"


def test_the_style_sheet_of_outputs_stands_once() -> None:
    sheet, other = '<style class="adv-look">p { margin: 0; }</style>', "<style>b {}</style>"
    body = f"<p>{sheet}a{other}</p>{sheet}b{other}{sheet}"
    assert one_style.only_first(body) == f"<p>{sheet}a{other}</p>b{other}"
    assert one_style.only_first("<p></p>") == "<p></p>"
