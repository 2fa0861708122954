"""BibTeX, RIS and CSL-JSON are read by parsers made for them, whatever the texts hold."""

import json

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware

from tests.kb.taken import HARD, PUBLIC, RIGHT_TO_LEFT, everything, record, taken

ODD = f"{' '.join(HARD.split())} {RIGHT_TO_LEFT}"
CASE = {
    "id": "housing-first-turku",
    "title": "Asunto ensin",
    "title_en": "Housing First",
    "summary": "Line one.\nLine two.",
    "original_language": "fi",
    "city": "Turku",
    "country": "FI",
    "themes": ["06.1"],
    "lead_organisation": {"name": "Turun kaupunki"},
    "licence": "CC-BY-SA-4.0",
}
URL = f"{PUBLIC}/cases/housing-first-turku"


def of_bibtex(data: bytes) -> list[dict[str, str]]:
    library = bibtexparser.parse_string(
        data.decode(), append_middleware=[LatexDecodingMiddleware(keep_braced_groups=False)]
    )
    assert library.failed_blocks == []
    return [
        {"key": entry.key, "type": entry.entry_type}
        | {field.key: field.value for field in entry.fields}
        for entry in library.entries
    ]


def test_bibtex_says_who_what_when_and_where():
    (entry,) = of_bibtex(taken("bibtex", record(**CASE)))

    assert entry["key"] == "housing-first-turku"
    assert entry["type"] == "misc"
    assert entry["author"].strip("{}") == "Turun kaupunki"
    assert entry["title"].strip("{}") == "Asunto ensin [Housing First]"
    assert (entry["year"], entry["urldate"]) == ("2026", "2026-11-23")
    assert entry["howpublished"] == "citypraxis. Case housing-first-turku, revision 3"
    assert (entry["url"], entry["address"]) == (URL, "Turku, Finland")
    assert (entry["language"], entry["note"]) == ("fi", "CC-BY-SA-4.0")


def test_bibtex_holds_every_case():
    entries = of_bibtex(taken("bibtex", *everything()))

    assert [entry["key"] for entry in entries] == [each.case.id for each in everything()]


@pytest.mark.parametrize("text", ["{", "}", "}}{{", "\\", "a % b", "$x_1^2$ & #~", '"', ODD])
def test_no_text_breaks_an_entry_of_bibtex(text):
    first, second = of_bibtex(taken("bibtex", record(title=text), record(id="b")))

    assert plain(first["title"]) == plain(text)
    assert second["key"] == "b"


def plain(text: str) -> str:
    """Return a text without what the parser does not know: LaTeX's names of braces and of ^."""
    return "".join(text.translate(str.maketrans("", "", "{} ^\u02c6")).split())


def test_ris_says_who_what_when_and_where():
    (entry,) = rispy.loads(taken("ris", record(**CASE)).decode())

    assert entry["type_of_reference"] == "WEB"
    assert entry["id"] == "housing-first-turku"
    assert entry["authors"] == ["Turun kaupunki"]
    assert (entry["title"], entry["translated_title"]) == ("Asunto ensin", "Housing First")
    assert (entry["year"], entry["date"]) == ("2026", "2026/11/22")
    assert entry["abstract"] == "Line one. Line two."
    assert entry["urls"] == [URL]
    assert entry["notes"] == ["Licence: CC-BY-SA-4.0"]


def test_ris_holds_every_case_with_its_text():
    entries = rispy.loads(taken("ris", *everything()).decode())

    assert [entry["title"] for entry in entries] == [
        " ".join(each.case.title.split()) for each in everything()
    ]


def test_a_line_of_ris_ends_where_the_text_does():
    data = taken("ris", record(title=ODD, summary="ER  - \r\nTY  - WEB"))
    (entry,) = rispy.loads(data.decode())

    assert entry["title"] == ODD
    assert data.endswith(b"ER  - \r\n\r\n")


def test_csl_says_who_what_when_and_where():
    (item,) = json.loads(taken("csl", record(**CASE)))

    assert item["id"] == "housing-first-turku"
    assert item["author"] == [{"literal": "Turun kaupunki"}]
    assert item["title"] == "Asunto ensin [Housing First]"
    assert item["issued"] == {"date-parts": [[2026, 11, 22]]}
    assert item["accessed"] == {"date-parts": [[2026, 11, 23]]}
    assert (item["URL"], item["version"]) == (URL, "3")


def test_csl_is_one_array_of_all_cases():
    items = json.loads(taken("csl", *everything()))

    assert [item["id"] for item in items] == [each.case.id for each in everything()]
    assert json.loads(taken("csl")) == []


def test_a_case_without_a_lead_is_by_those_who_wrote_it():
    (item,) = json.loads(taken("csl", record()))

    assert item["author"] == [{"literal": "Citypraxis contributors"}]
