"""Pages of adoptions: the form, the queue, the graph, and what cases and collections say of it."""

import pytest

from kb.settings import Settings
from tests.conftest import ROOT
from web import create_app, session

TOLD = {
    "city": "Wien",
    "country": "AT",
    "year": "2021",
    "state": "running",
    "organisation": "Fonds Soziales",
    "contact": "fonds@wien.example",
    "agreed": "yes",
}
PAGE = "/cases/housing-first-dublin/adoptions"
FORUM = """
id: a-forum
title: {en: A forum}
intro: {en: What it is for.}
original_language: en
made_by: {name: A network}
parts:
  - cases: [{case: housing-first-dublin}, {case: preston-model}, {case: not-here}]
"""


@pytest.fixture
def town(library, tmp_path):
    (tmp_path / "a-forum.yaml").write_text(FORUM, encoding="utf-8")
    names = ("ie/housing-first-dublin", "gb/preston-model", "es/radars-barcelona")
    files = [ROOT / "corpus" / f"{name}.md" for name in names]
    assert not library.ingest([*files, tmp_path / "a-forum.yaml"]).refused
    for name, role in (("ana", "contributor"), ("mia", "moderator")):
        library.accounts.create(f"{name}@people.example", role, name.title())
    app = create_app(library, Settings(rate_api=None))
    app.testing = True
    return app, library


def signed_in(town, name):
    app, library = town
    client = app.test_client()
    secret = library.accounts.begin_session(who(town, name).id, "test")
    client.set_cookie("session", secret)
    return client, {"csrf": session._derived(secret)}


def who(town, name):
    return town[1].accounts.by_email(f"{name}@people.example")


def accepted(town, **more):
    transfer = town[1].transfer
    record = transfer.record(who(town, "ana"), "housing-first-dublin", {**TOLD, **more})
    return transfer.decide(who(town, "mia"), record.id, "accepted")


def test_what_is_recorded_is_shown_once_it_is_accepted(town, read):
    client, form = signed_in(town, "ana")
    sent = client.post(PAGE, data={**TOLD, **form})
    assert sent.headers["Location"] == PAGE + "?done=recorded"
    assert "Waiting for a moderator" in read(client.get(PAGE)).text
    assert "Wien" not in town[0].test_client().get(PAGE).text

    moderator, form = signed_in(town, "mia")
    queue = read(moderator.get("/review/adoptions"))
    action = queue.one("form", method="post").get("action")
    moderator.post(action, data={**form, "decision": "accepted"})

    public = town[0].test_client()
    shown = read(public.get(PAGE)).one("main")
    assert shown.link("fonds@wien.example") == "mailto:fonds@wien.example"
    case = read(public.get("/cases/housing-first-dublin")).one("section", id="transfer")
    assert "Adapted by 1 other" in case.text
    assert "Wien, Austria 2021 Running" in case.text
    assert case.link("Record it, and see whom to ask") == PAGE


def test_a_form_that_is_wrong_keeps_what_was_typed_and_says_what_to_change(town, read):
    client, form = signed_in(town, "ana")
    typed = {**TOLD, **form, "city": "W<i>en", "contact": "nobody", "worked": "no", "year": "\0x"}

    response = client.post(PAGE, data=typed)
    page = read(response)

    assert response.status_code == 422
    assert page.one("title").text.startswith("Error: ")
    anchors = [a.get("href") for a in page.one("section", class_="wrong").all("a")]
    assert anchors == ["#year", "#contact"]
    assert page.one("input", id="city").get("value") == "W<i>en"
    contact = page.one("input", id="contact")
    assert (contact.get("value"), contact.get("aria-invalid")) == ("nobody", "true")
    assert page.one("p", id="contact-wrong").text.startswith("is neither an e-mail")
    (chosen,) = [o for o in page.one("select", id="worked").all("option")
                 if "selected" in o.attributes]  # fmt: skip
    assert chosen.get("value") == "no"


@pytest.mark.parametrize("value", ["\0", "\ud800", "9" * 400, "<script>", "../../x"])
def test_whatever_is_posted_is_never_our_fault(town, value):
    client, form = signed_in(town, "ana")
    data = dict.fromkeys([*TOLD, "worked", "result", "source", "became", "adoption"], value)
    data = {name: text.encode("utf-8", "surrogatepass") for name, text in data.items()}

    assert client.post(PAGE, data={**data, **form}).status_code in {400, 404, 422}
    assert client.get("/adoptions", query_string={"q": data["city"], "state": "x", "page": "-1"})
    assert client.get(PAGE, query_string={"of": "x"}).status_code == 404


def test_how_it_stands_now_begins_with_what_was_said_last(town, read):
    record = accepted(town)
    client, form = signed_in(town, "ana")
    link = f"{PAGE}?of={record.adoption}"

    page = read(client.get(link))
    assert page.one("input", id="city").get("value") == "Wien"
    assert page.one("input", name="adoption").get("value") == record.adoption
    more = {"state": "stopped", "worked": "no", "result": "Kein Geld mehr für das Vorhaben da."}
    client.post(PAGE, data={**TOLD, **form, **more, "adoption": record.adoption})
    waiting = town[1].transfer.queue(who(town, "mia"))[0].record
    town[1].transfer.decide(who(town, "mia"), waiting.id, "accepted")

    shown = read(town[0].test_client().get(PAGE)).one("main")
    assert "Stopped" in shown.text
    assert "Running" in shown.one("details").text
    (passage,) = [each for each in shown.all("span", lang="de") if "Kein Geld" in each.text]
    assert passage


