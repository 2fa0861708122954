"""In which language somebody is answered, and how they choose another."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from web import catalogues

DUTCH = {"Accept-Language": "nl-BE,nl;q=0.9,en;q=0.5"}


@pytest.fixture(autouse=True)
def two_catalogues(tmp_path, monkeypatch) -> Iterator[None]:
    """Have pages in Dutch, Norwegian and English."""
    for code, themes in (("nl", "Thema's"), ("no", "Temaer")):
        told = f'msgid ""\nmsgstr ""\n\nmsgid "Themes"\nmsgstr "{themes}"\n'
        (tmp_path / f"{code}.po").write_text(told, encoding="utf-8")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    catalogues.languages.cache_clear()
    catalogues.catalogue.cache_clear()
    yield
    catalogues.languages.cache_clear()
    catalogues.catalogue.cache_clear()


def spoken(client: FlaskClient, read, address: str = "/about", **headers: str) -> str:
    return read(client.get(address, headers=headers or None)).one("html").get("lang")


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("", "en"),
        ("nl", "nl"),
        ("nl-BE,nl;q=0.9", "nl"),
        ("fy,nl;q=0.5,en;q=0.3", "nl"),
        ("nb-NO", "no"),
        ("nn,en;q=0.5", "no"),
        ("fr-FR,fr;q=0.9", "en"),
        ("en-GB,nl;q=0.9", "en"),
        ("nl;q=0,en", "en"),
        ("*", "en"),
        ("?;q=x,,", "en"),
    ],
)
def test_a_reader_is_answered_in_the_language_of_the_browser(client, read, asked, answered):
    assert spoken(client, read, **{"Accept-Language": asked}) == answered


def test_the_address_decides_before_the_browser(client, read):
    assert spoken(client, read, "/about?lang=no", **DUTCH) == "no"
    assert spoken(client, read, "/about?lang=en", **DUTCH) == "en"
    assert spoken(client, read, "/about?lang=xx", **DUTCH) == "nl"


def test_links_carry_the_language_only_where_it_does_not_go_without_saying(client, read):
    usual = read(client.get("/about", headers=DUTCH))
    other = read(client.get("/about?lang=en", headers=DUTCH))

    assert usual.link("Thema's") == "/vocabulary"
    assert other.link("Themes") == "/vocabulary?lang=en"


def test_links_of_a_result_keep_the_language_of_the_address(client, read):
    page = read(client.get("/search?q=housing&lang=en", headers=DUTCH))

    assert page.link("Newest first") == "/search?q=housing&sort=newest&lang=en"
    assert page.one("form", class_="asked").one("input", name="lang").get("value") == "en"


def test_what_programs_fetch_depends_on_its_address_alone(client):
    for address in ("/api/v1/cases?q=housing", "/export/csv?q=housing", "/feeds/search.atom"):
        plain, dutch = client.get(address), client.get(address, headers=DUTCH)
        assert plain.data == dutch.data, address
        assert "Accept-Language" not in dutch.headers.get("Vary", ""), address


def test_from_a_page_files_are_taken_away_in_its_language(client, read):
    page = read(client.get("/export?q=housing", headers=DUTCH))

    assert "/export/csv?q=housing&lang=nl" in {link.get("href") for link in page.all("a")}


def test_caches_are_told_on_what_a_page_depends(client):
    assert {"Accept-Language", "Cookie"} <= set(client.get("/about").vary)


def test_a_choice_is_kept_and_leads_back(client, read):
    page = read(client.get("/search?q=housing&country=IE&lang=no"))
    form = read(client.get(page.one("a", class_="tongue").get("href"))).one(
        "form", class_="tongues"
    )
    fields = {each.get("name"): each.get("value") for each in form.all("input")}

    answer = client.post(form.get("action"), data={**fields, "code": "nl"})

    assert answer.status_code == 303
    assert answer.location == "/search?q=housing&country=IE"
    assert spoken(client, read, answer.location) == "nl"
    assert spoken(client, read, answer.location, **{"Accept-Language": "en"}) == "nl"
    assert spoken(client, read, "/about?lang=no") == "no"


def test_every_language_offered_is_named_by_those_who_speak_it(client, read):
    buttons = read(client.get("/language")).one("form", class_="tongues").all("button")

    assert [(each.get("lang"), each.text) for each in buttons] == [
        ("en", "English"), ("nl", "Nederlands"), ("no", "norsk"),
    ]  # fmt: skip
    assert [each.get("value") for each in buttons if each.get("aria-current")] == ["en"]


def test_a_language_that_is_not_offered_cannot_be_chosen(client, read):
    form = read(client.get("/language")).one("form", class_="tongues")
    fields = {each.get("name"): each.get("value") for each in form.all("input")}

    assert client.post("/language", data={**fields, "code": "fi"}).status_code == 400


def test_a_cookie_that_says_nonsense_is_passed_over(client, read):
    client.set_cookie("language", "../../etc")

    assert spoken(client, read) == "en"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example"]
)
def test_nobody_is_led_to_another_site(client, read, elsewhere):
    form = read(client.get("/language", query_string={"next": elsewhere})).one(
        "form", class_="tongues"
    )

    assert form.one("input", name="next").get("value") == "/"


def test_from_a_page_that_is_not_there_one_comes_back_to_the_start(client, read):
    page = read(client.get("/no-such-page"))

    assert page.one("a", class_="tongue").get("href") == "/language"


def test_a_long_question_is_left_behind_rather_than_refused(client, read):
    page = read(client.get("/search", query_string={"q": "housing " * 600}))

    assert page.one("a", class_="tongue").get("href") == "/language?next=/search"
