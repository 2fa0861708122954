"""What is not published is nowhere: a word that stands in every field of a draft is looked for.

Every page that can be got is got, as someone who has not signed in, as another contributor, and
with that contributor's token.
"""

import html
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb.accounts import Person
from kb.drafts import Draft
from kb.exports import EXPORTS
from kb.frozen import Question
from kb.library import Library
from kb.query import Query
from kb.settings import Settings
from web import create_app

CANARY = "Quackenbushel"
BEGINNING = "quackenb"


@dataclass
class Scene:
    app: Flask
    library: Library
    ana: Person
    ben: Person
    mia: Person
    ada: Person
    draft: Draft
    upload: str
    snapshot: str


@pytest.fixture
def scene(library, write_case) -> Scene:
    """Return a site with one public case, and a draft of Ana's with the word in every field."""
    assert not library.ingest([write_case("public", title="A public case")]).refused
    app = create_app(library, Settings(rate_api=None, rate_export=None))
    app.testing = True
    people = {
        name: library.accounts.create(f"{name}@people.example", role, name.title())
        for name, role in (("ana", "contributor"), ("ben", "contributor"), ("mia", "moderator"),
                           ("ada", "administrator"))
    }  # fmt: skip
    data = write_case("hidden", **WITH_WORD, body=f"A text of {CANARY}.").read_bytes()
    work = library.contributing
    upload = work.receive(people["ana"], f"{CANARY}.md", data)
    assert work.read_next()
    (draft,) = work.sent(people["ana"], upload.id).drafts
    library.sync()
    frozen = library.snapshots.freeze(Question(Query()))
    return Scene(app, library, **people, draft=draft, upload=upload.id, snapshot=frozen.id)


WITH_WORD = {
    "title": f"Case of {CANARY}",
    "title_en": f"English {CANARY}",
    "summary": f"Summary of {CANARY}, long enough to be one.",
    "city": CANARY,
    "themes": '["06.1"]',
    "challenge": f"Challenge {CANARY}",
    "solution": f"Solution {CANARY}",
    "lead_organisation": f"{{name: {CANARY} City, type: municipality}}",
    "partners": f"[{{name: {CANARY} Trust}}]",
    "outcomes": f"[{{indicator: {CANARY}, value: {CANARY}, source: s1}}]",
    "conditions": f"[{{code: unknown, text: {CANARY}}}]",
    "sources_and_media": f'[{{id: s1, url: "https://example.org/{CANARY}", title: {CANARY}}}]',
    "contact": f"{{organisation: {CANARY}}}",
    "of_the_author": CANARY,
}


def addresses(app: Flask, scene: Scene) -> Iterator[str]:
    """Yield an address for every route that can be got, filled in so that it would leak."""
    known = {
        "case_id": ["public", "hidden", CANARY.lower(), f"case-of-{CANARY.lower()}"],
        "collection_id": ["hidden"],
        "draft_id": [scene.draft.id],
        "upload_id": [scene.upload],
        "person_id": [scene.ana.id],
        "snapshot_id": [scene.snapshot],
        "token_id": ["1"],
        "phase": ["learn", "share", "create"],
        "search_id": ["1"],
        "secret": ["x"],
        "number": [1, 2],
        "kind": ["csv"],
        "scheme": ["themes"],
        "scheme_name": ["themes"],
        "concept_id": ["06.1"],
        "filename": ["app.css"],
        "format_name": list(EXPORTS),
    }
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" not in rule.methods:
                continue
            names = sorted(rule.arguments)
            assert known.keys() >= set(names), f"say what to put into {rule}"
            for values in product(*(known[name] for name in names)):
                path = app.url_map.bind("localhost").build(
                    rule.endpoint, dict(zip(names, values, strict=True))
                )
                if rule.endpoint == "static":
                    continue
                if rule.endpoint == "oai.answer":
                    yield f"{path}?verb=ListRecords&metadataPrefix=citypraxis"
                for query in ("", f"?q={BEGINNING}", f"?q={BEGINNING}*", "?q=&theme=06.1"):
                    yield path + query


def signed_in(scene: Scene, person: Person) -> FlaskClient:
    client = scene.app.test_client()
    client.set_cookie("session", scene.library.accounts.begin_session(person.id, "test"))
    return client


