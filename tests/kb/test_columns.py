from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import names
from kb.edtf import is_edtf
from kb.errors import Problem
from kb.formats import cells, csv, headers, terms
from kb.formats.columns import COLUMNS, values
from kb.formats.preview import Preview, preview
from kb.languages import LANGUAGES
from kb.model import Case
from kb.vocabulary import scheme

SCHEMES = sorted({column.scheme for column in COLUMNS.values() if column.scheme})


def previewed(text: str) -> Preview:
    return preview(csv.rows(text.encode(), "a.csv"), "a.csv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_has_a_name_in_every_language(language: str) -> None:
    called = [headers.label(column, language) for column in headers.columns()]

    assert [headers.field(name) for name in called] == list(headers.columns())
    assert headers.language(called) == language


def test_no_name_stands_for_two_columns() -> None:
    meant: dict[str, set[str]] = {}
    for column in headers.columns():
        for name in chain.from_iterable(headers._read()[column].values()):
            meant.setdefault(headers.key(name), set()).add(column)
    for name in Case.model_fields:
        meant.setdefault(headers.key(name), set()).add(headers.WHOLE.get(name, name))

    assert {name: columns for name, columns in meant.items() if len(columns) > 1} == {}


def test_every_column_is_read_and_explained() -> None:
    assert set(headers.columns()) <= set(COLUMNS)
    assert all(headers.hint(column) for column in headers.columns())
    assert {column.path[0] for column in COLUMNS.values()} <= set(Case.model_fields)


@pytest.mark.parametrize(
    ("written", "column"),
    [
        ("TITEL", "title"),
        (" Título: ", "title"),
        ("e-mail", "contact_email"),
        ("E-Mail-Adresse*", "contact_email"),
        ("lead_organisation", "lead_organisation"),
        ("leadOrganisation", "lead_organisation"),
        ("Zielgruppe", "target_groups"),
        ("ΠΟΛΗ", "city"),
        ("Lodz", ""),
        ("", ""),
        ("barriers_and_failures", "barriers"),
        ("sources_and_media", "sources"),
        ("scale", "scale"),
        ("wikidata", "wikidata"),
    ],
)
def test_field_reads_a_name_however_it_is_written(written: str, column: str) -> None:
    assert headers.field(written) == column


@pytest.mark.parametrize("name", SCHEMES)
def test_term_reads_every_label_of_every_language(name: str) -> None:
    for concept in scheme(name):
        assert terms.term(name, f" {concept.id.upper()} ") == concept.id
        for language in LANGUAGES:
            label = concept.label(language)
            assert terms.term(name, label.upper() if language != "tr" else label) == concept.id
            assert terms.term(name, f"{concept.id} {label}") == concept.id
            assert cells.concepts(name)(f"{label}; {label}") == [label, label]


def test_term_reads_a_theme_from_which_a_spreadsheet_took_the_zero() -> None:
    assert [terms.term("themes", text) for text in ("6", "6.1", "5.1", "05.1")] == [
        "06",
        "06.1",
        None,  # 05.1 or 05.10
        "05.1",
    ]


def test_country_reads_codes_and_names_in_every_language() -> None:
    for code in ("AT", "DE", "GB", "GR", "TR", "UA", "XK"):
        for language in LANGUAGES:
            assert terms.country(names.country(code, language)) == code
    assert [terms.country(text) for text in ("uk", "EL", "Czech Republic", "Atlantis")] == [
        "GB", "GR", "CZ", None,
    ]  # fmt: skip


def test_language_reads_codes_and_names_in_every_language() -> None:
    for row in LANGUAGES.values():
        for written in (row.code.upper(), row.name, row.endonym, f"{row.code}-XX"):
            assert terms.language(written) == row.code
        for language in LANGUAGES:
            assert terms.language(names.language(row.code, language)) == row.code
    assert [terms.language(text) for text in ("nb", "nynorsk", "xx", "")] == [
        "no", "no", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2019", "2019"),
        ("2019~", "2019~"),
        ("30.4.2019", "2019-04-30"),
        ("30. 04. 2019", "2019-04-30"),
        ("2019. 04. 30.", "2019-04-30"),
        ("4/2019", "2019-04"),
        ("04.2019", "2019-04"),
        ("unbekannt", "unknown"),
        ("Неизвестно", "unknown"),
        ("3/4/2019", "3/4/2019"),
        ("spring 2019", "spring 2019"),
    ],
)
def test_date_reads_what_can_mean_one_day_only(written: str, date: str) -> None:
    assert cells.date(written) == date


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("4850000", "4850000"),
        ("1.250.000", "1250000"),
        ("1,250,000.50", "1250000.50"),
        ("1 250 000,5 €", "1250000.5"),
        ("1\u202f250\u00a0000", "1250000"),
        ("1'250'000", "1250000"),
        ("EUR 12.500", "12500"),
        ("12.50", "12.50"),
        ("€3", "3"),
        ("1.2345", "1.2345"),
        ("1.250,000", "1.250,000"),
        ("1234.567.890", "1234.567.890"),
        ("12 34", "12 34"),
        ("about 5", "about 5"),
        ("-5", "-5"),
        ("1,2 Mio.", "1,2 Mio."),
    ],
)
def test_amount_reads_what_can_mean_one_sum_only(written: str, amount: str) -> None:
    assert cells.amount(written) == amount


