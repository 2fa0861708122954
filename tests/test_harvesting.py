"""Taking over from others: our own site as the source, over the wire, and sites that do harm."""

import io
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

import indexer
from kb.errors import AccountError, PeerError
from kb.harvesting import Harvest
from kb.library import Library, open_library
from kb.model import Case
from kb.peers import calling, package
from kb.peers.opening import opened
from kb.settings import Settings
from tests.conftest import ROOT
from tests.site import run as run_command
from tests.web.conftest import EVERY_FIELD, REAL_CASES
from web import create_app
from web.oai import PAGE

ANNA = "anna@city.example"


def bare(case: Case) -> str:
    """Digest of a case but for where it was taken from, and types that XML and tables have not."""
    told = case.model_copy(update={"imported_from": None}).as_dict()
    return json.dumps(as_text(told), sort_keys=True, ensure_ascii=False)


def as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: as_text(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_text(part) for part in value]
    return str(value)


def cases(library: Library) -> dict[str, Case]:
    found = library._store.revisions(library._store.ids())
    return {case_id: each.case for case_id, each in found.items()}


def revisions(library: Library) -> dict[str, int]:
    return library._store.numbers(library._store.ids())


@contextmanager
def serving(library: Library, page: int = 2) -> Iterator[str]:
    """Run a site on a port; it calls itself by that port, as one does that has no name."""
    library.sync()
    running = make_server("127.0.0.1", 0, None, threaded=True)
    address = f"http://127.0.0.1:{running.server_port}"
    site = create_app(library, Settings(site_url=address, site_name="Peer"))
    site.config[PAGE] = page
    running.app = site
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    try:
        yield address
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def take(library: Library, where: str, **given: Any) -> Harvest:
    format_name, part = given.pop("format_name", ""), given.get("set_name", "")
    person = library.accounts.by_email(ANNA) or library.accounts.create(ANNA, "contributor")
    with opened(where, format_name, part) as peer:
        return library.harvesting.run(peer, person, **given)


