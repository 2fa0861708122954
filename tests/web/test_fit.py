"""Fits my city: a reader names or describes her city, and found cases stand in the order of fit."""

import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from werkzeug.datastructures import MultiDict

from kb.fitting import COSTS, NEEDS
from kb.frozen import Question
from kb.query import Query
from web.args import query_from

DUBLIN, HELSINKI = "2964574", "658225"


@pytest.fixture
def look(client, read):
    def ask(address: str, **data: object):
        response = client.get(address, query_string=data or None)
        assert response.status_code == 200, response.status
        return read(response)

    return ask


@pytest.fixture
def sent(client):
    """Send the form; return the question to which it leads."""

    def send(**data: object) -> Query:
        response = client.get("/fit", query_string={"go": "1", **data})
        assert response.status_code == 303, response.get_data(as_text=True)
        return query_from(MultiDict(parse_qsl(urlsplit(response.location).query)))

    return send


def items(client, **data: object) -> list[dict]:
    response = client.get("/api/v1/cases", query_string=data)
    assert response.status_code == 200, response.json
    return response.json["items"]


def test_naming_a_city_orders_the_cases_by_how_they_fit_it(sent, look):
    query = sent(named="dublin", q="homelessness")

    assert (query.text, query.sort, query.town.place) == ("homelessness", "fit", DUBLIN)
    first = look("/search", q="homelessness", town=DUBLIN, sort="fit").all("ol", class_="hits")[0]
    assert first.all("h3")[0].text.startswith("Dublin")
    assert [li.text for li in first.all("ul", class_="fits")[0].all("li")] == [
        "same size", "same country"
    ]  # fmt: skip


def test_a_city_is_found_by_its_name_in_any_language_and_with_its_country(sent):
    assert sent(named="Vídeň").town.name == "Vienna"
    assert sent(named="Graz, Austria").town.name == "Graz"


def test_of_several_places_of_a_name_one_is_chosen(look, sent):
    page = look("/fit", go="1", named="Bergen", q="rent")
    choices = page.all("input", name="town")

    assert page.one("input", name="named").get("value") == "Bergen"
    assert [each.get("type") for each in choices] == ["radio"] * 3
    assert sent(named="Bergen", town=choices[1].get("value")).town.country in {"BE", "NL"}


def test_a_name_that_was_changed_counts_more_than_the_place_chosen_before(sent):
    assert sent(named="Graz", town=DUBLIN).town.name == "Graz"


def test_a_city_that_nobody_knows_can_be_described(look, sent):
    page = look("/fit", go="1", named="Nirgendwo", lacks="strong-ngos")

    assert "Nirgendwo" in page.one("section", class_="wrong").text
    assert page.one("input", name="named").get("value") == "Nirgendwo"
    assert page.one("input", value="strong-ngos").attributes.keys() >= {"checked"}
    town = sent(inhabitants="120 000", **{"in": "PL"}, afford="250k-1m", lacks="law-change").town
    assert (town.inhabitants, town.country) == (120_000, "PL")
    assert (town.affords, town.lacks) == ("250k-1m", ("law-change",))


@pytest.mark.parametrize("typed", ["many", "1.2 million", "-5", "0", "9" * 30, "12 00", "\0", "²"])
def test_a_number_that_cannot_be_read_stays_in_its_field(look, typed):
    page = look("/fit", go="1", inhabitants=typed)

    assert page.one("input", name="inhabitants").get("aria-invalid") == "true"


def test_saying_nothing_is_told_and_not_sent_on(look):
    assert "describe it" in look("/fit", go="1").one("section", class_="wrong").text


def test_the_question_is_kept_while_the_city_is_named(look):
    page = look("/fit", q="rent", country="IE", expand="no", sort="newest", page="3")
    hidden = [(e.get("name"), e.get("value")) for e in page.all("input", type="hidden")]

    assert hidden == [("q", "rent"), ("country", "IE"), ("sort", "newest"), ("expand", "no")]


def test_the_result_leads_to_the_page_on_which_one_says_the_city(look):
    assert look("/search", q="rent").link("Fits my city") == "/fit?q=rent"
    named = look("/search", town=DUBLIN, lacks="law-change")
    assert named.link("Fits my city") == f"/search?town={DUBLIN}&lacks=law-change&sort=fit"
    assert named.link("change") == f"/fit?town={DUBLIN}&lacks=law-change"


