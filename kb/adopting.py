"""A record of another site as a case of ours: its licence, where it comes from, what it lacks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kb.errors import RefusedFileError
from kb.formats.problems import case_from
from kb.intake import check_place
from kb.licences import UNSTATED, USUAL, named
from kb.model import Case
from kb.peers import Foreign, Peer
from kb.rows import Origin
from kb.values import digest

_MOST_SHOWN = 3
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Adopted:
    """A record, and what it says as a case."""

    foreign: Foreign
    values: Mapping[str, Any]
    digest: str
    """Of what it says, not of how it came here: see `bare_digest`."""
    case: Case | None
    """None where it is not whole."""
    lacks: str
    """What keeps it from being published; empty where nothing does."""


def adopted(foreign: Foreign, peer: Peer, licence: str) -> Adopted:
    """Return what a record says as a case.

    Args:
        foreign: the record.
        peer: from which it comes.
        licence: what an operator knows of the licence of records that name none, or nothing.
    """
    told = str(foreign.values.get("licence", ""))
    granted = named(told) or licence or UNSTATED
    values = {**foreign.values, "licence": granted, "imported_from": _origin(foreign, peer)}
    if granted == UNSTATED:
        said = f"it says {told[:80]!r}" if told else "it names none"
        lacks = f"has no licence to publish it: {said}"
        return Adopted(foreign, values, bare_digest(values), None, lacks)
    try:
        case = case_from(values, "", lambda _path: None)
        check_place(case, "")
    except RefusedFileError as err:
        return Adopted(foreign, values, bare_digest(values), None, _in_short(err))
    told_whole = case.as_dict()
    return Adopted(foreign, told_whole, bare_digest(told_whole), case, "")


def bare_digest(values: Mapping[str, Any]) -> str:
    """Return the digest of what a case says, apart from how it came here."""
    told = {name: value for name, value in values.items() if name != "imported_from"}
    return digest(told | {"licence": told.get("licence") or USUAL})


def _origin(foreign: Foreign, peer: Peer) -> dict[str, Any]:
    earlier = foreign.values.get("imported_from")
    earlier = earlier if isinstance(earlier, Mapping) else {}
    told = {
        "site": peer.site,
        "url": foreign.url,
        "source": peer.source,
        "identifier": foreign.identifier,
        "datestamp": foreign.datestamp,
        "taken": datetime.now(UTC).date().isoformat(),
        "first": str(earlier.get("first") or earlier.get("url") or ""),
    }
    return {name: text[:_LONGEST] for name, text in told.items() if _fits(name, text[:_LONGEST])}


def _fits(name: str, text: str) -> bool:
    """Tell whether a value can stand in `Origin`: an address within a network may be none."""
    try:
        Origin.model_validate({name: text})
    except ValueError:
        return False
    return bool(text)


def _in_short(err: RefusedFileError) -> str:
    missing = [each.field for each in err.problems if each.message == "is missing"]
    wrong = [f"{each.field} {each.message}" for each in err.problems if each.field not in missing]
    # An id is made of title and city when the draft is published.
    asked = [name for name in missing if name != "id"]
    parts = [f"lacks {', '.join(asked)}"] if asked else []
    return "; ".join([*parts, *_few(wrong)])


def _few(told: Iterable[str]) -> list[str]:
    listed = list(told)
    more = len(listed) - _MOST_SHOWN
    return [*listed[:_MOST_SHOWN], *([f"and {more} more"] if more > 0 else [])]
