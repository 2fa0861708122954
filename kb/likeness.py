"""Whether a draft tells a case that is already here: a warning with reasons, never a verdict.

Texts in one language are compared by their runs of words; the same case in another language is
told by its city and themes, by the names in it, and by its meaning.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from kb.model import Case
from kb.saying import said
from kb.text import fold, folded, paragraphs
from kb.vocabulary import scheme

MOST = 3
_RUN = 5
"""Words in a run; Broder's shingles, which find a text again in which sentences were moved."""
_SAME_TEXT = 0.4
_SAME_TITLE = 90
_LEAST_RUNS = 20
SAME_MEANING = 0.35
"""Cosine from which a passage says the same as a draft. Of thirty documents about cases of the
corpus 28 reach it with their own case (median 0.54), and the nearest other case of a document
has 0.31 at the most; siblings of one programme reach 0.45."""
_GIST = 700
"""Characters of a draft that are compared by meaning: one passage."""


@dataclass(frozen=True, slots=True)
class Published:
    """A case with which a draft is compared, and how near it is."""

    case: Case
    nearness: float = 0.0
    """Cosine of its passage that is nearest in meaning; 0 where there is no encoder."""
    same_file: bool = False


@dataclass(frozen=True, slots=True)
class Alike:
    """A published case that may be the same as the draft."""

    case: Case
    reasons: tuple[str, ...]


def gist(values: Mapping[str, Any], text: str) -> str:
    """Return what of a draft is compared by meaning: its title, and its summary or first lines."""
    told = (str(values.get("title") or ""), str(values.get("summary") or "") or text)
    return " ".join(told)[:_GIST]


def alike(
    values: Mapping[str, Any], text: str, published: Iterable[Published], language: str = "en"
) -> tuple[Alike, ...]:
    """Return the published cases that are most like a draft, those with most reasons first.

    Args:
        values: of the draft, as `Case.as_dict` has them; some may be missing or wrong.
        text: of the file that it was made of, or of its body.
        published: what it is compared with.
        language: in which the reasons name themes.
    """
    own = _runs(text)
    found = (Alike(each.case, tuple(_reasons(values, own, each, language))) for each in published)
    likely = [each for each in found if each.reasons]
    return tuple(sorted(likely, key=lambda each: (-len(each.reasons), each.case.id))[:MOST])


def _reasons(
    values: Mapping[str, Any],
    own: frozenset[tuple[str, ...]],
    published: Published,
    language: str,
) -> Iterator[str]:
    case = published.case
    if published.same_file:
        yield said("made of the same file")
    theirs = _runs("\n".join((case.summary, *paragraphs(case.body))))
    if min(len(own), len(theirs)) >= _LEAST_RUNS:
        share = len(own & theirs) / min(len(own), len(theirs))
        if share >= _SAME_TEXT:
            yield said("{share:.0%} of the text is the same", share=share)
    if published.nearness >= SAME_MEANING:
        yield said("its text means nearly the same")
    if _titles_agree(str(values.get("title") or ""), case):
        yield said("nearly the same title")
    city = fold(str(values.get("city") or ""))
    shared = _themes(values) & _themes(case.as_dict())
    if city and city == fold(case.city) and shared:
        themes = _named(shared, language)
        yield said("also in {city}, and about {themes}", city=case.city, themes=themes)
        leader = fold(_leader(values))
        if leader and leader == fold(_leader(case.as_dict())):
            yield said("led by {organisation} too", organisation=_leader(values))


def _titles_agree(title: str, case: Case) -> bool:
    known = (each for each in (case.title, case.title_en) if each)
    return bool(title) and any(
        fuzz.token_sort_ratio(fold(title), fold(each)) >= _SAME_TITLE for each in known
    )


def _themes(values: Mapping[str, Any]) -> frozenset[str]:
    told, known = values.get("themes"), scheme("themes")
    themes = told if isinstance(told, list | tuple) else ()
    return frozenset(str(each) for each in themes if each in known)


def _named(themes: frozenset[str], language: str) -> str:
    return ", ".join(scheme("themes")[each].label(language) for each in sorted(themes))


def _leader(values: Mapping[str, Any]) -> str:
    told = values.get("lead_organisation")
    return str(told.get("name") or "") if isinstance(told, Mapping) else ""


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    told = folded(text)
    return frozenset(told[n : n + _RUN] for n in range(len(told) - _RUN + 1))
