import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.document import Document
from kb.errors import RefusedFileError
from kb.formats import rtf

FONTS = (
    r"{\fonttbl{\f0\fswiss\fcharset238 Arial CE;}{\f1\fnil\fcharset128 MS Gothic;}"
    r"{\f2\fnil\fcharset2 Wingdings;}{\f3\fnil\fcharset1 Any;}{\f4\cpg1251 Other;}}"
)
STYLES = (
    r"{\stylesheet{\ql Normal;}{\s1\outlinelevel0 Rubrik;}{\s2 heading 2;}{\s3 Title;}"
    r"{\s4 Body;}{\*\cs10 Default;}}"
)


def extract(text: str | bytes) -> Document:
    return rtf.extract(text.encode("latin-1") if isinstance(text, str) else text, "a.rtf")


def read(body: str, head: str = "") -> Document:
    return extract(r"{\rtf1\ansi\ansicpg1252\deff0" + head + body + "}")


def shape(document: Document) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in document.blocks]


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"za\'bf\'f3\'b3\'e6", "zażółć"),
        (r"{\f1 \'83e\'83X\'83\'67}", "テスト"),
        (r"{\f3 caf\'e9}", "café"),
        (r"{\f4 \'c4\'e0}", "Да"),
        (r"{\f9 caf\'e9}", "café"),
        (r"{\f2 \'fe\'b7o\'90}", "☑•o"),
        (r"\plain caf\'ea", "cafę"),
        ("caf\xea", "cafę"),
        (r"\u8364?uro", "€uro"),
        (r"\u8364\'80\'80uro", "€€uro"),
        (r"\uc0\u8364 uro", "€uro"),
        (r"{\uc2\u8364 ??uro}\u8364 ?", "€uro€"),
        (r"\uc1\u8211\endash x", "–x"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"\u55357?x", "�x"),
        (r"a\~b\-c\_d\{e\}\\", "a bc-d{e}\\"),
        (r"\lquote a\rquote  \ldblquote b\rdblquote\emdash\bullet", "‘a’ “b”—•"),
        (r"a\tab b\line c", "a b\nc"),
        ("a\r\nb", "ab"),
        (r"a{\unknown b}{\*\unknown c}d", "abd"),
        (r"{\upr{old}{\*\ud{new}}}", "new"),
        (r"a{\*\x{\*\ud b}}c", "ac"),
        (r"{\pict\bin5 }}}}}a}b", "b"),
        (r"{\field{\*\fldinst{HYPERLINK x}}{\fldrslt link}}", "link"),
    ],
)
def test_letters_are_read(body: str, text: str) -> None:
    assert texts(read(body, FONTS)) == [text]


@pytest.mark.parametrize(
    ("head", "text"),
    [
        (r"{\rtf1\ansi\ansicpg1253 \'e1}", "α"),
        (r"{\rtf1\mac \'8e}", "é"),
        (r"{\rtf1\pc \'82}", "é"),
        (r"{\rtf1\pca \'82}", "é"),
        (r"{\rtf1\ansicpg65001 \'c3\'a9}", "é"),
        (r"{\rtf1\ansicpg99999 \'e9}", "é"),
        ("\r\n{\\rtf1 a}b", "a"),
    ],
)
def test_the_code_page_of_the_file_is_kept_to(head: str, text: str) -> None:
    assert texts(extract(head)) == [text]


def test_a_byte_without_a_letter_is_said() -> None:
    document = read(r"a\'81b")

    assert document.notes == ("some letters could not be read; compare the text with the file",)


def test_headings_are_told_by_style() -> None:
    body = (
        r"\pard\s3 Home first\par\pard\s1 Goals\par\s2 Means\par\s4 Text\par"
        r"\pard\outlinelevel2 By hand\par\pard End\par"
    )

    assert shape(read(body, STYLES)) == [
        ("heading", 1, "Home first"),
        ("heading", 1, "Goals"),
        ("heading", 2, "Means"),
        ("paragraph", 1, "Text"),
        ("heading", 3, "By hand"),
        ("paragraph", 1, "End"),
    ]


