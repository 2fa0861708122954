import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.document import Block, Document
from kb.errors import RefusedFileError
from kb.formats import html


def read(text: str | bytes, file: str = "a.html") -> Document:
    return html.extract(text.encode() if isinstance(text, str) else text, file)


def shape(document: Document) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in document.blocks]


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def test_headings_paragraphs_title_and_language_are_read() -> None:
    document = read(
        '<!DOCTYPE html><html lang="nb-NO"><head><title> Bolig\n først </title></head><body>'
        "<h1>Bolig <em>først</em></h1><p>Et\nhjem.<br>Så <b>hjelp</b>.</p>Løs tekst<h6>Tall</h6>"
    )

    assert (document.title, document.language) == ("Bolig først", "no")
    assert shape(document) == [
        ("heading", 1, "Bolig først"),
        ("paragraph", 1, "Et hjem.\nSå hjelp."),
        ("paragraph", 1, "Løs tekst"),
        ("heading", 6, "Tall"),
    ]


@pytest.mark.parametrize(
    ("head", "language"),
    [
        ('<html xml:lang="fr">', "fr"),
        ('<html><meta http-equiv="Content-Language" content="cs">', "cs"),
        ('<html lang="ja">', ""),
        ("<html>", ""),
    ],
)
def test_language_is_found(head: str, language: str) -> None:
    assert read(f"{head}<p>x").language == language


def test_items_of_lists_keep_their_level() -> None:
    document = read(
        "<ul><li>one<ul><li><p>two</p><p>more</p></li></ul>rest</li><li><h3>Head</h3></li></ul>"
        "<li>alone</li><p>after</p>"
        "<p class=MsoList style='mso-list:l0 level2 lfo1'>"
        "<span style='mso-list:Ignore'>·&nbsp;</span>Word</p>"
    )

    assert shape(document) == [
        ("item", 1, "one"),
        ("item", 2, "two"),
        ("paragraph", 1, "more"),
        ("paragraph", 1, "rest"),
        ("heading", 3, "Head"),
        ("item", 1, "alone"),
        ("paragraph", 1, "after"),
        ("item", 2, "Word"),
    ]


def test_tables_are_rows_and_layout_is_read_through() -> None:
    document = read(
        "<table><caption>Homes</caption><thead><tr><th>Year<th>Homes</thead>"
        "<tr><td>2020<td><p>10</p><p>20</p><td></table>"
        "<table><tr><td><h2>Left</h2><p>text</p><td><table><tr><td>a<td>b</table></table>"
        "<table><tr><td>alone</table><td>stray"
    )

    assert shape(document) == [
        ("paragraph", 1, "Homes"),
        ("row", 1, "Year | Homes"),
        ("row", 1, "2020 | 10\n20"),
        ("heading", 2, "Left"),
        ("paragraph", 1, "text"),
        ("row", 1, "a | b"),
        ("paragraph", 1, "alone"),
        ("paragraph", 1, "stray"),
    ]


def test_lists_of_terms_are_rows() -> None:
    document = read(
        "<dl><dt>City</dt><dd>Graz</dd><dd>Linz</dd><div><dt>Year</dt><dd>2020</dd></div></dl>"
        "<dt>a</dt><dd>b<p>c</p></dd><dt>d"
    )

    assert texts(document) == ["City | Graz\nLinz", "Year | 2020", "a", "b", "c", "d"]


def test_what_is_around_the_text_is_left_out_where_the_page_says_what_its_text_is() -> None:
    around = "<header>Menu</header><nav>Nav</nav><aside>Ad</aside><footer>Imprint</footer>"
    inside = "<header><h1>Title</h1></header><p>Text</p><aside>Facts</aside><form>Send</form>"

    for page in (
        f"{around}<main>{inside}</main>",
        f"{around}<div role=main>{inside}</div>",
        f"{around}<article>{inside}</article>",
    ):
        document = read(page)
        assert texts(document) == ["Title", "Text", "Facts"]
        assert document.notes == (
            "menus and other things around the text of the page were left out",
        )


def test_several_articles_are_all_read() -> None:
    document = read(
        "<header>Menu</header><p>Intro</p><article><header>One</header>first</article>"
        "<article>second</article><footer>Imprint</footer>"
    )

    assert texts(document) == ["Intro", "One", "first", "second"]


def test_a_page_that_does_not_say_what_its_text_is_is_read_whole() -> None:
    document = read(
        "<header>Head</header><nav>Nav</nav><form><p>Form</p></form><aside>Aside</aside>"
        "<footer>Foot</footer>"
    )

    assert texts(document) == ["Head", "Form", "Aside", "Foot"]
    assert document.notes == ()