def unpacked(data: bytes) -> bytes:
    """Return what lies in an archive, that a compressed word is seen too."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def leaks(scene: Scene, client: FlaskClient, headers: dict[str, str]) -> list[str]:
    found = []
    for address in addresses(scene.app, scene):
        with client.get(address, headers=headers) as response:
            assert response.status_code < 500, address
            data = unpacked(response.get_data())
            told = data.decode("utf-8", "replace") + str(response.headers)
        if CANARY.casefold() in told.replace(address, "").casefold():
            found.append(address)
    return [address for address in found if CANARY.casefold() not in address.casefold()]


def bring_to(scene: Scene, state: str) -> None:
    work, draft = scene.library.contributing, scene.draft
    if state != "draft":
        draft = work.submit(scene.ana, draft.id, draft.version)
        work.comment(scene.mia, draft.id, "title", f"Is {CANARY} right?")
    if state == "changes-requested":
        work.ask_for_changes(scene.mia, draft.id, draft.version, f"Spell {CANARY} out.")
    if state == "declined":
        work.decline(scene.mia, draft.id, draft.version, f"{CANARY} is none.")
    scene.library.sync()


@pytest.mark.parametrize("state", ["draft", "submitted", "changes-requested", "declined"])
def test_the_word_is_nowhere(scene, state):
    bring_to(scene, state)
    token = scene.library.accounts.make_token(scene.ben, "t", ("read", "submit"), 1)

    assert leaks(scene, scene.app.test_client(), {}) == []
    assert leaks(scene, signed_in(scene, scene.ben), {}) == []
    assert leaks(scene, scene.app.test_client(), {"Authorization": f"Bearer {token}"}) == []


def test_the_one_who_wrote_it_sees_it_so_the_crawl_sees_what_is_shown(scene):
    assert leaks(scene, signed_in(scene, scene.ana), {})


def test_a_moderator_sees_it_once_it_is_submitted(scene):
    assert not [a for a in leaks(scene, signed_in(scene, scene.mia), {}) if "/drafts/" in a]
    bring_to(scene, "submitted")
    assert [a for a in leaks(scene, signed_in(scene, scene.mia), {}) if "/drafts/" in a]


def test_once_published_everyone_sees_it_and_once_withdrawn_only_its_name(scene):
    work, draft = scene.library.contributing, scene.draft
    draft = work.submit(scene.ana, draft.id, draft.version)
    work.accept(scene.mia, draft.id, draft.version)
    scene.library.sync()
    assert leaks(scene, scene.app.test_client(), {})

    work.retire(scene.mia, "hidden", "withdrawn", "x")
    scene.library.sync()

    for client in (scene.app.test_client(), signed_in(scene, scene.ben)):
        told = leaks(scene, client, {})
        assert {each.partition("hidden")[0] for each in told} == {"/cases/", "/api/v1/cases/"}
        for address in told:
            page = html.unescape(client.get(address).text)
            assert page.count(CANARY) == page.count(f"Case of {CANARY}")


def test_once_taken_down_nobody_sees_a_word_of_it(scene):
    work, draft = scene.library.contributing, scene.draft
    draft = work.submit(scene.ana, draft.id, draft.version)
    work.accept(scene.mia, draft.id, draft.version)

    work.take_down(scene.ada, "hidden", f"{CANARY} asked for it.")
    scene.library.sync()

    assert leaks(scene, scene.app.test_client(), {}) == []
    assert leaks(scene, signed_in(scene, scene.ben), {}) == []


@pytest.mark.parametrize("decision", ["waiting", "declined", "withdrawn"])
def test_an_adoption_that_is_not_accepted_is_nowhere(scene, decision):
    mine, told = scene.library.transfer, {
        "city": CANARY, "country": "IE", "year": "2021", "state": "running", "agreed": "yes",
        "worked": "no", "result": CANARY, "organisation": CANARY,
        "contact": f"{CANARY}@city.example", "source": f"https://example.org/{CANARY}",
    }  # fmt: skip
    record = mine.record(scene.ana, "public", told)
    if decision == "declined":
        mine.decide(scene.mia, record.id, "declined", f"{CANARY} is none.")
    if decision == "withdrawn":
        mine.decide(scene.mia, record.id, "accepted")
        assert leaks(scene, scene.app.test_client(), {})
        mine.withdraw(scene.ana, record.adoption)

    assert leaks(scene, scene.app.test_client(), {}) == []
    assert leaks(scene, signed_in(scene, scene.ben), {}) == []
    assert leaks(scene, signed_in(scene, scene.ana), {}) != []


def test_e_mail_addresses_are_nowhere(scene):
    work, draft = scene.library.contributing, scene.draft
    draft = work.submit(scene.ana, draft.id, draft.version)
    work.accept(scene.mia, draft.id, draft.version)
    scene.library.sync()

    for address in addresses(scene.app, scene):
        with scene.app.test_client().get(address) as response:
            assert b"@people.example" not in response.get_data(), address
