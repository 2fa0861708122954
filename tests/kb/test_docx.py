import io
import struct
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.document import Block, Document
from kb.errors import RefusedFileError
from kb.formats import docx

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACES = (
    f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
STYLES = """
<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="de-AT"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Standard"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Kapitel"><w:name w:val="Kapitel"/>
  <w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Unterkapitel"><w:name w:val="Unterkapitel"/>
  <w:basedOn w:val="Kapitel"/></w:style>
<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Liste2"><w:name w:val="List Bullet 2"/>
  <w:pPr><w:numPr><w:numId w:val="4"/></w:numPr></w:pPr></w:style>
<w:style w:type="character" w:styleId="Versteckt"><w:name w:val="Hidden"/>
  <w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Kreis"><w:name w:val="a"/>
  <w:basedOn w:val="Kreis"/></w:style>
"""


def package(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def related(**targets: str) -> str:
    links = "".join(
        f'<Relationship Id="r{kind}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for kind, target in targets.items()
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{links}</Relationships>'


def word(body: str, **more: str) -> bytes:
    """Make a Word file of its body; keyword arguments are the contents of other parts."""
    files = {name: f"word/{name}.xml" for name in more}
    return package(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": related(officeDocument="word/document.xml"),
            "word/_rels/document.xml.rels": related(**{name: f"{name}.xml" for name in more}),
            "word/document.xml": f"<w:document {SPACES}><w:body>{body}</w:body></w:document>",
            **{path: f"<w:{name} {SPACES}>{more[name]}</w:{name}>" for name, path in files.items()},
        }
    )


def p(text: str, style: str = "", more: str = "") -> str:
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{styled}{more}</w:pPr>{r(text)}</w:p>"


def r(text: str, more: str = "") -> str:
    return f'<w:r><w:rPr>{more}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def table(*rows: tuple[str, ...]) -> str:
    lines = "".join(
        "<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr>" for cells in rows
    )
    return f"<w:tbl><w:tblPr/>{lines}</w:tbl>"


def control(content: str, properties: str = "") -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def box(text: str) -> str:
    content = f"<w:txbxContent>{p(text)}</w:txbxContent>"
    return (
        "<w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{content}</wps:txbx></w:drawing>'
        "</mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{content}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )


def read(data: bytes, file: str = "a.docx") -> Document:
    return docx.extract(data, file)


def shape(document: Document) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in document.blocks]


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def test_headings_are_told_by_style_in_any_language() -> None:
    body = (
        p("Wohnen zuerst", "Titel")
        + p("Ziele", "berschrift2")
        + p("Wirkung", "Kapitel")
        + p("Zahlen", "Unterkapitel")
        + p("Von Hand", more='<w:outlineLvl w:val="0"/>')
        + p("Kein Kapitel", "Kapitel", '<w:outlineLvl w:val="9"/>')
        + p("Text", "Kreis")
    )

    document = read(word(body, styles=STYLES))

    assert shape(document) == [
        ("heading", 1, "Wohnen zuerst"),
        ("heading", 2, "Ziele"),
        ("heading", 3, "Wirkung"),
        ("heading", 3, "Zahlen"),
        ("heading", 1, "Von Hand"),
        ("paragraph", 1, "Kein Kapitel"),
        ("paragraph", 1, "Text"),
    ]


def test_a_long_heading_is_a_paragraph() -> None:
    document = read(word(p("Wort " * 100, "berschrift2"), styles=STYLES))

    assert document.blocks[0].kind == "paragraph"


def test_items_of_lists_keep_their_level() -> None:
    numbered = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="{}"/></w:numPr>'
    body = (
        p("one", more=numbered.format(0, 1))
        + p("two", more=numbered.format(1, 1))
        + p("styled", "Liste2")
        + p("none", "Liste2", numbered.format(0, 0))
    )

    document = read(word(body, styles=STYLES))

    assert shape(document) == [
        ("item", 1, "one"),
        ("item", 2, "two"),
        ("item", 2, "styled"),
        ("paragraph", 1, "none"),
    ]


def test_tables_are_rows_and_keep_the_place_of_empty_cells() -> None:
    body = table(
        (p("Year"), p("Homes"), p("")),
        (p("2020"), p("") + p("10") + p("20"), p("")),
        (p(""), p("30"), p("40")),
        (p(""), p(""), p("")),
    )

    document = read(word(body))

    assert shape(document) == [
        ("row", 1, "Year | Homes"),
        ("row", 1, "2020 | 10\n20"),
        ("row", 1, " | 30 | 40"),
    ]


def test_tables_that_only_lay_out_a_page_are_read_through() -> None:
    inner = table((p("Year"), p("Homes")), (p("2020"), p("10")))
    body = table((p("Left", "berschrift2") + p("text"), inner), (p("alone"), p("")))

    document = read(word(body, styles=STYLES))

    assert shape(document) == [
        ("heading", 2, "Left"),
        ("paragraph", 1, "text"),
        ("row", 1, "Year | Homes"),
        ("row", 1, "2020 | 10"),
        ("paragraph", 1, "alone"),
    ]


def test_tables_in_controls_are_read() -> None:
    row = control(f"<w:tr><w:tc>{p('a')}</w:tc><w:tc>{p('b')}</w:tc></w:tr>")
    gone = f"<w:tr><w:trPr><w:del/></w:trPr><w:tc>{p('gone')}</w:tc></w:tr>"
    hidden = f"<w:tr><w:trPr><w:hidden/></w:trPr><w:tc>{p('hidden')}</w:tc></w:tr>"

    document = read(word(f"<w:tbl>{row}{gone}{hidden}</w:tbl>"))

    assert texts(document) == ["a | b"]
    assert len(document.notes) == 2


def test_foot_and_endnotes_stand_at_the_end_in_the_order_of_the_text() -> None:
    def note(kind: str, number: int, text: str, more: str = "") -> str:
        return f'<w:{kind} w:id="{number}" {more}>{p(text)}</w:{kind}>'

    body = (
        "<w:p><w:r><w:t>One</w:t></w:r>"
        '<w:r><w:endnoteReference w:id="1"/></w:r><w:r><w:t>, two</w:t></w:r>'
        '<w:r><w:footnoteReference w:id="3"/></w:r><w:r><w:footnoteReference w:id="9"/></w:r></w:p>'
    ) + p("Three")
    footnotes = note("footnote", 0, "----", 'w:type="separator"') + note("footnote", 3, "Source A")

    document = read(
        word(body, footnotes=footnotes, endnotes=note("endnote", 1, "Source B"), styles=STYLES)
    )

    assert texts(document) == ["One, two", "Three", "Source B", "Source A"]


def test_tracked_changes_are_read_as_accepted() -> None:
    body = (
        f"<w:p>{r('We built ')}<w:del><w:r><w:delText>ten</w:delText></w:r></w:del>"
        f"<w:ins>{r('twenty')}</w:ins>{r(' homes')}</w:p>"
        f"<w:p><w:moveFrom>{r('moved')}</w:moveFrom></w:p><w:p><w:moveTo>{r('moved')}</w:moveTo></w:p>"
        f"<w:ins>{p('A paragraph')}</w:ins><w:del>{p('No more')}</w:del>"
    )

    document = read(word(body))

    assert texts(document) == ["We built twenty homes", "moved", "A paragraph"]
    assert document.notes == ("tracked changes: insertions were kept, deletions left out",)


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    body = f"<w:p>{r('Before ')}{box('In the box')}{r('after')}</w:p>" + p("Next")

    assert texts(read(word(body))) == ["Before after", "In the box", "Next"]


def test_a_table_in_a_run_is_read_after_its_paragraph() -> None:
    body = f"<w:p>{r('Before')}<w:r>{table((p('a'), p('b')))}</w:r></w:p>"

    assert texts(read(word(body))) == ["Before", "a | b"]


def test_old_text_boxes_are_read() -> None:
    shape_of_2003 = (
        f"<w:pict><v:textbox><w:txbxContent>{p('Box')}</w:txbxContent></v:textbox></w:pict>"
    )

    assert texts(read(word(f"<w:p><w:r>{shape_of_2003}</w:r></w:p>"))) == ["Box"]


def test_content_controls_are_read_but_not_what_asks_to_fill_them_in() -> None:
    asking = control(p("Click"), "<w:showingPlcHdr/>")
    filled = control(p("Graz"))
    inline = (
        f"<w:p>{r('City: ')}{control(r('Linz'))}{control(r('here'), '<w:showingPlcHdr/>')}</w:p>"
    )

    assert texts(read(word(asking + filled + inline))) == ["Graz", "City: Linz"]


def test_fields_give_their_result_and_forms_what_was_chosen() -> None:
    def mark(kind: str, more: str = "") -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}">{more}</w:fldChar></w:r>'

    ticked = "<w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>"
    blank = '<w:ffData><w:checkBox><w:default w:val="0"/></w:checkBox></w:ffData>'
    chosen = (
        '<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="small"/>'
        '<w:listEntry w:val="large"/></w:ddList></w:ffData>'
    )
    code = "<w:r><w:instrText>PAGEREF x</w:instrText></w:r>"
    body = (
        f"<w:p>{r('See ')}{mark('begin')}{code}{r('code')}{mark('separate')}{r('page 3')}"
        f"{mark('end')}</w:p>"
        f"<w:p>{mark('begin', ticked)}{mark('end')}{r('Yes ')}"
        f"{mark('begin', blank)}{mark('end')}{r('No')}</w:p>"
        f"<w:p>{mark('begin', chosen)}{mark('end')}</w:p>"
        f"<w:p>{mark('end')}{mark('separate')}{r('stray')}</w:p>"
        f"<w:p><w:fldSimple w:instr='DATE'>{r('1 May')}</w:fldSimple></w:p>"
    )

    assert texts(read(word(body))) == ["See page 3", "☒ Yes ☐ No", "large", "stray", "1 May"]


def test_comments_pictures_hidden_text_and_contents_are_left_out_and_said() -> None:
    style = '<w:rStyle w:val="Versteckt"/>'
    body = (
        p("Introduction 3", "TOC1")
        + p("Text")
        + f"<w:p>{r('seen')}{r(' hidden', '<w:vanish/>')}{r(' styled', style)}"
        + r(" shown", style + '<w:vanish w:val="0"/>')
        + "</w:p>"
        + '<w:p><w:r><w:commentReference w:id="1"/></w:r></w:p>'
        + "<w:p><w:r><w:drawing><pic:pic/></w:drawing><w:drawing><pic:pic/></w:drawing></w:r></w:p>"
        + "<w:altChunk/>"
    )

    document = read(word(body, styles=STYLES))

    assert texts(document) == ["Text", "seen shown"]
    assert document.notes == (
        "2 pictures were left out",
        "1 comment was left out",
        "1 embedded file was left out",
        "hidden text was left out",
        "the table of contents was left out",
    )


def test_a_table_of_contents_in_a_control_is_left_out() -> None:
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    contents = control(p("Inhalt"), gallery)

    assert texts(read(word(contents + p("Text")))) == ["Text"]


def test_letters_are_made_plain() -> None:
    run = (
        "<w:r><w:t>a\u00a0b\u00adc\u200b</w:t><w:tab/><w:t>e\u0301</w:t><w:noBreakHyphen/>"
        '<w:t>x</w:t><w:br/><w:t>line</w:t><w:softHyphen/><w:sym w:font="Wingdings" w:char="F0FE"/>'
        '<w:sym w:char="00E9"/><w:t>\uf0b7</w:t></w:r>'
    )

    assert texts(read(word(f"<w:p>{run}</w:p>"))) == ["a bc é-x\nline☑é•"]


def test_two_line_breaks_part_paragraphs() -> None:
    body = "<w:p><w:r><w:t>a</w:t><w:br/><w:br/><w:t>b</w:t></w:r></w:p>"

    assert texts(read(word(body))) == ["a", "b"]


def test_title_and_language_come_from_the_properties() -> None:
    core = (
        '<c:p xmlns:c="x" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:title>Housing\nFirst</dc:title><dc:language>nb-NO</dc:language></c:p>"
    )
    data = word(p("x"))
    parts = {name: zipfile.ZipFile(io.BytesIO(data)).read(name) for name in names(data)}

    document = read(package({**parts, "docProps/core.xml": core}))

    assert (document.title, document.language) == ("Housing First", "no")


@pytest.mark.parametrize(("tag", "language"), [("de-AT", "de"), ("ja-JP", ""), ("x", "")])
def test_language_comes_from_the_styles_otherwise(tag: str, language: str) -> None:
    document = read(word(p("x"), styles=STYLES.replace("de-AT", tag)))

    assert document.language == language


def test_the_strict_form_of_the_format_is_read() -> None:
    data = word(p("Ziele", "berschrift2"), styles=STYLES)
    strict = {
        name: zipfile.ZipFile(io.BytesIO(data))
        .read(name)
        .replace(W.encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main")
        for name in names(data)
    }

    assert shape(read(package(strict))) == [("heading", 2, "Ziele")]


def test_the_body_is_found_by_its_relationship() -> None:
    data = package(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": related(officeDocument="/word/document2.xml"),
            "word/document2.xml": f"<w:document {SPACES}><w:body>{p('two')}</w:body></w:document>",
        }
    )

    assert texts(read(data)) == ["two"]


def names(data: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(data)).namelist()


@pytest.mark.parametrize(
    ("data", "file", "message"),
    [
        (word(p("")), "a.docx", "holds no text; upload the file with its text"),
        (word("<w:p><pic:pic/></w:p>"), "a.docx", "holds no text; its pictures are not read"),
        (word(p("x")), "a.docm", r"holds macros; save it as \.docx"),
        (b"no zip", "a.docx", "is damaged: it cannot be read as DOCX; open it"),
        (b"", "a.docx", "is damaged"),
        (package({"a": ""}), "a.docx", "is damaged"),
        (package({"[Content_Types].xml": "<Types/>"}), "a.docx", "is damaged"),
        (
            package(
                {"[Content_Types].xml": "<T>application/vnd.ms-word.document.macroEnabled</T>"}
            ),
            "a.docx",
            "holds macros",
        ),
        (
            package({"[Content_Types].xml": "<Types/>", "word/vbaProject.bin": "x"}),
            "a.docx",
            "holds macros",
        ),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(99), "a.docx", "in the old format of Office"),
        (word("<w:p>"), "a.docx", "is damaged"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, file: str, message: str) -> None:
    with pytest.raises(RefusedFileError, match=message):
        docx.extract(data, file)


def hostile(document: str | bytes) -> bytes:
    return package(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": related(officeDocument="word/document.xml"),
            "word/document.xml": document,
        }
    )


LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    f"<w:document {SPACES}><w:body>{p('&c;')}</w:body></w:document>"
)


