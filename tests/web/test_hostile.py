"""Whatever somebody writes stays text: on no page on which it is shown is anything of it live."""

import json
import os
import re
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from kb.errors import AccountError
from kb.form import by_name
from kb.intake import case_in
from kb.library import open_library
from kb.settings import Settings
from tests.web.conftest import page_of
from web import create_app

PAYLOADS = (
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</option></select><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mi//xlink:href='data:x,<script>alert(4)</script>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](//evil.example/a)",
    '![x](x" onerror="alert(1))',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "{: onclick=alert(1) }",
    '" onmouseover="alert(1)" x="',
    "' onmouseover='alert(1)' x='",
    '"><b onclick=alert(1)>b</b>',
    "`><img src=x onerror=alert(1)>`",
    "{{7*7}}{% raw %}${7*7}#{7*7}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "evil\u202etxt.exe\u2066x",
    "<style>@import 'https://evil.example/a.css';</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'><link rel=stylesheet href=//evil.example/a.css>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;",
)
ADDRESSES = ("https://a.example/'onmouseover='alert(1)", 'doi:10.1/"><script>alert(1)</script>')
EXAMPLES = 5 * int(os.environ.get("KB_KILLS", "5"))
LINKS = re.compile(r"(?:https?://|mailto:|/(?!/)|#|\?|$)")
NEVER = {"iframe", "object", "embed", "base", "style", "svg", "math", "img", "noscript", "animate"}


def is_harmless(page, but=frozenset()) -> bool:
    """Hold a page to what our own templates write, whatever stands in it."""
    for each in page.all():
        assert each.tag not in NEVER - but, each.tag
        assert not [name for name in each.attributes if name.startswith("on") or name == "style"]
        assert each.tag != "script" or is_ours(each)
        assert each.tag != "meta" or not each.get("http-equiv")
        for name in ("href", "src", "action", "formaction", "xlink:href"):
            assert LINKS.match(each.get(name)), each.attributes
        assert each.tag != "form" or each.get("action").startswith("/")
    return True


def is_ours(script) -> bool:
    """Tell whether a script is a file of the site, or nothing but data."""
    if script.get("type") == "application/ld+json":
        return "<" not in script.raw and bool(json.loads(script.raw))
    return script.get("src").startswith("/static/") and not script.raw.strip()


class Scene:
    """A site in which four people write nothing but what is meant to do harm."""

    def __init__(self, folder, case):
        self.library = open_library(Settings(data=folder / "data", encoder="off"))
        self.app = create_app(self.library, Settings())
        self.app.testing = True
        self.case = case
        self.library.sync()
        roles = {"ana": "contributor", "mia": "moderator", "zoe": "administrator"}
        self.people = {
            name: self.library.accounts.create(f"{name}@people.example", role, name.title())
            for name, role in roles.items()
        }
        self.clients = {"nobody": self.app.test_client()}
        for name, person in self.people.items():
            self.clients[name] = self.app.test_client()
            secret = self.library.accounts.begin_session(person.id, "test")
            self.clients[name].set_cookie("session", secret)

    def draft(self, payload: str, number: int, case_id: str = ""):
        work, ana = self.library.contributing, self.people["ana"]
        draft = work.revise(ana, case_id) if case_id else work.begin(ana)
        return work.write(ana, draft.id, draft.version, self.values(payload, number))

    def values(self, payload: str, number: int):
        line = " ".join(payload.split())
        return {
            **self.case,
            "id": f"case-{number}",
            **dict.fromkeys(("title", "title_en"), payload[:150]),
            "city": payload[:100],
            **dict.fromkeys(("summary", "challenge", "solution", "body", "body_en"), payload),
            **dict.fromkeys(("summary_en", "challenge_en", "solution_en"), payload),
            "lau": line,
            "lead_organisation": {"name": line, "type": "municipality"},
            "partners": [{"name": line, "role": "delivery"}],
            "participation_level": {"level": "consult", "who": line},
            "outcomes": [{"indicator": line, "value": line, "unit": line, "source": "s1"}],
            "cost": {"total": "1", "note": payload},
            "conditions": [{"code": "unknown", "text": payload}],
            "barriers_and_failures": [{"code": "unknown", "text": payload, "changed": payload}],
            "sources_and_media": [
                {"id": f"s{n}", "url": url, "title": line} for n, url in enumerate(ADDRESSES, 1)
            ],
            "contact": {"organisation": line},
            "mood": payload,
        }

    def pages(self, who: str, *paths: str):
        for path in paths:
            response = self.clients[who].get(path)
            assert response.status_code == 200, (path, response.status_code)
            yield page_of(response)


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    from tests.conftest import COMPLETE

    folder = tmp_path_factory.mktemp("hostile")
    block = "\n".join(f"{key}: {value}" for key, value in {"id": "a", **COMPLETE}.items())
    case = case_in("a.md", f"---\n{block}\n---\n\nText.\n".encode()).as_dict()
    scene = Scene(folder, case)
    yield scene
    scene.library.close()


