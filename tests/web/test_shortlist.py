"""A shortlist without an account: kept by the reader, never lost in silence, never overwritten."""

import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.shortlist import Entry, Shortlist
from tests.web.conftest import page_of
from web import create_app
from web.kept import DAYS, MOST_BYTES, kept, seal

DUBLIN, HELSINKI, LODZ = "housing-first-dublin", "helsinki-asunto-ensin", "latarnicy-lodz"
OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form on a page of ours."""


class Reader:
    """Someone with a browser and no account."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def add(self, *cases: str):
        for case in cases:
            answer = self.client.post(f"/shortlist/{case}/add", headers=OURS)
        return answer

    def send(self, path: str, **data: str):
        page = page_of(self.client.get("/shortlist?cases=" + DUBLIN))
        token = page.all("input", name="csrf")[0].get("value")
        return self.client.post(path, data={"csrf": token, **data})

    def do(self, case: str, do: str, note: str = ""):
        return self.send(f"/shortlist/{case}", do=do, note=note)

    def page(self):
        return page_of(self.client.get("/shortlist"))

    @property
    def cases(self) -> list[str]:
        rows = self.page().all("li")
        return [row.get("id").removeprefix("entry-") for row in rows if row.get("id")]


@pytest.fixture
def reader(client) -> Reader:
    return Reader(client)


def cookie_of(client) -> str:
    found = client.get_cookie("__Host-shortlist", domain="localhost")
    return found.value if found else ""


def note(page, case_id: str) -> str:
    return page.one("textarea", id=f"note-{case_id}").raw.removeprefix("\n")


def test_reading_a_case_sets_no_cookie_and_may_be_kept_by_caches(client):
    headers = client.get(f"/cases/{DUBLIN}").headers

    assert "Set-Cookie" not in headers
    assert "no-store" not in headers.get("Cache-Control", "")


def test_a_case_is_put_on_the_list_from_its_page(reader, read):
    answer = reader.add(DUBLIN)

    assert answer.status_code == 303
    page = read(reader.client.get(answer.headers["Location"]))
    assert page.link("your shortlist") == "/shortlist"
    assert page.link("Shortlist (1)") == "/shortlist"
    assert reader.cases == [DUBLIN]


def test_the_cookie_is_for_us_alone_and_stays_a_while(reader):
    told = reader.add(DUBLIN).headers["Set-Cookie"]

    assert {"HttpOnly", "SameSite=Lax", "Secure"} <= set(told.split("; "))
    assert f"Max-Age={DAYS * 24 * 3600}" in told


