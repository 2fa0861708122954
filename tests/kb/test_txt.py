import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.errors import RefusedFileError
from kb.formats import txt
from kb.library import Library
from kb.model import Case
from kb.nlp.detect import detect
from kb.text import normalise, paragraphs, to_html


def german(_text: str) -> tuple[str, str, str]:
    return "de", "Wien", "AT"


def english(_text: str) -> tuple[str, str, str]:
    return "en", "", ""


def read(text: str, file: str = "a-text.txt") -> Case:
    return txt.read(text.encode(), file, english)


def test_read_takes_the_first_line_for_title_and_the_second_for_summary() -> None:
    case = read("\n  Housing First \nA flat first.\nThen help.\n")

    assert (case.title, case.summary) == ("Housing First", "A flat first.")
    assert paragraphs(case.body) == ("Housing First A flat first. Then help.",)


def test_read_takes_a_single_line_for_both() -> None:
    case = read("Housing First")

    assert (case.title, case.summary, case.body) == ("Housing First",) * 3


def test_read_takes_language_and_place_as_guessed() -> None:
    case = txt.read(b"Wohnen", "a.txt", german)

    assert (case.original_language, case.city, case.country) == ("de", "Wien", "AT")


def test_read_leaves_gaps_and_says_which() -> None:
    case = read("Housing First\nA flat first.")

    assert case.gaps[:4] == ("city", "country", "themes", "target_groups")
    assert "start" in case.gaps
    assert "title" not in case.gaps


def test_read_refuses_a_text_whose_language_is_not_recognised() -> None:
    with pytest.raises(RefusedFileError, match=r"save it as \.md and give the language"):
        txt.read(b"xyz", "a.txt", lambda _: ("", "", ""))


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("x" * 150, "x" * 150),
        ("Short - with a dash", "Short - with a dash"),
        ("The headline - " + "more " * 40, "The headline"),
        ("The headline \N{EN DASH} " + "more " * 40, "The headline"),
        ("word " * 40, "word " * 28 + "word…"),
        ("word, " * 40, "word, " * 23 + "word…"),
        ("x" * 151, "x" * 149 + "…"),
    ],
)
def test_read_shortens_a_long_headline(first: str, title: str) -> None:
    case = read(f"{first}\nrest")

    assert case.title == title


def test_read_shortens_a_long_summary_between_words() -> None:
    case = read("Title\n" + "word " * 200)

    assert len(case.summary) <= 900
    assert case.summary.endswith("word word…")


@pytest.mark.parametrize(
    ("file", "case_id"),
    [
        ("forum-2021-de.txt", "forum-2021-de"),
        ("/some/folder/Été à Łódź (2).TXT", "ete-a-lodz-2"),
        ("Ελλάδα.txt", "case"),
        ("x" * 120 + ".txt", "x" * 100),
        ("x" * 99 + "-y.txt", "x" * 99),
    ],
)
def test_read_makes_an_id_of_the_file_name(file: str, case_id: str) -> None:
    assert read("Housing First", file).id == case_id


MARKED = [
    "a *b* _c_ **d** __e__ f*g*h i_j_k", "# one\n## two\n#three\n\nfour #", "a\n===\nb\n---\nc",
    "- a\n- b\n\n+ c\n\n* d", "1. a\n2) b\n10. c", "2021. Das Jahr", "    indented *code*",
    "a\n\n\tindented_code_", "term\n: definition", "\n\n: alone",
    "AT&T &amp; &copy; &#65; &nbsp", "<b>a</b> <x",
    "<script>alert(1)</script>", "<https://example.org> https://example.org/a_b_c*",
    "<!-- a --> <? b ?> <![CDATA[c]]>", "a|b\n-|-\nc|d", "| a |\n|---|\n| b |",
    "[a](b) ![c](d) [e][f]\n\n[f]: g", "a[^1]\n\n[^1]: b", "*[HTML]: a\n\nHTML", "`a` ``b``",
    "```\na\n```", "~~~\na\n~~~", "> a\n>> b", "a\\ \\* \\\\ b\\", "* * *\n\n___\n\n- - -",
    "{#a} {: .b}", "!a !(b)", "-1 +2 =3 :4", "a  \nb", "…–—„“«»", "Teilnehmer*innen", "\\[a\\](b)",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKED)
def test_read_keeps_marks_of_markdown_as_text(text: str) -> None:
    body = read(f"Title\n{text}").body

    shown = unescape(re.sub(r"<[^<>]+>", "", to_html(body)))

    assert shown.split() == ["Title", *text.split()]


@pytest.mark.parametrize("text", MARKED)
def test_paragraphs_of_a_text_are_the_text(text: str) -> None:
    body = read(f"Title\n{text}").body

    assert " ".join(paragraphs(body)).split() == ["Title", *text.split()]


