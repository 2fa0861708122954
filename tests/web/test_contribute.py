"""The pages on which people contribute and review, by hand: forms as a browser would send them."""

import io
import re

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.test import encode_multipart

from kb.library import Library
from kb.settings import Settings
from web import create_app, form


class Hand:
    """Somebody who is signed in and fills in forms."""

    def __init__(self, app, library: Library, person, read):
        self.client = app.test_client()
        self.client.set_cookie("session", library.accounts.begin_session(person.id, "test"))
        self.read = read

    def get(self, address):
        response = self.client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        return self.read(response)

    def fields(self, page, action):
        """Return what the form at ``action`` would send as it stands."""
        (form,) = [form for form in page.all("form") if form.get("action") == action]
        sent = MultiDict()
        for each in form.all("input"):
            kind = each.get("type")
            if kind == "file" or not each.get("name"):
                continue
            if kind in {"checkbox", "radio"} and "checked" not in each.attributes:
                continue
            sent.add(each.get("name"), each.get("value"))
        for each in form.all("textarea"):
            sent.add(each.get("name"), each.raw.removeprefix("\n"))
        for each in form.all("select"):
            chosen = [o for o in each.all("option") if "selected" in o.attributes]
            sent.add(each.get("name"), (chosen or each.all("option"))[0].get("value"))
        return sent

    def send(self, page, action, **changes):
        sent = self.fields(page, action)
        for name, value in changes.items():
            sent.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
        return self.client.post(action, data=sent)


@pytest.fixture
def app(library):
    made = create_app(library, Settings())
    made.testing = True
    return made


@pytest.fixture
def hand(app, library, read):
    def make(name, role="contributor"):
        person = library.accounts.create(f"{name}@people.example", role, name.title())
        return Hand(app, library, person, read)

    return make


def upload(hand, *files):
    page = hand.get("/contribute")
    sent = hand.fields(page, "/contribute")
    for name, data in files:
        sent.add("file", (io.BytesIO(data), name))
    return hand.client.post("/contribute", data=sent, content_type="multipart/form-data")


@pytest.fixture
def ana(hand):
    return hand("ana")


@pytest.fixture
def draft(ana, library, write_case):
    assert upload(ana, ("dublin.md", write_case("dublin").read_bytes())).status_code == 303
    assert library.contributing.read_next()
    return ana.get("/contribute").link("Housing First")


def test_someone_who_is_not_signed_in_is_told_how_to_take_part(app, read):
    page = read(app.test_client().get("/contribute"))

    assert page.one("main").link("Sign in").startswith("/sign-in")
    assert not page.all("input", type="file")


def test_several_files_are_sent_at_once_and_their_states_are_shown(ana, library):
    upload(ana, ("a.md", b"---\ntitle: A\n---\n\nText."), ("b.exe", b"MZ\0"))
    page = ana.get("/contribute")
    assert page.text.count("waiting to be read") == 2

    while library.contributing.read_next():
        pass

    page = ana.get("/contribute")
    assert "could not be taken in" in page.text
    assert "read: see the draft" in page.text
    states = ana.client.get("/contribute/states").get_json()
    assert sorted(states.values()) == ["could not be taken in", "read, its draft is ready"]


def test_all_cases_of_a_table_are_handed_in_at_once_or_none(ana, library):
    table = "title;original_language;country\nEtt;sv;SE\nTvå;sv;SE\n"
    upload(ana, ("a.csv", table.encode()))
    library.contributing.read_next()
    page = ana.get("/contribute")
    (form,) = [form for form in page.all("form") if form.get("action").endswith("/submit")]
    assert form.text == "Submit all 2 drafts of this file for review"

    ana.send(page, form.get("action"))

    assert {draft.state for draft in library.contributing.drafts(owner(library))} == {"submitted"}


def test_a_table_with_a_wrong_row_is_not_taken_in_and_says_which(ana, library):
    upload(ana, ("a.csv", b"title;original_language;country\nEtt;sv;SE\nTva;sv;XX\n"))
    library.contributing.read_next()

    assert "a.csv" in ana.get("/contribute").text
    assert "3: country 'XX'" in ana.get("/contribute").text
    assert library.contributing.drafts(owner(library)) == ()


