"""Coming in, staying, going out; and what someone gets who tries it in other ways."""

import email
import re
import time

import pytest

from kb.accounts import Accounts
from kb.permissions import ACTIONS, ROLES, SCOPE_OF, may_ever, scopes_of
from kb.settings import Settings
from tests.postman import post_office
from web import create_app, session
from web.access import inside
from web.errors import STALE_FORM

GOOD = "seven green trams at night"
OTHER = "eleven yellow ferries by day"
WRONG, SHORT = "a wrong password", "short"


@pytest.fixture
def site(library):
    return create_app(library, Settings())


@pytest.fixture
def client(site):
    return site.test_client()


@pytest.fixture
def accounts(library) -> Accounts:
    return library.accounts


@pytest.fixture
def anna(accounts):
    return accounts.set_password(
        accounts.invite("anna@city.example", "contributor", "Anna Nowak"), GOOD
    )


@pytest.fixture
def head(accounts):
    return accounts.create("head@city.example", "administrator")


@pytest.fixture
def as_person(site, accounts):
    """A browser in which someone has signed in."""

    def browser(person):
        client = site.test_client()
        client.set_cookie("session", accounts.begin_session(person.id, "test"))
        return client

    return browser


def form(client, address, *, page="/sign-in", status=None, **fields):
    """Send a form as the page at ``page`` would."""
    found = re.search(r'name="csrf" value="(\w+)"', client.get(page).text)
    answer = client.post(address, data={"csrf": found[1], **fields})
    assert status in {None, answer.status_code}
    return answer


def sign_in(client, password=GOOD, address="anna@city.example", **more):
    return form(client, "/sign-in", email=address, password=password, **more)


# Signing in and out


@pytest.mark.usefixtures("anna")
def test_someone_signs_in_and_out(client, read):
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    page = read(client.get("/account"))
    assert page.one("input", name="name").get("value") == "Anna Nowak"
    assert page.link("Account") == "/account"

    out = form(client, "/sign-out", page="/account")

    assert out.status_code == 303
    assert read(client.get("/about")).link("Sign in") == "/sign-in"
    assert client.get("/account").headers["Location"] == "/sign-in?next=/account"


@pytest.mark.usefixtures("anna")
def test_who_has_signed_in_is_not_asked_again(client):
    sign_in(client)

    assert client.get("/sign-in").headers["Location"] == "/account"
    assert client.get("/sign-in?next=/about").headers["Location"] == "/about"


@pytest.mark.usefixtures("anna")
def test_a_session_that_was_planted_is_not_taken_over(client, accounts):
    client.set_cookie("session", "planted")
    sign_in(client)

    assert client.get_cookie("session").value != "planted"
    assert accounts.session("planted") is None


def test_the_session_before_ends_with_the_next(client, accounts, anna, head):
    secret = accounts.begin_session(head.id, "test")
    client.set_cookie("session", secret)
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/account").text)[1]

    client.post("/sign-in", data={"csrf": token, "email": anna.email, "password": GOOD})

    assert accounts.session(secret) is None
    assert accounts.session(client.get_cookie("session").value) == anna


@pytest.mark.usefixtures("anna")
def test_a_cookie_is_dead_after_signing_out(site, client):
    sign_in(client)
    stolen = client.get_cookie("session").value
    form(client, "/sign-out", page="/account")
    thief = site.test_client()
    thief.set_cookie("session", stolen)

    assert thief.get("/account").status_code == 303


@pytest.mark.parametrize("https", [True, False])
def test_the_cookie_is_kept_from_scripts_and_other_sites(library, anna, https):
    site = create_app(library, Settings(site_url="https://kb.example" if https else ""))
    client = site.test_client()
    with client:
        page = client.get("/sign-in", base_url="https://localhost" if https else None)
        token = re.search(r'name="csrf" value="(\w+)"', page.text)[1]
        answer = client.post(
            "/sign-in",
            data={"csrf": token, "email": anna.email, "password": GOOD},
            base_url="https://localhost" if https else None,
        )
    set_cookies = [*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]

    assert len(set_cookies) == 2
    for each in set_cookies:
        flags = {flag.strip() for flag in each.split(";")[1:]}
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= flags
        assert ("Secure" in flags) == each.startswith("__Host-") == https
        assert "Domain" not in each


