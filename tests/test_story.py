"""One file on its way through the house: the list in docs/architecture.md, step by step."""

from collections.abc import Callable
from pathlib import Path

from kb.library import Library
from kb.query import Query
from kb.settings import Settings
from web import create_app

BODY = "Die Stadt gab Wohnungslosen zuerst eine Wohnung und half ihnen danach, sie zu behalten."


def test_a_file_becomes_a_revision_then_tags_then_a_hit_on_the_page(
    library: Library, write_case: Callable[..., Path]
) -> None:
    path = write_case(
        "erst-die-wohnung",
        BODY,
        title="Erst die Wohnung",
        original_language="de",
        city="Wien",
        country="AT",
        summary="Hilfe für Wohnungslose ohne Bedingungen.",
    )

    ingested = library.ingest([path])

    assert ingested.new == ["erst-die-wohnung"]
    assert library.status().index.state == "missing"

    indexed = library.sync()

    assert indexed == 1
    assert library.status().index.state == "ready"
    page = library.page("erst-die-wohnung")
    assert page.revision.number == 1
    assert page.place is not None
    assert "Vienna" in (page.place.name, *page.place.names)
    found = [tag for tag in page.tags if tag.origin == "machine" and tag.value == "06"]
    assert "Wohnungslose" in found[0].passage

    hits = library.search(Query("Wohnungslose")).hits

    assert [hit.id for hit in hits] == ["erst-die-wohnung"]
    text, marks = hits[0].passage.text, hits[0].passage.marks
    assert "Wohnungslose" in {text[start:end] for start, end in marks}

    client = create_app(library, Settings()).test_client()

    assert "Erst die Wohnung" in client.get("/?q=sans-abri").text
    assert client.get("/cases/erst-die-wohnung").status_code == 200
    assert client.get("/api/v1/cases?q=vienna").json["total"] == 1

    path.write_text(path.read_text().replace("Bedingungen.", "Obdach und Bedingungen."))

    assert library.ingest([path]).changed == ["erst-die-wohnung"]
    assert library.sync() == 1
    assert library.page("erst-die-wohnung").revision.number == 2
    assert library.search(Query("Obdach")).total == 1
