"""How to cite a frozen result: as a sentence, and in the formats of reference managers."""

from datetime import UTC, datetime

from kb.exports import Context, bibtex, csl, ris
from kb.exports.arrays import array
from kb.exports.citing import Reference
from kb.frozen import Snapshot

FORMATS = ("bibtex", "ris", "csl")
"""As the formats of cases are called in `kb.exports.EXPORTS`."""


def title(snapshot: Snapshot) -> str:
    """Return what a result is called."""
    cases = "case" if snapshot.count == 1 else "cases"
    return f"{snapshot.words} ({snapshot.count} {cases})"


def sentence(snapshot: Snapshot, url: str) -> str:
    """Return the citation as the sixth and later editions of the APA manual order its parts."""
    taken = _taken(snapshot)
    date = f"{taken.year}, {taken:%B} {taken.day}"
    what = f"{title(snapshot)} [Data set, SHA-256 {snapshot.sha256}]"
    return f"{snapshot.site} ({date}). {what}. {url}"


def quoted(snapshot: Snapshot, url: str, format_name: str) -> bytes:
    """Return the citation in one of `FORMATS`."""
    told, context = _reference(snapshot, url), _context(snapshot, url)
    if format_name == "csl":
        return b"".join(array([csl.entry(told, context)]))
    write = bibtex.entry if format_name == "bibtex" else ris.entry
    return write(told, context).encode()


def _reference(snapshot: Snapshot, url: str) -> Reference:
    taken = _taken(snapshot)
    licences = list(snapshot.licences)
    return Reference(
        key=f"snapshot-{snapshot.id}",
        author=snapshot.site,
        year=f"{taken:%Y}",
        day=f"{taken:%Y-%m-%d}",
        title=title(snapshot),
        title_en="",
        abstract="",
        language="en",
        place="",
        publisher=snapshot.site,
        number=f"Snapshot {snapshot.id}, SHA-256 {snapshot.sha256}",
        revision=0,
        url=url,
        licence=licences[0] if len(licences) == 1 else "that of each case",
        keywords=(),
        dataset=True,
    )


def _context(snapshot: Snapshot, url: str) -> Context:
    # Cited as of the day when it was frozen: what is cited does not change with who looks when.
    return Context(snapshot.site, url, snapshot.words, snapshot.address, _taken(snapshot))


def _taken(snapshot: Snapshot) -> datetime:
    return datetime.fromtimestamp(snapshot.taken, UTC)