def test_sending_no_file_is_said_and_sending_a_form_twice_is_sending_it_once(ana):
    assert upload(ana).status_code == 422
    page = ana.get("/contribute")
    sent = ana.fields(page, "/contribute")
    for _ in range(2):
        data = MultiDict(sent)
        data.add("file", (io.BytesIO(b"---\ntitle: A\n---\n\nText."), "a.md"))
        ana.client.post("/contribute", data=data, content_type="multipart/form-data")

    assert ana.get("/contribute").text.count("a.md") == 1


def test_a_form_that_is_saved_unchanged_changes_nothing(ana, draft, library):
    work = library.contributing
    before = work.case(work.drafts(owner(library))[0])

    ana.send(ana.get(draft), draft, then="")

    assert work.case(work.drafts(owner(library))[0]) == before


def owner(library):
    return library.accounts.by_email("ana@people.example")


def test_what_is_written_is_kept(ana, draft, library):
    ana.send(
        ana.get(draft), draft,
        title="Bytar i Malmö", original_language="sv", target_groups=["families", "refugees"],
        partners__0__name="Röda Korset", outcomes__0__indicator="flats", outcomes__0__value="12",
        evidence__measured="yes", themes=["Housing First", "", ""],
    )  # fmt: skip

    (kept,) = library.contributing.drafts(owner(library))
    assert kept.values["title"] == "Bytar i Malmö"
    assert kept.values["target_groups"] == ["families", "refugees"]
    assert kept.values["partners"] == [{"name": "Röda Korset"}]
    assert kept.values["outcomes"] == [{"indicator": "flats", "value": "12"}]
    assert kept.values["evidence"] == {"measured": True}
    assert kept.values["themes"] == ["06.1"]


def test_a_row_can_be_added_and_one_that_is_emptied_goes(ana, draft, library):
    response = ana.send(ana.get(draft), draft, partners__0__name="One", then="add-partners")
    assert response.headers["Location"].endswith("#partners") or "partners" in response.location
    page = ana.get(draft)
    assert page.all("input", name="partners-1-name")

    ana.send(page, draft, partners__0__name="", partners__1__name="Two")

    (kept,) = library.contributing.drafts(owner(library))
    assert kept.values["partners"] == [{"name": "Two"}]


def test_what_is_wrong_is_listed_with_a_link_to_its_field_and_kept_as_written(ana, draft):
    response = ana.send(ana.get(draft), draft, start="last spring", then="submit")

    page = ana.read(response)
    assert response.status_code == 422
    assert page.one("title").text.startswith("Error: ")
    alert = page.one("section", role="alert")
    assert alert.link("Began") == "#start"
    assert page.one("input", id="start").get("value") == "last spring"


def test_every_link_to_a_field_leads_to_one(ana, draft):
    response = ana.send(
        ana.get(draft), draft,
        start="x", country="XX", sources_and_media__0__url="nowhere", cost__total="much",
        outcomes__0__value="1", then="submit",
    )  # fmt: skip
    page = ana.read(response)

    targets = {each.get("id") for each in page.all() if each.get("id")}
    links = {each.get("href")[1:] for each in page.all("a") if each.get("href").startswith("#")}
    assert links <= targets


def test_no_id_stands_twice(ana, draft):
    ids = [each.get("id") for each in ana.get(draft).all() if each.get("id")]

    assert len(ids) == len(set(ids))


def test_every_input_has_a_name_for_those_who_do_not_see_it(ana, draft):
    page = ana.get(draft)
    labelled = {label.get("for") for label in page.all("label")}
    within = {id(i) for label in page.all("label") for i in label.all("input")}

    for each in page.all("input", "textarea", "select"):
        if each.get("type") == "hidden":
            continue
        named = each.get("id") in labelled or id(each) in within or each.get("aria-label")
        assert named, each.attributes


