import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from kb.formats import md
from kb.model import OPTIONAL, REQUIRED, Case, json_schema
from kb.vocabulary import scheme

ROOT = Path(__file__).parent.parent.parent
CORPUS = sorted((ROOT / "corpus").glob("*/*.md"))

FIELDS = {
    "id": "dublin-housing-first",
    "title": "Housing First",
    "summary": "A flat first.",
    "original_language": "en",
    "city": "Dublin",
    "country": "IE",
    "themes": ["06.1"],
    "target_groups": ["homeless-people"],
    "innovation_type": ["new-delivery"],
    "stage": "implemented",
    "start": "2011",
    "challenge": "Hostels did not end homelessness.",
    "solution": "Flats without conditions.",
    "lead_organisation": {"name": "City Council", "type": "municipality"},
    "cost_band": "unknown",
    "funding_programmes": "unknown",
    "conditions": "unknown",
    "barriers_and_failures": "unknown",
    "transferability": {"level": "T0"},
    "sources_and_media": [{"id": "s1", "url": "https://example.org/a"}],
    "contact": "unknown",
}


def case(**changes: object) -> Case:
    return Case.model_validate({**FIELDS, **changes})


def without(*names: str) -> Case:
    return Case.model_validate({key: value for key, value in FIELDS.items() if key not in names})


def of_corpus(path: Path) -> Case:
    return md.read(path.read_bytes(), path.name, lambda _: ("", "", ""))


@pytest.mark.parametrize(
    ("given_code", "code"),
    [("IE", "IE"), ("ie", "IE"), ("UK", "GB"), ("uk", "GB"), ("EL", "GR"), ("GR", "GR"),
     ("NO", "NO"), ("XK", "XK")],
)  # fmt: skip
def test_country_is_kept_as_iso_3166(given_code: str, code: str) -> None:
    assert case(country=given_code).country == code


def test_unknown_stands_for_one_row() -> None:
    answered = case(funding_programmes="unknown", conditions="unknown", contact="unknown")

    assert [row.programme for row in answered.funding_programmes] == ["unknown"]
    assert [row.code for row in answered.conditions] == ["unknown"]
    assert answered.contact is not None
    assert answered.contact.organisation == "unknown"


@pytest.mark.parametrize("name", ["funding_programmes", "conditions", "barriers_and_failures"])
@pytest.mark.parametrize("value", ["none", "Unknown", {"code": "unknown"}, 5])
def test_rows_are_a_list_or_the_word_unknown(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match="write rows, or the word unknown"):
        case(**{name: value})


@pytest.mark.parametrize("case_id", ["a", "a1", "housing-first-dublin", "x" * 100])
def test_id_is_a_slug(case_id: str) -> None:
    assert case(id=case_id).id == case_id


@pytest.mark.parametrize(
    "case_id", ["", "-a", "a-", "A", "a b", "a_b", "é", "x" * 101, "../a", "a/b", "a\n"]
)
def test_id_is_refused(case_id: str) -> None:
    # A space around it is no part of an id, like around every text.
    stripped = case_id.strip()
    if stripped != case_id:
        assert case(id=case_id).id == stripped
        return
    with pytest.raises(ValidationError, match="use small letters a-z"):
        case(id=case_id)


@pytest.mark.parametrize(
    "url",
    ["https://example.org", "http://example.org/a?b=c#d", "https://пример.бг/а", "doi:10.1000/182"],
)
def test_address_of_a_source_is_accepted(url: str) -> None:
    assert case(sources_and_media=[{"id": "s1", "url": url}]).sources_and_media[0].url == url


@pytest.mark.parametrize(
    "url",
    ["example.org", "javascript:alert(1)", "data:text/html,x", "https://localhost", "https://a b.c",
     'https://a.b"onclick=', "https://a.b<script>", "ftp://example.org", "doi:11.5/x"],
)  # fmt: skip
def test_address_of_a_source_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match=r"begin with https:// or doi:10\."):
        case(sources_and_media=[{"id": "s1", "url": url}])