# Guessing


@pytest.mark.usefixtures("anna")
def test_the_eleventh_attempt_has_to_wait(client):
    for _ in range(10):
        assert sign_in(client, WRONG).status_code == 422

    answer = sign_in(client)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert client.get("/account").status_code == 303


def told(answer, address):
    """What an answer says, without what was typed and what is random."""
    text = re.sub(r'name="csrf" value="\w+"', "", answer.text).replace(address, "")
    return answer.status_code, text, sorted(answer.headers.keys())


@pytest.mark.parametrize("path", ["/sign-in", "/forgot"])
def test_who_has_an_account_is_told_to_nobody(client, anna, path):
    addresses = (anna.email, "nobody@city.example")
    client.get("/sign-in")

    one, other = (told(form(client, path, email=each, password=WRONG), each) for each in addresses)

    assert one == other


def test_the_time_of_an_answer_tells_nothing_either(client, anna):
    def time_of(address):
        begun = time.perf_counter()
        sign_in(client, WRONG, address)
        return time.perf_counter() - begun

    pairs = [(time_of(anna.email), time_of(f"nobody{n}@city.example")) for n in range(7)]
    known, unknown = (sorted(times)[3] for times in zip(*pairs, strict=True))

    assert 0.5 < known / unknown < 2


# Where one is sent


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "\\/evil.example", "https:evil.example",
     "https://e.example", "/\t/evil.example", "/%0a//evil.example\n", "javascript:alert(1)",
     "evil.example", "///e.example",
     " //e.example", "/a\\b"],
)  # fmt: skip
@pytest.mark.usefixtures("anna")
def test_nobody_is_sent_to_another_site(client, target):
    assert inside(target) == ""
    assert sign_in(client, next=target).headers["Location"] == "/account"


@pytest.mark.usefixtures("anna")
def test_one_is_sent_where_one_wanted_to_go(client, read):
    asked = client.get("/people?x=1&y=ł")
    page = read(client.get(asked.headers["Location"]))
    target = page.one("input", name="next").get("value")

    assert target == "/people?x=1&y=ł"
    assert sign_in(client, next=target).headers["Location"] == "/people?x=1&y=%C5%82"


# Forms of others


def forms(site):
    for rule in site.url_map.iter_rules():
        # Harvesters may ask by POST; nothing is changed by that. A link in a letter proves itself.
        others = ("/api/", "/oai", "/no-letters/")
        if "POST" in rule.methods and not rule.rule.startswith(others):
            values = dict.fromkeys(rule.arguments, "x")
            yield site.url_map.bind("localhost").build(rule.endpoint, values, method="POST")