def drafts(library: Library):
    return library.contributing.drafts(library.accounts.by_email(ANNA))


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Iterator[str]:
    """Serve six real cases and one that fills every field."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "every-field.md").write_text(EVERY_FIELD, encoding="utf-8")
    library = open_library(Settings(data=folder / "data", encoder="off"))
    files = [ROOT / "corpus" / f"{name}.md" for name in REAL_CASES]
    assert not library.ingest([*files, folder / "every-field.md"]).refused
    with serving(library) as address:
        yield address, cases(library)
    library.close()


# The same set


@pytest.mark.parametrize("where", ["/oai", "/export/jsonl"])
def test_a_site_of_ours_is_taken_over_without_loss(real, library, where):
    address, theirs = real

    result = take(library, f"{address}{where}")

    assert sorted(result.new) == sorted(theirs)
    assert (result.drafted, result.refused) == ([], [])
    assert {name: bare(case) for name, case in cases(library).items()} == {
        name: bare(case) for name, case in theirs.items()
    }


@pytest.mark.parametrize("where", ["/oai", "/export/jsonl", "/export/package"])
def test_where_a_case_comes_from_is_kept_and_told(real, library, where):
    address, theirs = real

    take(library, f"{address}{where}")

    for name, case in cases(library).items():
        origin = case.imported_from
        assert origin.url == f"{address}/cases/{name}"
        assert origin.source.startswith(address)
        assert origin.taken
        assert origin.datestamp
        assert case.licence == theirs[name].licence
    revision = library._store.latest("every-field")
    assert revision.contributor.startswith("harvested from ")
    assert library._originals.read(revision.original)
    page = create_app(library, Settings()).test_client().get("/cases/every-field").text
    assert "Taken over from" in page
    assert f'href="{address}/cases/every-field"' in page


def test_a_package_brings_what_its_tables_hold(real, library):
    address, theirs = real

    result = take(library, f"{address}/export/package")

    assert sorted(result.new) == sorted(theirs)
    for name, case in cases(library).items():
        original = theirs[name]
        for field in ("title", "summary", "body", "body_en", "themes", "cost_band", "outcomes"):
            assert getattr(case, field) == getattr(original, field), (name, field)
        assert [each.url for each in case.sources_and_media] == [
            each.url for each in original.sources_and_media
        ]


@pytest.mark.parametrize(("form", "suffix"), [("jsonl", ".jsonl"), ("package", ".zip")])
def test_a_file_on_the_disk_is_the_same_as_its_address(real, library, tmp_path, form, suffix):
    address, theirs = real
    path = tmp_path / f"cases{suffix}"
    with path.open("wb") as file:
        calling.download(f"{address}/export/{form}", file)

    first = take(library, str(path))
    again = take(library, str(path.rename(tmp_path / f"others{suffix}")))

    assert sorted(first.new) == sorted(again.unchanged) == sorted(theirs)


@pytest.mark.parametrize("where", ["/oai", "/export/jsonl", "/export/package"])
def test_a_second_run_changes_nothing(real, library, where):
    address, theirs = real
    take(library, f"{address}{where}")
    before = revisions(library)

    result = take(library, f"{address}{where}", since="2001-01-01")

    assert sorted(result.unchanged) == sorted(theirs)
    assert (result.new, result.changed, result.drafted) == ([], [], [])
    assert revisions(library) == before


def test_a_record_is_the_same_by_whichever_road_it_comes(real, library):
    address, theirs = real
    take(library, f"{address}/oai")

    result = take(library, f"{address}/export/jsonl")

    # Numbers in fields that we do not know are texts in XML; there are none here.
    assert sorted(result.unchanged) == sorted(theirs)
    assert drafts(library) == ()


def test_nothing_is_written_when_it_is_only_tried(real, library):
    address, theirs = real

    result = take(library, f"{address}/oai", dry_run=True)

    assert sorted(result.new) == sorted(theirs)
    assert cases(library) == {}
    assert list(library._originals.kept_before(1e12)) == []
    assert library.harvesting._to.harvested.since(f"{address}/oai", "citypraxis", "") == ""


def test_only_a_set_is_taken_over(real, library):
    address, _ = real

    result = take(library, f"{address}/oai", set_name="country:FI")

    assert result.new == ["helsinki-asunto-ensin"]


# Dublin Core


def test_dublin_core_makes_drafts_with_receipts_and_publishes_nothing(real, library):
    address, theirs = real

    result = take(library, f"{address}/oai", format_name="oai_dc")

    assert len(result.drafted) == len(theirs) == len(drafts(library))
    assert cases(library) == {}
    draft = next(each for each in drafts(library) if each.values["title"].startswith("Każde"))
    assert draft.values["licence"] == "CC-BY-SA-4.0"
    assert draft.values["country"] == "PL"
    assert draft.values["city"] == "Łódź"
    assert draft.values["themes"] == ["06.1"]
    assert draft.values["lead_organisation"] == {"name": "Urząd Miasta"}
    assert draft.values["imported_from"]["url"] == f"{address}/cases/every-field"
    for receipt in draft.receipts:
        assert draft.document.text[receipt.start : receipt.end] == receipt.passage
    assert {"title", "summary", "licence"} <= {each.field for each in draft.receipts}
    assert b"<dc:title" in library._originals.read(library.contributing.original(draft))


def test_dublin_core_makes_each_draft_once(real, library):
    address, theirs = real
    take(library, f"{address}/oai", format_name="oai_dc")
    before = {each.id for each in drafts(library)}

    result = take(library, f"{address}/oai", format_name="oai_dc", since="2001-01-01")

    assert len(result.unchanged) == len(theirs)
    assert {each.id for each in drafts(library)} == before


def test_the_rich_format_replaces_drafts_that_nobody_has_touched(real, library):
    address, theirs = real
    take(library, f"{address}/oai", format_name="oai_dc")

    result = take(library, f"{address}/oai")

    assert sorted(result.new) == sorted(theirs)
    assert drafts(library) == ()


# Increments


@dataclass
class Pair:
    """A site and one that takes over from it."""

    theirs: Library
    ours: Library
    address: str
    write_case: Callable[..., Path]

    def save(self, name: str, **fields: str) -> None:
        assert not self.theirs.ingest([self.write_case(name, **fields)]).refused
        self.theirs.sync()

    def edit_here(self, name: str, **fields: str) -> None:
        data = self.write_case(name, **fields).read_bytes()
        assert self.ours.receive(f"{name}.md", data, "somebody")

    def take(self, **given: Any) -> Harvest:
        return take(self.ours, f"{self.address}/oai", **given)

    def retire(self, library: Library, name: str, kind: str = "withdrawn") -> None:
        boss = "boss@people.example"
        person = library.accounts.by_email(boss)
        person = person or library.accounts.create(boss, "administrator")
        library.contributing.retire(person, name, kind, "x")


@pytest.fixture
def pair(tmp_path, library, write_case) -> Iterator[Pair]:
    theirs = open_library(Settings(data=tmp_path / "theirs", encoder="off"))
    with serving(theirs) as address:
        yield Pair(theirs, library, address, write_case)
    theirs.close()


def test_what_has_changed_there_is_a_new_revision_here(pair):
    for number in range(5):
        pair.save(f"case-{number}", title=f"Title {number}")
    pair.take()

    pair.save("case-3", title="Edited")
    pair.save("case-9", title="New")
    result = pair.take()

    assert (result.new, result.changed) == (["case-9"], ["case-3"])
    assert cases(pair.ours)["case-3"].title == "Edited"
    assert revisions(pair.ours)["case-3"] == 2
    assert set(cases(pair.ours)) == set(cases(pair.theirs))


def test_the_next_run_asks_only_for_what_is_later(pair):
    pair.save("one")
    pair.theirs._connections.reading.execute("UPDATE datestamps SET at = 1000000000")
    pair.take()
    pair.save("two", title="Two")

    result = pair.take()

    # The second itself belongs to the span, so that what came in it later is not missed.
    assert (result.new, result.unchanged) == (["two"], ["one"])
    assert pair.take().unchanged == ["two"]


def test_what_was_edited_here_is_never_overwritten(pair):
    pair.save("one", title="Theirs")
    pair.take()
    pair.edit_here("one", title="Ours")
    pair.save("one", title="Theirs, later")

    result = pair.take()

    ((_, reason),) = result.drafted
    assert "edited here" in reason
    assert cases(pair.ours)["one"].title == "Ours"
    (draft,) = drafts(pair.ours)
    assert (draft.state, draft.case_id, draft.base) == ("submitted", "one", 2)
    assert draft.values["title"] == "Theirs, later"
    assert pair.take(since="2001-01-01").drafted == []


def test_an_id_that_is_taken_is_left_alone_and_told_to_reviewers(pair):
    pair.edit_here("one", title="Quite another", city="Cork")
    pair.save("one", title="Theirs")

    result = pair.take()

    ((_, reason),) = result.drafted
    assert "the id one is that of another case here" in reason
    assert cases(pair.ours)["one"].title == "Quite another"
    (draft,) = drafts(pair.ours)
    assert draft.state == "submitted"
    boss = pair.ours.accounts.create("m@people.example", "moderator")
    assert reason in pair.ours.contributing.comments(boss, draft.id)[0].text
    published = pair.ours.contributing.accept(boss, draft.id, draft.version)
    assert published.case.id == "one-2"
    assert published.case.imported_from.identifier.endswith(":one")


def test_a_deletion_there_is_reported_and_nothing_is_deleted_here(pair):
    pair.save("one")
    pair.save("two")
    pair.take()
    pair.retire(pair.theirs, "one")

    first, again = pair.take(), pair.take()

    assert [case_id for _, case_id in first.gone] == ["one"]
    assert [case_id for _, case_id in again.gone] == ["one"]
    assert set(cases(pair.ours)) == {"one", "two"}
    assert any(each.action == "deleted at source" for each in pair.ours.audit.entries())
    pair.retire(pair.ours, "one", "archived")
    assert pair.take().gone == []


def test_what_was_retired_here_is_not_brought_back(pair):
    pair.save("one")
    pair.take()
    pair.retire(pair.ours, "one")
    pair.save("one", title="Once more")

    result = pair.take()

    assert result.retired == ["one"]
    assert cases(pair.ours) == {}


def test_a_draft_that_somebody_works_on_is_left_to_them(pair):
    pair.save("one")
    pair.take(format_name="oai_dc")
    anna, (draft,) = pair.ours.accounts.by_email(ANNA), drafts(pair.ours)
    pair.ours.contributing.write(anna, draft.id, 1, {**draft.values, "summary": "Mine."})
    pair.save("one", title="Changed there")

    pair.take(format_name="oai_dc")

    (kept,) = drafts(pair.ours)
    assert kept.values["summary"] == "Mine."
    assert "changed at" in pair.ours.contributing.comments(anna, draft.id)[-1].text


def test_a_run_that_was_broken_off_goes_on(pair):
    for number in range(5):
        pair.save(f"case-{number}")

    def broken(_step, items, _total):
        for number, each in enumerate(items):
            if number == 3:
                raise KeyboardInterrupt
            yield each

    with pytest.raises(KeyboardInterrupt):
        pair.take(watch=broken)
    assert len(cases(pair.ours)) == 3

    result = pair.take()

    assert (len(result.new), len(result.unchanged)) == (2, 3)
    assert set(revisions(pair.ours).values()) == {1}


def test_a_run_that_is_killed_leaves_nothing_half_and_goes_on(tmp_path):
    path = tmp_path / "cases.jsonl"
    names = [f"case-{number}" for number in range(60)]
    told = (line(id=n, title=n, city=n, url=f"https://peer.example/{n}") for n in names)
    path.write_bytes(b"".join(told))
    data = tmp_path / "data"
    environment = {**os.environ, "KB_DATA": str(data), "KB_ENCODER": "off"}
    run_command(environment, "add-user", ANNA, "--role", "contributor")
    words = ["harvest", str(path), "--as", ANNA]

    with subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "indexer.py", *words], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    ) as process:
        while count(data / "citypraxis.sqlite") < 10:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    killed = count(data / "citypraxis.sqlite")
    output = run_command(environment, *words)

    assert 10 <= killed < len(names)
    assert f"unchanged{killed:>18}" in output
    library = open_library(Settings(data=data, encoder="off"))
    assert set(revisions(library)) == set(names)
    assert set(revisions(library).values()) == {1}
    library.close()


def count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM cases").fetchone()[0]


def test_a_case_that_is_perhaps_here_is_only_pointed_to(pair):
    pair.edit_here("ours", title="Housing First in Dublin")
    pair.ours.sync()
    pair.save("theirs", title="Housing First in Dublin")

    result = pair.take()

    assert result.new == ["theirs"]
    assert [(name, each.case.id) for name, each in result.alike] == [("theirs", "ours")]
    assert set(cases(pair.ours)) == {"ours", "theirs"}


def test_the_chain_of_sites_keeps_the_first(pair, tmp_path):
    pair.save("one")
    pair.take()
    third = open_library(Settings(data=tmp_path / "third", encoder="off"))
    with serving(pair.ours) as address:
        take(third, f"{address}/oai")

    origin = cases(third)["one"].imported_from
    third.close()

    assert origin.url == f"{address}/cases/one"
    assert origin.first == f"{pair.address}/cases/one"


def test_text_with_a_script_in_it_stays_text(pair):
    evil = "<script>alert(1)</script>"
    pair.save("one", title=f"A {evil}", body=evil)
    pair.take()
    pair.ours.sync()

    page = create_app(pair.ours, Settings()).test_client().get("/cases/one").text

    assert "<script>alert" not in page


# Licences


def line(**fields: Any) -> bytes:
    told = {
        "id": "a-case", "title": "Housing First", "summary": "Flats of their own first, then help.",
        "original_language": "en", "city": "Dublin", "country": "IE", "themes": ["06.1"],
        "target_groups": ["homeless-people"], "innovation_type": ["new-delivery"],
        "stage": "implemented", "start": "2011", "challenge": "Hostels.", "solution": "Flats.",
        "lead_organisation": {"name": "City Council"}, "cost_band": "unknown",
        "funding_programmes": "unknown", "conditions": "unknown",
        "barriers_and_failures": "unknown", "transferability": {"level": "T0"},
        "sources_and_media": [{"id": "s1", "url": "https://example.org/a"}],
        "contact": "unknown", "licence": "CC-BY-NC-SA-4.0", "evidence_level": "not-assessed",
        "revision": 1, "accepted": "2026-01-02T03:04:05Z", "url": "https://peer.example/cases/a-case",
    }  # fmt: skip
    return json.dumps({k: v for k, v in (told | fields).items() if v is not None}).encode() + b"\n"


def of_lines(library: Library, tmp_path: Path, *lines: bytes, **given: Any) -> Harvest:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"".join(lines))
    return take(library, str(path), **given)


@pytest.mark.parametrize("licence", [None, "All rights reserved", "NOASSERTION", "© City"])
def test_what_has_no_licence_is_not_published(library, tmp_path, licence):
    result = of_lines(library, tmp_path, line(licence=licence))

    ((_, reason),) = result.drafted
    assert "licence" in reason
    assert cases(library) == {}
    (draft,) = drafts(library)
    wrong, _ = library.contributing.faults(draft)
    assert [each.field for each in wrong] == ["licence"]


def test_an_operator_may_know_the_licence(library, tmp_path):
    of_lines(library, tmp_path, line(licence=None), line(id="b", url="https://peer.example/b"))

    of_lines(
        library, tmp_path, line(licence=None), line(id="b", url="https://peer.example/b"),
        licence="CC-BY-4.0",
    )  # fmt: skip

    assert cases(library)["a-case"].licence == "CC-BY-4.0"
    assert cases(library)["b"].licence == "CC-BY-NC-SA-4.0"
    assert drafts(library) == ()


# Sites that do harm


@dataclass
class Hostile:
    """A site that answers as a test says: path -> status, headers, pieces of the body."""

    address: str
    answers: dict[str, Any]
    asked: list[str]


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    answers: dict[str, Any] = {}
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer = answers[self.path.partition("?")[0]]
            status, headers, pieces = answer(self.path) if callable(answer) else answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for piece in pieces:
                    self.wfile.write(piece)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Hostile(f"http://127.0.0.1:{server.server_port}", answers, asked)
    server.shutdown()
    server.server_close()
    thread.join()


OAI = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
IDENTIFY = f"{OAI}<Identify><repositoryName>Evil</repositoryName></Identify></OAI-PMH>".encode()


def endless(record: Callable[[int], str], token: Callable[[int], str]) -> Callable[[str], Any]:
    pages = 0

    def answer(path: str) -> Any:
        nonlocal pages
        if "verb=Identify" in path or "ListMetadataFormats" in path:
            return 200, {}, [IDENTIFY]
        pages += 1
        header = f'<header status="deleted"><identifier>{record(pages)}</identifier></header>'
        page = f"<record>{header}</record><resumptionToken>{token(pages)}</resumptionToken>"
        return 200, {}, [f"{OAI}<ListRecords>{page}</ListRecords></OAI-PMH>".encode()]

    return answer


@pytest.mark.parametrize(
    ("record", "token"), [(str, lambda _: "same"), (lambda _: "same", str)], ids=["token", "record"]
)
def test_a_list_without_end_is_given_up(library, hostile, record, token):
    hostile.answers["/oai"] = endless(record, token)

    with pytest.raises(PeerError, match="a list without end"):
        take(library, f"{hostile.address}/oai")
    assert len(hostile.asked) < 10


def said(answer: Any) -> Callable[[str], Any]:
    return lambda path: (200, {}, [IDENTIFY]) if "ListRecords" not in path else answer


BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        ((200, {}, (b"x" * 65536 for _ in range(50_000))), "sends more than 50 MB"),
        ((200, {}, [BOMB]), "document type definition"),
        ((200, {}, [b"<html><body>Sorry</body></html>"]), "does not answer in OAI-PMH .*<html>"),
        ((200, {}, [b"<!doctype html><p>Sorry"]), "does not answer in OAI-PMH"),
        ((200, {}, [b""]), "does not answer in OAI-PMH"),
        ((200, {"Content-Length": "1000"}, [b"<OAI-PMH"]), "cut short"),
        ((302, {"Location": "file:///etc/passwd"}, []), "is no address of the web"),
        ((302, {"Location": "ftp://example.org/"}, []), "is no address of the web"),
        ((302, {"Location": "/oai?verb=ListRecords"}, []), "cannot be reached|answers 302"),
        ((500, {}, [b"oops"]), "answers 500"),
        ((503, {"Retry-After": "86400"}, []), "come back in 86400 s"),
        (
            (200, {}, [f'{OAI}<error code="badArgument">No.</error></OAI-PMH>'.encode()]),
            "answers badArgument: No.",
        ),
    ],
    ids=["huge", "bomb", "html", "html5", "empty", "short", "file", "ftp", "loop", "500", "503",
         "error"],
)  # fmt: skip
def test_a_bad_answer_ends_in_words_and_changes_nothing(library, hostile, answer, match):
    hostile.answers["/oai"] = said(answer)

    with pytest.raises(PeerError, match=match):
        take(library, f"{hostile.address}/oai")
    assert cases(library) == {}


def test_a_site_that_is_busy_is_asked_again_when_it_says(library, hostile):
    empty = f'{OAI}<error code="noRecordsMatch"/></OAI-PMH>'.encode()
    busy = [(503, {"Retry-After": "1"}, []), (429, {"Retry-After": "0"}, []), (200, {}, [empty])]
    told = iter(busy)
    hostile.answers["/oai"] = lambda path: (
        next(told) if "ListRecords" in path else (200, {}, [IDENTIFY])
    )

    assert take(library, f"{hostile.address}/oai").new == []
    assert sum("ListRecords" in path for path in hostile.asked) == 3


def test_a_record_without_an_identifier_ends_in_words(library, hostile):
    page = f"{OAI}<ListRecords><record><header/></record></ListRecords></OAI-PMH>".encode()
    hostile.answers["/oai"] = said((200, {}, [page]))

    with pytest.raises(PeerError, match="without a usable identifier"):
        take(library, f"{hostile.address}/oai")


def test_what_a_hostile_file_calls_itself_is_kept_harmless(library, tmp_path):
    evil = line(id="../../etc/passwd", url=None, title="<script>alert(1)</script>")
    result = of_lines(library, tmp_path, evil, line(url="https://peer.example/" + "x" * 3_000))

    ((_, reason),) = result.refused
    assert "neither id nor address" in reason
    ((_, lacks),) = result.drafted
    assert "id" in lacks
    (draft,) = drafts(library)
    upload = library.contributing.files(library.accounts.by_email(ANNA))[0]
    assert "/" not in upload.file
    assert draft.values["id"] == "../../etc/passwd"  # it is refused, and never a path


def test_a_site_that_does_not_answer_is_named(library):
    with pytest.raises(PeerError, match=r"http://127\.0\.0\.1:1/oai.* cannot be reached"):
        take(library, "http://127.0.0.1:1/oai")


@pytest.mark.parametrize("where", ["file:///etc/passwd", "ftp://example.org/oai", "https://"])
def test_only_addresses_of_the_web_are_asked(library, where):
    with pytest.raises(PeerError, match="is no address of the web"):
        take(library, where)


def test_a_file_that_is_too_large_is_given_up_while_it_comes(library, hostile, monkeypatch):
    monkeypatch.setattr(calling, "MAX_FILE_BYTES", 1_000_000)
    hostile.answers["/a.jsonl"] = (200, {}, (b"x" * 65536 for _ in range(50_000)))

    with pytest.raises(PeerError, match="sends more than 1 MB"):
        take(library, f"{hostile.address}/a.jsonl")


def test_a_page_of_the_web_is_no_file_of_cases(library, hostile):
    hostile.answers["/a.jsonl"] = (200, {}, [b"<!doctype html>\n<p>Sign in"])
    hostile.answers["/a.zip"] = (200, {}, [b"<!doctype html>\n<p>Sign in"])

    with pytest.raises(PeerError, match="is no JSON Lines"):
        take(library, f"{hostile.address}/a.jsonl")
    with pytest.raises(PeerError, match="damaged or cut short"):
        take(library, f"{hostile.address}/a.zip")


def test_a_broken_line_does_not_keep_out_the_others(library, tmp_path):
    result = of_lines(
        library, tmp_path, line(), b"{nonsense\n", b'{"a": ' + b"[" * 500 + b"]" * 500 + b"}\n",
        b'{"title": "No id"}\n', line(id="b", url="https://peer.example/cases/b"),
    )  # fmt: skip

    assert result.new == ["a-case", "b"]
    assert [record for record, _ in result.refused] == ["line 2", "line 3", ""]


def archive(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return made.getvalue()


def test_a_package_that_was_tampered_with_or_cut_is_refused(real, library, tmp_path):
    address, _ = real
    whole = calling.answer(f"{address}/export/package")
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    wrong = {**files, "cases.csv": files["cases.csv"] + b"x"}
    bomb = {**files, "cases.csv": b"a" * 30_000_000}
    deep = {**files, "datapackage.json": b"[" * 100_000}
    tried = {
        "cut": (whole[: len(whole) // 2], "damaged or cut short"),
        "wrong": (archive(wrong), "checksum"),
        "bomb": (archive(bomb), "unpacks to more"),
        "deep": (archive(deep), "cannot be read"),
        "other": (archive({"a.txt": b"a"}), "no data package of ours"),
        "many": (archive({f"{n}": b"" for n in range(60)}), "no data package of ours"),
    }
    for name, (data, match) in tried.items():
        path = tmp_path / f"{name}.zip"
        path.write_bytes(data)
        with pytest.raises(PeerError, match=match):
            take(library, str(path))
    assert cases(library) == {}
    assert package.MAX_RATIO == 200


# The command


@pytest.fixture
def run(tmp_path, monkeypatch) -> Callable[..., Any]:
    monkeypatch.setenv("KB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KB_ENCODER", "off")
    runner = CliRunner()
    runner.invoke(indexer.cli, ["add-user", ANNA, "--role", "contributor"])
    return lambda *words: runner.invoke(indexer.cli, ["harvest", *words, "--as", ANNA])


def test_the_command_says_what_became_of_what(real, run):
    address, theirs = real

    tried = run(f"{address}/oai", "--dry-run")
    first = run(f"{address}/oai")
    again = run(f"{address}/oai")

    assert (tried.exit_code, first.exit_code, again.exit_code) == (0, 0, 0)
    assert "Nothing was written" in tried.output
    assert f"new{len(theirs):>24}" in first.output
    assert "new                       0" in again.output


def test_the_command_ends_with_one_where_something_was_refused(run, tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_bytes(line() + b"{nonsense\n")

    result = run(str(path))

    assert result.exit_code == 1
    assert "line 2: refused" in result.output


def test_the_command_says_faults_in_one_line(run):
    for words in (
        ["nowhere"],
        ["missing.jsonl"],
        ["http://127.0.0.1:1/oai"],
        ["a.zip", "--set", "x"],
    ):
        result = run(*words)
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")
        assert "Traceback" not in result.output


def test_only_somebody_who_may_contribute_can_be_named(library):
    with pytest.raises(AccountError):
        library.harvesting.person("nobody@city.example")
