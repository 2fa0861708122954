"""A brief for a council: failures first, each statement with its source, the same in every form."""

import io
from datetime import date

import pytest
from docx import Document

from kb.paper import Block, lines, plain
from tests.web.test_shortlist import DUBLIN, LODZ, Reader
from web.brief import paper
from web.choice import choice

THREE = f"case=every-field&case={DUBLIN}&case={LODZ}"


def squeezed(text: str) -> str:
    return " ".join(text.split())


def html_lines(page) -> list[str]:
    article = page.one("article", class_="paper")
    told = article.all("h1", "h2", "h3", "p", "li", "th", "td")
    return [squeezed(each.raw) for each in told]


def docx_lines(data: bytes) -> list[str]:
    """Return what a reader of the file reads, tables where they stand."""
    told: list[str] = []
    for each in Document(io.BytesIO(data)).iter_inner_content():
        if hasattr(each, "rows"):
            told += [squeezed(cell.text) for row in each.rows for cell in row.cells]
        else:
            told.append(squeezed(each.text))
    return told


@pytest.fixture
def brief(site):
    """Return the content of the brief that an address asks for."""

    def made(query: str, day: date = date(2026, 11, 23)):
        with site.test_request_context(f"/brief?{query}"):
            return paper(choice(), day)

    return made


def blocks(told):
    return [block for block in told.blocks if isinstance(block, Block)]


@pytest.mark.parametrize("language", ["en", "el", "hu", "pl"])
@pytest.mark.parametrize("asked", [THREE, "case=every-field", f"case={LODZ}&case={DUBLIN}"])
def test_page_and_word_say_exactly_what_the_brief_says(client, read, brief, asked, language):
    query = f"{asked}&lang={language}"
    content = list(lines(brief(query)))

    with client.get(f"/brief.docx?{query}") as answer:
        in_word = docx_lines(answer.data)
    assert in_word == html_lines(read(client.get(f"/brief?{query}")))
    assert (in_word[0], in_word[2:]) == (content[0], content[2:])  # the second line says the day


def test_what_went_wrong_is_told_before_what_came_of_it(brief):
    headings = [plain(b.runs) for b in blocks(brief("case=every-field")) if b.kind == "heading"]

    assert headings == [
        "What stood in the way or failed",
        "What came of it",
        "How well it is shown to work",
        "What it costs and who pays",
        "What must be in place",
        "What to ask next",
    ]


def test_each_statement_of_a_case_has_a_source_in_the_list(brief):
    told = brief(THREE)
    named = {block.name for block in blocks(told) if block.name}
    asks = False
    for block in blocks(told):
        if block.kind == "heading":
            asks = plain(block.runs) == "What to ask next"
        if block.kind == "item" and not asks:
            assert block.runs[-1].href.removeprefix("#") in named, plain(block.runs)


def test_a_statement_leads_to_the_very_source_that_says_it(brief):
    told = brief("case=every-field")
    result = next(b for b in blocks(told) if b.kind == "item" and "Rodziny" in plain(b.runs))
    listed = {b.name: plain(b.runs) for b in blocks(told) if b.kind == "small" and b.name}

    cited = listed[result.runs[-1].href.removeprefix("#")]
    assert cited == "[2] Raport końcowy, https://www.first.example/a"


def test_it_says_when_it_was_made_and_where_it_is_made_anew(brief):
    told = [plain(block.runs) for block in blocks(brief("case=every-field&lang=hu"))[1:3]]

    assert "citypraxis" in told[0]
    assert told[1].endswith("https://praxis.example/brief?case=every-field&lang=hu")


def test_our_summary_is_in_english_and_marked_as_ours(brief):
    told = blocks(brief("case=every-field&lang=hu"))
    (summary,) = [b for b in told if b.kind == "text" and "A summary in English." in plain(b.runs)]

    assert summary.runs[0].language == "en"
    assert len(summary.runs) > 3


def test_who_reads_the_language_of_the_case_gets_its_own_summary(brief):
    told = " ".join(lines(brief("case=every-field&lang=pl")))

    assert "Podsumowanie po polsku." in told
    assert "A summary in English." not in told


def test_words_of_the_case_carry_their_language_on_the_page(client, read):
    article = read(client.get("/brief?case=every-field")).one("article", class_="paper")

    polish = {each.text for each in article.all("span", lang="pl")}
    assert {"Skończyły się pieniądze.", "Wolne lokale gminne."} <= polish


def test_the_word_file_is_the_same_for_the_same_day(client):
    with client.get(f"/brief.docx?{THREE}") as one, client.get(f"/brief.docx?{THREE}") as other:
        assert one.data == other.data
        assert one.headers["Content-Disposition"].endswith('.docx"')
        assert one.mimetype.endswith("wordprocessingml.document")


def test_notes_are_on_it_only_if_the_reader_wants_them(client, read):
    reader = Reader(client)
    reader.add("every-field", DUBLIN)
    reader.do(DUBLIN, "save", note="Ask the mayor.")

    assert "Ask the mayor." not in client.get(f"/brief?{THREE}").text
    page = read(client.get(f"/brief?{THREE}&notes=1"))
    assert "Ask the mayor." in html_lines(page)
    with client.get(page.link("Download for Word (.docx)")) as answer:
        assert docx_lines(answer.data) == html_lines(page)


@pytest.mark.parametrize("asked", ["", "?case=", "?case=%00", "?case=not-here", "?notes=1"])
def test_without_a_case_it_says_what_to_do(client, asked):
    answer = client.get(f"/brief{asked}")

    assert answer.status_code == 200
    assert "There is no case to put on a brief." in answer.text
    assert client.get(f"/brief.docx{asked}").headers["Location"].startswith("/brief")


def test_nobody_is_sent_elsewhere_by_what_an_address_says(client):
    sent = client.get("/brief.docx?_scheme=https&_external=1&_anchor=x&case=%0d%0aX:y")

    assert sent.headers["Location"].startswith("/brief?case=")
    assert "X:y" not in dict(sent.headers).get("X", "")


def test_a_long_text_is_cut_and_the_case_has_it_whole(library, write_case):
    from web import create_app

    long = "Word " * 300
    library.ingest([write_case("long", conditions=f'[{{code: trained-staff, text: "{long}"}}]')])
    client = create_app(library, library.settings).test_client()

    told = client.get("/brief?case=long").text
    assert "Word …" in told
    assert long.strip() not in told
