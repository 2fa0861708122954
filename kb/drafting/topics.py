"""The themes, and the people it is for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from kb.drafting.form import Form
from kb.drafting.proposal import Found
from kb.drafting.source import Source
from kb.nlp import concepts
from kb.nlp.matching import matches
from kb.vocabulary import scheme

_PARAGRAPH = 100
"""Characters from which a paragraph is no line of a letterhead."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many concepts of a scheme are proposed, and from which strength."""

    most: int
    strength: float


LIMITS: Mapping[str, Limit] = {
    "themes": Limit(3, 0.45),
    "target_groups": Limit(3, 0.5),
}
"""Measured on the corpus, see bench/drafting.py."""


def find(source: Source, form: Form, title: str, summary: str) -> Iterator[Found]:
    """Yield themes and target groups, the strongest first, those before that a form names."""
    fields = {"title": title, "summary": summary or _opening(source), "body": source.text}
    for name, limit in LIMITS.items():
        found = {
            one.value: one
            for one in chain(_answered(source, form, name), _told(source, fields, name))
        }
        for number, one in enumerate(_narrow(list(found.values()))[: limit.most]):
            yield Found(f"{name}.{number}", one.value, one.start, one.end, one.shown)


def _answered(source: Source, form: Form, name: str) -> Iterator[Found]:
    for answer in form.get(name, ()):
        for match in matches(answer.text[:500], source.language, name):
            concept = match.label.concept
            yield Found(name, concept, answer.whole, answer.end, _label(concept, name, source))


def _told(source: Source, fields: Mapping[str, str], name: str) -> Iterator[Found]:
    for tag in concepts.find(fields, source.language, name):
        where = source.text.find(tag.passage)
        if tag.strength >= LIMITS[name].strength and where >= 0:
            label = _label(tag.value, name, source)
            yield Found(name, tag.value, where, where + len(tag.passage), label)


def _narrow(found: list[Found]) -> list[Found]:
    """Leave out a group where one of its own themes is proposed too."""
    groups = {one.value.split(".")[0] for one in found if "." in one.value}
    return [one for one in found if one.value not in groups]


def _opening(source: Source) -> str:
    """Return the first paragraph: where there is no summary, it says what the text is about."""
    texts = (part.text for part in source.parts if part.kind == "paragraph")
    return next((text for text in texts if len(text) >= _PARAGRAPH), "")


def _label(concept: str, name: str, source: Source) -> str:
    return scheme(name)[concept].label(source.language)
