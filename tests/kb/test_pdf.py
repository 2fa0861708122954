import os
import shutil
from pathlib import Path

import pytest

from kb.document import Block, Document
from kb.errors import RefusedFileError
from kb.formats import pdf, scan
from tests.kb import pdfs
from tests.kb.pdfs import Put, paragraph

TESSERACT = pytest.mark.skipif(
    not shutil.which("tesseract"),
    reason="Tesseract is not installed: apt-get install tesseract-ocr tesseract-ocr-fra",
)

LOREM = (
    "The council lets flats to people who slept in the street, and asks for nothing before.",
    "Helpers visit them once a week for as long as they wish, in the evening where that is",
    "better, and find them a doctor. After two years nine in ten still live there.",
)


def read(data: bytes) -> Document:
    return pdf.extract(data, "a.pdf")


def texts(data: bytes, kind: str = "") -> list[str]:
    return [block.text for block in read(data).blocks if kind in {"", block.kind}]


def refusal(data: bytes) -> str:
    with pytest.raises(RefusedFileError) as refused:
        read(data)
    return str(refused.value)


def test_lines_of_a_paragraph_are_joined():
    assert texts(pdfs.pdf(paragraph(*LOREM))) == [" ".join(LOREM)]


def test_a_gap_ends_a_paragraph():
    page = [*paragraph(*LOREM), *paragraph(*LOREM, y=630)]

    assert texts(pdfs.pdf(page)) == [" ".join(LOREM)] * 2


def test_a_line_that_ends_early_ends_a_paragraph():
    short = ("This is how it began.", LOREM[0], "And how it went on.", LOREM[1])

    assert texts(pdfs.pdf(paragraph(*short))) == [
        short[0],
        f"{short[1]} {short[2]}",
        short[3],
    ]


def test_a_paragraph_goes_on_over_the_end_of_a_page():
    assert texts(pdfs.pdf(paragraph(*LOREM[:2]), paragraph(LOREM[2]))) == [" ".join(LOREM)]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("helps Obdach-", "lose people", "Obdachlose people"),
        ("between Ost-", "West and home", "Ost-West and home"),
        ("has Vor-", "und Nachteile", "Vor- und Nachteile"),
        ("co-operation, and co-", "operation again", "co-operation, and co-operation again"),
        ("housing, and hou-", "sing again", "housing, and housing again"),
        ("in the years 2014-", "2020 and on", "years 2014- 2020 and on"),
    ],
)
def test_hyphens_at_line_ends_are_undone_where_they_part_a_word(first, second, joined):
    page = paragraph(f"It is told in many words that the council of the city {first}", second)

    assert texts(pdfs.pdf(page))[0].endswith(joined)


def test_headings_are_told_by_size_and_weight():
    page = [
        Put(72, 760, "Housing First in Dublin", 22),
        Put(72, 730, "What was done", 15),
        *paragraph(*LOREM),
        Put(72, 640, "Who paid for it", 11, bold=True),
        *paragraph(*LOREM, y=620),
    ]

    headings = [block for block in read(pdfs.pdf(page)).blocks if block.kind == "heading"]

    assert [(block.text, block.level) for block in headings] == [
        ("Housing First in Dublin", 1),
        ("What was done", 2),
        ("Who paid for it", 3),
    ]


def test_a_large_heading_of_two_lines_is_one():
    page = [
        Put(72, 760, "Flats for people who slept in the street", 22),
        Put(72, 734, "in Dublin", 22),
        *paragraph(*LOREM),
    ]

    assert texts(pdfs.pdf(page), "heading") == [
        "Flats for people who slept in the street in Dublin"
    ]


def test_without_sizes_a_short_line_above_a_paragraph_is_a_heading():
    page = [Put(72, 730, "What was done"), *paragraph(*LOREM)]

    assert texts(pdfs.pdf(page), "heading") == ["What was done"]


def test_bullets_become_items_of_their_depth():
    page = [
        *paragraph(*LOREM),
        Put(72, 640, "• flats in all parts of the city"),
        Put(90, 626, "– two of them for families"),
        Put(72, 612, "• helpers who come by"),
    ]

    items = [block for block in read(pdfs.pdf(page)).blocks if block.kind == "item"]

    assert [(block.text, block.level) for block in items] == [
        ("flats in all parts of the city", 1),
        ("two of them for families", 2),
        ("helpers who come by", 1),
    ]


def test_an_item_may_have_two_lines():
    page = [
        Put(72, 700, "• the council lets flats to people who slept in the street and asks nothing"),
        Put(84, 686, "before or after"),
        Put(72, 672, "• helpers come by"),
    ]

    assert texts(pdfs.pdf(page)) == [
        "the council lets flats to people who slept in the street and asks nothing before or after",
        "helpers come by",
    ]