def test_items_of_lists_keep_their_level() -> None:
    body = (
        r"\pard{\listtext\'b7\tab}\ls1 one\par{\listtext\'b7}\ls1\ilvl1 two\par"
        r"\pard{\pntext 1.\tab}{\*\pn\pnlvlbody}three\par\pard\ls0 text\par\pard\ilvl0 text\par"
    )

    assert shape(read(body)) == [
        ("item", 1, "one"),
        ("item", 2, "two"),
        ("item", 1, "three"),
        ("paragraph", 1, "text"),
        ("paragraph", 1, "text"),
    ]


def test_tables_are_rows() -> None:
    body = (
        r"Before\par\trowd\pard\intbl Year\cell Homes\cell\row"
        r"\trowd\pard\intbl 2020\cell 10\par 20\cell\row\pard After\par"
    )

    assert shape(read(body)) == [
        ("paragraph", 1, "Before"),
        ("row", 1, "Year | Homes"),
        ("row", 1, "2020 | 10\n20"),
        ("paragraph", 1, "After"),
    ]


def test_tables_in_tables_are_read_through() -> None:
    body = (
        r"\pard\intbl left\cell\pard\intbl\itap2 a\nestcell b\nestcell"
        r"{\*\nesttableprops\trowd\nestrow}{\nonesttables\par}\pard\intbl x\cell\row\pard end"
    )

    assert shape(read(body)) == [
        ("paragraph", 1, "left"),
        ("row", 1, "a | b"),
        ("paragraph", 1, "x"),
        ("paragraph", 1, "end"),
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (r"\pard\intbl a\cell b\par\pard c", ["a", "b", "c"]),
        (r"\pard\intbl a\cell b\cell", ["a | b"]),
        (r"\pard\itap3 a\par\pard\intbl b\par\pard\intbl0 c", ["a", "b", "c"]),
        (r"a\par\row\cell b\par\nestrow\nestcell c", ["a", "b", "c"]),
    ],
)
def test_tables_without_an_end_lose_nothing(body: str, found: list[str]) -> None:
    assert texts(read(body)) == found


def test_notes_stand_at_the_end_and_text_boxes_after_their_paragraph() -> None:
    body = (
        r"\pard\s1 One{\footnote\pard\plain\s4{\super 1} Source}, two"
        r"{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt\pard Box\par}}{\shprslt{\*\do Old}}}\par"
        r"\pard Three\par"
    )

    assert shape(read(body, STYLES)) == [
        ("heading", 1, "One, two"),
        ("paragraph", 1, "Box"),
        ("paragraph", 1, "Three"),
        ("paragraph", 1, "1 Source"),
    ]


def test_what_is_no_text_is_left_out_and_said() -> None:
    body = (
        r"{\header\pard\s1\intbl Header\cell\row}{\footerf 3}a{\v secret}\v secret\v0 b"
        r"{\deleted gone}{\revised new}{\*\atnid A}{\*\annotation why}"
        r"{\*\shppict{\pict\pngblip 89504e47}}{\nonshppict{\pict 00}}"
        r"{\object{\*\objdata 00}{\result r}}\par"
    )

    document = read(body, STYLES + r"{\colortbl;\red0;}{\*\generator Word;}")

    assert texts(document) == ["abnewr"]
    assert document.notes == (
        "1 picture was left out",
        "1 comment was left out",
        "1 embedded file was left out",
        "tracked changes: insertions were kept, deletions left out",
        "hidden text was left out",
    )


def test_title_comes_from_the_description_and_is_no_text() -> None:
    info = r"{\info{\title Caf\'e9 \u8364?}{\author A}{\*\company B}{\doccomm C}}"

    document = read("x", info)

    assert (document.title, texts(document)) == ("Café €", ["x"])


def test_title_is_in_the_code_page_of_the_file() -> None:
    head = r"{\rtf1\ansicpg1251\deff0{\fonttbl{\f0\fcharset0 A;}}{\info{\title \'c4\'e0}}x}"

    assert extract(head).title == "Да"


def test_a_style_of_hidden_text_is_no_hidden_text() -> None:
    assert read("x", r"{\stylesheet{\s1\v Comment;}}").notes == ()


