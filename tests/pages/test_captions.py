"""Captions: escaped, with links, emphasis and code; the line of the maker is the last one."""

import pytest

from advtheory.pages import made_here
from advtheory.pages.captions import framed, in_line


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("*one* of `two`", "<em>one</em> of <code>two</code>"),
        ("[here](#figure-2), [there](a.html#b)", None),
    ],
)
def test_a_caption_is_text_with_few_marks(text: str, html: str | None) -> None:
    links = '<a href="#figure-2">here</a>, <a href="a.html#b">there</a>'
    assert in_line(text) == (html or links)


def test_a_frame_without_words_has_no_caption() -> None:
    assert framed("x", "Figure", None, "", None) == '<figure class="adv-figure">x</figure>'


def test_the_maker_of_a_picture_made_here() -> None:
    line, other = made_here("laptop", "mnist", 1), made_here("laptop", "digits-8x8")
    assert " 1 seed " in line
    assert "MNIST" in line
    assert "seed" not in other
    assert "scikit-learn" in other
