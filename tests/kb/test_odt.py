import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.document import Block, Document
from kb.errors import RefusedFileError
from kb.formats import odt

OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = (
    " ".join(
        f'xmlns:{name}="{OASIS}{name}:1.0"' for name in ("office", "text", "table", "style", "form")
    )
    + f' xmlns:draw="{OASIS}drawing:1.0" xmlns:svg="{OASIS}svg-compatible:1.0"'
    + f' xmlns:fo="{OASIS}xsl-fo-compatible:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
AUTOMATIC = """
<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/>
<style:style style:name="P2" style:family="paragraph" style:parent-style-name="P2"/>
<style:style style:name="P3" style:family="paragraph">
  <style:text-properties text:display="none"/></style:style>
<style:style style:name="T1" style:family="text">
  <style:text-properties text:display="none"/></style:style>
"""
COMMON = """
<office:styles>
<style:default-style style:family="paragraph">
  <style:text-properties fo:language="pl" fo:country="PL"/></style:default-style>
<style:style style:name="Rozdzial" style:family="paragraph" style:default-outline-level="3"/>
</office:styles>
"""


def package(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def content(body: str) -> str:
    return (
        f"<office:document-content {SPACES}>"
        f"<office:automatic-styles>{AUTOMATIC}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )


def text(body: str, **more: str) -> bytes:
    """Make an OpenDocument text; keyword arguments are the contents of other parts."""
    parts = {
        f"{name}.xml": f"<office:document {SPACES}>{part}</office:document>"
        for name, part in more.items()
    }
    return package({"content.xml": content(body), **parts})


def p(words: str, style: str = "Standard") -> str:
    return f'<text:p text:style-name="{style}">{words}</text:p>'


def row(*cells: str) -> str:
    inner = "".join(f"<table:table-cell>{cell}</table:table-cell>" for cell in cells)
    return f"<table:table-row>{inner}</table:table-row>"


def read(data: bytes, file: str = "a.odt") -> Document:
    return odt.extract(data, file)


def shape(document: Document) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in document.blocks]


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def test_headings_are_told_by_element_and_style() -> None:
    body = (
        p("Najpierw mieszkanie", "P1")
        + '<text:h text:outline-level="2">Cele</text:h><text:h>Bez poziomu</text:h>'
        + p("Wyniki", "Rozdzial")
        + p("Tekst", "P2")
        + p("Inny", "Nieznany")
    )

    document = read(text(body, styles=COMMON))

    assert shape(document) == [
        ("heading", 1, "Najpierw mieszkanie"),
        ("heading", 2, "Cele"),
        ("heading", 1, "Bez poziomu"),
        ("heading", 3, "Wyniki"),
        ("paragraph", 1, "Tekst"),
        ("paragraph", 1, "Inny"),
    ]
    assert document.language == "pl"


def test_items_of_lists_keep_their_level() -> None:
    inner = f"<text:list><text:list-item>{p('two')}</text:list-item></text:list>"
    body = (
        f"<text:list><text:list-header>{p('head')}</text:list-header>"
        f"<text:list-item>{p('one')}{p('more of it')}{inner}</text:list-item>"
        '<text:list-item><text:h text:outline-level="2">Numbered</text:h></text:list-item>'
        "</text:list>"
    ) + p("after")

    assert shape(read(text(body))) == [
        ("paragraph", 1, "head"),
        ("item", 1, "one"),
        ("paragraph", 1, "more of it"),
        ("item", 2, "two"),
        ("heading", 2, "Numbered"),
        ("paragraph", 1, "after"),
    ]


def test_tables_are_rows_and_layout_is_read_through() -> None:
    repeated = (
        '<table:table-cell table:number-columns-repeated="2"><text:p>x</text:p></table:table-cell>'
    )
    covered = "<table:covered-table-cell/>"
    nested = f"<table:table>{row(p('a'), p('b'))}</table:table>"
    body = (
        f"<table:table><table:table-header-rows>{row(p('Rok'), p('Domy'))}"
        f"</table:table-header-rows>{row(p('2020'), p('10') + p('20'))}"
        f"<table:table-row>{covered}{repeated}</table:table-row></table:table>"
        f"<table:table>{row(p('left'), nested)}</table:table>"
    )

    assert shape(read(text(body))) == [
        ("row", 1, "Rok | Domy"),
        ("row", 1, "2020 | 10\n20"),
        ("row", 1, " | x | x"),
        ("paragraph", 1, "left"),
        ("row", 1, "a | b"),
    ]


def test_notes_stand_at_the_end() -> None:
    note = (
        "<text:note><text:note-citation>1</text:note-citation>"
        f"<text:note-body>{p('Source')}</text:note-body></text:note>"
    )

    assert texts(read(text(p(f"One{note}, two") + p("Three")))) == ["One, two", "Three", "Source"]


def test_deletions_comments_pictures_hidden_text_and_contents_are_left_out_and_said() -> None:
    deleted = (
        f"<text:changed-region><text:deletion>{p('gone')}</text:deletion></text:changed-region>"
    )
    body = (
        f"<text:tracked-changes>{deleted}</text:tracked-changes>"
        f"<text:table-of-content><text:index-body>{p('Cele 3')}</text:index-body>"
        "</text:table-of-content>"
        + p(
            'We built <text:change-start/>twenty<text:change-end/><text:change text:change-id="c"/>'
        )
        + p(f"a<office:annotation><dc:date>2020</dc:date>{p('why?')}</office:annotation>b")
        + p("<draw:frame><draw:object/><draw:image/><svg:title>alt</svg:title></draw:frame>")
        + p('x<text:span text:style-name="T1">secret</text:span>y')
        + p("secret", "P3")
        + f'<text:section text:display="none">{p("secret")}</text:section>'
        + f"<text:section>{p('shown')}</text:section>"
        + p(
            '<text:hidden-text text:is-hidden="true" text:string-value="secret"/>'
            '<text:hidden-text text:is-hidden="false" text:string-value="told"/>'
        )
    )

    document = read(text(body))

    assert texts(document) == ["We built twenty", "ab", "xy", "shown", "told"]
    assert document.notes == (
        "1 picture was left out",
        "1 comment was left out",
        "tracked changes: insertions were kept, deletions left out",
        "hidden text was left out",
        "the table of contents was left out",
    )


def test_a_file_that_merely_may_track_changes_has_no_note() -> None:
    body = '<text:tracked-changes text:track-changes="false"/>' + p("x")

    assert read(text(body)).notes == ()


def test_text_boxes_and_shapes_are_read_once_after_their_paragraph() -> None:
    box = f"<draw:frame><draw:text-box>{p('box')}</draw:text-box></draw:frame>"
    shapes = f"<draw:g><draw:custom-shape>{p('shape')}</draw:custom-shape></draw:g>"
    body = f"<draw:frame><draw:text-box>{p('page')}</draw:text-box></draw:frame>" + p(
        f"be{box}fore{shapes}"
    )

    assert texts(read(text(body))) == ["page", "before", "box", "shape"]


def test_letters_are_made_plain() -> None:
    body = p(
        'a<text:s/>b<text:s text:c="3"/>c<text:tab/>d<text:line-break/>e\u00a0f\u00adg '
        "<text:a>link</text:a> <text:placeholder>&lt;city&gt;</text:placeholder>"
        "<text:ruby><text:ruby-base>base</text:ruby-base><text:ruby-text>up</text:ruby-text></text:ruby>"
    )

    assert texts(read(text(body))) == ["a b c d\ne fg link base"]


def test_a_number_of_spaces_is_not_believed() -> None:
    document = read(text(p('a<text:s text:c="2000000000"/>b<text:s text:c="x"/>c')))

    assert texts(document) == ["a b c"]


def test_controls_of_forms_give_label_and_value() -> None:
    def control(number: int) -> str:
        return f'<draw:control draw:control="c{number}"/>'

    forms = """<office:forms><form:form>
    <form:fixed-text form:id="c1" form:label="City"/>
    <form:text form:id="c2" form:current-value="Graz" form:value="old"/>
    <form:checkbox form:id="c3" form:label="Yes" form:current-state="checked"/>
    <form:radio form:id="c4" form:label="No" form:selected="false"/>
    <form:listbox form:id="c5"><form:option form:label="small"/>
      <form:option form:label="large" form:current-selected="true"/></form:listbox>
    <form:listbox form:id="c6"><form:option form:label="first" form:selected="true"/></form:listbox>
    <form:password form:id="c7" form:value="secret"/>
    </form:form></office:forms>"""
    body = forms + p("".join(control(number) for number in range(1, 9))) + control(2)

    assert texts(read(text(body))) == ["City Graz ☒ Yes ☐ No large first", "Graz"]


def test_title_and_language_come_from_the_properties() -> None:
    meta = "<office:meta><dc:title>Dom</dc:title><dc:language>sr-RS</dc:language></office:meta>"

    document = read(text(p("x"), meta=meta, styles=COMMON))

    assert (document.title, document.language) == ("Dom", "sr")


LOCKED = (
    f'<manifest:manifest xmlns:manifest="{OASIS}manifest:1.0"><manifest:file-entry>'
    "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
)
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (text(p("")), "holds no text; upload the file with its text"),
        (
            package({"content.xml": content(p("x")), "META-INF/manifest.xml": LOCKED}),
            "is encrypted; upload an unlocked copy",
        ),
        (
            package({"content.xml": content(p("x")), "Basic/Standard/Module1.xml": "<a/>"}),
            "holds macros; save it without them",
        ),
        (package({"content.xml": "<a/>"}), "is damaged: it cannot be read as ODT"),
        (package({}), "is damaged"),
        (b"PK\x03\x04", "is damaged"),
        (package({"content.xml": LAUGHS + content(p("&b;"))}), "holds a document type definition"),
        (text("<text:section>" * 100_000), "is damaged"),
        (text("<text:p/>" * 2_000_001), "is too complex"),
    ],
    ids=range(9),
)
def test_what_cannot_be_read_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(RefusedFileError, match=message):
        read(data)


