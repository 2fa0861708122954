"""The log of a whole site at work: a line for each request, and nothing that anybody typed."""

import json
import logging

import pytest

from kb.journal import JsonLines
from kb.settings import Settings
from web import create_app

TYPED = "quackenbushel"
PASSWORD = "Hjmqrtz-xkcd-9187"  # noqa: S105 - of nobody
MAIL = f"{TYPED}@people.example"
AGENT, HERE = "Mozilla/77 (Quackenbushel)", "198.51.100.77"


class Kept(logging.Handler):
    def __init__(self):
        super().__init__()
        self.setFormatter(JsonLines("web"))
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture
def log():
    root, kept = logging.getLogger(), Kept()
    before = root.level
    root.setLevel(logging.INFO)
    root.addHandler(kept)
    yield kept.lines
    root.removeHandler(kept)
    root.setLevel(before)


@pytest.fixture
def client(site):
    made = site.test_client()
    made.environ_base |= {"HTTP_USER_AGENT": AGENT, "REMOTE_ADDR": HERE}
    return made


def requests_in(lines):
    return [read for read in map(json.loads, lines) if read["event"] == "request"]


def test_each_request_has_a_line_with_its_route_and_an_id(client, log):
    answer = client.get(f"/cases/every-field?q={TYPED}")

    (line,) = requests_in(log)
    assert line["route"] == "/cases/<slug:case_id>"
    assert (line["method"], line["status"]) == ("GET", 200)
    assert line["bytes"] == len(answer.data)
    assert line["ms"] >= 0
    assert line["request"] == answer.headers["X-Request-ID"]


def test_an_id_is_ours_and_new_for_each_request(client):
    ids = {client.get("/about", headers={"X-Request-ID": TYPED}).headers["X-Request-ID"]
           for _ in range(3)}  # fmt: skip

    assert len(ids) == 3
    assert TYPED not in ids


def test_a_file_that_is_made_while_it_is_sent_has_its_line_when_it_ends(client, log):
    with client.get("/export/csv") as answer:
        assert answer.data

    assert [each["route"] for each in requests_in(log)] == ["/export/<format_name>"]


@pytest.mark.parametrize(
    "path", ["/search", "/api/v1/cases", "/export/csv", "/feeds/search.atom", "/pictures", "/fit"]
)
def test_no_question_stands_in_the_log(client, log, path):
    asked = {"q": f"{TYPED} {MAIL}", "named": TYPED, "country": TYPED}
    client.get(path, query_string=asked, headers={"Referer": TYPED}).close()

    assert len(requests_in(log)) == 1
    assert nothing_of(log, TYPED, "people.example", HERE, "Mozilla")


def test_nothing_that_somebody_types_stands_in_the_log(library, log):
    app = create_app(library, Settings(rate_api=None))
    client = app.test_client()
    client.environ_base |= {"HTTP_USER_AGENT": AGENT, "REMOTE_ADDR": HERE}
    person = library.accounts.create(MAIL, "contributor", TYPED.title())
    token = library.accounts.make_token(person, TYPED, ("read", "submit"), 1)
    form = {"email": MAIL, "password": PASSWORD, "title": TYPED, "reason": TYPED}
    heads = {"Referer": f"https://x.example/?q={TYPED}", "Authorization": f"Bearer {token}"}
    client.set_cookie("session", PASSWORD)

    for path in addresses(app):
        client.get(path, query_string={"q": MAIL, "next": TYPED}, headers=heads).close()
        client.post(path, data=form, headers=heads).close()
    client.open(f"/{TYPED}", method=TYPED.upper()).close()
    client.get("/", headers={"Host": f"{TYPED}.example"}).close()
    library.contributing.receive(person, f"{TYPED}.md", f"---\n{TYPED}: [".encode())
    library.contributing.read_next()

    assert len(requests_in(log)) > 200
    assert nothing_of(log, TYPED, PASSWORD, "people.example", HERE, "Mozilla", token, person.id)


def addresses(app):
    """Return an address for every route, with what somebody typed wherever something can be."""
    known = {"phase": "learn", "number": 7, "kind": "csv"}
    for rule in app.url_map.iter_rules():
        values = {name: known.get(name, TYPED) for name in rule.arguments}
        yield app.url_map.bind("localhost").build(rule.endpoint, values)


def nothing_of(log, *typed):
    told = "\n".join(log).casefold()
    return not [each for each in typed if each.casefold() in told]


def test_an_error_of_ours_is_told_by_its_place_and_not_by_what_was_asked(library, log):
    app = create_app(library, Settings())

    def view(typed):
        raise ValueError(typed)

    view.needs = ()
    app.add_url_rule("/broken/<typed>", "broken", view)
    app.before_request_funcs[None].pop()  # that of web.access, which lets nobody in there

    answer = app.test_client().get(f"/broken/{TYPED}")

    (line,) = [read for read in map(json.loads, log) if read["level"] == "error"]
    assert answer.status_code == 500
    assert TYPED not in "".join(log)
    assert line["route"] == "/broken/<typed>"
    assert line["error"][0]["type"] == "builtins.ValueError"
    assert line["error"][0]["at"][-1].endswith("view")
    assert line["request"] == answer.headers["X-Request-ID"]
