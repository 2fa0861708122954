"""Cases side by side: every cell leads to its passage, and what is not stated stays a gap."""

import pytest

from tests.web.conftest import REAL_CASES
from web.compare import ROWS

IDS = [name.partition("/")[2] for name in REAL_CASES]
TWO = "/compare?case=every-field&case=latarnicy-lodz"


@pytest.fixture
def table(client, read):
    return read(client.get(TWO)).one("table")


def row(table, label: str):
    return next(r for r in table.all("tr") if r.all("th")[0].text == label)


def test_each_point_is_a_row_and_each_case_a_column(table):
    assert [r.all("th")[0].text for r in table.all("tr")] == [
        "Case", *(str(each.label) for each in ROWS),
    ]  # fmt: skip
    assert all(len(r.all("td")) == 2 for r in table.one("tbody").all("tr"))
    assert [th.get("scope") for th in table.one("thead").all("th")] == ["col"] * 3


def test_every_field_that_officials_compare_is_there(table):
    told = table.text
    for said in (
        "Łódź, Poland", "inhabitants", "from about 2016 to June 2019", "Stopped",
        "The challenge told.", "The solution told.", "Urząd Miasta · Municipality",
        "Fundacja Dom", "PLN", "7.5 full-time posts",
        "dwa lata", "(E4)", "a comparison group", "Rodziny w mieszkaniach: 84 rodziny",
        "Before: 3", "Among: rodziny z dziećmi", "Skończyły się pieniądze.",
        "What was changed: Przeniesiono umowy.", "Wolne lokale gminne.", "Sprawdź prawo lokalowe.",
        "Dublin", "Raport końcowy", "CC-BY-SA-4.0",
    ):  # fmt: skip
        assert said.casefold() in told.replace("\N{NO-BREAK SPACE}", " ").casefold(), said


def test_each_cell_leads_to_its_passage(client, read, table):
    page = read(client.get("/cases/every-field"))
    ids = {each.get("id") for each in page.all()}

    links = [cells.all("td")[0].all("a", class_="to") for cells in table.one("tbody").all("tr")]
    anchors = [link[0].get("href").partition("#")[2] for link in links]
    assert set(anchors) <= ids
    assert [each.anchor for each in ROWS] == anchors
    assert links[8][0].text == "→How well it is shown to work, in the case Every field filled in"


def test_what_is_not_stated_stays_a_gap_and_what_nobody_knows_says_so(table):
    assert row(table, "What came of it").all("td")[1].text == "not given"
    assert "Asked, and not known." in row(table, "Cost").all("td")[1].text


def test_words_of_a_case_carry_their_language(table):
    barrier = row(table, "What stood in the way or failed").all("td")[0]

    assert barrier.all("span", lang="pl")[0].text == "Skończyły się pieniądze."


def test_a_translation_of_ours_is_marked_as_such(table):
    assert (
        row(table, "The challenge")
        .all("td")[0]
        .text.startswith("The challenge told.Our translation, not yet confirmed")
    )


def test_labels_are_in_the_language_of_the_reader(client, read):
    table = read(client.get(TWO + "&lang=de")).one("table")

    assert "Polen" in table.text
    assert all("lang=de" in a.get("href") for a in table.all("a", class_="to"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "not enough cases"),
        ("?case=every-field", "not enough cases"),
        ("?case=every-field&case=every-field", "not enough cases"),
        ("?case=every-field&case=%00&case=A%20B", "not enough cases"),
        ("?case=" + "x" * 5000, "not enough cases"),
        ("?" + "&".join(f"case=n-{n}" for n in range(300)), "not enough cases"),
    ],
)
def test_too_few_cases_say_what_to_change(client, asked, said):
    answer = client.get("/compare" + asked)

    assert answer.status_code == 200
    assert said in answer.text


def test_too_many_cases_are_offered_to_choose_from(library, write_case, read):
    from web import create_app

    library.ingest([write_case(f"case-{n}") for n in range(9)])
    client = create_app(library, library.settings).test_client()
    asked = "&".join(f"case=case-{n}" for n in range(9))

    page = read(client.get(f"/compare?{asked}"))

    assert "These are 9 cases; at most 8 fit side by side." in page.text
    boxes = page.all("input", name="case")
    assert [("checked" in box.attributes) for box in boxes] == [True] * 8 + [False]
    assert "at most 8 fit on a brief" in client.get(f"/brief?{asked}").text
    assert client.get(f"/brief.docx?{asked}").headers["Location"].startswith("/brief?case=case-0&")


def test_all_real_cases_can_be_compared(client, read):
    asked = "&".join(f"case={each}" for each in IDS)

    assert len(read(client.get(f"/compare?{asked}")).one("thead").all("th")) == len(IDS) + 1