def test_no_cache_may_show_a_page_with_a_list_to_others(reader):
    reader.add(DUBLIN)

    headers = reader.client.get("/about").headers
    assert headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in headers["Vary"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_no_other_site_puts_something_on_a_list(client, headers):
    answer = client.post(f"/shortlist/{DUBLIN}/add", headers=headers)

    assert answer.status_code == 400
    assert not cookie_of(client)


def test_nothing_else_is_changed_without_the_value_of_our_form(reader):
    reader.add(DUBLIN)

    for path, do in ((f"/shortlist/{DUBLIN}", "remove"), ("/shortlist", "clear")):
        answer = reader.client.post(path, data={"do": do}, headers=OURS)
        assert answer.status_code == 400
    assert reader.cases == [DUBLIN]


def test_without_cookies_the_reader_is_told_and_shown_a_way(client, read):
    page = read(client.get(f"/cases/{DUBLIN}?listed=yes"))

    assert page.link("a list as a link") == f"/shortlist?cases={DUBLIN}"


@pytest.mark.parametrize(("case", "status"), [("not-here", 404), ("UPPER", 404)])
def test_what_is_no_case_cannot_be_added(client, case, status):
    assert client.post(f"/shortlist/{case}/add", headers=OURS).status_code == status


def test_cases_move_and_go_and_the_list_is_emptied(reader):
    reader.add(DUBLIN, HELSINKI, LODZ)

    assert reader.do(LODZ, "up").headers["Location"] == f"/shortlist#entry-{LODZ}"
    assert reader.cases == [DUBLIN, LODZ, HELSINKI]
    reader.do(DUBLIN, "down")
    assert reader.cases == [LODZ, DUBLIN, HELSINKI]
    reader.do(DUBLIN, "remove")
    assert reader.cases == [LODZ, HELSINKI]
    reader.send("/shortlist", do="clear")
    assert reader.cases == []
    assert not cookie_of(reader.client)


def test_a_note_that_is_being_written_is_kept_when_its_case_is_moved(reader):
    reader.add(DUBLIN, HELSINKI)

    reader.do(DUBLIN, "down", note="Ρωτήστε\r\n<b>τους</b>")

    assert note(reader.page(), DUBLIN) == "Ρωτήστε\n<b>τους</b>"
    assert reader.cases == [HELSINKI, DUBLIN]


def test_a_note_that_is_too_long_stays_in_its_field_and_the_list_as_it_was(reader, read):
    reader.add(DUBLIN)
    reader.do(DUBLIN, "save", note="short")

    answer = reader.do(DUBLIN, "save", note="x" * 501)

    assert answer.status_code == 422
    page = read(answer)
    assert "500 characters, and this one has 501; shorten it." in page.one("p", id="wrong").text
    assert note(page, DUBLIN) == "x" * 501
    assert page.one("title").text.startswith("Error: ")
    assert note(reader.page(), DUBLIN) == "short"


def test_a_list_that_fills_the_cookie_says_so_and_loses_nothing(reader):
    reader.add(DUBLIN, HELSINKI, LODZ, "every-field", "esek-karditsa", "b-mincome-barcelona")
    # Letters that cannot be made shorter.
    dice = random.Random(7)  # noqa: S311 - no secret
    texts = ["".join(chr(dice.randrange(0x4E00, 0x9FFF)) for _ in range(500)) for _ in range(6)]
    answers = [
        reader.do(case, "save", note=text) for case, text in zip(reader.cases, texts, strict=True)
    ]

    refused = [answer for answer in answers if answer.status_code == 422]
    assert refused
    assert "and this is too much; shorten a note" in refused[0].text
    assert 0 < len(cookie_of(reader.client)) <= MOST_BYTES
    kept_notes = [each.raw for each in reader.page().all("textarea") if each.raw.strip()]
    assert len(kept_notes) == len(answers) - len(refused)


BROKEN = {
    "another signature": lambda cookie: cookie[:-3] + "AAA",
    "another list": lambda cookie: "x" + cookie,
    "nothing": lambda _: "",
    "strange letters": lambda _: "é" * 9,
    "dots": lambda _: "." * 4000,
    "half of it": lambda cookie: cookie[: len(cookie) // 2],
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
def test_a_cookie_that_is_not_ours_is_an_empty_list_with_a_kind_word(reader, change):
    reader.add(DUBLIN)
    sealed = change(cookie_of(reader.client))
    reader.client.set_cookie("__Host-shortlist", sealed, domain="localhost")

    answer = reader.client.get("/shortlist")

    assert answer.status_code == 200
    assert ("cannot be read any more" in answer.text) == bool(sealed)
    assert reader.client.get("/about").status_code == 200


def test_a_cookie_that_is_too_old_is_an_empty_list_with_a_kind_word(reader, monkeypatch):
    reader.add(DUBLIN)
    later = time.time() + (DAYS + 1) * 24 * 3600
    monkeypatch.setattr("time.time", lambda: later)

    assert "too old to be kept" in reader.client.get("/shortlist").text


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    sealed=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60),
    cases=st.text(max_size=60),
)
def test_no_cookie_and_no_address_breaks_the_page(site, sealed, cases):
    client = site.test_client()
    headers = {"Cookie": f"__Host-shortlist={sealed}".encode("utf-8", "replace").decode("latin-1")}

    for query in ({}, {"cases": cases, "notes": sealed}):
        with client.get("/shortlist", query_string=query, headers=headers) as answer:
            assert answer.status_code == 200


# Lists that others have sent


def shared_links(page) -> list[str]:
    links = [a.get("href") for a in page.all("a") if "/shortlist?cases=" in a.get("href")]
    return [urlsplit(link).path + "?" + urlsplit(link).query for link in links]


def test_a_link_shows_others_the_list_and_changes_nothing_of_theirs(reader, site):
    reader.add(DUBLIN, LODZ)
    reader.do(LODZ, "save", note="Ask about the staff.")
    plain, with_notes = shared_links(reader.page())
    other = Reader(site.test_client())
    other.add(HELSINKI)

    assert "Ask about the staff." not in other.client.get(plain).text
    assert "Ask about the staff." in other.client.get(with_notes).text
    assert plain == f"/shortlist?cases={DUBLIN},{LODZ}"
    assert other.cases == [HELSINKI]


def keep(reader, page):
    form = page.one("form", action="/shortlist")
    data = {each.get("name"): each.get("value") for each in form.all("input")}
    return reader.client.post("/shortlist", data={**data, "do": "keep"})


def test_who_has_no_list_keeps_the_one_that_was_sent_with_its_notes(reader, site, read):
    reader.add(DUBLIN, LODZ)
    reader.do(LODZ, "save", note="Ask.")
    other = Reader(site.test_client())
    page = read(other.client.get(shared_links(reader.page())[1]))

    assert page.one("button").text == "Keep as my shortlist"
    assert keep(other, page).headers["Location"] == "/shortlist?done=kept"
    assert other.cases == [DUBLIN, LODZ]
    assert note(other.page(), LODZ) == "Ask."


def test_who_has_a_list_adds_to_it_and_their_notes_stay(reader, site, read):
    reader.add(DUBLIN, LODZ)
    reader.do(LODZ, "save", note="Theirs.")
    other = Reader(site.test_client())
    other.add(HELSINKI, LODZ)
    other.do(LODZ, "save", note="Mine.")

    page = read(other.client.get(shared_links(reader.page())[1]))
    keep(other, page)

    assert page.one("button").text == "Add these to my shortlist"
    assert other.cases == [HELSINKI, LODZ, DUBLIN]
    assert note(other.page(), LODZ) == "Mine."


def test_a_list_that_does_not_fit_beside_ones_own_changes_nothing(site, read):
    with site.test_request_context():
        own = seal(Shortlist(tuple(Entry(f"case-{n}") for n in range(30))))
    other = Reader(site.test_client())
    other.client.set_cookie("__Host-shortlist", own, domain="localhost")

    answer = keep(other, read(other.client.get(f"/shortlist?cases={DUBLIN}")))

    assert answer.status_code == 422
    assert "holds at most 30 cases; remove some" in answer.text
    assert cookie_of(other.client) == own


def test_what_is_not_here_is_told_and_what_is_too_many_too(client, read):
    many = ",".join([DUBLIN, "not-here", "<b>", *(f"no-{n}" for n in range(40))])

    page = read(client.get(f"/shortlist?cases={many}"))

    assert page.one("button", name="do").text == "Keep as my shortlist"
    assert "The case not-here is not in this knowledge base." in page.text
    assert "The case <b> is not in this knowledge base." in page.text
    assert "13 more of the address are left out" in page.text


def test_notes_that_were_cut_off_are_told_and_the_cases_are_shown(client):
    answer = client.get(f"/shortlist?cases={DUBLIN}&notes=eJyLVkpU0lGKBQAJ")

    assert "may have been cut off" in answer.text
    assert "Dublin Housing First" in answer.text


def test_a_withdrawn_case_is_told_by_its_tombstone_and_can_be_removed(library, write_case):
    library.ingest([write_case("stays"), write_case("goes", title="A case that goes")])
    mia = library.accounts.create("mia@people.example", "moderator", "Mia")
    site = create_app(library, library.settings)
    reader = Reader(site.test_client())
    reader.add("stays", "goes")
    library.contributing.retire(mia, "goes", "withdrawn", "It was not so.")

    told = "“A case that goes” has been withdrawn: It was not so."
    assert told in reader.page().text
    assert told in reader.client.get("/shortlist?cases=goes").text
    assert told in reader.client.get("/compare?case=goes&case=stays").text
    assert told in reader.client.get("/brief?case=goes&case=stays").text
    assert client_status(reader, "/brief.docx?case=goes&case=stays") == 200
    page = page_of(reader.client.get("/shortlist"))
    token = page.all("input", name="csrf")[0].get("value")
    reader.client.post("/shortlist/goes", data={"do": "remove", "csrf": token})
    assert reader.cases == ["stays"]


def client_status(reader, path: str) -> int:
    with reader.client.get(path) as answer:
        return answer.status_code


def test_an_archived_case_can_still_be_read_and_is_told_as_such(library, write_case):
    library.ingest([write_case("old")])
    mia = library.accounts.create("mia@people.example", "moderator", "Mia")
    library.contributing.retire(mia, "old", "archived", "Nobody answers.")
    client = create_app(library, library.settings).test_client()

    assert "This case is archived" in client.get("/brief?case=old").text


def test_several_processes_open_each_others_lists(site_library, site):
    def sealed(_):
        with site.test_request_context():
            return seal(Shortlist((Entry(DUBLIN),)))

    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(sealed, range(4)))
    again = create_app(site_library, site_library.settings)
    for text in texts:
        with again.test_request_context(headers={"Cookie": f"shortlist={text}"}):
            assert kept().shortlist.ids == (DUBLIN,)


def test_the_link_in_the_frame_is_one_short_link(client):
    shown = re.findall(r"<a[^>]*>Shortlist[^<]*</a>", client.get("/search").text)

    assert shown == ['<a href="/shortlist">Shortlist</a>']
