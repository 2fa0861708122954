"""The pages on which searches are followed, as people with and without an account see them."""

import re

import pytest

from kb.query import Query
from kb.settings import Settings
from tests.kb.taken import record
from tests.web.conftest import page_of
from web import create_app

SMTP = {"smtp": "smtp://127.0.0.1:1", "mail_from": "kb@city.example"}
ASKED = "q=housing&country=IE"


@pytest.fixture
def site(library):
    publish(library, "old")
    return create_app(library, Settings(data=library.settings.data, encoder="off", **SMTP))


@pytest.fixture
def ana(library):
    return library.accounts.create("ana@people.example", "contributor", "Ana")


@pytest.fixture
def client(site, library, ana):
    client = site.test_client()
    client.set_cookie("session", library.accounts.begin_session(ana.id, "test"))
    return client


def publish(library, *case_ids):
    for case_id in case_ids:
        case = record(id=case_id, title=f"Housing {case_id}", country="IE").case
        library._store.save(case, file="", original="", contributor="")
    library.sync()


def send(client, page, address, **fields):
    found = re.search(r'name="csrf" value="(\w+)"', client.get(page).text)
    return client.post(address, data={"csrf": found[1], **fields})


def save(client, query=ASKED, **fields):
    return send(client, f"/follow?{query}", f"/account/searches?{query}", **fields)


def only(client):
    (link,) = [a for h in page_of(client.get("/account/searches")).all("h2") for a in h.all("a")]
    return link


def test_a_result_leads_to_the_ways_of_following_it(site, client):
    found = page_of(client.get(f"/search?{ASKED}&sort=city&page=2"))
    nothing = page_of(client.get("/search?q=xyzzyq"))

    assert found.link("Follow this search") == "/follow?q=housing&country=IE"
    assert nothing.link("Follow this search") == "/follow?q=xyzzyq"
    anyone = page_of(site.test_client().get(f"/follow?{ASKED}&lang=fr"))
    feed = next(a for a in anyone.all("a") if a.get("type") == "application/atom+xml")
    assert feed.text.endswith("/feeds/search.atom?q=housing&country=IE&lang=fr")
    assert client.get(feed.text.partition("8000")[2]).status_code == 200


def test_who_has_not_signed_in_comes_back_to_the_search(site):
    page = page_of(site.test_client().get(f"/follow?{ASKED}"))

    assert page.link("Sign in to save it") == ("/sign-in?next=/follow?q%3Dhousing%26country%3DIE")
    assert not page.all("form", method="post")


def test_a_search_is_saved_and_stands_in_the_list(client):
    answer = save(client, name="Mine", often="weekly")

    assert (answer.status_code, answer.location) == (303, "/account/searches?done=saved")
    page = page_of(client.get(answer.location))
    assert "The search is saved." in page.text
    row = page.one("ul", **{"class": "hits"})
    assert row.one("h2").text == "Mine"
    assert "Cases found for “housing”; Country: Ireland" in row.text
    assert "Nothing new since you looked 1 case" in row.text
    assert "At most one e-mail a week" in row.text


def test_a_search_without_a_hit_can_be_saved(client):
    page = page_of(client.get("/follow?q=xyzzyq"))
    assert "It finds no case now" in page.text

    save(client, "q=xyzzyq")

    assert only(client).text == "Cases found for “xyzzyq”"


def test_opening_a_search_shows_what_is_new_and_then_it_is_not_new_any_more(client, library):
    save(client)
    publish(library, "new-one")
    assert "1 new since you looked" in client.get("/account/searches").text
    link = only(client).get("href")

    first, again = client.get(link), client.get(link)

    for answer in (first, again):
        page = page_of(answer)
        assert [h.text for h in page.all("h3")] == ["Housing new-one"]
        assert page.link("All that it finds: 2 cases") == "/search?q=housing&country=IE"
    assert "Nothing new since you looked" in client.get("/account/searches").text
    assert "Nothing new since you looked" in client.get(only(client).get("href")).text


@pytest.mark.parametrize("since", ["", "x", "-1", "9" * 30, "999999999", "1&since=0"])
def test_a_mark_that_cannot_be_read_hides_nothing_new(client, library, since):
    save(client)
    publish(library, "new-one")
    path = only(client).get("href").partition("?")[0]

    page = page_of(client.get(f"{path}?since={since}"))

    assert "Housing new-one" in [h.text for h in page.all("h3")]


def test_a_search_is_renamed_and_deleted(client):
    save(client)
    path = only(client).get("href").partition("?")[0]

    send(client, "/account/searches", path, name="Other", often="daily")
    assert only(client).text == "Other"
    gone = send(client, "/account/searches", f"{path}/delete")

    assert gone.location == "/account/searches?done=deleted"
    assert "None yet" in client.get(gone.location).text
    assert client.get(path).status_code == 404