@pytest.mark.parametrize(
    ("locale", "language"),
    [(1045, "pl"), (3079, "de"), (1050, "hr"), (2074, "sr"), (5146, ""), (1041, ""), (2068, "no")],
)
def test_language_is_that_of_the_file(locale: int, language: str) -> None:
    assert read("x", rf"\deflang{locale}").language == language


def test_a_file_that_ends_too_early_says_so() -> None:
    document = extract(r"{\rtf1 {\b text")

    assert texts(document) == ["text"]
    assert document.notes == ("the file ends too early; its last part may be missing",)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is damaged: it cannot be read as RTF"),
        (b"plain", "is damaged"),
        (rb"{\rtf1}", "holds no text"),
        (rb"{\rtf1{\pict 00}}", "holds no text; its pictures are not read"),
        (rb"{\rtf1 \par\par }", "holds no text"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(RefusedFileError, match=message):
        extract(data)


@pytest.mark.parametrize(
    "body",
    [
        r"{\field{\*\fldinst{ HYPERLINK ",
        "{",
        r"{\footnote ",
        r"{\shptxt ",
        r"{\fonttbl\f1 ",
        r"{\stylesheet{\s1 ",
        r"\cell ",
        r"\itap9 a\nestcell ",
        r"\u1 ",
        "\\bin9999999999 ",
        "\\",
    ],
)
def test_time_grows_no_faster_than_the_file(body: str) -> None:
    began = time.monotonic()

    try:
        read(body * 30_000)
    except RefusedFileError as err:
        assert err.problems[0].remedy  # noqa: PT017 - either may happen

    assert time.monotonic() - began < 5


RICH = (
    r"{\rtf1\ansi"
    + FONTS
    + STYLES
    + r"{\info{\title T}}\pard\s1 Head\par\pard{\listtext -}\ls1 i\par"
    r"\trowd\pard\intbl a\cell\itap2 b\nestcell{\*\nesttableprops\nestrow}\intbl c\cell\row"
    r"\pard \u-10179?\u-8704?{\f1 \'83e}{\footnote n}{\shp{\*\shpinst{\shptxt box}}}\par}"
).encode()


@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8),
    st.integers(0, 1_000),
    st.lists(
        st.sampled_from([rb"\par ", rb"\cell ", rb"\row ", b"{", b"}", rb"\nestrow ", rb"\*"])
    ),
)
@settings(max_examples=200)
def test_a_damaged_file_is_read_or_refused(
    edits: list[tuple[int, int]], cut: int, more: list[bytes]
) -> None:
    changed = bytearray(RICH)
    for place, byte in edits:
        changed[place % len(changed)] = byte
    for place, word in enumerate(more):
        changed[(place * 97) % len(changed) : 0] = word

    try:
        document = extract(bytes(changed[: len(changed) - cut]))
    except RefusedFileError as err:
        assert err.problems[0].remedy  # noqa: PT017 - either may happen
    else:
        assert all(block.text.strip() for block in document.blocks)


def test_an_awkward_polish_file_is_read(test_data: Path) -> None:
    document = extract((test_data / "wild" / "rtf-cp1250.rtf").read_bytes())

    assert texts(document) == ["zażółć gęślą jaźń", "ZAŻÓŁĆ GĘŚLĄ JAŹŃ"]
    assert (document.language, document.notes) == ("pl", ())


def test_an_awkward_japanese_file_is_read(test_data: Path) -> None:
    document = extract((test_data / "wild" / "rtf-japanese.rtf").read_bytes())

    assert document.title == "ゾルゲと尾崎、淡々と最期"
    assert shape(document)[:3] == [
        ("paragraph", 1, "ゾルゲと尾崎、淡々と最期"),
        ("paragraph", 1, "古書店で処刑記録見つかる"),
        ("item", 1, "ゾルゲの処刑記録、"),
    ]
    row = ("row", 1, "今回発見されたのは、 | ＧＨＱ内の情報部門が行ったゾルゲ事件の調査報告書で、")
    assert row in shape(document)
    assert document.blocks[-1].text == "(10/17 15:53)"