@given(st.text(alphabet="ab1 \n\t*_#<>[]()`|&;:=-+.!\\{}~^\"'/xé", max_size=60).map(normalise))
@example("a\n: b\n: c")
def test_read_keeps_any_text_as_text(text: str) -> None:
    body = read(f"Title\n{text}").body

    shown = unescape(re.sub(r"<[^<>]+>", "", to_html(body)))

    assert shown.split() == ["Title", *text.split()]
    assert " ".join(paragraphs(body)).split() == ["Title", *text.split()]


def test_read_refuses_a_text_that_takes_too_long_to_render() -> None:
    with pytest.raises(RefusedFileError, match="body: paragraph 1 has more than 200 opening"):
        read("[" * 300)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_read_finds_the_encoding_of_unicode(encoding: str) -> None:
    text = "Les élèves été 🏠"

    assert txt.read(text.encode(encoding), "a.txt", english).title == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Die Bürger der Städte prüfen, wie die Übergänge gestaltet werden können."),
        ("cp1252", "Les élèves français ont été aidés grâce à l’équipe très engagée du quartier."),
        ("cp1252", "Hjemløse får først en bolig og så hjælp til at beholde den på længere sigt."),
        ("cp1250", "Mieszkańcy dzielnicy dostają mieszkanie, a później pomoc, żeby je utrzymać."),
        ("cp1250", "Lidé bez domova dostanou nejdříve byt a potom pomoc, aby si ho udrželi."),
        ("cp1251", "Бездомните хора първо получават жилище, а след това помощ да го запазят."),
        ("cp1253", "Οι άστεγοι παίρνουν πρώτα ένα σπίτι και μετά βοήθεια για να το κρατήσουν."),
        ("cp1254", "Evsiz kişiler önce bir ev alıyor, sonra da evi korumak için destek görüyor."),
        ("cp1257", "Benamiai žmonės pirmiausia gauna būstą, o vėliau pagalbą jį išlaikyti."),
    ],
)
def test_read_finds_the_code_page_of_the_language(encoding: str, text: str) -> None:
    case = txt.read(text.encode(encoding), "a.txt", lambda t: (detect(t).language, "", ""))

    assert case.title == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"a\nb\0c", "a.txt:2: holds the character NUL"),
        (bytes(range(128, 256)) * 9, "its encoding is not known; save the file as UTF-8"),
        (b"x" * 20_000_001, "the file has more than 20 MB"),
    ],
)
def test_read_refuses_what_is_no_text(data: bytes, message: str) -> None:
    with pytest.raises(RefusedFileError, match=message):
        txt.read(data, "a.txt", english)


@given(st.binary())
def test_read_reads_or_refuses_any_bytes(data: bytes) -> None:
    try:
        case = txt.read(data, "a.txt", english)
    except RefusedFileError as err:
        assert err.problems[0].remedy  # noqa: PT017 - either may happen
    else:
        assert case.title
        assert "\0" not in case.body


def test_read_decodes_windows_1252(test_data: Path) -> None:
    data = (test_data / "wild" / "txt-win1252.txt").read_bytes()

    case = txt.read(data, "win.txt", english)

    assert "a “windows” encoding" in case.body


def test_read_decodes_the_cyrillic_of_dos(test_data: Path) -> None:
    data = (test_data / "wild" / "txt-russian-cp866.txt").read_bytes()

    case = txt.read(data, "dos.txt", lambda text: (detect(text).language, "", ""))

    assert case.title == "Однажды, в студеную зимнюю пору,"


def test_read_refuses_or_reads_every_awkward_file_with_words(test_data: Path) -> None:
    files = [path for path in (test_data / "wild").iterdir() if path.is_file()]

    for path in files:
        try:
            case = txt.read(path.read_bytes(), path.name, english)
        except RefusedFileError as err:
            assert err.problems[0].remedy  # noqa: PT017 - either may happen
        else:
            assert case.title

    assert files


def test_forum_announcement_becomes_a_tagged_german_case(library: Library, test_data: Path) -> None:
    result = library.ingest([test_data / "forum-2021-de.txt"])
    library.sync()

    page = library.page("forum-2021-de")

    assert result.new == ["forum-2021-de"]
    case = page.revision.case
    assert case.title == "EUROCITIES Social Affairs Forum vom 15. bis 17. November 2021"
    assert (case.original_language, case.city, case.country) == ("de", "Berlin", "DE")
    assert {"themes", "stage", "contact"} <= set(case.gaps)
    found = {tag.value for tag in page.tags if tag.kind == "concept"}
    assert {"02", "01.6", "23.1", "20.7"} <= found
    assert page.place is not None
    assert page.place.name == "Berlin"