@pytest.mark.parametrize(
    "document",
    [
        LAUGHS,
        ('<?xml version="1.0" encoding="UTF-16"?>' + LAUGHS).encode("utf-16"),
        '<?xml version="1.0" encoding="UTF-7"?>' + LAUGHS.replace("<!", "+ADwAIQ-"),
    ],
    ids=["utf-8", "utf-16", "utf-7"],
)
def test_entities_are_refused(document: str | bytes) -> None:
    with pytest.raises(RefusedFileError, match="is damaged: it holds a document type definition"):
        read(hostile(document))


def test_a_file_named_by_an_entity_is_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    entity = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'

    with pytest.raises(RefusedFileError) as refusal:
        read(hostile(f"{entity}<w:document {SPACES}><w:body>{p('&x;')}</w:body></w:document>"))

    assert "canary" not in str(refusal.value)


def test_a_part_that_unpacks_to_60_mb_is_refused_soon() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as part:
            for _ in range(60):
                part.write(b" " * 1_000_000)
    began = time.monotonic()

    with pytest.raises(RefusedFileError, match="has more than 30 MB of text"):
        read(out.getvalue())

    assert time.monotonic() - began < 10


def test_a_directory_that_lies_about_sizes_is_not_believed() -> None:
    content = f"<w:document {SPACES}><w:body>{p('x')}</w:body></w:document>".encode()
    data = hostile(content)
    length = struct.pack("<I", len(content))
    assert data.count(length) == 2

    with pytest.raises(RefusedFileError, match="is damaged"):
        read(data.replace(length, struct.pack("<I", 1)))
    assert texts(read(data.replace(length, struct.pack("<I", 2**31 - 1)))) == ["x"]