@pytest.mark.parametrize(
    ("written", "outcome"),
    [
        ("People housed = 72 people", ("People housed", "72", "people")),
        ("Rents paid=89%", ("Rents paid", "89", "%")),
        ("Kosten = 1 250 000 Euro", ("Kosten", "1 250 000", "Euro")),
        ("Saved = 2,5 million euros", ("Saved", "2,5", "million euros")),
        ("Stay = 3–5 years", ("Stay", "3–5", "years")),
        ("Change = -12 %", ("Change", "-12", "%")),
        ("Age = >65", ("Age", ">65", None)),
        ("Satisfaction = high", ("Satisfaction", "high", None)),
        ("Nothing counted", ("Nothing counted", None, None)),
    ],
)
def test_outcome_parts_indicator_value_and_unit(
    written: str, outcome: tuple[str | None, ...]
) -> None:
    found = cells.outcome(written)

    assert tuple(found.get(name) for name in ("indicator", "value", "unit")) == outcome


def test_sources_are_parted_and_numbered() -> None:
    row = {
        "Quellen": "https://a.org/x;y=1; Bericht: https://b.org (2019)\ndoi:10.1/x;Jahrbuch; Akte"
    }

    assert values(row)["sources_and_media"] == [
        {"id": "s1", "url": "https://a.org/x;y=1"},
        {"id": "s2", "url": "https://b.org", "title": "Bericht: (2019)"},
        {"id": "s3", "url": "doi:10.1/x;Jahrbuch"},
        {"id": "s4", "title": "Akte"},
    ]


def test_source_takes_an_address_out_of_its_brackets() -> None:
    assert cells.source("Bericht (https://a.org/b).") == {
        "url": "https://a.org/b",
        "title": "Bericht",
    }
    assert cells.source("https://a.org/b_(c)") == {"url": "https://a.org/b_(c)"}


GERMAN = """\
ID;Titel;Sprache;Stadt;Land;Themen;Zielgruppe;Innovationsart;Stand;Beginn;Problem;Lösung;Träger;\
Art des Trägers;Partner;Kostenrahmen;Gesamtkosten;Währung;Kostenjahr;Förderung;Voraussetzungen;\
Hindernisse;Übertragbarkeit;Ergebnisse;Quellen;Kontaktstelle;E-Mail;Lizenz;Volltext;Notiz
wohnen;Wohnen zuerst;Deutsch;Wien;Österreich;06.1, 05.1;Obdachlose Menschen;unbekannt;umgesetzt;\
30.4.2019;Zu wenig Wohnungen.;Erst die Wohnung.;Stadt Wien;Gemeinde;"Caritas
Diakonie";Unbekannt;1.250.000 €;Euro;2019;"ESF-Plus: Antrag 7; unbekannt";unknown;\
"Fehlende Daten: nichts gezählt";T1;"Menschen mit Wohnung = 72 Personen; Miete = 89 %";\
https://example.org/a;unbekannt;a@example.org;CC BY 4.0;"## Anfang

Text";intern
"""


def test_preview_makes_a_case_of_a_german_row() -> None:
    text = GERMAN.replace(
        "Obdachlose Menschen", scheme("target_groups")["homeless-people"].label("de")
    )
    text = text.replace("Gemeinde", scheme("organisation_types")["municipality"].label("de"))

    found = previewed(text)

    assert found.ready
    assert found.rows[0].values == {
        "id": "wohnen",
        "title": "Wohnen zuerst",
        "original_language": "de",
        "city": "Wien",
        "country": "AT",
        "themes": ["06.1", "05.1"],
        "target_groups": ["homeless-people"],
        "innovation_type": ["unknown"],
        "stage": "implemented",
        "start": "2019-04-30",
        "challenge": "Zu wenig Wohnungen.",
        "solution": "Erst die Wohnung.",
        "lead_organisation": {"name": "Stadt Wien", "type": "municipality"},
        "partners": [{"name": "Caritas"}, {"name": "Diakonie"}],
        "cost_band": "unknown",
        "cost": {"total": "1250000", "year": "2019"},
        "funding_programmes": [
            {"programme": "esf-plus", "note": "Antrag 7"},
            {"programme": "unknown"},
        ],
        "conditions": [{"code": "unknown"}],
        "barriers_and_failures": [{"code": "data-lacking", "text": "nichts gezählt"}],
        "transferability": {"level": "T1"},
        "outcomes": [
            {"indicator": "Menschen mit Wohnung", "value": "72", "unit": "Personen"},
            {"indicator": "Miete", "value": "89", "unit": "%"},
        ],
        "sources_and_media": [{"id": "s1", "url": "https://example.org/a"}],
        "contact": {"organisation": "unknown", "email": "a@example.org"},
        "body": "## Anfang\n\nText",
        "Notiz": "intern",
    }
    assert found.rows[0].gaps == ("summary",)
    assert found.rows[0].unknown == ("Notiz",)
    assert found.notes == ("kept as they are, being no columns of ours: Notiz",)