def test_saving_over_somebody_elses_change_loses_neither(ana, draft, library):
    page = ana.get(draft)
    ana.send(page, draft, title="First")

    response = ana.send(page, draft, title="Second")

    again = ana.read(response)
    assert response.status_code == 409
    assert again.one("input", id="title").get("value") == "Second"
    assert library.contributing.drafts(owner(library))[0].values["title"] == "First"
    assert ana.send(again, draft, title="Second").status_code == 303


def test_long_texts_and_many_rows_are_saved(ana, draft, library):
    page = ana.get(draft)
    sent = ana.fields(page, draft)
    sent.setlist("body", ["Ω" * 500_000])
    for number in range(300):
        sent.add(f"partners-{number}-name", f"Partner {number}")

    boundary, body = encode_multipart(sent)  # by hand: the client would leave a file open
    kind = f"multipart/form-data; boundary={boundary}"
    response = ana.client.post(draft, data=body, content_type=kind)

    assert response.status_code == 303
    (kept,) = library.contributing.drafts(owner(library))
    assert (len(kept.values["partners"]), len(kept.values["body"])) == (300, 500_000)
    assert ana.client.post(draft, data=sent).status_code == 409


def test_a_draft_saves_itself(ana, draft):
    response = ana.send(ana.get(draft), draft, title="By itself", then="autosave")

    assert response.get_json() == {"version": 2}


def test_the_preview_is_the_page_of_the_case(ana, draft):
    page = ana.get(f"{draft}/preview")

    assert page.one("h1").text == "Housing First"
    assert "Nobody else sees it" in page.text
    assert page.link("Back to the draft") == draft


def test_a_draft_without_title_has_no_preview_but_says_what_is_missing(ana):
    response = ana.client.post(
        "/contribute/drafts", data=ana.fields(ana.get("/contribute"), "/contribute/drafts")
    )

    preview = ana.client.get(f"{response.location}/preview")

    assert preview.status_code == 422
    assert b"Title" in preview.data


def test_from_a_file_to_a_published_case_and_back_to_withdrawn(ana, hand, draft, library, read):
    mia = hand("mia", "moderator")
    ana.send(ana.get(draft), draft, then="submit")
    queue = mia.get("/review")
    assert queue.link("Housing First") == draft
    mia.send(queue, f"/review/{draft.rsplit('/', 1)[1]}/assign")
    assert "Mia" in mia.get("/review").text

    decide = draft.replace("/drafts/", "/review/")
    mia.send(mia.get(draft), decide, decision="ask", text="How many flats?")
    assert "How many flats?" in ana.get(draft).text
    ana.send(ana.get(draft), draft, summary="Homeless people got 600 flats.", then="submit")
    assert mia.send(mia.get(draft), decide, decision="accept").status_code == 303
    library.sync()

    public = ana.client.application.test_client()
    page = read(public.get("/cases/dublin"))
    assert "Homeless people got 600 flats." in page.text
    assert re.search("Contributed by Ana", page.text)
    assert b"/cases/dublin" in public.get("/search?q=flats").data

    history = mia.get("/cases/dublin/history")
    mia.send(history, "/cases/dublin/retire", kind="withdrawn", reason="Asked for by the city.")
    library.sync()
    gone = public.get("/cases/dublin")
    assert gone.status_code == 410
    assert "Housing First" in gone.text
    assert "Asked for by the city." in gone.text
    assert "Homeless" not in gone.text
    told = public.get("/api/v1/cases/dublin").json
    assert (told["case_title"], told["reason"]) == ("Housing First", "Asked for by the city.")
    assert "Withdrawn" in ana.get("/contribute").text


def test_the_moderator_of_a_case_is_never_its_author(hand, library, write_case):
    mia = hand("mia", "moderator")
    upload(mia, ("dublin.md", write_case("dublin").read_bytes()))
    library.contributing.read_next()
    draft = mia.get("/contribute").link("Housing First")
    mia.send(mia.get(draft), draft, then="submit")

    page = mia.get(draft)

    assert not page.all("button", name="decision")
    assert "not you: it is yours" in mia.get("/review").text