FORMS = sorted(forms(create_app(None, Settings())))
BAD = {
    "no token": ({}, {}),
    "a wrong token": ({"csrf": "0" * 64}, {}),
    "letters": ({"csrf": "ł"}, {}),
    "from another site": ({"csrf": "right"}, {"Sec-Fetch-Site": "cross-site"}),
    "from a neighbour": ({"csrf": "right"}, {"Sec-Fetch-Site": "same-site"}),
    "another origin": ({"csrf": "right"}, {"Origin": "https://evil.example"}),
    "no origin": ({"csrf": "right"}, {"Origin": "null"}),
    "an origin that is none": ({"csrf": "right"}, {"Origin": "http://[::1"}),
    "an origin that hides another": (
        {"csrf": "right"},
        {"Origin": "http://localhost@evil.example"},
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_form_that_is_not_ours_changes_nothing(site, accounts, head, bad):
    client, secret = site.test_client(), accounts.begin_session(head.id, "test")
    client.set_cookie("session", secret)
    fields, headers = BAD[bad]
    data = {**fields, "csrf": session._derived(secret)} if fields.get("csrf") == "right" else fields

    answers = {address: client.post(address, data=data, headers=headers) for address in FORMS}

    assert {each.status_code for each in answers.values()} == {400}
    assert all(STALE_FORM.title in each.text for each in answers.values())


@pytest.mark.parametrize("address", ["/sign-in", "/forgot", "/sign-out", "/link/x"])
def test_a_form_without_a_session_is_checked_as_well(client, address):
    assert client.post(address, data={"email": "a@b.example"}).status_code == 400
    client.set_cookie("form", "planted by nobody")
    assert client.post(address, data={"csrf": "0" * 64}).status_code == 400


def test_the_value_of_one_session_is_none_in_another(site, accounts, anna, head):
    client = site.test_client()
    client.set_cookie("session", accounts.begin_session(anna.id, "test"))
    others = session._derived(accounts.begin_session(head.id, "test"))

    assert client.post("/account/name", data={"csrf": others}).status_code == 400


def test_a_form_may_come_from_the_public_address_behind_a_proxy(library, anna):
    client = create_app(library, Settings(site_url="http://kb.example")).test_client()
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/sign-in").text)[1]

    answer = client.post(
        "/sign-in",
        data={"csrf": token, "email": anna.email, "password": GOOD},
        headers={"Origin": "http://kb.example", "Sec-Fetch-Site": "same-origin"},
    )

    assert answer.status_code == 303


# Links


def test_the_first_administrator_comes_in(client, accounts):
    link = f"/link/{accounts.first_run()}"
    assert "first administrator" in client.get(link).text
    refused = form(client, link, page=link, email="no address", password=GOOD)
    assert refused.status_code == 422

    answer = form(client, link, page=link, email="h@city.example", name="Head", password=GOOD)

    assert answer.headers["Location"] == "/account"
    assert "h@city.example, administrator" in client.get("/account").text
    assert client.get("/people").status_code == 200


def test_a_link_is_used_up_by_a_password_and_not_by_looking(client, accounts):
    link = f"/link/{accounts.invite('ben@city.example', 'moderator')}"
    assert client.get(link).status_code == client.get(link).status_code == 200
    assert form(client, link, page=link, password=SHORT).status_code == 422
    assert form(client, link, page=link, password=GOOD, name="Ben").status_code == 303

    again = client.get(link)

    assert again.status_code == 410
    assert "does not work any more" in again.text


def test_a_link_gives_no_other_role_than_it_was_made_for(client, accounts):
    link = f"/link/{accounts.invite('ben@city.example', 'contributor')}"
    form(client, link, page=link, password=GOOD, role="administrator", email="x@y.example")

    assert accounts.by_email("ben@city.example").role == "contributor"
    assert accounts.by_email("x@y.example") is None


def wait_for(letters):
    end = time.monotonic() + 10
    while not letters and time.monotonic() < end:
        time.sleep(0.01)
    return email.message_from_bytes(letters[0], policy=email.policy.default)


def test_a_new_password_comes_by_mail(library, anna):
    with post_office() as post:
        server = f"smtp://127.0.0.1:{post.server_address[1]}"
        settings = Settings(smtp=server, mail_from="kb@city.example", site_url="http://kb.example")
        client = create_app(library, settings).test_client()
        answer = form(client, "/forgot", page="/forgot", email=anna.email.upper())
        assert "on its way" in answer.text
        letter = wait_for(post.letters)

    assert letter["To"] == anna.email
    link = re.search(r"http://kb\.example(/link/\S+)", letter.get_content())[1]
    assert form(client, link, page=link, password=OTHER).status_code == 303


def test_an_invitation_comes_by_mail_and_is_not_shown(library, head):
    with post_office() as post:
        server = f"smtp://127.0.0.1:{post.server_address[1]}"
        site = create_app(library, Settings(smtp=server, mail_from="kb@city.example"))
        client = site.test_client()
        client.set_cookie("session", library.accounts.begin_session(head.id, "test"))
        answer = form(client, "/people", page="/people", email="b@c.example", role="moderator")
        letter = wait_for(post.letters).get_content()

    link = re.search(r"/link/\S+", letter)[0]
    assert link not in answer.text
    assert site.test_client().get(link).status_code == 200


def test_an_invitation_that_cannot_be_sent_is_shown(library, head):
    site = create_app(library, Settings(smtp="smtp://127.0.0.1:1", mail_from="kb@city.example"))
    client = site.test_client()
    client.set_cookie("session", library.accounts.begin_session(head.id, "test"))

    answer = form(client, "/people", page="/people", email="b@c.example", role="moderator")

    assert "/link/" in answer.text


# One's own account


def test_one_is_called_and_credited_as_one_says(as_person, accounts, anna):
    client = as_person(anna)
    answer = form(client, "/account/name", page="/account", name="A. N.", credit="City of Łódź")

    assert "Your name is changed" in client.get(answer.headers["Location"]).text
    assert accounts.credits() == {anna.id: "City of Łódź"}


def test_another_password_ends_every_other_session(as_person, anna):
    client, other = as_person(anna), as_person(anna)
    before = client.get_cookie("session").value
    wrong = form(client, "/account/password", page="/account", old="wrong", password=OTHER)
    assert wrong.status_code == 422

    form(client, "/account/password", page="/account", old=GOOD, password=OTHER)

    assert client.get("/account").status_code == 200
    assert client.get_cookie("session").value != before
    assert other.get("/account").status_code == 303


def test_a_token_is_shown_once_and_can_be_revoked(as_person, accounts, anna, read):
    client = as_person(anna)
    answer = form(
        client, "/account/tokens", page="/account", label="script", scopes="read", days="30"
    )
    secret = read(answer).one("input", id="token").get("value")
    assert accounts.by_token(secret) == (anna, {"read"})
    assert secret not in client.get("/account").text
    (token,) = accounts.tokens(anna.id)

    form(client, f"/account/tokens/{token.id}/revoke", page="/account")

    assert accounts.by_token(secret) is None


def test_a_contributor_gets_no_token_that_reviews(as_person, accounts, anna):
    client = as_person(anna)
    form(client, "/account/tokens", page="/account", label="x", scopes="review", days="30",
         status=422)  # fmt: skip

    assert accounts.tokens(anna.id) == ()


def test_one_can_sign_out_everywhere(as_person, anna):
    client, other = as_person(anna), as_person(anna)
    form(client, "/account/sign-out-everywhere", page="/account")

    assert client.get("/account").status_code == other.get("/account").status_code == 303


def test_one_gets_what_is_known_of_one(as_person, anna):
    answer = as_person(anna).get("/account/export")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.json["person"]["email"] == "anna@city.example"


def test_one_is_erased_after_saying_so_twice(as_person, accounts, anna):
    client = as_person(anna)
    form(client, "/account/erase", page="/account", confirm=GOOD, status=422)
    form(client, "/account/erase", page="/account", sure="yes", confirm="wrong", status=422)
    assert accounts.by_email(anna.email)

    form(client, "/account/erase", page="/account", sure="yes", confirm=GOOD, credited="keep")

    assert accounts.by_email(anna.email) is None
    assert accounts.credits() == {anna.id: "Anna Nowak"}
    assert client.get("/account").status_code == 303


# People


def test_an_administrator_invites_someone_by_a_link(site, as_person, head, read):
    answer = form(as_person(head), "/people", page="/people", email="ben@city.example",
                  name="Ben", role="moderator")  # fmt: skip
    link = read(answer).one("input", id="link").get("value")

    assert "ben@city.example" in site.test_client().get(link).text


def test_an_administrator_gives_another_role(as_person, accounts, anna, head):
    hers = as_person(anna)
    client = as_person(head)
    form(client, f"/people/{anna.id}/role", page="/people", role="moderator")

    assert accounts.person(anna.id).role == "moderator"
    assert hers.get("/account").status_code == 303
    form(client, f"/people/{anna.id}/role", page="/people", role="king", status=422)


def test_the_only_administrator_stays(as_person, head):
    client = as_person(head)
    for address in (f"/people/{head.id}/role", f"/people/{head.id}/close"):
        refused = form(client, address, page="/people", role="contributor", status=422)
        assert "only administrator" in refused.text


def test_an_administrator_closes_an_account(as_person, anna, head):
    hers, client = as_person(anna), as_person(head)
    form(client, f"/people/{anna.id}/close", page="/people")

    assert hers.get("/account").status_code == 303
    form(client, f"/people/{anna.id}/link", page="/people", status=422)
    form(client, "/people/nobody/close", page="/people", status=404)


def test_the_record_says_who_did_what(as_person, anna, head, read):
    client = as_person(head)
    form(client, f"/people/{anna.id}/role", page="/people", role="moderator")

    row = read(client.get("/audit")).all("tr")[1].text

    assert "head@city.example person.role Anna Nowak contributor to moderator" in row
    assert client.get("/audit?before=1").status_code == 200
    assert client.get("/audit?before=-1").status_code == 200
    assert client.get("/audit?before=" + "9" * 40).status_code == 200


# Programs


@pytest.fixture
def api(library):
    """A site with a route of the API for each action."""
    site = create_app(library, Settings())
    for action in ACTIONS:
        site.add_url_rule(
            f"/api/v1/test/{action}",
            f"test.{action}",
            session.needs(action)(lambda: session.person().email),
            methods=["GET", "POST"],
        )
    return site


@pytest.mark.parametrize(("role", "scope"), [(r, s) for r in ROLES for s in scopes_of(r)])
def test_a_token_does_what_its_scope_and_its_owner_may(api, accounts, role, scope):
    person = accounts.create(f"{role}@city.example", role)
    token = accounts.make_token(person, "test", [scope], 1)
    client, headers = api.test_client(), {"Authorization": f"Bearer {token}"}

    for action in ACTIONS:
        answer = client.post(f"/api/v1/test/{action}", headers=headers)
        allowed = SCOPE_OF.get(action) == scope and may_ever(role, action)
        assert answer.status_code == (200 if allowed else 403), action
        assert answer.headers["Cache-Control"] in {"private, no-store", "no-store"}


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer ", "Bearer kb_x", "Basic YTpi", "kb_x"])
def test_without_a_token_that_works_a_program_is_asked_for_one(api, sent):
    answer = api.test_client().get("/api/v1/test/upload", headers={"Authorization": sent})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["title"] == "You have to sign in first"


def test_a_revoked_token_works_no_more(api, accounts, anna):
    headers = {"Authorization": f"Bearer {accounts.make_token(anna, 'x', ['submit'], 1)}"}
    client = api.test_client()
    assert client.post("/api/v1/test/upload", headers=headers).text == anna.email
    accounts.revoke(anna.id, accounts.tokens(anna.id)[0].id)

    assert client.post("/api/v1/test/upload", headers=headers).status_code == 401


def test_a_cookie_opens_nothing_in_the_api_and_a_token_no_page(api, accounts, anna):
    client = api.test_client()
    client.set_cookie("session", accounts.begin_session(anna.id, "test"))
    assert client.post("/api/v1/test/upload").status_code == 401

    token = accounts.make_token(anna, "x", ["read", "submit"], 1)
    headers = {"Authorization": f"Bearer {token}"}
    assert api.test_client().get("/account", headers=headers).status_code == 303


# Caches


def test_what_is_for_one_reader_is_kept_by_nobody(as_person, anna, client):
    for answer in (
        as_person(anna).get("/account"),
        as_person(anna).get("/about"),
        client.get("/sign-in"),
    ):
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "Cookie" in answer.headers["Vary"]


def test_public_pages_are_answered_without_accounts():
    client = create_app(None, Settings()).test_client()  # no library at all

    answer = client.get("/about")

    assert answer.status_code == 200
    assert "Cache-Control" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_a_session_does_not_keep_files_from_being_cached(as_person, anna):
    with as_person(anna).get("/static/app.css") as answer:
        assert "private" not in answer.headers["Cache-Control"]


# Pages


@pytest.fixture
def pages(client, as_person, accounts, anna, head):
    """Every page of this part, as it is first seen and with something wrong."""
    hers, theirs = as_person(anna), as_person(head)
    link = f"/link/{accounts.invite('ben@city.example', 'moderator')}"
    return {
        "sign in": client.get("/sign-in"),
        "sign in wrong": sign_in(client, "wrong"),
        "forgot": client.get("/forgot"),
        "link": client.get(link),
        "link wrong": form(client, link, page=link, password=SHORT),
        "link used": client.get("/link/x"),
        "account": hers.get("/account"),
        "account name": form(hers, "/account/name", page="/account", name="x" * 300),
        "account token": form(hers, "/account/tokens", page="/account", label="", days="1"),
        "account made": form(
            hers, "/account/tokens", page="/account", label="x", scopes="read", days="1"
        ),
        "account erase": form(hers, "/account/erase", page="/account"),
        "people": theirs.get("/people"),
        "people wrong": form(theirs, "/people", page="/people", email="x"),
        "people role": form(theirs, f"/people/{anna.id}/role", page="/people", role="x"),
        "audit": theirs.get("/audit"),
        "forbidden": hers.get("/people"),
    }


def test_pages_of_accounts_hang_together(pages, read):
    for name, answer in pages.items():
        page = read(answer)
        elements = [each for each in page.all() if each.get("id")]
        ids = [each.get("id") for each in elements]
        inside_page = [a.get("href")[1:] for a in page.all("a") if a.get("href").startswith("#")]
        described = " ".join(each.get("aria-describedby") for each in page.all()).split()
        named = [each.get(n) for each in page.all() for n in ("for", "aria-labelledby")]
        levels = [int(h.tag[1]) for h in page.all("h1", "h2", "h3")]

        assert len(ids) == len(set(ids)), name
        assert {*inside_page, *described, *filter(None, named)} <= set(ids), name
        assert levels.count(1) == 1, name
        assert not [each for each in page.all() if "style" in each.attributes], name


def test_every_input_has_a_label_and_helps_to_fill_it_in(pages, read):
    for name, answer in pages.items():
        page = read(answer)
        labels = {label.get("for") for label in page.all("label")}
        wrapped = [i for label in page.all("label") for i in label.all("input")]
        for each in page.all("input", "select"):
            if each.get("type") in {"hidden", "search"}:
                continue
            assert each.get("id") in labels or each in wrapped or each.get("aria-label"), name
            if each.get("type") == "password":
                assert each.get("autocomplete") in {"current-password", "new-password"}, name
            assert "onpaste" not in each.attributes


def test_what_is_wrong_is_said_at_the_top_and_at_the_field(pages, read):
    for name in ("sign in wrong", "link wrong", "account token", "people wrong", "people role"):
        page = read(pages[name])
        assert pages[name].status_code == 422, name
        assert page.one("title").text.startswith("Error: "), name
        summary = page.all("section", role="alert")
        target = summary[0].all("a")[0].get("href")[1:]
        assert page.one(id=target), name


def test_what_was_typed_is_still_there_but_no_password(pages, read):
    page = read(pages["sign in wrong"])

    assert page.one("input", name="email").get("value") == "anna@city.example"
    assert "value" not in page.one("input", name="password").attributes