def test_an_empty_main_part_is_not_believed() -> None:
    document = read(f"<main>Loading</main><div><p>{'text ' * 99}</p></div>")

    assert len(document.text) > 400


def test_what_is_no_text_is_left_out_and_said() -> None:
    document = read(
        "<body><script>alert(1)</script><style>p{}</style><noscript>no</noscript>"
        "<svg><title>x</title><text>x</text></svg><template>t</template><iframe>f</iframe>"
        "<textarea>a</textarea><select><option>o</select><button>b</button>"
        '<p>kept<span style="color:red; display: none">secret</span><del>gone</del>'
        "<ins>new</ins></p><p hidden>secret</p><!-- comment --><?pi?>"
        '<img src="a.png"><img src="data:image/png;base64,AAAA"><img width="1">'
    )

    assert texts(document) == ["keptnew"]
    assert document.notes == (
        "2 pictures were left out",
        "tracked changes: insertions were kept, deletions left out",
        "hidden text was left out",
    )


def test_raised_numbers_do_not_join_those_before_them() -> None:
    document = read(
        "<p>10<sup>6</sup> homes, 30 m<sup>2</sup>, 40<sup><a href=#n>1</a></sup>"
        ", 50<a href=#n><sup>2</sup></a>"
    )

    assert texts(document) == ["10^6 homes, 30 m2, 40, 50"]


def test_letters_are_made_plain() -> None:
    document = read("<p>a&nbsp;b&shy;c&#8203;&amp;&eacute;&#0;&#x80;<pre>x\n  y</pre>")

    assert texts(document) == ["a bc&é�€", "x\ny"]


def test_two_line_breaks_part_paragraphs() -> None:
    assert texts(read("a<br> <br>b")) == ["a", "b"]


TEXT = "Zażółć gęślą jaźń, proszę państwa. Mieszkańcy dzielnicy dostają mieszkanie."


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        f"<p>{TEXT}".encode("utf-16"),
        f"<p>{TEXT}".encode("utf-16-le"),
        f"<p>{TEXT}".encode("utf-16-be"),
        f'<meta charset="iso-8859-2"><p>{TEXT}'.encode("iso-8859-2"),
        f"<meta http-equiv=x content='text/html; charset=windows-1250'>{TEXT}".encode("cp1250"),
        f'<?xml version="1.0" encoding="iso-8859-2"?><html><p>{TEXT}'.encode("iso-8859-2"),
        f'<meta charset="utf-16"><p>{TEXT}'.encode(),
        f'<meta charset="unknown"><p>{TEXT}'.encode(),
        f'<html lang="pl"><meta charset="utf-8"><p>{TEXT}'.encode("cp1250"),
    ],
    ids=range(11),
)
def test_the_encoding_is_found(data: bytes) -> None:
    assert read(data).text == TEXT


def test_latin_1_is_taken_for_what_browsers_take_it() -> None:
    assert read("<meta charset=iso-8859-1>“€”".encode("cp1252")).text == "“€”"


def test_a_guessed_encoding_is_said() -> None:
    document = read(f'<html lang="pl"><p>{TEXT}'.encode("cp1250"))

    assert document.notes == ("the encoding was guessed; compare the text with the file",)


def test_a_few_letters_in_another_encoding_are_read() -> None:
    text = "The city calls it “home first”. " + "It works. " * 500

    assert read(text.encode("cp1252")).text == text.strip()


def test_a_few_bytes_that_are_no_letters_are_said() -> None:
    document = read(f"<p>{TEXT * 30}".encode() + b"\xff")

    assert document.notes == ("some letters could not be read; compare the text with the file",)


def saved(part: str, kind: str = "text/html; charset=iso-8859-2") -> bytes:
    return (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/related;\r\n\ttype="text/html"; boundary="==b"\r\n\r\n'
        "--==b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"
        f"--==b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        f"{part}\r\n--==b--\r\n"
    ).encode()


@pytest.mark.parametrize("file", ["a.mhtml", "a.MHT", "a.html"])
def test_a_saved_page_is_read(file: str) -> None:
    document = read(saved("<title>T</title><p>za=BF=F3=B3=E6 d=\r\nom"), file)

    assert (document.title, texts(document)) == ("T", ["zażółć dom"])


