import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kb import lock, stems, upkeep
from kb.errors import IndexBusyError, IndexUnavailableError
from kb.library import Library, open_library
from kb.nlp import places
from kb.query import Match, Query
from kb.settings import Settings
from kb.worker import keep_in_step

ROOT = Path(__file__).parents[1]

HOLDER = """
import sys
from pathlib import Path
from kb import lock
with lock.held(Path(sys.argv[1]), 0):
    print("held", flush=True)
    sys.stdin.read()
"""

GERMAN = {
    "title": "Erst die Wohnung",
    "original_language": "de",
    "city": "Wien",
    "country": "AT",
    "summary": "Die Stadt gab Wohnungslosen eine Wohnung.",
    "challenge": "Zu wenig Platz.",
    "solution": "Mehr Platz.",
    "themes": '["22.3"]',
}


@pytest.fixture
def receive(library, write_case):
    def receive(name: str, body: str = "The full text.", **fields: str | None) -> None:
        path = write_case(name, body, **fields)
        library.receive(path.name, path.read_bytes(), "tester")

    return receive


def found(library: Library, text: str = "", **filters: tuple[str, ...]) -> set[str]:
    return {hit.id for hit in library.search(Query(text, filters, size=100)).hits}


class Rounds(threading.Event):
    """Ends the worker after some rounds instead of waiting; calls a function after each."""

    def __init__(self, rounds: int, after=lambda: None) -> None:
        super().__init__()
        self.left = rounds
        self.after = after

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout == 0
        self.after()
        self.left -= 1
        if self.left == 0:
            self.set()
        return self.is_set()


# Keeping in step


def test_search_before_the_first_sync_is_unavailable(library):
    with pytest.raises(IndexUnavailableError):
        library.search(Query("housing"))


def test_sync_of_nothing_makes_an_index(library):
    assert library.sync() == 0

    assert library.search(Query()).total == 0
    assert library.status().index.state == "ready"


def test_sync_indexes_what_is_new(library, receive):
    receive("one")
    receive("two")

    assert library.sync() == 2

    assert found(library, "homelessness") == {"one", "two"}


def test_sync_catches_up_with_what_changed_since(library, receive):
    receive("one")
    receive("two")
    library.sync()

    receive("one", "Now there are greenhouses.")
    receive("three", "And an orchard.")

    assert library.sync() == 2
    assert found(library, "greenhouse") == {"one"}
    assert found(library, "orchard") == {"three"}
    assert found(library) == {"one", "two", "three"}


def test_sync_forgets_what_a_case_said_before(library, receive):
    receive("one", "There is an orchard.")
    library.sync()

    receive("one", "There is none.")
    library.sync()

    assert found(library, "orchard") == set()


def test_sync_without_changes_does_nothing(library, receive):
    receive("one")
    library.sync()
    before = library._engine.checkpoint()

    assert library.sync() == 0

    assert library._engine.checkpoint() == before


def test_sync_drops_a_case_that_is_gone(library, receive):
    receive("one")
    receive("two")
    library.sync()

    with library._connections.writing() as db:
        db.execute("DELETE FROM cases WHERE id = 'one'")

    assert library.sync() == 1
    assert found(library) == {"two"}


def test_sync_renders_and_tags(library, receive):
    receive("one", "Some **rough sleepers** moved in.", themes='["22.3"]')
    assert library.page("one").bodies == {}

    library.sync()

    page = library.page("one")
    assert "<strong>rough sleepers</strong>" in page.bodies["en"]
    assert "06" in {tag.value for tag in page.tags}


def test_case_received_while_others_are_tagged_gets_its_tags(library, receive):
    library.sync()
    receive("one")

    def meanwhile(step, items, _total):
        yield from items
        if step == "Tagging":
            receive("two", **GERMAN)

    library.sync(meanwhile)
    library.sync()

    assert found(library, "sans-abri") == {"one", "two"}


def test_case_received_while_others_are_read_for_a_rebuild_gets_its_tags(library, receive):
    receive("one")

    def meanwhile(step, items, _total):
        yield from items
        if step == "Indexing" and not library._store.revisions(["two"]):
            receive("two", **GERMAN)

    library.rebuild(meanwhile)
    library.sync()

    assert found(library, "sans-abri") == {"one", "two"}


def test_case_received_while_others_are_indexed_is_not_lost(library, receive):
    receive("one")

    def meanwhile(step, items, _total):
        yield from items
        if step == "Indexing" and not library._store.revisions(["two"]):
            receive("two")

    library.sync(meanwhile)
    library.sync()

    assert found(library) == {"one", "two"}


def test_text_that_older_rules_let_in_keeps_up_no_other_case(library, receive):
    receive("one")
    body = "The city gave some 3 < 4 homeless people a flat of their own. " * 600
    too_long = library._store.latest("one").case.model_copy(update={"id": "two", "body": body})
    library._store.save(too_long, file="two.md", original="", contributor="tester")

    library.sync()

    assert found(library, "homeless") == {"one", "two"}
    html = library.page("two").bodies["en"]
    assert html.startswith("<p>The city gave some 3 &lt; 4 homeless")