def test_deep_nesting_is_refused() -> None:
    deep = "<w:sdt>" * 100_000 + "</w:sdt>" * 100_000

    with pytest.raises(RefusedFileError, match=r"is damaged|is too complex"):
        read(hostile(f"<w:document {SPACES}><w:body>{deep}</w:body></w:document>"))


def test_nesting_that_the_parser_allows_is_read_or_refused() -> None:
    for depth in (50, 100, 240):
        deep = "<w:sdt>" * depth + p("deep") + "</w:sdt>" * depth
        try:
            assert texts(read(word(deep))) == ["deep"]
        except RefusedFileError as err:
            assert "too complex" in str(err)  # noqa: PT017 - either may happen


def test_four_million_empty_paragraphs_are_refused_soon() -> None:
    began = time.monotonic()

    with pytest.raises(RefusedFileError, match="is too complex: it has millions of elements"):
        read(word("<w:p/>" * 4_000_000))

    assert time.monotonic() - began < 10


def test_more_text_than_anyone_reads_is_refused() -> None:
    with pytest.raises(RefusedFileError, match="has more than 2,000,000 characters or 100,000 par"):
        read(word(p("x" * 100_000) * 21))


def test_an_encrypted_archive_is_refused() -> None:
    data = bytearray(word(p("x")))
    for place in (data.find(b"PK\x03\x04") + 6, data.find(b"PK\x01\x02") + 8):
        data[place] |= 1

    with pytest.raises(RefusedFileError, match="is encrypted; upload an unlocked copy"):
        read(bytes(data))


