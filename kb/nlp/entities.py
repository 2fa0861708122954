"""Names in a text that an editor may want to take up: organisations, laws, events; never people.

Suggestions only: they are shown with the passage, and neither found by nor counted.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kb.model import Tag
from kb.nlp import trained
from kb.nlp.passage import cut
from kb.nlp.trained import Trained
from kb.text import fold

if TYPE_CHECKING:
    from spacy.tokens import Span

MOST_NAMES = 8
_SURE = 4  # mentions from which a name counts fully

# What the pipelines of our languages call them; places are left to the gazetteer.
_KEPT = {
    *("ORG", "ORGANIZATION", "orgName", "GPE_ORG"),
    *("FAC", "FACILITY", "LAW", "EVENT", "EVN", "EVT"),
    *("PRODUCT", "PROD", "WORK_OF_ART", "WRK"),
}
_PEOPLE = {"PER", "PERSON", "PRS", "persName"}


def find(text: str, language: str) -> tuple[Tag, ...]:
    """Return names of other than people, the most frequent first; none without a pipeline."""
    pipeline = trained.installed().get(language)
    if pipeline is None:
        return ()
    spans = list(_spans(text, pipeline))
    people = " ".join(fold(span.text) for span in spans if span.label_ in _PEOPLE)
    found: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        if span.label_ in _KEPT and _is_name(span.text) and fold(span.text) not in people:
            found[fold(span.text)].append(span)
    ranked = sorted(found.values(), key=lambda mentions: -len(mentions))
    return tuple(_tag(mentions, pipeline) for mentions in ranked[:MOST_NAMES])


def _spans(text: str, pipeline: Trained) -> Iterator["Span"]:
    """Yield what a pipeline finds, line by line: a whole text takes a gigabyte."""
    nlp = trained.load(pipeline)
    if nlp is not None:
        for doc in nlp.pipe(line for line in text.split("\n") if line.strip()):
            yield from doc.ents


def _is_name(text: str) -> bool:
    return len(text) > 1 and any(letter.isupper() for letter in text)


def _tag(mentions: list["Span"], pipeline: Trained) -> Tag:
    first = mentions[0]
    return Tag(
        kind="entity",
        value=first.text,
        origin="machine",
        strength=min(1.0, len(mentions) / _SURE),
        matched=first.text,
        passage=cut(first.doc.text, first.start_char, first.end_char),
        language=pipeline.language,
        tagger=str(pipeline),
    )