def test_rebuild_returns_how_many_cases_there_are(library, receive):
    receive("one")
    receive("two")
    library.sync()

    assert library.rebuild() == 2
    assert found(library) == {"one", "two"}


@pytest.mark.parametrize(
    ("steps", "state", "cases", "behind"),
    [
        ([], "missing", 0, 1),
        (["sync"], "ready", 1, 0),
        (["sync", "change"], "behind", 1, 1),
        (["sync", "change", "change", "sync"], "ready", 1, 0),
    ],
)
def test_status_says_how_the_index_stands(library, receive, steps, state, cases, behind):
    receive("one")

    for number, step in enumerate(steps):
        library.sync() if step == "sync" else receive("one", f"Text {number}.")

    index = library.status().index
    assert (index.state, index.cases, index.behind) == (state, cases, behind)
    assert library.status().cases == 1


def test_index_of_other_rules_is_rebuilt(library, receive, monkeypatch):
    receive("one")
    receive("two")
    library.sync()
    monkeypatch.setattr(stems, "VERSION", "another")

    assert library.status().index.state == "missing"
    assert library.sync() == 2
    assert library.status().index.state == "ready"


def test_index_of_another_database_is_rebuilt(library, receive, tmp_path):
    receive("one")
    library.sync()
    other = open_library(Settings(data=tmp_path / "other"))
    path = tmp_path / "one.md"
    other.receive("two.md", path.read_bytes().replace(b"id: one", b"id: two"), "tester")
    (tmp_path / "data" / "index").rename(tmp_path / "other" / "index")

    assert other.status().index.state == "missing"
    other.sync()

    assert found(other) == {"two"}
    other.close()


def test_index_ahead_of_the_database_is_rebuilt(library, receive, tmp_path):
    receive("one")
    backup = tmp_path / "backup.sqlite"
    library._connections.reading.execute("VACUUM INTO ?", [str(backup)])
    receive("two")
    library.sync()
    library.close()
    for name in ("citypraxis.sqlite-wal", "citypraxis.sqlite-shm"):
        (tmp_path / "data" / name).unlink(missing_ok=True)

    backup.replace(tmp_path / "data" / "citypraxis.sqlite")
    library.sync()

    assert found(library) == {"one"}
    assert library.search(Query()).total == 1