@pytest.fixture(scope="module")
def published(scene):
    """Bring every payload all the way to two revisions of a case; return the ids of the cases."""
    work, ana, mia = scene.library.contributing, scene.people["ana"], scene.people["mia"]
    ids = []
    for number, payload in enumerate(PAYLOADS):
        draft = scene.draft(payload, number)
        draft = work.submit(ana, draft.id, draft.version)
        work.comment(mia, draft.id, "title", payload)
        work.comment(mia, draft.id, payload, payload)
        draft = work.ask_for_changes(mia, draft.id, draft.version, payload)
        draft = work.submit(ana, draft.id, draft.version)
        ids.append(work.accept(mia, draft.id, draft.version).case.id)
        again = scene.draft(f"{payload} {payload}", number, ids[-1])
        again = work.submit(ana, again.id, again.version)
        work.accept(mia, again.id, again.version)
    scene.library.sync()
    return ids


@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_on_the_pages_of_a_draft_nothing_of_it_is_live(scene, number):
    payload, work = PAYLOADS[number], scene.library.contributing
    ana, mia = scene.people["ana"], scene.people["mia"]
    draft = scene.draft(payload, number)
    path = f"/drafts/{draft.id}"

    mine, preview, _ = scene.pages("ana", path, f"{path}/preview", "/contribute")

    assert is_harmless(mine)
    assert is_harmless(preview)
    shown = mine.one("textarea", id="summary").raw.removeprefix("\n")
    assert shown.replace("\r", "") == payload
    draft = work.submit(ana, draft.id, draft.version)
    work.comment(mia, draft.id, "", payload)
    work.comment(mia, draft.id, "title", payload)
    reviewed, queue = scene.pages("mia", path, "/review")
    assert is_harmless(reviewed)
    assert is_harmless(queue)
    assert " ".join(payload.split()) in reviewed.text
    work.decline(mia, draft.id, draft.version, payload)
    assert all(map(is_harmless, scene.pages("ana", path, "/contribute")))


def test_on_the_public_pages_of_a_case_nothing_of_it_is_live(scene, published):
    for case_id in published:
        path = f"/cases/{case_id}"
        history = (f"{path}/history", f"{path}/history/1", f"{path}/history/2")
        for lang in ("", "?lang=en", "?lang=sv"):
            assert all(map(is_harmless, scene.pages("nobody", f"{path}{lang}")))
        assert all(map(is_harmless, scene.pages("nobody", *history)))
        assert all(map(is_harmless, scene.pages("mia", *history, f"{path}/tags")))


def test_in_lists_nothing_of_a_case_is_live(scene, published):
    lists = ("/search", "/search?size=100", "/search?q=alert", "/search?q=script+onerror", "/")
    mine = scene.library.contributing
    link = mine.verifying.link(published[0])

    assert all(map(is_harmless, scene.pages("nobody", *lists)))
    assert all(map(is_harmless, scene.pages("mia", *lists, "/overdue", "/review")))
    assert all(map(is_harmless, scene.pages("zoe", "/people", "/audit")))
    still = [f"/cases/{published[0]}/still-running/{link}"]
    assert all(map(is_harmless, scene.pages("nobody", *still)))