def test_a_dash_or_a_date_at_the_start_of_a_line_makes_no_item():
    page = paragraph(
        "The council of the city let the first flats to people who slept in the street on the",
        "15. September, and it let more of them to families and to old people in the autumn",
        "– which was cold – and in the winter.",
    )

    assert len(texts(pdfs.pdf(page))) == 1


def test_wide_gaps_part_the_cells_of_a_row():
    page = [
        *paragraph(*LOREM),
        Put(72, 600, "Rough sleepers"), Put(250, 600, "2014"), Put(350, 600, "184"),
        Put(72, 586, "Rough sleepers"), Put(250, 586, "2019"), Put(350, 586, "92"),
    ]  # fmt: skip

    assert texts(pdfs.pdf(page), "row") == [
        "Rough sleepers | 2014 | 184",
        "Rough sleepers | 2019 | 92",
    ]


def test_two_columns_are_read_one_after_the_other():
    left = (
        "The council lets flats to",
        "people who slept in the",
        "street and asks nothing",
        "and it",
    )
    right = ("does so since the year", "of the great frost, as is", "told in the whole city.")
    page = [*paragraph(*left), *paragraph(*right, x=320)]

    assert texts(pdfs.pdf(page)) == [" ".join(left + right)]


def test_headers_footers_and_page_numbers_are_left_out_and_named():
    pages = [
        [
            Put(72, 815, f"City of Dublin – Report {number}"),
            *paragraph(*LOREM, f"Chapter {'abc'[number]} ends."),
            Put(290, 30, f"{number + 1} / 3"),
        ]
        for number in range(3)
    ]

    document = read(pdfs.pdf(*pages))

    assert "Report" not in document.text
    assert "/ 3" not in document.text
    assert "Chapter c ends." in document.text
    assert any("City of Dublin – Report 0" in note for note in document.notes)


def test_lines_of_text_that_differ_in_a_number_only_are_kept():
    pages = [
        [*paragraph(*[f"{name}: {line}" for line in LOREM * 2]), Put(72, 300, f"Table {number}.")]
        for number, name in enumerate(("Flats", "Helpers", "Doctors", "Money"))
    ]

    assert texts(pdfs.pdf(*pages))[-1] == "Table 3."


def test_pages_that_say_the_same_are_kept():
    assert len(texts(pdfs.pdf(*[[Put(72, 815, "Closed on Sundays")]] * 2))) == 2


def test_blocks_know_their_page():
    blocks = read(pdfs.pdf(paragraph("One."), paragraph("Two."))).blocks

    assert blocks == (Block("One.", page=1), Block("Two.", page=2))


def test_title_and_language_come_from_the_file():
    document = read(
        pdfs.pdf(
            paragraph("Text."),
            catalog="/Lang(de-AT)",
            info={"Title": "Microsoft Word - Wohnen zuerst"},
        )
    )

    assert (document.title, document.language, document.pages) == ("Wohnen zuerst", "de", 1)


@pytest.mark.parametrize("title", ["untitled", "Microsoft Word - draft.doc", ""])
def test_titles_that_say_nothing_are_left_out(title):
    assert read(pdfs.pdf(paragraph("Text."), info={"Title": title})).title == ""


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_turned_pages_are_read(rotate):
    assert texts(pdfs.pdf(paragraph(*LOREM), rotate=rotate)) == [" ".join(LOREM)]


@pytest.mark.parametrize("turned", [90, 180, 270])
@pytest.mark.parametrize("upright", [True, False])
def test_turned_text_is_read_in_order(turned, upright):
    page = pdfs.turned(turned, *LOREM, "", *LOREM, rotate=turned if upright else 0)

    assert texts(page) == [" ".join(LOREM)] * 2


def test_filled_in_form_fields_follow_the_text_of_their_page():
    data = pdfs.form(("Name", "Tx", "Alice"), ("Agreed", "Btn", "Yes"), ("Paid", "Btn", "Off"))

    document = read(data)

    assert [block.text for block in document.blocks[1:]] == ["Name | Alice", "Agreed | Yes"]
    assert any("fields of the form" in note for note in document.notes)


def test_a_file_with_a_password_is_refused():
    assert "is encrypted: it opens with a password only; upload an unlocked copy" in refusal(
        pdfs.encrypted("Secret", user=b"tika")
    )


def test_a_file_that_may_only_not_be_copied_is_read():
    assert texts(pdfs.encrypted("Not so secret", user=b"")) == ["Not so secret"]


def test_too_many_pages_are_refused_before_one_is_read():
    assert "has 2,001 pages; at most 2,000 are read" in refusal(pdfs.many_pages(2_001))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n%%EOF", pdfs.pdf(paragraph("Text."))[:200]])