def test_reasons_are_told_in_every_order_and_filters_keep_the_city(look):
    page = look("/search", q="homelessness", town=DUBLIN)

    assert page.all("ul", class_="fits")
    assert page.one("input", type="hidden", name="town").get("value") == DUBLIN


def test_a_condition_that_is_lacked_is_named(look):
    page = look("/search", q="Helsinki", lacks="housing-stock")

    assert "Needs housing stock (you lack this)" in page.text


def test_all_found_cases_are_ordered_and_none_is_hidden(client):
    plain = items(client, size=100)
    first, *_ = fitting = items(client, size=100, town=HELSINKI, sort="fit")
    pages = [items(client, size=2, page=n, town=HELSINKI, sort="fit") for n in (1, 2, 3, 4)]

    assert {each["id"] for each in plain} == {each["id"] for each in fitting}
    assert first["id"] == "helsinki-asunto-ensin"
    scores = [each["fit"]["score"] for each in fitting]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]
    assert [e["id"] for page in pages for e in page] == [each["id"] for each in fitting]
    assert all(each["fit"] is None for each in plain)


def test_cases_of_equal_score_stand_as_they_would_without_the_city(client):
    relevant = [each["id"] for each in items(client, q="homelessness")]
    nowhere = items(client, q="homelessness", sort="fit", **{"in": "JP"})

    assert [each["id"] for each in nowhere] == relevant


def test_a_cursor_goes_through_the_order_of_fit(client):
    address, seen = f"/api/v1/cases?size=3&sort=fit&town={HELSINKI}", []
    while address:
        told = client.get(address).json
        seen += [each["id"] for each in told["items"]]
        address = told["next"] and told["next"].removeprefix("https://praxis.example")

    assert seen == [each["id"] for each in items(client, size=100, sort="fit", town=HELSINKI)]


@pytest.mark.parametrize(
    ("name", "value"),
    [("town", "1"), ("town", "Graz"), ("inhabitants", "0"), ("inhabitants", "x"), ("in", "ZZ"),
     ("in", "at"), ("afford", "unknown"), ("lacks", "unknown"), ("lacks", "no-new-money"),
     ("sort", "fit")],
)  # fmt: skip
def test_a_program_is_told_what_to_give_and_a_page_passes_over_it(client, name, value):
    refused = client.get("/api/v1/cases", query_string={name: value})

    assert refused.status_code == 400
    assert [each["parameter"] for each in refused.json["errors"]] == [name]
    assert client.get("/search", query_string={name: value}).status_code == 200


def test_exports_feeds_and_snapshots_leave_the_city_out(client, look):
    asked = f"?q=homelessness&town={DUBLIN}&lacks=law-change&sort=fit"
    page = look(f"/search{asked}")
    (export,) = (a.get("href") for a in page.all("a") if a.get("href").startswith("/export"))
    (feed,) = (e.get("href") for e in page.all("link", type="application/atom+xml"))

    assert (export, feed) == ("/export?q=homelessness", "/feeds/search.atom?q=homelessness")
    assert page.one("link", rel="canonical").get("href").endswith("/search?q=homelessness")
    assert (
        client.get(f"/export/jsonl{asked}").data == client.get("/export/jsonl?q=homelessness").data
    )
    query = query_from(MultiDict(parse_qsl(asked[1:])))
    assert query.town.is_known
    assert Question(query) == Question(Query("homelessness"))


def test_nothing_about_the_reader_is_stored(client):
    response = client.get("/fit?go=1&named=Dublin")

    assert "Set-Cookie" not in response.headers
    assert "Set-Cookie" not in client.get(response.location).headers


def test_the_page_shows_every_rule_with_its_points(look):
    table = look("/fit").one("table")

    assert [[c.text for c in row.all("th", "td")] for row in table.all("tr")][1:3] == [
        ["same size", "+2"], ["nearly the same size", "+1"]
    ]  # fmt: skip


def test_two_thousand_cases_are_compared_in_a_moment():
    from kb.fitting import Facts, Town, fit

    town = Town(inhabitants=300_000, country="AT", affords=COSTS[3], lacks=NEEDS)
    began = time.perf_counter()
    for number in range(2_000):
        fit(town, Facts("50k-100k", "DE", COSTS[number % 6], NEEDS[: number % 8]))

    assert time.perf_counter() - began < 0.5
