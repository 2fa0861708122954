"""No file that is sent in hurts: each ends in words, and meanwhile the site answers.

Bombs are built just above the limits, and just beneath those of the first check, where it is the
limits of the process that reads them that hold.
"""

import os
import random
import signal
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from kb.library import open_library
from kb.settings import Settings
from tests.conftest import ROOT
from tests.kb import pdfs, zips
from tests.site import Site, bearer, children, memory, multipart, serving

WITHIN_S = 30
CASES = [ROOT / f"corpus/{name}.md" for name in ("ie/housing-first-dublin", "pl/latarnicy-lodz")]
GOOD = "---\ntitle: Bytar\noriginal_language: sv\ncity: Malmö\n---\n\nEn text.\n".encode()
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
HTML = b"<!doctype html><html><body>"


def noise(size: int) -> bytes:
    """Bytes that cannot be packed, by which what lies beside them seems packed less."""
    return random.Random(1).randbytes(size).hex().encode()  # noqa: S311 - any will do


def beneath_the_gate(unit: bytes, count: int) -> bytes:
    """A Word file of so many units, with a comment that keeps it under the limit of the ratio."""
    return zips.docx(body=unit * count + b"<!--" + noise(90_000) + b"-->")


def sheet(rows: bytes) -> bytes:
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return zips.archive(
        {
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
            b'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
            b'package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="'
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
            b'"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.'
            b'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
            "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            b'relationships"><Relationship Id="r" Type="%b/officeDocument" Target="xl/workbook.xml"'
            b"/></Relationships>" % relations,
            "xl/workbook.xml": b'<workbook xmlns="%b" xmlns:r="%b"><sheets><sheet name="a" '
            b'sheetId="1" r:id="r"/></sheets></workbook>' % (main, relations),
            "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org'
            b'/package/2006/relationships"><Relationship Id="r" Type="%b/worksheet" Target="'
            b'worksheets/sheet1.xml"/></Relationships>' % relations,
            "xl/worksheets/sheet1.xml": b'<worksheet xmlns="%b"><sheetData>%b</sheetData><!--%b-->'
            b"</worksheet>" % (main, rows, noise(90_000)),
        }
    )


def odt(body: bytes, before: bytes = b"") -> bytes:
    space = b"urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        b'<?xml version="1.0"?>%b<office:document-content xmlns:office="%boffice:1.0" '
        b'xmlns:text="%btext:1.0"><office:body><office:text>%b</office:text></office:body>'
        b"</office:document-content>" % (before, space, space, body)
    )
    return zips.odt({"content.xml": content})


