"""A real browser, and a site for it with everything that people with accounts can see."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from waitress.server import create_server
from waitress.wasyncore import close_all

from kb.library import Library, open_library
from kb.settings import Settings
from tests.conftest import ROOT
from tests.web.conftest import A_FORUM, EVERY_FIELD
from web import create_app

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DRAFTS = ROOT / "tests" / "drafts"
PHRASE = "eleven yellow ferries by day"

needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists(),
    reason="there is no /usr/bin/chromium; on Debian install it with: apt install chromium",
)


@contextmanager
def served(app: Flask, **more: object) -> Iterator[str]:
    """Serve ``app`` as `serve` does, at the address that is given.

    Werkzeug's server leaves a file open where a browser goes away before it has all of it.
    """
    connections: dict[int, object] = {}
    server = create_server(app, map=connections, host="127.0.0.1", port=0, threads=4, **more)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(lambda: close_all(connections))  # in its own thread
    thread.join()
    server.task_dispatcher.shutdown()


@contextmanager
def launched():
    """Give Chromium."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is missing; install the dependency group tests"
    )
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Town:
    """A site at work: three people, files in all states, a draft in review, a case with a past."""

    library: Library
    app: Flask
    address: str

    def person(self, name: str):
        return self.library.accounts.by_email(f"{name}@people.example")

    def cookie(self, name: str) -> dict[str, str]:
        secret = self.library.accounts.begin_session(self.person(name).id, "test")
        return {"name": "session", "value": secret, "url": self.address}

    def send(self, name: str, *files: str) -> None:
        for file in files:
            self.library.contributing.receive(self.person(name), file, (DRAFTS / file).read_bytes())
        while self.library.contributing.read_next():
            pass

    def draft(self, name: str, state: str = "draft"):
        """Return the draft that was made of a document; others come and go with the tests."""
        work, person = self.library.contributing, self.person(name)
        documents = {each.id for each in work.files(person) if each.file.endswith(("docx", "pdf"))}
        return next(
            each for each in work.drafts(person)
            if each.state == state and each.upload in documents
        )  # fmt: skip


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    """Found a town in an empty folder, and serve it."""
    library = open_library(Settings(data=folder / "data", encoder="off"))
    (folder / "every-field.md").write_text(EVERY_FIELD, encoding="utf-8")
    (folder / "a-forum.yaml").write_text(A_FORUM, encoding="utf-8")
    dublin = ROOT / "corpus" / "ie" / "housing-first-dublin.md"
    assert not library.ingest([folder / "every-field.md", folder / "a-forum.yaml", dublin]).refused
    for name, role in (
        ("ana", "contributor"),
        ("mia", "moderator"),
        ("ada", "administrator"),
    ):
        library.accounts.create(f"{name}@people.example", role, name.title())
    app = create_app(library, Settings())
    app.testing = True
    with served(app) as address:
        founded = Town(library, app, address)
        _live(founded)
        library.sync()
        yield founded
    library.close()


def _live(town: Town) -> None:
    """Let happen what leaves traces: a wrong draft, one in review, a revision, answers."""
    work, ana, mia = town.library.contributing, town.person("ana"), town.person("mia")
    town.send("ana", "06-core-wien.pdf")
    asked = town.draft("ana")
    work.submit(ana, asked.id, asked.version)
    work.comment(mia, asked.id, "outcomes", "Where does this figure stand?")
    work.comment(mia, asked.id, "", "A good case, with two questions.")
    change = work.revise(ana, "every-field")
    change = work.write(ana, change.id, change.version, {**change.values, "summary": "Nowe."})
    work.submit(ana, change.id, change.version)
    change = work.draft(mia, change.id)
    work.accept(mia, change.id, change.version)
    town.send("ana", "10-latarnicy-lodz.docx")
    work.receive(ana, "a.exe", b"MZ\0")
    work.read_next()
    work.receive(ana, "waits.txt", b"It waits.")
    work.verifying.answer(
        "housing-first-dublin", work.verifying.link("housing-first-dublin"), "changed", "Larger."
    )
    for city, more in (("Wien", {"worked": "partly", "result": "Half of it."}), ("Nowhere", {})):
        told = {
            "city": city, "country": "AT", "year": "2021", "state": "running", "agreed": "yes",
            "organisation": "Sozialamt", "contact": "amt@wien.example", **more,
        }  # fmt: skip
        recorded = town.library.transfer.record(ana, "every-field", told)
        if more:
            town.library.transfer.decide(town.person("ada"), recorded.id, "accepted")
    town.library.accounts.make_token(ana, "script", ["read"], 30)