def test_what_was_typed_stays_where_it_cannot_be(client):
    wrong = save(client, name="x" * 201, often="daily")
    assert wrong.status_code == 422
    page = page_of(wrong)
    assert page.one("title").text.startswith("Error: ")
    assert page.one("input", id="name").get("value") == "x" * 201
    assert page.one("option", value="daily").attributes.keys() >= {"selected"}
    assert page.link("Use one line of at most 200 characters") == "#name"

    save(client)
    path = only(client).get("href").partition("?")[0]
    wrong = send(client, "/account/searches", path, name="Fine", often="hourly")
    page, search_id = page_of(wrong), path.rpartition("/")[2]
    assert wrong.status_code == 422
    assert page.link("Choose how often e-mail may come") == f"#often-{search_id}"
    assert page.one("input", id=f"name-{search_id}").get("value") == "Fine"
    assert "open" in page.one("details").attributes


@pytest.mark.usefixtures("site")
def test_where_there_is_no_mail_server_it_is_said_and_nothing_asked(library, ana):
    site = create_app(library, Settings(data=library.settings.data, encoder="off"))
    poor = site.test_client()
    poor.set_cookie("session", library.accounts.begin_session(ana.id, "test"))

    page = page_of(poor.get(f"/follow?{ASKED}"))
    save(poor)

    assert "E-mail is not set up on this site" in page.text
    assert not page.all("select")
    assert "E-mail is not set up on this site" in poor.get("/account/searches").text
    assert [each.often for each in library.following.of(ana)] == ["never"]


def test_a_long_list_has_pages_and_a_change_comes_back_to_its_page(client, library, ana):
    for number in range(23):
        library.following.save(ana, Query(f"word{number}"), f"Search {number}", "never")

    first, second = (page_of(client.get(f"/account/searches?page={n}")) for n in (1, 2))

    assert [len(each.all("h2")) for each in (first, second)] == [20, 3]
    assert first.link("Older") == "/account/searches?page=2"
    assert second.link("Newer") == "/account/searches?page=1"
    form = second.all("form", **{"class": "asks"})[0].get("action")
    assert send(client, "/account/searches", form, name="A").location == (
        "/account/searches?done=changed&page=2"
    )


def test_a_letter_that_may_not_have_arrived_is_spoken_of(client, library, ana):
    save(client, often="daily")
    outgoing = library.digests._outgoing
    outgoing.begin(ana.id, 1_800_000_000, ())
    outgoing.interrupt()
    assert "may not have arrived" in client.get("/account/searches").text

    outgoing.begin(ana.id, 1_800_000_000, ())
    outgoing.refuse(ana.id)
    assert "was refused by the mail server" in client.get("/account/searches").text


def test_letters_end_at_a_click_of_a_person_who_has_not_signed_in(site, client, library, ana):
    save(client, often="daily")
    anyone = site.test_client()
    path = f"/no-letters/{ana.id}/{library.digests._links.link(ana.id)}"

    form = page_of(anyone.get(path)).one("form", method="post")
    assert [each.often for each in library.following.of(ana)] == ["daily"]
    done = anyone.post(form.get("action"))

    assert "You get no more e-mail" in done.text
    assert [each.often for each in library.following.of(ana)] == ["never"]


@pytest.mark.parametrize("path", ["/no-letters/{id}/x", "/no-letters/{id}/{secret}0"])
def test_a_link_that_is_cut_off_explains_itself(site, library, ana, path):
    told = path.format(id=ana.id, secret=library.digests._links.link(ana.id))

    for answer in (site.test_client().get(told), site.test_client().post(told)):
        assert answer.status_code == 410
        assert "This link ends no e-mail any more" in answer.text
        assert "saved searches" in answer.text


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=%ff%fe", "q=" + "x" * 2000, "country=%00&country=&size=0&page=" + "9" * 40],
)
def test_whatever_is_asked_can_be_followed(client, query):
    assert client.get(f"/follow?{query}").status_code == 200
    assert save(client, query, name="\x00").status_code == 422
    assert save(client, query, name="\U0001f600").status_code == 303
    assert client.get("/account/searches").status_code == 200
    assert client.get(only(client).get("href")).status_code == 200


def test_a_search_of_somebody_else_is_not_there(client, library):
    ben = library.accounts.create("ben@people.example", "administrator")
    theirs = library.following.save(ben, Query("housing"), "Secret", "never")

    for answer in (
        client.get(f"/account/searches/{theirs.id}"),
        send(client, f"/follow?{ASKED}", f"/account/searches/{theirs.id}", name="Mine"),
        send(client, f"/follow?{ASKED}", f"/account/searches/{theirs.id}/delete"),
    ):
        assert answer.status_code == 404
        assert "Secret" not in answer.text
    assert library.following.of(ben) == (theirs,)