def test_the_history_tells_what_a_revision_changed(ana, hand, draft):
    mia = hand("mia", "moderator")
    ana.send(ana.get(draft), draft, then="submit")
    decide = draft.replace("/drafts/", "/review/")
    mia.send(mia.get(draft), decide, decision="accept")
    history = ana.get("/cases/dublin/history")
    response = ana.send(history, "/contribute/drafts")
    new = response.location
    ana.send(ana.get(new), new, title="Housing First, twice", then="submit")
    mia.send(mia.get(new), new.replace("/drafts/", "/review/"), decision="accept")

    page = ana.get("/cases/dublin/history/2")

    assert page.one("ins").text == "First, twice"
    assert page.one("del").text == "First"
    assert not page.all("button")
    assert "Suggest to go back" in ana.get("/cases/dublin/history/1").text


@pytest.mark.parametrize("number", [0, 3, 999999999])
def test_a_revision_that_is_not_there_is_not_found(client, number):
    assert client.get(f"/cases/every-field/history/{number}").status_code == 404


def test_tags_are_judged_by_moderators(hand, library, write_case):
    library.ingest([write_case("dublin", themes='["01.1"]', body="Homeless people. " * 5)])
    library.sync()
    mia = hand("mia", "moderator")
    page = mia.get("/cases/dublin/tags")
    concepts = [each.get("value") for each in page.all("input", name="concept")]
    assert concepts
    form = {"csrf": page.all("input", name="csrf")[0].get("value")}

    mia.client.post(
        "/cases/dublin/tags", data={**form, "concept": concepts[0], "verdict": "rejected"}
    )
    library.sync()

    left = {tag.value for tag in library.page("dublin").tags if tag.origin == "machine"}
    assert concepts[0] not in left


def test_the_contact_of_a_case_says_that_it_still_runs_without_an_account(
    app, hand, library, write_case, read
):
    library.ingest([write_case("dublin")])
    mia = hand("mia", "moderator")
    link = mia.get("/overdue").one("code").text.removeprefix("http://127.0.0.1:8000")
    contact = Hand.__new__(Hand)
    contact.client, contact.read = app.test_client(), read

    answered = contact.send(contact.get(link), link, answer="running", note="")

    assert "Thank you" in read(answered).text
    assert "None." in mia.get("/overdue").text
    assert contact.client.get(link[:-1] + "x").status_code == 410


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_table_for_many_cases_can_be_had(client, kind):
    response = client.get(f"/contribute/template.{kind}")

    assert response.status_code == 200
    assert "attachment" in response.headers["Content-Disposition"]


def test_a_page_of_a_draft_loads_nothing_from_elsewhere(ana, draft):
    page = ana.get(draft)
    loaded = [each.get("src") or each.get("href") for each in page.all("script", "link", "img")]

    assert all(address.startswith(("/static/", "data:", "/opensearch.xml")) for address in loaded)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("sent=1&kept=1", "Your file is kept, and being read."),
        ("sent=3&kept=3", "Your 3 files are kept, and being read."),
        ("sent=3&kept=1", "1 of 3 files could be taken in; see what is said of the others."),
    ],
)
def test_the_page_says_how_many_of_the_files_that_its_script_has_sent_were_taken_in(
    ana, query, sentence
):
    assert sentence in ana.get(f"/contribute?{query}").text


@pytest.mark.parametrize("query", ["sent=3", "sent=0&kept=0", "sent=x&kept=y"])
def test_nothing_is_said_of_files_that_were_not_sent(ana, query):
    assert "taken in" not in ana.get(f"/contribute?{query}").one("main").text


def test_fields_are_named_in_words(app):
    with app.test_request_context():
        assert form.label("outcomes[0].value") == "Outcomes: 1: Value"
        assert form.label("cost.total") == "Cost, as far as it is known: Total"


def test_the_language_of_the_reader_goes_along(ana):
    page = ana.get("/contribute?lang=fi")

    answer = ana.send(page, "/contribute/drafts?lang=fi")

    assert answer.status_code == 303
    assert answer.location.endswith("?lang=fi")