CELL = b'<c r="XFD1048576" t="inlineStr"><is><t>a</t></is></c>'
BOMBS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a part of 31 MB": ("a.docx", lambda: zips.docx({"word/a.bin": bytes(31_000_000)}), "bombs"),
    "a size that lies": ("a.docx", lambda: zips.lying(10, bytes(9_000)), "damaged"),
    "70,000 parts": ("a.docx", lambda: zips.many(65_000), "more than 2,000 parts"),
    "3 million paragraphs": (
        "a.docx", lambda: beneath_the_gate(b"<w:p/>", 3_000_000), "",
    ),
    "a million words": (
        "a.docx", lambda: beneath_the_gate(b"<w:p><w:r><w:t>a</w:t></w:r></w:p>", 600_000), "",
    ),
    "100,000 levels": (
        "a.docx", lambda: zips.docx(body=b"<w:p>" * 100_000 + b"</w:p>" * 100_000), "",
    ),
    "laughs in Word": (
        "a.docx", lambda: zips.docx({"word/styles.xml": LAUGHS + b"<a>&b;</a>"}), "entities",
    ),
    "laughs in ODT": ("a.odt", lambda: odt(b"&b;", LAUGHS), "declares entities"),
    "2,000,000,000 spaces": (
        "a.odt", lambda: odt(b'<text:p>a<text:s text:c="2000000000"/>b</text:p>'), "",
    ),
    "a cell at the far end": (
        "a.xlsx", lambda: sheet(b'<row r="1048576">' + CELL + b"</row>"), "",
    ),
    "a million cells": ("a.xlsx", lambda: sheet(b"<row><c><v>1</v></c></row>" * 1_000_000), ""),
    "laughs in Excel": (
        "a.xlsx", lambda: zips.xlsx({"xl/styles.xml": LAUGHS + b"<a/>"}), "declares entities",
    ),
    "600 MB in 8 kB": ("a.pdf", lambda: pdfs.double_flate(600_000_000), "too complex"),
    "forms in forms": ("a.pdf", pdfs.nested_forms, "too complex"),
    "100,000 pages": ("a.pdf", lambda: pdfs.many_pages(100_000), "has 100,000 pages"),
    "encrypted": ("a.pdf", lambda: pdfs.encrypted("Secret", user=b"x"), "is encrypted"),
    "laughs in YAML": (
        "a.md",
        lambda: b"---\na: &a [x, x]\n" + b"b: &b [*a, *a, *a, *a]\n" * 9 + b"---\n\nText.\n",
        "refused",
    ),
    "levels in YAML": (
        "a.md", lambda: b"---\ntitle: " + b"[" * 5_000 + b"\n---\n\nText.\n", "refused",
    ),
    "200,000 attributes": (
        "a.html",
        lambda: HTML + b"<p " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">Text",
        "",
    ),
    "200,000 divs": ("a.html", lambda: HTML + b"<div>" * 200_000 + b"Text", ""),
    "an open quote": ("a.csv", lambda: b'title,city\n"' + b"a, b\n" * 1_800_000, "refused"),
    "8,000 brackets": ("a.md", lambda: b"[" * 8_000, ""),
    "a table of 2,000 columns": ("a.md", lambda: b"|a" * 2_000 + b"\n" + b"|-" * 2_000, ""),
    "9 million lines": ("a.txt", lambda: b"a\n\n" * 6_000_000, ""),
    "an old encoding": (
        "a.txt", lambda: "Щедрый вечер, добрый вечер. ".encode("cp1251") * 700_000, "",
    ),
    "groups of RTF": ("a.rtf", lambda: b"{\\rtf1 " + b"{" * 1_000_000 + b"a", ""),
    "levels of JSON": ("a.jsonl", lambda: b'{"title": ' + b"[" * 100_000, "refused"),
    "half letters": (
        "a.jsonl", lambda: b'{"title": "\\ud800\\u0000x", "original_language": "en"}', "",
    ),
}  # fmt: skip
"""Name of a bomb: name of its file, what makes it, and a word of why it is refused.

Without a word it may become a draft as well, if that does no harm.
"""