def test_an_unknown_compression_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")

    with pytest.raises(RefusedFileError, match="is damaged"):
        read(out.getvalue())


RICH = (
    p("Title", "Titel")
    + table((p("a"), p("b")), (p("c"), table((p("d"), p("e")))))
    + f"<w:p>{r('x')}{box('y')}<w:ins>{r('z')}</w:ins></w:p>"
)
EDITS = st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), max_size=8)


def mutant(data: bytes, edits: list[tuple[int, int]], cut: int) -> bytes:
    changed = bytearray(data)
    for place, byte in edits:
        changed[place % len(changed)] = byte
    return bytes(changed[: len(changed) - cut % len(changed)] if cut else changed)


@given(EDITS, st.integers(0, 3_000), st.booleans())
@settings(max_examples=150)
def test_a_damaged_file_is_read_or_refused(
    edits: list[tuple[int, int]],
    cut: int,
    inside: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    data = word(RICH, styles=STYLES)
    if inside:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
        for name in ("word/document.xml", "word/styles.xml", "_rels/.rels"):
            parts[name] = mutant(archive.read(name), edits, cut if name[5] == "d" else 0)
        data = package(parts)
    else:
        data = mutant(data, edits, cut)

    try:
        document = read(data)
    except RefusedFileError as err:
        assert err.problems[0].remedy  # noqa: PT017 - either may happen
    else:
        assert all(block.text.strip() for block in document.blocks)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("docx-encrypted.docx", "is encrypted; upload an unlocked copy"),
        ("docx-external-picture.docx", "holds no text; its pictures are not read"),
        ("docx-images.docx", "holds no text; its pictures are not read"),
        ("docx-nested-tables.docx", "holds no text"),
        ("zip-corrupt-oom.zip", "is damaged"),
    ],
)
def test_awkward_files_without_text_are_refused(test_data: Path, file: str, message: str) -> None:
    with pytest.raises(RefusedFileError, match=message):
        docx.extract((test_data / "wild" / file).read_bytes(), file)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("docx-footnotes.docx", ["Ouch.", "A tachyon walks into a bar.", "Fin."]),
        ("docx-tracked-changes.docx", ["Change Tracking ON"]),
        ("docx-utf8-bom-xml.docx", ["This XML has a byte order mark."]),
        ("tika-ocr-image-in-docx.docx", ["This is some text.", "Here is an embedded image:"]),
        (
            "docx-paras-and-tables.docx",
            [
                "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
                "Text before",
                "Table",
                "Between",
                "Text after",
                "Donec semper facilisis metus finibus malesuada.",
            ],
        ),
    ],
)
def test_awkward_files_are_read(test_data: Path, file: str, expected: list[str]) -> None:
    document = docx.extract((test_data / "wild" / file).read_bytes(), file)

    assert texts(document) == expected


def test_a_real_form_keeps_labels_boxes_and_its_footnote(test_data: Path) -> None:
    data = (test_data / "wild" / "docx-form-footnotes.docx").read_bytes()

    document = docx.extract(data, "form.docx")

    assert Block("VISA APPLICATION FORM", "heading", 4) in document.blocks
    assert (
        Block(
            "04 - Country of citizenship | 05 - Sex\nmale ☐ female ☐ | 06 - Marital status"
            " | white or off-white background",
            "row",
        )
        in document.blocks
    )
    assert Block("must be recent picture", "item") in document.blocks
    assert document.blocks[-1].text == "testdoc test phrase"
    assert document.notes == ("1 picture was left out",)