@pytest.mark.parametrize(
    ("data", "file", "message"),
    [
        ("", "a.html", "holds no text; upload the file with its text"),
        ("<html><title>Title</title><body><script>x</script>", "a.html", "holds no text"),
        ("<img src=a>", "a.html", "holds no text; its pictures are not read"),
        ("x" * 1_000_001, "a.html", "has more than 1 MB of HTML; save the text alone"),
        (saved("x", "text/plain"), "a.mhtml", "is damaged: it cannot be read as HTML"),
        (b"", "a.mhtml", "is damaged"),
        (bytes(range(128, 256)) * 9, "a.html", "its encoding is not known"),
    ],
    ids=range(7),
)
def test_what_cannot_be_read_is_refused(data: str | bytes, file: str, message: str) -> None:
    with pytest.raises(RefusedFileError, match=message):
        read(data, file)


@pytest.mark.parametrize(
    "much",
    [
        f'<img src="data:image/png;base64,{"A" * 3_000_000}">',
        f"<script>{'x' * 3_000_000}</SCRIPT>",
        f"<style>{'x' * 3_000_000}</style>",
        f"<!--{'x' * 3_000_000}-->",
    ],
    ids=["picture", "script", "style", "comment"],
)
def test_a_page_may_hold_much_that_is_no_text(much: str) -> None:
    assert texts(read(f"<p>before</p>{much}<p>after</p>")) == ["before", "after"]


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<script>", "<!--", "data:a,", "<table><tr><td>", "<ul><li>", "<dl><dt>", "<p>a",
     "<sup>1</sup>", "<del>", "<p hidden>", "<main>", "<article>", "<meta charset=", "1<sup>2"],
)  # fmt: skip
def test_hostile_pages_take_seconds_at_most(piece: str) -> None:
    began = time.monotonic()

    try:
        read(piece * (990_000 // len(piece)))
    except RefusedFileError as err:
        assert err.problems[0].remedy  # noqa: PT017 - either may happen

    assert time.monotonic() - began < 15


def test_nesting_that_the_parser_does_not_follow_is_refused_and_not_cut() -> None:
    with pytest.raises(RefusedFileError, match="is too complex"):
        read("<div>" * 300 + "deep" + "</div>" * 300 + "<p>after")


RICH = (
    '<html lang="de"><meta charset="utf-8"><title>T</title><main><h1>Überschrift</h1>'
    "<ul><li>a<ul><li>b</ul></ul><table><tr><td>c<td><table><tr><td>d<td>e</table></table>"
    "<dl><dt>f<dd>g</dl><pre>h</pre><p>10<sup>2</sup><img src='data:a,b'></main>"
).encode()


@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8),
    st.integers(0, 1_000),
    st.lists(
        st.sampled_from([b"<tr>", b"<td>", b"<li>", b"<dd>", b"</table>", b"<!--", b"<p", b"\0"])
    ),
)
@settings(max_examples=200)
def test_a_damaged_file_is_read_or_refused(
    edits: list[tuple[int, int]], cut: int, more: list[bytes]
) -> None:
    changed = bytearray(RICH)
    for place, byte in edits:
        changed[place % len(changed)] = byte
    for number, piece in enumerate(more):
        place = (number * 97) % len(changed)
        changed[place:place] = piece

    try:
        document = read(bytes(changed[: len(changed) - cut]))
    except RefusedFileError as err:
        assert err.problems[0].remedy  # noqa: PT017 - either may happen
    else:
        assert all(block.text.strip() for block in document.blocks)


def wild(test_data: Path, file: str) -> Document:
    return html.extract((test_data / "wild" / file).read_bytes(), file)


def test_an_awkward_page_with_a_wrong_encoding_is_read(test_data: Path) -> None:
    document = wild(test_data, "html-arabic-wrong-charset.html")

    assert document.title == "Test Arabic"
    assert len(document.blocks) == 3
    assert document.text.startswith("في قرية من القرى كان هناك رجل حكيم")
    assert document.notes == ("the encoding was guessed; compare the text with the file",)


def test_an_awkward_page_with_a_script_is_read(test_data: Path) -> None:
    document = wild(test_data, "html-script-data-uri.html")

    assert (document.title, document.language, document.text) == ("Title", "en", "some content")


def test_an_awkward_page_in_utf_16_is_read(test_data: Path) -> None:
    document = wild(test_data, "html-utf16le.html")

    assert (document.title, document.text) == ("Title", "This is a sample text")


def test_an_awkward_saved_page_is_read(test_data: Path) -> None:
    document = wild(test_data, "saved-page-firefox.mhtml")

    assert document.title == "Aperture Framework"
    assert document.blocks[:3] == (
        Block("Aperture", "heading", 1),
        Block("a Java framework for getting data and metadata", "heading", 2),
        Block("Project name"),
    )
    assert "Main Entry: ap·er·ture (sounds like this)\nPronunciation:" in document.text
    assert Block("File Systems (local, remote, removeable media)", "item") in document.blocks
    assert document.notes == ("1 picture was left out",)