class Reader(threading.Thread):
    """Someone who searches all the while."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site, self.stop = site, threading.Event()
        self.waits: list[float] = []
        self.statuses: set[int] = set()

    def run(self) -> None:
        while not self.stop.wait(0.1):
            for path in ("/search?q=homeless", "/healthz"):
                start = time.monotonic()
                self.statuses.add(self.site.ask("GET", path).status)
                self.waits.append(time.monotonic() - start)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("bombs") / "data", *CASES) as running:
        assert running.ask("GET", "/search?q=homeless").status == 200
        yield running


@pytest.fixture(scope="module")
def token(site):
    return site.token("x@example.org")


@pytest.fixture(scope="module")
def used_memory(site, token):
    """Have the worker read something, so that its words are loaded, and say what it needs."""
    story = CASES[0].read_bytes().partition(b"\n---\n")[2]
    sent = site.send(token, b"a.txt", story).json["id"]
    assert site.ended(token, sent, 2 * WITHIN_S)["state"] == "draft"
    return memory(children(site.process.pid)[0])


def ends(site: Site, token: str, sent: dict[str, str]) -> dict[str, Any]:
    """Wait for files, of which one must end every so many seconds; they are read one by one."""
    told: dict[str, Any] = {}
    last = time.monotonic()
    while waiting := [name for name in sent if name not in told]:
        for name in waiting:
            found = site.told(token, sent[name])
            if found["state"] not in {"queued", "parsing"}:
                told[name], last = found, time.monotonic()
        assert time.monotonic() - last < WITHIN_S, f"none of {waiting} ends"
        time.sleep(0.2)
    return told


def test_every_bomb_ends_in_words_while_the_site_answers(site, token, used_memory):
    processes = site.process.pid, children(site.process.pid)
    reader = Reader(site)
    reader.start()
    sent = {}

    for name, (file, make, _) in BOMBS.items():
        answer = site.send(token, file.encode(), make())
        assert answer.status == 202, name
        sent[name] = answer.json["id"]
    good = site.send(token, b"good.md", GOOD).json["id"]
    fates = ends(site, token, sent)
    last = site.ended(token, good, WITHIN_S)
    reader.stop.set()
    reader.join()

    for name, (_, _, word) in BOMBS.items():
        told = fates[name]
        assert told["state"] in ({"refused"} if word else {"refused", "draft"}), (name, told)
        assert word == "refused" or word in told["reason"], (name, told["reason"])
        assert told["state"] == "draft" or len(told["reason"]) > 20, name
    assert last["state"] == "draft"
    assert last["draft"]["title"]["value"] == "Bytar"
    assert reader.statuses == {200}
    assert statistics.median(reader.waits) < 1
    assert max(reader.waits) < 3
    assert site.process.poll() is None
    assert (site.process.pid, children(site.process.pid)) == processes
    assert memory(processes[1][0]) < used_memory + 150_000_000


def test_the_page_of_what_a_bomb_has_become_is_shown(site, token):
    data = b"[" * 8_000 + b"\n\n" + b"word " * 200_000
    sent = site.send(token, b"a.md", data).json["id"]
    (made,) = site.ended(token, sent, WITHIN_S)["drafts"]
    library = open_library(Settings(data=Path(site.environment["KB_DATA"]), encoder="off"))
    person = library.accounts.by_email("x@example.org")
    cookie = {"Cookie": f"session={library.accounts.begin_session(person.id, 'test')}"}
    library.close()
    path = urlsplit(made["url"]).path

    for page, status in ((path, 200), (f"{path}/preview", 422), ("/contribute", 200)):
        start = time.monotonic()
        assert site.ask("GET", page, **cookie).status == status
        assert time.monotonic() - start < 3


def test_a_worker_that_dies_is_started_again(site, token):
    (worker,) = children(site.process.pid)

    os.kill(worker, signal.SIGKILL)

    sent = site.send(token, b"after.md", GOOD + b"After.").json["id"]
    assert site.ended(token, sent, 2 * WITHIN_S)["state"] == "draft"


# Sizes


def test_more_than_20_mb_are_refused_before_they_are_read(site, token):
    for body in (multipart((b"file", b"a.txt", b"a" * (20 * 1024 * 1024 + 1))), b"a" * 30_000_000):
        answer = site.post(token, body)
        assert answer.status == 413
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["title"] == "What was sent is too large"


def test_a_request_that_does_not_say_its_length_is_limited_as_well(site, token):
    piece = multipart((b"file", b"a.txt", b"a" * 1_000_000))

    assert site.post(token, iter([piece] * 22)).status == 413
    assert site.post(token, iter([multipart((b"file", b"a.md", GOOD))])).status == 202


def test_what_is_far_too_large_is_not_even_taken_in(site, token):
    head = {"Content-Length": "2000000000", **bearer(token)}

    start = time.monotonic()
    assert site.ask("POST", "/api/v1/uploads", b"", **head).status == 413
    assert time.monotonic() - start < 3


def test_a_form_of_many_parts_is_refused(site, token):
    many = [(b"a%d" % number, b"", b"x") for number in range(60)]

    assert site.post(token, multipart(*many, (b"file", b"a.md", GOOD))).status == 413


def test_a_file_between_the_limits_of_file_and_request_is_refused_in_words(site, token):
    answer = site.send(token, b"a.txt", b"a" * 20_500_000)

    assert answer.status == 422
    assert "more than 20 MB" in answer.json["detail"]


# The contract of the API


def test_a_file_is_taken_with_id_state_and_address_and_becomes_values_with_passages(site, token):
    text = b"Housing First in Dublin\n\nThe city has given 600 flats to homeless people since 2011."

    answer = site.send(token, b"dublin.txt", text)

    assert answer.status == 202
    assert answer.json.keys() >= {"id", "state", "url"}
    assert answer.json["state"] in {"queued", "parsing"}
    assert answer.headers["Location"] == answer.json["url"]
    assert answer.json["url"].endswith(f"/api/v1/uploads/{answer.json['id']}")
    told = site.ended(token, answer.json["id"], WITHIN_S)
    assert (told["state"], told["reason"]) == ("draft", "")
    for name, each in told["draft"].items():
        assert each.keys() == {"value", "passage"}
        assert name == "body" or (each["passage"] and each["passage"] in text.decode())
    assert told["draft"]["city"]["value"] == "Dublin"


@pytest.mark.parametrize("name", ["", "kb_wrong", "Ω"])
def test_without_a_token_that_is_good_nothing_is_taken(site, name):
    answer = site.send(name.encode().decode("latin-1"), b"a.md", GOOD)

    assert answer.status == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "bearer" in answer.headers["WWW-Authenticate"].lower()


def test_a_token_that_was_revoked_is_good_no_more(site):
    token = site.token("revoked@example.org")
    assert site.send(token, b"a.md", GOOD).status == 202
    library = open_library(Settings(data=Path(site.environment["KB_DATA"]), encoder="off"))
    person = library.accounts.by_email("revoked@example.org")
    library.accounts.revoke(person.id, library.accounts.tokens(person.id)[0].id)
    library.close()

    assert site.send(token, b"a.md", GOOD).status == 401


def test_the_file_of_another_is_not_there(site, token):
    upload = site.send(token, b"a.md", GOOD).json["id"]
    other = site.token("other@example.org")

    for path in (upload, upload[:-1], "x" * 300, "%00", "..%2f"):
        answer = site.ask("GET", f"/api/v1/uploads/{path}", **bearer(other))
        assert answer.status == 404
        assert upload not in answer.data.decode()


@pytest.mark.parametrize(
    "part", [(b"other", b"a.md", GOOD), (b"file", b"", GOOD), (b"x", b"", b"x")]
)
def test_a_request_without_a_file_is_told_so(site, token, part):
    answer = site.post(token, multipart(part))

    assert answer.status == 400
    assert "the part 'file'" in answer.json["detail"]


@pytest.mark.parametrize("body", [b"", b"x", b"--a-boundary-that-no-file-has\r\n", b"\0" * 99])
def test_a_broken_request_is_a_bad_one(site, token, body):
    assert site.post(token, body).status == 400


def test_an_empty_file_is_refused_at_once(site, token):
    answer = site.send(token, b"a.md", b"")

    assert answer.status == 422
    assert "empty" in answer.json["detail"]


def test_what_is_sent_again_with_its_key_is_one_upload_and_another_file_is_another(site, token):
    key = {"Idempotency-Key": "a-key"}
    first = site.send(token, b"a.md", GOOD, **key).json["id"]

    assert site.send(token, b"a.md", GOOD, **key).json["id"] == first
    assert site.send(token, b"a.md", GOOD + b"More.", **key).json["id"] != first
    assert site.send(token, b"a.md", GOOD).json["id"] != first


NAMES = {
    b"../../etc/passwd.md": "passwd.md",
    b"..\\..\\a.md": None,
    b"a.md%0d%0aSet-Cookie: x=y": None,
    "evil\u202edm.txt".encode(): "evildm.txt",
    b"a" * 10_000 + b".md": "a" * 252 + ".md",
    b"nul\0.md": "nul.md",
    b"<script>alert(1)</script>.md": None,
    "Förderung Ω 日本.md".encode(): "Förderung Ω 日本.md",
    b"\xff\xfe.md": None,
    b".md": ".md",
}


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_file_does_harm(site, token, name):
    answer = site.send(token, name, GOOD)

    assert answer.status in {202, 400}
    if answer.status == 202:
        kept = answer.json["file"]
        assert len(kept.encode()) <= 255
        assert kept.isprintable()
        assert NAMES[name] is None or kept == NAMES[name]
        assert "Set-Cookie" not in answer.headers
        assert site.ended(token, answer.json["id"], WITHIN_S)["state"] in {"draft", "refused"}
    assert not (Path(site.environment["KB_DATA"]).parent / "etc").exists()
