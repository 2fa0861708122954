import io
from datetime import date

import pytest
from docx import Document
from docx.oxml.ns import qn

from kb import word
from kb.paper import Block, Paper, Run, Table, lines

PAPER = Paper(
    "Brief",
    "hu",
    date(2026, 11, 23),
    "A site",
    (
        Block("title", (Run("Brief & more"),)),
        Table(
            "At a glance", ("Case", "Place"), (((Run("A", strong=True),), (Run("Łódź", "pl"),)),)
        ),
        Block("part", (Run("Każde pole", "pl"), Run(" [1]", href="#cited-1"))),
        Block("heading", (Run("What failed"),)),
        Block("item", (Run("Money\0 ended.\ud800"),)),
        Block("small", (Run("[1] "), Run("Here", href="https://a.example/?a=1&b=2")), "cited-1"),
    ),
)


@pytest.fixture(scope="module")
def document():
    return Document(io.BytesIO(word.write(PAPER)))


def test_headings_are_headings_and_lists_are_lists(document):
    assert [paragraph.style.name for paragraph in document.paragraphs] == [
        "Heading 1", "Heading 2", "Heading 3", "List Bullet", "Caption",
    ]  # fmt: skip


def test_the_file_says_its_title_its_language_and_its_day(document):
    about = document.core_properties

    assert (about.title, about.language, about.author) == ("Brief", "hu", "A site")
    assert about.created.date() == date(2026, 11, 23)
    told = {each.get(qn("w:val")) for each in document.styles.element.iter(qn("w:lang"))}
    assert told == {"hu"}


def test_words_in_another_language_are_marked(document):
    marked = {
        run.text: run._r.rPr.find(qn("w:lang")).get(qn("w:val"))
        for paragraph in (*document.paragraphs, *document.tables[0].rows[1].cells[1].paragraphs)
        for run in paragraph.runs
        if run._r.rPr is not None and run._r.rPr.find(qn("w:lang")) is not None
    }

    assert marked == {"Każde pole": "pl", "Łódź": "pl"}


def test_the_head_of_a_table_is_its_head_on_every_page(document):
    heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in document.tables[0].rows]

    assert heads == [True, False]
    assert document.tables[0]._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == "At a glance"


def test_links_lead_to_addresses_and_to_their_place_in_the_paper(document):
    body = document.element.body
    anchors = [each.get(qn("w:anchor")) for each in body.iter(qn("w:hyperlink"))]
    names = [each.get(qn("w:name")) for each in body.iter(qn("w:bookmarkStart"))]
    outside = [r.target_ref for r in document.part.rels.values() if r.is_external]

    assert anchors == ["cited-1", None]
    assert names == ["cited-1"]
    assert outside == ["https://a.example/?a=1&b=2"]


def test_what_cannot_stand_in_xml_is_left_out(document):
    assert document.paragraphs[3].text == "Money ended."


def test_the_same_paper_is_the_same_file():
    assert word.write(PAPER) == word.write(PAPER)


def test_all_lines_of_the_paper_are_said_in_order(document):
    table = [cell.text for row in document.tables[0].rows for cell in row.cells]
    told = [paragraph.text for paragraph in document.paragraphs]

    assert [told[0], *table, *told[1:]] == [
        line.replace("\0", "").replace("\ud800", "") for line in lines(PAPER)
    ]