@pytest.mark.parametrize("total", ["0", "5000", "4850000.50", "12.5"])
def test_amount_is_accepted(total: str) -> None:
    answered = case(cost={"total": total})

    assert answered.cost is not None
    assert answered.cost.total == total


@pytest.mark.parametrize(
    "total", ["5,000", "5 000", "-5", "1e6", "5.123", ".5", "€5", "٥", "9" * 16]
)
def test_amount_is_refused(total: str) -> None:
    with pytest.raises(ValidationError, match="write digits only"):
        case(cost={"total": total})


def test_outcome_names_a_source_of_the_case() -> None:
    outcome = {"indicator": "flats", "value": "9", "source": "s1"}

    assert case(outcomes=[outcome]).outcomes[0].source == "s1"
    with pytest.raises(ValidationError, match="use one of: s1"):
        case(outcomes=[{**outcome, "source": "s2"}])


def test_texts_lose_space_around_them() -> None:
    assert case(title="  Housing First \n").title == "Housing First"


def test_titles_lose_what_turns_the_direction_of_the_page() -> None:
    turned = case(title="a\u202eb\u2066c", city="\u202aDublin\u202c", body="a\u202eb")

    assert (turned.title, turned.city, turned.body) == ("abc", "Dublin", "a\u202eb")


def test_addresses_lose_what_turns_the_direction_of_the_page() -> None:
    turned = case(sources_and_media=[{"id": "s1", "url": "https://a.example/\u202eb"}])

    assert turned.sources_and_media[0].url == "https://a.example/b"


def test_title_of_nothing_visible_is_refused() -> None:
    with pytest.raises(ValidationError):
        case(title="\u202e \u2066")


def test_case_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        case().title = "x"


def test_gaps_of_a_complete_case_are_none() -> None:
    assert case().gaps == ()


@pytest.mark.parametrize(
    "name", [name for name in REQUIRED if name not in {"title", "original_language"}]
)
def test_gaps_name_a_required_field_that_is_missing(name: str) -> None:
    assert without(name).gaps == (name,)


@pytest.mark.parametrize(("name", "blank"), [("summary", " "), ("themes", []), ("conditions", [])])
def test_gaps_name_a_required_field_that_is_blank(name: str, blank: object) -> None:
    assert case(**{name: blank}).gaps == (name,)


def test_unknown_start_is_an_answer_and_a_missing_one_is_not() -> None:
    answered, silent = case(start="unknown"), without("start")

    assert (answered.gaps, silent.gaps) == ((), ("start",))
    assert (answered.year, silent.year) == (None, None)
    assert Case.model_validate(answered.as_dict()).gaps == ()
    assert Case.model_validate(silent.as_dict()).gaps == ("start",)


def test_completeness_counts_required_fields_double() -> None:
    most = 2 * len(REQUIRED) + len(OPTIONAL)

    assert case().completeness == round(100 * 2 * len(REQUIRED) / most)
    assert case(scale="city").completeness == round(100 * (2 * len(REQUIRED) + 1) / most)
    assert without("stage").completeness == round(100 * 2 * (len(REQUIRED) - 1) / most)


def test_completeness_of_everything_is_100() -> None:
    full = case(
        title_en="Housing First",
        summary_en="A flat first.",
        scale="city",
        partners=[{"name": "A"}],
        participation_level={"level": "involve"},
        outcomes=[{"indicator": "flats", "value": "9"}],
        evidence={"measured": True},
        cost={"total": "5"},
        relations=[{"type": "adapts"}],
        policy_links={"sdg": [1]},
        last_verified="2026-11-22",
        body="Text.",
    )

    assert full.completeness == 100


def test_evidence_level_follows_from_the_answers() -> None:
    assert case().evidence_level == "not-assessed"
    assert case(evidence={"measured": True}).evidence_level == "E2"