def test_sync_of_another_process_is_waited_for_and_then_busy(library, monkeypatch):
    monkeypatch.setattr(upkeep, "_WAIT_S", 0)
    command = [sys.executable, "-c", HOLDER, str(library.settings.data / "sync.lock")]
    with subprocess.Popen(  # noqa: S603 - our own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as holder:
        assert holder.stdout.readline() == "held\n"

        with pytest.raises(IndexBusyError):
            library.sync()

        holder.kill()

    assert library.sync() == 0


def test_lock_is_released_when_the_block_fails(tmp_path):
    path = tmp_path / "new" / "a.lock"
    with pytest.raises(ZeroDivisionError), lock.held(path, 0):
        raise ZeroDivisionError

    with lock.held(path, 0), pytest.raises(IndexBusyError), lock.held(path, 0):
        pass


# Finding


def test_case_is_found_by_a_concept_in_another_language(library, receive):
    receive("one", **GERMAN)
    library.sync()

    (hit,) = library.search(Query("sans-abri", reader="en")).hits

    assert hit.matches == (Match("concepts", "sans abri", "Homelessness", "06"),)
    assert [hit.passage.text[a:b] for a, b in hit.passage.marks] == ["Wohnungslosen"]
    assert (hit.passage.language, hit.language) == ("de", "de")


def test_hit_shows_the_passage_that_matched(library, receive):
    receive("one", "# Heading\n\nThe first paragraph.\n\nIt has an **orchard** now.")
    library.sync()

    (hit,) = library.search(Query("orchards")).hits

    assert hit.passage.text == "It has an orchard now."
    assert [hit.passage.text[a:b] for a, b in hit.passage.marks] == ["orchard"]


def test_hit_shows_what_names_the_case(library, receive):
    receive("one", title_en="Housing First", start="2011-05", stage="pilot")
    library.sync()

    (hit,) = library.search(Query()).hits

    assert (hit.id, hit.title, hit.city, hit.country) == ("one", "Housing First", "Dublin", "IE")
    assert (hit.language, hit.year, hit.stage) == ("en", 2011, "pilot")


def test_case_is_found_under_another_name_of_its_city(library, receive):
    receive("one", **GERMAN)
    library.sync()

    assert found(library, "Vienna") == found(library, "Вена") == {"one"}


def test_filters_narrow_and_facets_count(library, receive):
    receive("one")
    receive("two", **GERMAN)
    library.sync()

    result = library.search(Query(filters={"country": ("AT",)}))

    countries = next(facet for facet in result.facets if facet.name == "country")
    assert [hit.id for hit in result.hits] == ["two"]
    assert [(v.value, v.label, v.count, v.selected) for v in countries.values] == [
        ("AT", "Austria", 1, True),
        ("IE", "Ireland", 1, False),
    ]


def test_nothing_found_offers_looser_questions_that_find_something(library, receive):
    receive("one")
    library.sync()

    result = library.search(Query("hostels", filters={"country": ("AT",), "stage": ("pilot",)}))

    assert result.total == 0
    assert [(looser.label, looser.total) for looser in result.relaxations] == [
        ("without any filter", 1)
    ]


def test_looser_question_leaves_out_one_filter(library, receive):
    receive("one")
    library.sync()

    (looser, _) = library.search(Query("hostels", filters={"country": ("AT",)})).relaxations

    assert looser.label == "without Austria"
    assert found(library, looser.query.text, **looser.query.filters) == {"one"}


def test_looser_question_leaves_out_one_word_and_not_what_contains_it(library, receive):
    receive("one")
    library.sync()

    (looser,) = library.search(Query("ire country:Ireland")).relaxations

    assert (looser.label, looser.query.text) == ("without the word “ire”", "country:Ireland")
    assert found(library, looser.query.text) == {"one"}


def test_looser_question_is_never_the_empty_one(library, receive):
    receive("one")
    library.sync()

    assert library.search(Query("xylophone")).relaxations == ()


def test_something_found_offers_no_looser_question(library, receive):
    receive("one")
    library.sync()

    assert library.search(Query("hostels")).relaxations == ()


# The worker


def test_worker_keeps_the_index_in_step(library, receive):
    receive("one")

    keep_in_step(library, 0, Rounds(2, lambda: receive("two")))

    assert found(library) == {"one", "two"}


def test_worker_that_is_stopped_does_not_begin(library, receive):
    receive("one")
    stop = threading.Event()
    stop.set()

    keep_in_step(library, 0, stop)

    assert library.status().index.state == "missing"


def test_worker_survives_what_fails_and_tries_again(library, receive, caplog):
    receive("one")
    in_the_way = library.settings.data / "index"
    in_the_way.write_text("not a folder")

    stop = Rounds(2, lambda: in_the_way.is_file() and in_the_way.unlink())
    keep_in_step(library, 0, stop)

    assert "a step of the worker has failed" in caplog.text
    assert found(library) == {"one"}


def test_worker_survives_a_database_that_fails(library, receive, caplog):
    receive("one")
    other = sqlite3.connect(library.settings.data / "citypraxis.sqlite")
    other.execute("ALTER TABLE analyses RENAME TO elsewhere")

    def back() -> None:
        other.execute("DROP TABLE IF EXISTS analyses")
        other.execute("ALTER TABLE elsewhere RENAME TO analyses")
        stop.after = lambda: None

    stop = Rounds(2, back)
    keep_in_step(library, 0, stop)

    other.close()
    assert "no such table" in caplog.text
    assert found(library) == {"one"}


def test_worker_mends_a_damaged_index_when_it_starts(library, receive):
    receive("one")
    library.sync()
    segment = next((library.settings.data / "index" / "current").resolve().glob("*.seg"))
    before = segment.parent
    data = segment.read_bytes()
    segment.write_bytes(data[:40] + bytes(8) + data[48:])

    keep_in_step(library, 0, Rounds(1))

    assert (library.settings.data / "index" / "current").resolve() != before
    assert found(library, "homelessness") == {"one"}


def test_worker_that_has_nothing_to_do_gets_ready_for_the_first_file(library):
    places.gazetteer.cache_clear()

    keep_in_step(library, 0, Rounds(1))

    assert places.gazetteer.cache_info().currsize == 1


def test_several_processes_tag_as_one_does(library, receive, monkeypatch):
    monkeypatch.setattr("kb.tagging._WORTHWHILE", 2)
    for n in range(5):
        receive(f"case-{n}", "Some **rough sleepers** moved in.")

    library.sync(jobs=2)

    together = {key: tags for key, (_, tags) in library._store.tags(library._store.ids()).items()}
    library._store.keep(
        *(
            replace(a, maker="another")
            for a in library._store.analyses(library._store.ids()).values()
        )
    )
    library.sync()
    assert {
        key: tags for key, (_, tags) in library._store.tags(library._store.ids()).items()
    } == together
    assert "06" in {tag.value for tag in together["case-0"]}


def test_what_was_tagged_before_a_stop_is_not_tagged_again(library, receive, monkeypatch):
    monkeypatch.setattr("kb.tagging._SLICE", 2)
    for n in range(5):
        receive(f"case-{n}")

    def stopping(step, items, _total):
        for number, item in enumerate(items):
            if step == "Indexing" and number == 4:
                raise KeyboardInterrupt
            yield item

    with pytest.raises(KeyboardInterrupt):
        library.sync(stopping)

    assert set(library._store.analyses(library._store.ids())) == {f"case-{n}" for n in range(4)}
    library.sync()
    assert found(library) == {f"case-{n}" for n in range(5)}


def test_worker_looks_as_soon_as_a_case_has_come(library, receive):
    library.sync()
    stop = threading.Event()
    # A look of its own it would take in an hour.
    working = threading.Thread(target=keep_in_step, args=[library, 3600, stop])
    working.start()
    try:
        receive("one")
        assert within_s(30, lambda: found(library) == {"one"})
    finally:
        stop.set()
        working.join()


def within_s(seconds, is_so):
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