def test_programs_get_it_as_it_was_written_and_not_as_a_page(scene, published):
    client = scene.clients["nobody"]
    for number, case_id in enumerate(published):
        for path in (f"/cases/{case_id}.json", f"/api/v1/cases/{case_id}"):
            response = client.get(path)
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "json" in response.headers["Content-Type"]
            assert PAYLOADS[number] in response.get_json()["body"]
        response = client.get(f"/cases/{case_id}.md")
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/markdown")
        again = case_in("a.md", response.data)
        assert again == scene.library.page(case_id).revision.case


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_name_of_a_file_is_text(scene, payload):
    work, ana = scene.library.contributing, scene.people["ana"]
    name = payload.replace("/", "\u2044")  # what stands before a slash is a folder, and left out

    sent = work.receive(ana, f"{name}.txt", f"Text {payload}".encode())
    work.read_next()

    (mine,) = scene.pages("ana", "/contribute")
    assert is_harmless(mine)
    assert work.sent(ana, sent.id).upload.file in [each.raw for each in mine.all("bdi")]
    for draft in work.sent(ana, sent.id).drafts:
        assert all(map(is_harmless, scene.pages("ana", f"/drafts/{draft.id}")))
        work.discard(ana, draft.id)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_name_of_a_person_is_text_or_refused(scene, published, payload):
    accounts, ana = scene.library.accounts, scene.people["ana"]
    try:
        accounts.describe(ana.id, name=payload, credit=payload)
    except AccountError:
        assert not payload.isprintable() or "\n" in payload
    path = f"/cases/{published[0]}"

    assert all(map(is_harmless, scene.pages("zoe", "/people", "/audit")))
    assert all(map(is_harmless, scene.pages("nobody", path, f"{path}/history")))
    assert all(map(is_harmless, scene.pages("ana", "/account")))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_asked_for_and_what_is_not_there_is_text(scene, payload):
    client = scene.clients["nobody"]

    for path in ("/search", "/api/v1/completions", "/contribute", "/sign-in"):
        response = client.get(path, query_string={"q": payload, "next": payload, "theme": payload})
        assert response.status_code < 500
        if response.mimetype == "text/html":
            assert is_harmless(page_of(response))
    missing = client.get(f"/cases/{payload.replace('/', '')}")
    assert missing.status_code == 404
    assert is_harmless(page_of(missing))
    assert payload not in missing.get_data(as_text=True)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_form_of_tags_and_of_retiring_takes_nothing_but_what_it_offers(
    scene, published, payload
):
    client = scene.clients["mia"]
    path = f"/cases/{published[0]}"
    (page,) = scene.pages("mia", f"{path}/tags")
    csrf = {"csrf": (page.all("input", name="csrf") or [page])[0].get("value")}

    for address, form in (
        (f"{path}/tags", {"concept": payload, "verdict": payload}),
        (f"{path}/still-running/{payload[:9].replace('/', '')}", {"answer": payload}),
    ):
        response = client.post(address, data={**csrf, **form})
        assert response.status_code < 500
    assert all(map(is_harmless, scene.pages("mia", f"{path}/tags", path)))


# Forms that no browser sends


def paths(fields, before=""):
    for field in fields:
        name = f"{before}{field.name}"
        yield name
        if field.kind == "group":
            yield from paths(field.fields, f"{name}-")
        if field.kind == "rows":
            yield from (f"{name}-{n}-{x.name}" for n in (0, 1, 7) for x in field.fields)


NAMES = sorted(paths(by_name().values()))
digits = st.text("0123456789٣²", min_size=1, max_size=6) | st.just("9" * 5_000)
posted_names = (
    st.sampled_from(NAMES)
    | st.builds(
        "-".join, st.lists(st.sampled_from(NAMES) | digits | st.text(max_size=5), max_size=4)
    )
    | st.text(max_size=20)
)
posted_values = (
    st.text(max_size=60)
    | st.sampled_from(PAYLOADS)
    | digits
    | st.sampled_from(["unknown", "yes", "no", "en", "FI", "06.1", "2019", "\0", "x" * 3_000])
)
forms = st.lists(st.tuples(posted_names, posted_values), max_size=25)
thens = st.sampled_from(["", "preview", "submit", "autosave", "add-partners", "add-" + "\r\nX: y"])