def test_english_title_is_the_translation_or_the_original() -> None:
    assert case(title="Asunto ensin", title_en="Housing First").english_title == "Housing First"
    assert case(title="Housing First").english_title == "Housing First"


def test_unknown_fields_are_kept_and_named_by_their_path() -> None:
    extended = case(
        status="published",
        lead_organisation={"name": "A", "mayor": {"name": "X"}},
        partners=[{"name": "A"}, {"name": "B", "since": "2019"}],
    )

    assert extended.unknown_fields == ("status", "lead_organisation.mayor", "partners[1].since")
    assert extended.as_dict()["status"] == "published"
    assert extended.as_dict()["lead_organisation"]["mayor"] == {"name": "X"}
    assert Case.model_validate(extended.as_dict()) == extended


def test_unknown_fields_change_nothing_that_the_model_knows() -> None:
    extended = case(digest="0", gaps="none", evidence_level="E5", completeness="100")

    assert extended.evidence_level == "not-assessed"
    assert extended.gaps == ()
    assert extended.completeness == case().completeness
    assert len(extended.digest) == 64


def test_as_dict_leaves_out_what_has_no_value_and_keeps_the_order_of_the_model() -> None:
    stated = case(themes=["06.1"], scale=None, title_en="").as_dict()

    assert list(stated) == list(FIELDS)
    assert stated["lead_organisation"] == {"name": "City Council", "type": "municipality"}


@given(st.permutations([*FIELDS.items(), ("mayor", "X"), ("votes", "5")]))
def test_digest_does_not_depend_on_the_order_of_fields(items: list[tuple[str, object]]) -> None:
    assert Case.model_validate(dict(items)).digest == case(mayor="X", votes="5").digest


@pytest.mark.parametrize(
    "changes",
    [{"title": "Other"}, {"body": "Text."}, {"status": "x"}, {"themes": ["06.1", "05.1"]},
     {"start": "unknown"}, {"lead_organisation": {"name": "City Council"}}],
)  # fmt: skip
def test_digest_changes_with_the_content(changes: dict[str, object]) -> None:
    assert case(**changes).digest != case().digest


def test_digest_takes_two_ways_of_saying_the_same_for_the_same() -> None:
    one = case(country="UK", funding_programmes="unknown", title="Housing First ")
    two = case(country="GB", funding_programmes=[{"programme": "unknown", "currency": "EUR"}])

    assert one.digest == two.digest


def test_case_survives_json() -> None:
    full = case(evidence={"assessed_on": "2026-01-02"}, last_verified="2026-11-22", title="Łódź 🏠")

    assert Case.model_validate_json(json.dumps(full.as_dict())) == full


def test_json_schema_is_valid() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_json_schema_lists_vocabularies_and_required_fields() -> None:
    schema = json_schema()

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["required"]) == {"id", *REQUIRED}
    codes = schema["properties"]["themes"]["items"]["enum"]
    assert codes == [concept.id for concept in scheme("themes")]


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_json_schema_accepts_a_case_of_the_corpus(path: Path) -> None:
    errors = Draft202012Validator(json_schema()).iter_errors(of_corpus(path).as_dict())

    assert [error.message for error in errors] == []


@pytest.mark.parametrize(
    "changes",
    [{"themes": ["99.9"]}, {"stage": "x"}, {"title": ""}, {"summary": "x" * 901},
     {"lead_organisation": {}}, {"policy_links": {"sdg": [18]}}, {"wikidata": "1"}],
)  # fmt: skip
def test_json_schema_refuses_what_the_model_refuses(changes: dict[str, object]) -> None:
    wrong = {**case().as_dict(), **changes}

    assert not Draft202012Validator(json_schema()).is_valid(wrong)
    with pytest.raises(ValidationError):
        Case.model_validate(wrong)


def test_json_schema_refuses_a_case_with_a_gap() -> None:
    assert not Draft202012Validator(json_schema()).is_valid(without("start").as_dict())
