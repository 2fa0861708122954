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
    before, root.level = root.level, logging.INFO
    root.addHandler(kept)
    yield kept.lines
    root.removeHandler(kept)
    root.level = before


@pytest.fixture
def app(library, write_case):
    library.ingest([write_case("a-case")])
    library.sync()
    return create_app(library, Settings(rate_api=None))


@pytest.fixture
def client(app):
    made = app.test_client()
    made.environ_base |= {"HTTP_USER_AGENT": AGENT, "REMOTE_ADDR": HERE}
    return made


def requests_in(lines):
    return [read for read in map(json.loads, lines) if read["event"] == "request"]


def test_each_request_has_a_line_with_its_route_and_an_id(client, log):
    answer = client.get(f"/cases/a-case?q={TYPED}")

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


def test_nothing_that_somebody_types_stands_in_the_log(client, app, log):
    library = app.extensions["library"]
    person = library.accounts.create(MAIL, "contributor", TYPED.title())
    token = library.accounts.make_token(person, TYPED, ("read", "submit"), 1)
    form = {"email": MAIL, "password": PASSWORD, "title": TYPED, "reason": TYPED}
    heads = {"Referer": f"https://x.example/?q={TYPED}", "Cookie": f"session={PASSWORD}"}
    bearer = {"Authorization": f"Bearer {token}"}

    for rule in app.url_map.iter_rules():
        values = dict.fromkeys(rule.arguments - {"number"}, TYPED) | (
            {"number": 7} if "number" in rule.arguments else {}
        )
        path = app.url_map.bind("localhost").build(rule.endpoint, values, append_unknown=False)
        for more in (heads, bearer):
            client.get(
                path, query_string={"q": f"{TYPED} {MAIL}", "next": TYPED}, headers=more
            ).close()
            client.post(path, data=form, headers=more).close()
    client.open(f"/{TYPED}", method=TYPED.upper()).close()
    client.get("/", headers={"Host": f"{TYPED}.example"}).close()
    library.contributing.receive(person, f"{TYPED}.md", f"---\n{TYPED}: [".encode())
    library.contributing.read_next()

    told = "\n".join(log).casefold()
    assert len(requests_in(log)) > 4 * 100
    for typed in (TYPED, PASSWORD, "people.example", HERE, "Mozilla", token, person.id):
        assert typed.casefold() not in told


def test_an_error_of_ours_is_told_by_its_place_and_not_by_what_was_asked(app, log):
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