@pytest.fixture(scope="module")
def csrf(scene):
    (page,) = scene.pages("ana", "/contribute")
    return page.all("input", name="csrf")[0].get("value")


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(form=forms, then=thens, version=st.just("") | digits)
def test_no_form_breaks_a_draft(scene, csrf, form, then, version):
    work, ana, client = scene.library.contributing, scene.people["ana"], scene.clients["ana"]
    draft = work.begin(ana)
    path = f"/drafts/{draft.id}"
    sent = MultiDict([("csrf", csrf), *form])
    sent["then"], sent["version"] = then, version or "1"

    response = client.post(path, data=sent)

    assert response.status_code in {200, 303, 409, 422}, response.status_code
    assert "\n" not in response.headers.get("Location", "")
    shown = client.get(path)
    assert shown.status_code == 200
    assert is_harmless(page_of(shown))
    assert client.get(f"{path}/preview").status_code in {200, 422}
    kept = work.draft(ana, draft.id)
    if kept.state == "draft":
        work.discard(ana, draft.id)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(form=forms)
def test_a_form_that_was_shown_and_is_sent_back_says_the_same(scene, csrf, form):
    work, ana, client = scene.library.contributing, scene.people["ana"], scene.clients["ana"]
    draft = work.begin(ana)
    path = f"/drafts/{draft.id}"
    client.post(path, data=MultiDict([*form, ("csrf", csrf), ("version", "1")]))
    before = work.draft(ana, draft.id)

    page = page_of(client.get(path))
    client.post(path, data=filled(page.one("form", id="draft")))

    after = work.draft(ana, draft.id)
    work.discard(ana, draft.id)
    assert after.version == before.version + 1
    assert after.values == before.values


@pytest.mark.parametrize("control", ["\0", "\x01", "\x0b", "\x1b", "\x7f", "\x85"])
def test_no_control_character_comes_in_by_a_form(scene, csrf, control):
    work, ana, client = scene.library.contributing, scene.people["ana"], scene.clients["ana"]
    draft = work.begin(ana)
    sent = {"title": f"A{control}B", "body": f"C{control}\r\nD\tE", "partners-0-name": control}

    client.post(f"/drafts/{draft.id}", data={"csrf": csrf, "version": "1", **sent})

    kept = work.draft(ana, draft.id).values
    work.discard(ana, draft.id)
    assert (kept["title"], kept["body"]) == ("AB", "C\nD\tE")
    assert "partners" not in kept


def filled(form):
    """Return what a browser would send of a form as it stands."""
    sent = MultiDict()
    for each in form.all("input", "textarea", "select"):
        name, kind = each.get("name"), each.get("type")
        if each.tag == "textarea":
            sent.add(name, re.sub(r"\r?\n", "\r\n", each.raw.removeprefix("\n")))
        elif each.tag == "select":
            chosen = [o for o in each.all("option") if "selected" in o.attributes]
            sent.add(name, (chosen or each.all("option"))[0].get("value"))
        elif kind not in {"checkbox", "radio"} or "checked" in each.attributes:
            sent.add(name, each.get("value"))
    return sent


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(
    path=st.sampled_from(
        ["/contribute/drafts", "/drafts/{}/comments", "/review/{}", "/review/{}/assign",
         "/cases/{}/retire", "/cases/{}/tags"]
    ),
    form=st.dictionaries(
        st.sampled_from(
            ["case", "number", "field", "text", "decision", "version", "kind", "reason", "concept",
             "verdict"]
        ),
        posted_values | st.sampled_from(["case-1", "accept", "decline", "archived"]),
    ),
    key=st.text(string.ascii_letters + string.digits + "-_.~%\u00e9", min_size=1, max_size=9),
)  # fmt: skip
def test_no_other_form_breaks_anything(scene, published, csrf, path, form, key):
    assert published
    client = scene.clients["ana" if path.startswith(("/contribute", "/drafts")) else "mia"]
    if client is scene.clients["mia"]:
        (page,) = scene.pages("mia", "/contribute")
        csrf = page.all("input", name="csrf")[0].get("value")

    response = client.post(path.format(key), data={**form, "csrf": csrf})

    assert response.status_code < 500, response.status_code