def test_what_is_no_whole_pdf_is_damaged(data):
    assert "is damaged" in refusal(data)


def test_empty_pages_are_refused():
    assert "holds no text: its pages are empty" in refusal(pdfs.pdf([]))


def test_a_scan_is_refused_with_what_to_do():
    with pytest.raises(
        pdf.ScannedFileError, match=r"is a scan.*or install Tesseract on the server"
    ):
        read(pdfs.scan(2))


def test_pages_of_pictures_among_others_are_named():
    document = read(pdfs.pdf(paragraph(*LOREM * 4), None))

    assert document.notes == (
        "pages with pictures and hardly any text: 2; what they show was not read",
    )


@pytest.mark.parametrize(
    "text", ["'HU 6WDGWUDW YHUPLHWHW :RKQXQJHQ ", '"7+%-*#!&$ ', "\xb0\xb1\xb7\xd7\xf7\xb9 "]
)
def test_text_without_an_alphabet_is_not_taken_for_text(text):
    with pytest.raises(pdf.ScannedFileError, match="do not say which letters they draw"):
        read(pdfs.pdf(paragraph(*[text * 2] * 8)))


@pytest.mark.parametrize(
    "text", ["Strč prst skrz krk", "ŠKODA a.s., IČ 00177041", "12.5 % | 1 204 | 33"]
)
def test_hard_words_and_numbers_are_text(text):
    assert texts(pdfs.pdf(paragraph(text.encode("cp1252", "ignore").decode("cp1252"))))


@TESSERACT
def test_a_scan_is_read_by_machine_in_its_own_language(test_data):
    document = scan.extract((test_data / "wild/scan-francais.pdf").read_bytes(), "a.pdf")

    assert document.read_by_machine
    assert "Portez ce vieux whisky" in document.text
    assert "read by machine" in document.notes[0]


@TESSERACT
def test_pages_beyond_the_time_are_left_out_and_that_is_said(monkeypatch, test_data):
    monkeypatch.setattr(scan, "MAX_PAGES", 1)
    data = (test_data / "wild/arabic-rtl-rotated.pdf").read_bytes()

    document = scan.extract(data, "a.pdf")

    assert "only the first 1 of 4 pages were read" in document.notes


@TESSERACT
def test_a_scan_without_letters_is_refused():
    with pytest.raises(RefusedFileError, match="no text was recognised in it"):
        scan.extract(pdfs.scan(), "a.pdf")


def test_without_tesseract_a_scan_is_not_read(monkeypatch):
    monkeypatch.setitem(os.environ, "PATH", "")

    with pytest.raises(RefusedFileError, match="Tesseract is not installed"):
        scan.extract(pdfs.scan(), "a.pdf")


WILD = {
    "acroform.pdf": "is a scan",
    "arabic-rtl.pdf": "habibi",
    "arabic-rtl-rotated.pdf": "habibi",
    "blank-page.pdf": "its pages are empty",
    "enormous-page.pdf": "is a scan",
    "font-no-unicode-map.pdf": "do not say which letters they draw",
    "google-doc-export.pdf": "Capital | Jakarta | Berlin | Vienna | Paris | Vatican City",
    "libreoffice-form.pdf": "First Name | Alice",
    "pdf-deep-attachments.pdf": "a",
    "pdf-permissions-protected.pdf": "Panic ensued. Uncertainty about its causes and contagious",
    "pdf-triple-language-title.pdf": "Hello World",
    "scan-francais.pdf": "is a scan",
    "scan-rotated-skew.pdf": "is a scan",
    "scan-skew.pdf": "is a scan",
    "type3-font-no-map.pdf": "do not say which letters they draw",
}


@pytest.mark.parametrize("name", WILD)
def test_wild_files_are_read_or_refused_for_a_reason(name, test_data: Path):
    try:
        said = pdf.extract((test_data / "wild" / name).read_bytes(), name).text
    except RefusedFileError as err:
        said = str(err)

    assert WILD[name] in said


def test_all_wild_files_are_looked_at(test_data: Path):
    assert {file.name for file in (test_data / "wild").glob("*.pdf")} == set(WILD)


def test_arabic_stays_in_logical_order(test_data: Path):
    document = read((test_data / "wild/arabic-rtl.pdf").read_bytes())

    assert "\u064a\u0628\u064a\u0628" in document.text  # yeh, beh, yeh, beh
    assert any("could not be made out" in note for note in document.notes)


def test_attached_files_are_named_and_not_read(test_data: Path):
    document = read((test_data / "wild/pdf-deep-attachments.pdf").read_bytes())

    assert document.notes == ("20 attached files were not read; upload them one by one",)
