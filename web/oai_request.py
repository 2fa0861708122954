"""What a harvester asks by OAI-PMH 2.0: arguments as they stand in the protocol, read and checked.

The rules are those of http://www.openarchives.org/OAI/openarchivesprotocol.html, sections 2 to 4.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from werkzeug.datastructures import MultiDict

from kb.harvest import Span
from kb.moments import FORMAT
from web.oai_records import FORMATS

_LISTS = {"ListRecords", "ListIdentifiers"}


class OaiError(Exception):
    """Raised when a request breaks the protocol; ``code`` is one of its words."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Verb:
    """What a verb takes."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()


_SELECTING = frozenset({"from", "until", "set"})
VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "Identify": Verb(),
        "ListMetadataFormats": Verb(optional=frozenset({"identifier"})),
        "ListSets": Verb(optional=frozenset({"resumptionToken"})),
        "GetRecord": Verb(required=frozenset({"identifier", "metadataPrefix"})),
        "ListIdentifiers": Verb(frozenset({"metadataPrefix"}), _SELECTING),
        "ListRecords": Verb(frozenset({"metadataPrefix"}), _SELECTING),
    }
)


@dataclass(frozen=True, slots=True)
class Position:
    """A list that is asked for, and how much of it has been given."""

    verb: str
    prefix: str
    span: Span
    after: int = 0
    """Number of the last record that was given."""
    given: int = 0
    """How many records were."""


def arguments(sent: MultiDict[str, str]) -> dict[str, str]:
    """Return the arguments of a request, the verb among them.

    Raises:
        OaiError: the verb or what comes with it is not as the protocol says.
    """
    verbs = sent.getlist("verb")
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise OaiError("badVerb", f"Give one verb of {', '.join(VERBS)}.")
    verb = VERBS[verbs[0]]
    twice = sorted(name for name, values in sent.lists() if len(values) > 1)
    if twice:
        raise OaiError("badArgument", f"{_named(twice)} can be given only once.")
    given = sent.to_dict()
    if verbs[0] in _LISTS and "resumptionToken" in given:
        verb = Verb(required=frozenset({"resumptionToken"}))
    unknown = sorted(given.keys() - verb.required - verb.optional - {"verb"})
    missing = sorted(verb.required - given.keys())
    if unknown:
        raise OaiError("badArgument", f"{_named(unknown)} cannot be given here.")
    if missing:
        raise OaiError("badArgument", f"{_named(missing)} is missing.")
    return given


def position(given: Mapping[str, str]) -> Position:
    """Return the list that is asked for, from its beginning or where a token goes on.

    Raises:
        OaiError: a bound, a set, a format or the token cannot be read.
    """
    if "resumptionToken" in given:
        return _resumed(given["verb"], given["resumptionToken"])
    check_prefix(given["metadataPrefix"])
    return Position(given["verb"], given["metadataPrefix"], _span(given))


def check_prefix(prefix: str) -> None:
    """Make sure that there is such a format.

    Raises:
        OaiError: there is none.
    """
    if prefix not in FORMATS:
        raise OaiError("cannotDisseminateFormat", f"Use one of {', '.join(FORMATS)}.")


def token(place: Position) -> str:
    """Write where a list goes on; it holds all that is needed and is good for ever."""
    span = place.span
    told = [place.verb, place.prefix, span.first, span.last, span.group, place.after, place.given]
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _resumed(verb: str, text: str) -> Position:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        told = json.loads(base64.b64decode(padded, b"-_", validate=True))
        named, prefix, first, last, group, after, given = told
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _bad_token() from None
    numbers = all(_is_count(number) for number in (after, given))
    bounds = all(number is None or _is_time(number) for number in (first, last))
    place = Position(verb, str(prefix), Span(first, last, str(group)), after, given)
    # What was written by us is written the same again.
    if not (numbers and bounds and named == verb and prefix in FORMATS and token(place) == text):
        raise _bad_token()
    return place


def _is_count(number: object) -> bool:
    return type(number) is int and 0 <= number < _TOO_MANY


def _is_time(number: object) -> bool:
    return type(number) is int and abs(number) < _TOO_MANY


_TOO_MANY = 2**62


def _bad_token() -> OaiError:
    return OaiError("badResumptionToken", "This token is not one of ours for this verb.")


def _span(given: Mapping[str, str]) -> Span:
    first, last = given.get("from"), given.get("until")
    if first is not None and last is not None and len(first) != len(last):
        raise OaiError("badArgument", "from and until differ in granularity.")
    begins = _seconds("from", first)[0] if first is not None else None
    ends = _seconds("until", last)[1] if last is not None else None
    if begins is not None and ends is not None and begins > ends:
        raise OaiError("badArgument", "from is later than until.")
    group = given.get("set", "")
    if "set" in given and not _SET.fullmatch(group):
        raise OaiError("badArgument", "set is not written as ListSets writes sets.")
    return Span(begins, ends, group)


_SET = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


def _seconds(name: str, text: str) -> tuple[int, int]:
    """Return the first and the last second that a date means."""
    try:
        if _DAY.fullmatch(text):
            day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
            first = int(day.timestamp())
            return first, first + int(timedelta(days=1).total_seconds()) - 1
        if _SECOND.fullmatch(text):
            at = datetime.strptime(text, FORMAT).replace(tzinfo=UTC)
            return int(at.timestamp()), int(at.timestamp())
    except ValueError:
        pass  # the 31st of February
    raise OaiError("badArgument", f"{name} is no date as 2026-11-23 or 2026-11-23T12:00:00Z.")


def _named(names: list[str]) -> str:
    return ", ".join(name if name.isascii() and name.isalnum() else "an argument" for name in names)
