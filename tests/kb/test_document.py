import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.document import Block, Document
from kb.text import paragraphs, to_html

LINES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1).map(
    lambda text: f"a{text}"
)


def test_text_is_the_blocks_parted_by_empty_lines_and_starts_tell_where_each_begins():
    document = Document((Block("Ein Titel", "heading"), Block("Zwei"), Block("Drei", "item")))

    assert document.text == "Ein Titel\n\nZwei\n\nDrei"
    assert [document.text[at:].split("\n")[0] for at in document.starts] == [
        block.text for block in document.blocks
    ]


def test_nothing_has_no_text():
    assert (Document(()).text, Document(()).starts, Document(()).markdown) == ("", (), "")


def test_headings_lists_and_rows_become_markdown():
    blocks = (
        Block("Titel", "heading", 1),
        Block("Eins", "item"),
        Block("Innen", "item", 2),
        Block("a | b", "row"),
        Block("c | d", "row"),
    )

    html = to_html(Document(blocks).markdown)

    assert "<h2>Titel</h2>" in html
    assert html.count("<li>") == 2
    assert "a | b<br>" in html


@pytest.mark.parametrize(
    "line",
    ["# kein Titel", "- kein Punkt", "1. kein Punkt", "* x *y*", "<b>x</b>", "[a](http://b)",
     "| a | b |", "> x", "= = =", "&amp;", "`x`", "_x_", "a\\b", "+ x", "2019) x"],
)  # fmt: skip
def test_what_looks_like_markdown_stays_what_it_is(line):
    assert " ".join(paragraphs(Document((Block(line),)).markdown)) == line


@given(LINES)
def test_any_line_comes_out_as_it_went_in(line):
    assert "".join(" ".join(paragraphs(Document((Block(line),)).markdown)).split()) == "".join(
        line.split()
    )
