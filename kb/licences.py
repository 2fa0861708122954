"""What the licence of a text lets others do, and which licence a text names. Ids are those of SPDX.

What a licence demands is read from its id; of a licence that is none of these nothing is said.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

USUAL = "CC-BY-4.0"
"""That of a case or a collection which names none."""
UNSTATED = "NOASSERTION"
"""SPDX's word for "nobody has said"; no case can be published under it."""
NO_LICENCES = frozenset({UNSTATED, "NONE"})

_SHARING = ("AGPL", "EUPL", "GFDL", "GPL", "LGPL", "ODbL", "OSL")
"""Families whose every member demands that what is made of a text is shared alike."""
_ADDRESS = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<terms>[a-z-]+)/(?P<version>\d\.\d)"
    r"|publicdomain/(?P<free>zero|mark)/)",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"\bCC[ -]?(?:(?P<zero>0|ZERO)(?:[ -]1\.0)?|(?P<terms>BY(?:[ -](?:NC|SA|ND))*)"
    r"(?:[ -](?P<version>\d\.\d))?)\b",
    re.IGNORECASE,
)
_ID = re.compile(r"[A-Za-z0-9.+-]{1,64}")
_RESERVED = re.compile(
    r"\W*(?:all.*rights.*reserved|alle.*rechte.*vorbehalten|tous.*droits.*r[ée]serv[ée]s"
    r"|copyright\b|©|\(c\)|none|no-?assertion|unknown|proprietary|n/?a\b|in-?copyright)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a licence demands of those who use a text."""

    noncommercial: bool
    sharealike: bool
    noderivatives: bool


LABELS: Mapping[str, str] = {
    "noncommercial": "not for commercial use",
    "sharealike": "to be shared alike",
    "noderivatives": "not to be changed",
}
"""The terms in words, by their names in `Terms`."""


def terms(licence: str) -> Terms:
    """Return what a licence demands, as far as its id says so: CC-BY-NC-SA-4.0 says two things."""
    parts = licence.upper().split("-")
    sharing = licence.upper().startswith(tuple(each.upper() for each in _SHARING))
    return Terms("NC" in parts, sharing or "SA" in parts, "ND" in parts)


def marked(licences: Mapping[str, int]) -> dict[str, int]:
    """Return how many cases are bound by which term, in words; without those that bind none.

    Args:
        licences: how many cases have which licence.
    """
    return {LABELS[name]: count for name, count in bound(licences).items()}


def bound(licences: Mapping[str, int]) -> dict[str, int]:
    """Return how many cases are bound by which term, by its name in `Terms`."""
    counts = {
        name: sum(count for each, count in licences.items() if getattr(terms(each), name))
        for name in LABELS
    }
    return {name: count for name, count in counts.items() if count}


def named(text: str) -> str:
    """Return the licence that a text names, by an id, an address or a usual name; or nothing.

    A text that reserves all rights names none. A Creative Commons licence without a version is
    taken for none: versions differ in what they allow.
    """
    address, said = _ADDRESS.search(text), _NAME.search(text)
    if address:
        return _of_address(address)
    if said and said["zero"]:
        return "CC0-1.0"
    if said and said["version"]:
        terms_ = re.sub(r"\s", "-", said["terms"].upper())
        return f"CC-{terms_}-{said['version']}"
    plain = text.strip()
    return plain if _ID.fullmatch(plain) and not said and not _RESERVED.match(plain) else ""


def _of_address(found: re.Match[str]) -> str:
    if found["free"]:
        return "CC0-1.0" if found["free"].lower() == "zero" else "CC-PDDC"
    return f"CC-{found['terms'].upper()}-{found['version']}"