def test_who_recorded_it_takes_it_back(town, read):
    record = accepted(town)
    client, form = signed_in(town, "ana")

    client.post(f"/adoptions/{record.adoption}/withdraw", data=form)

    assert "None is recorded yet." in read(town[0].test_client().get(PAGE)).text
    assert "Withdrawn" in read(client.get(PAGE)).text


def test_declining_without_a_reason_says_so(town, read):
    town[1].transfer.record(who(town, "ana"), "housing-first-dublin", TOLD)
    client, form = signed_in(town, "mia")
    action = read(client.get("/review/adoptions")).one("form", method="post").get("action")

    response = client.post(action, data={**form, "decision": "declined"})
    page = read(response)
    assert response.status_code == 422
    assert "say why" in page.one("p", role="alert").text
    client.post(action, data={**form, "decision": "declined", "reason": "Which office?"})

    assert "Which office?" in signed_in(town, "ana")[0].get(PAGE).text


def test_whoever_is_not_signed_in_is_told_how(town, read):
    page = read(town[0].test_client().get(PAGE))

    assert page.one("main").all("form") == []
    assert page.one("main").link("Sign in") == "/sign-in?next=" + PAGE


def test_the_graph_says_what_cities_and_cases_say(town, read):
    accepted(town)
    client = town[0].test_client()

    page = read(client.get("/adoptions"))
    rows = [row.text for row in page.one("tbody").all("tr")]
    assert len(rows) == 4
    assert sum("the case" in row for row in rows) == 3
    assert len(page.one("svg").all("rect")) == 6
    assert "Mataró (ES)" in page.one("svg").text
    filtered = read(client.get("/adoptions?q=dublin+austria&state=running"))
    assert [row.text for row in filtered.one("tbody").all("tr")] == [
        row for row in rows if "Wien" in row
    ]
    assert "None is as you have asked." in client.get("/adoptions?q=nowhere").text


def test_no_page_is_reached_by_a_number_that_is_none(town):
    client = town[0].test_client()

    for page in ("0", "-1", "x", "9" * 400, ""):
        assert client.get("/adoptions", query_string={"page": page}).status_code == 200


def test_programs_get_the_same(town):
    accepted(town, worked="partly", result="Half.", source="doi:10.1234/abc")
    client = town[0].test_client()

    told = client.get("/api/v1/adoptions?q=wien").get_json()
    (item,) = told["items"]
    assert (told["total"], told["next"]) == (1, None)
    assert item["original"]["case"] == "housing-first-dublin"
    assert (item["adopter"]["city"], item["worked"]) == ("Wien", "partly")
    assert item["source"] == "https://doi.org/10.1234/abc"
    assert "wien.example" not in client.get("/api/v1/adoptions").text  # whom to ask is for people
    for wrong in ("state=x", "page=0", "q=a&q=b"):
        assert client.get(f"/api/v1/adoptions?{wrong}").status_code == 400


def test_a_collection_has_a_page_for_each_phase(town, read):
    accepted(town)
    client = town[0].test_client()
    page = read(client.get("/collections/a-forum"))
    pages = {text: read(client.get(page.one("main").link(text)))
             for text in ("Learn from", "Who shares", "Who is adapting")}  # fmt: skip

    learn, share, create = (each.one("main") for each in pages.values())
    assert [len(each.one("main").all("h3")) for each in pages.values()] == [2, 2, 2]
    assert "What stood in the way or failed" in learn.text
    assert "How well it is shown to work" in learn.text
    assert "Run by Preston City Council" in share.text
    assert "The case is told in English." in share.text
    assert "Wien, Austria" in create.text
    assert create.link("Record that your city adapts it: " + _preston(town)) == (
        "/cases/preston-model/adoptions"
    )
    assert client.get("/collections/a-forum/other").status_code == 404


def _preston(town):
    return town[1].page("preston-model").revision.case.english_title


@pytest.mark.usefixtures("only_english")
def test_links_carry_the_language_on(town, read):
    accepted(town)
    client = town[0].test_client()

    for path in ("/adoptions?lang=el", PAGE + "?lang=el", "/collections/a-forum/create?lang=el"):
        main = read(client.get(path)).one("main")
        inside = [a.get("href") for a in main.all("a") if a.get("href").startswith("/")]
        assert inside
        assert all("lang=el" in href for href in inside), path


def test_a_case_that_is_gone_says_so_here_too(town):
    accepted(town)
    town[1].contributing.retire(who(town, "mia"), "housing-first-dublin", "withdrawn", "Wrong.")
    client = town[0].test_client()

    assert client.get(PAGE).status_code == 410
    assert "Wien" not in client.get("/adoptions").text
