"""Cases to take away: those of the corpus, and one that is as hard as they come."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from kb.exports import EXPORTS, Context, Record
from kb.formats import md
from kb.model import Case, Place, Revision, Tag
from kb.nlp.places import gazetteer
from tests.conftest import ROOT
from tests.web.conftest import EVERY_FIELD

PUBLIC = "https://praxis.example"
CONTEXT = Context(
    site_name="citypraxis",
    public_url=PUBLIC,
    query="All cases",
    address=f"{PUBLIC}/search",
    taken=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
)
TURKU = Place("633679", "Turku", "FI", 60.45148, 22.26869, 189_669)
MINIMAL: dict[str, Any] = {"id": "a", "title": "A case", "original_language": "en"}
HARD = "“Ünïcode” – {braces} \\slash & 50% #1 $x_y^z~ <b>|`\n\n- list; with: marks, \"quoted\"\t'x'"
"""What each of the formats has a use of its own for."""
RIGHT_TO_LEFT = "דיור תחילה — السكن أولاً"


def record(tags: tuple[Tag, ...] = (), place: Place | None = None, **fields: Any) -> Record:
    case = Case.model_validate({**MINIMAL, **fields})
    return Record(Revision(case, 3, "2026-11-22T10:11:12Z", "", "", ""), place, tags)


def taken(name: str, *records: Record, context: Context = CONTEXT) -> bytes:
    return b"".join(EXPORTS[name].write(records, context))


@cache
def corpus() -> tuple[Record, ...]:
    files = sorted((ROOT / "corpus").glob("*/*.md"))
    cases = [md.read(file.read_bytes(), file.name, lambda _: ("en", 1.0)) for file in files]
    return tuple(
        Record(
            Revision(case, number, f"2026-11-{number % 28 + 1:02}T08:00:00Z", "", "", ""),
            gazetteer().find(case.city, case.country),
        )
        for number, case in enumerate(cases, 1)
    )


@cache
def every_field() -> Record:
    case = md.read(EVERY_FIELD.encode(), "every-field.md", lambda _: ("pl", 1.0))
    tag = Tag("concept", "06.2", "machine", 0.5, "homeless", "A sentence; with = marks.", "en", "t")
    return Record(Revision(case, 2, "2026-11-22T10:11:12Z", "", "", ""), TURKU, (tag,))


def everything() -> tuple[Record, ...]:
    hard = record(
        id="hard",
        title=" ".join(HARD.split()),
        summary=HARD,
        body=f"{RIGHT_TO_LEFT}\n\n{HARD}",
        lead_organisation={"name": "A & B {C}"},
        licence="CC-BY-NC-4.0",
        sources_and_media=[{"id": "s1", "url": "https://x.example/{a}|b\\c?d=`e`^"}],
    )
    return (*corpus(), every_field(), hard, record(id="bare"))