def test_a_document_type_in_the_list_of_parts_is_no_harm() -> None:
    manifest = '<!DOCTYPE m PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd"><m/>'

    data = package({"content.xml": content(p("x")), "META-INF/manifest.xml": manifest})

    assert texts(read(data)) == ["x"]


def test_empty_libraries_of_macros_are_none() -> None:
    parts = {"Basic/script-lc.xml": "<a/>", "Basic/Standard/script-lb.xml": "<a/>"}

    assert texts(read(package({"content.xml": content(p("x")), **parts}))) == ["x"]


RICH = (
    '<text:h text:outline-level="1">Title</text:h>'
    f"<text:list><text:list-item>{p('item')}</text:list-item></text:list>"
    f"<table:table>{row(p('a'), p('b'))}</table:table>"
    + p('x<text:s text:c="3"/><draw:control draw:control="c"/>')
)


@given(
    st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), max_size=8),
    st.integers(0, 2_000),
    st.booleans(),
)
@settings(max_examples=150)
def test_a_damaged_file_is_read_or_refused(
    edits: list[tuple[int, int]],
    cut: int,
    inside: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    changed = bytearray(content(RICH).encode() if inside else text(RICH, styles=COMMON))
    for place, byte in edits:
        changed[place % len(changed)] = byte
    damaged = bytes(changed[: len(changed) - cut])

    try:
        document = read(package({"content.xml": damaged}) if inside else damaged)
    except RefusedFileError as err:
        assert err.problems[0].remedy  # noqa: PT017 - either may happen
    else:
        assert all(block.text.strip() for block in document.blocks)


def test_an_awkward_encrypted_file_is_refused(test_data: Path) -> None:
    with pytest.raises(RefusedFileError, match="is encrypted; upload an unlocked copy"):
        read((test_data / "wild" / "odt-encrypted.odt").read_bytes())


def test_an_awkward_form_is_read(test_data: Path) -> None:
    document = read((test_data / "wild" / "libreoffice-form.odt").read_bytes())

    assert document.blocks[:2] == (
        Block("Example for a Form", "heading"),
        Block("First Name Alice Last Name"),
    )
    assert texts(document)[3:] == [
        "Gender:",
        "☐ Female ☐ Male",
        "Nationality:",
        "☐ Agree to privacy policy",
        "Bob ☐ Other",
    ]
    assert document.language == "en"