def test_preview_names_the_column_as_written_and_a_remedy_for_a_cell() -> None:
    found = previewed(
        "Titel;Land;Sprache;Stand;Themen;Gesamtkosten;Ergebnisse;Quellen;Hürden;Art des Trägers\n"
        "a;Atlantis;de;Umgesezt;06.99;viel;Zahl;www.a.org;;Gemeinde\n"
        ";;xx;;;;;;Fehlende Daen;\n"
    )

    assert {(problem.line, problem.field): str(problem) for problem in found.problems} == {
        (line, field): f"a.csv:{line}: {field}{said}"
        for line, field, said in (
            (2, "Land", (" 'Atlantis': is not a country code; "
             "write its name in any language, or two letters such as PL")),
            (2, "Stand", (" 'Umgesezt': is not in the vocabulary 'Stages'; "
             "did you mean 'Umgesetzt'?")),
            (2, "Themen", (" '06.99': is not in the vocabulary 'Themes'; "
             "write one of the codebook in the template")),
            (2, "Gesamtkosten", (" 'viel': is not an amount; "
             "write digits only, with a point for cents: 4850000")),
            (2, "Ergebnisse", (": its value is missing; "
             "write indicator = value unit, such as People housed = 72 people")),
            (2, "Quellen", (" 'www.a.org': is not an address; "
             "write addresses that begin with https:// or doi:10. and part them by ;")),
            (2, "Art des Trägers", (" 'Gemeinde': is not in the vocabulary 'Organisation types'; "
             "did you mean 'Stadt oder Gemeinde'?")),
            (2, "Federführende Organisation", ": is missing; add it"),
            (3, "Titel", ": is missing; add it"),
            (3, "Sprache", (" 'xx': is not one of our languages; "
             "write its name in any language, or two letters such as pl")),
            (3, "Hürden", (" 'Fehlende Daen': is not in the vocabulary 'Barriers and failures'; "
             "did you mean 'Fehlende Daten'?")),
        )
    }  # fmt: skip
    assert not found.ready


def test_preview_stops_where_nearly_all_is_wrong() -> None:
    found = previewed("Title;Language;Stage\n" + "a;en;no stage\n" * 700)

    assert (len(found.rows), found.count, len(found.problems)) == (500, 700, 500)
    assert found.notes == (
        "only the first 500 of 700 rows were looked at: they have many problems",
    )
    assert not found.ready


def test_preview_has_gaps_also_where_there_are_problems() -> None:
    row = previewed("Title;Language;Country\na;en;Atlantis\n").rows[0]

    assert row.case is None
    assert row.values["country"] == "Atlantis"
    assert row.gaps[:2] == ("summary", "city")
    assert "country" not in row.gaps


def test_preview_makes_ids_and_finds_the_same_one_twice() -> None:
    found = previewed("ID;Title;Language\nx;a;en\nx;b;en\n;A b;en\n;a B;en\na-b-2;c;en\n;Ω;el\n")

    assert [row.values["id"] for row in found.rows] == ["x", "x", "a-b", "a-b-3", "a-b-2", "case"]
    assert [row.assumed for row in found.rows][1:3] == [(), ("id",)]
    assert found.problems == (
        Problem(
            "a.csv",
            "is the id of line 2 too",
            "give each case an id of its own, or leave it empty",
            3,
            "ID",
            "x",
        ),
    )
    assert len(found.cases) == 5


def test_preview_takes_the_language_that_is_guessed() -> None:
    table = csv.rows("Titel;Lösung\nWohnen;Erst\n".encode(), "a.csv")

    row = preview(table, "a.csv", lambda text: ("de" if "Erst" in text else "", "", "")).rows[0]

    assert row.values["original_language"] == "de"
    assert row.assumed == ("id", "original_language")


@pytest.mark.parametrize("formula", ["=1+1", "@SUM(A1)", "+1", "-1", "=cmd|' /C calc'!A0"])
def test_preview_keeps_a_formula_as_text(formula: str) -> None:
    row = previewed(f"Title;Language;City\n{formula};en;{formula}\n").rows[0]

    assert (row.values["title"], row.values["city"]) == (formula, formula)


@given(
    st.dictionaries(
        st.sampled_from([*headers.columns(), "scale", "evidence", "x"]),
        st.text(max_size=30).map(str.strip).filter(bool)
        | st.lists(st.text(min_size=1, max_size=5), max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=5), max_size=2),
    )
)
def test_values_reads_any_cells(row: dict[str, object]) -> None:
    found = values(row)

    assert set(found) <= {*Case.model_fields, "x"}


@given(st.from_regex(r"[0-9]{1,4}([./ -][0-9]{1,4}){0,2}", fullmatch=True))
def test_date_never_makes_two_dates_of_one(text: str) -> None:
    read = cells.date(text)

    assert read == text or (not is_edtf(text) or is_edtf(read))
