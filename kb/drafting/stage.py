"""How far it has come, where the document says so plainly."""

from collections.abc import Iterator

from kb.drafting.cues import Cue, Hit, compiled, cue
from kb.drafting.form import Answer, Form
from kb.drafting.proposal import Found
from kb.drafting.source import Source, Span, span
from kb.vocabulary import scheme

_CUES = (
    ("stopped", "stopped"),
    ("ended", "finish"),
    ("pilot", "pilot"),
    ("implemented", "running"),
)
_LONGEST_ANSWER = 80
_LONGEST_SENTENCE = 300
_NEAREST = 4
_PLANNED = 4
_OPENING = 600
"""Characters in which a document says that it tells of a pilot."""


def find(source: Source, form: Form) -> Iterator[Found]:
    """Yield the stage: what a form says; an end that is told; a pilot that the opening names."""
    for answer in form.get("stage", ()):
        stage = _answered(answer, source.language)
        if stage:
            yield Found("stage", stage, answer.whole, answer.end)
            return
    yield from _told(source)


def _answered(answer: Answer, language: str) -> str:
    if len(answer.text) > _LONGEST_ANSWER or "\n" in answer.text:
        return ""
    words = span(answer.text, 0).words
    named = {stage for stage in scheme("stages").concepts if _label(stage, language).any(words)}
    for stage, name in _CUES:
        if cue(name, language).any(words):
            named.add(stage)
    if named >= {"stopped", "ended"}:
        named -= {"ended"}
    if len(named) > 1:
        named -= {"implemented"}  # "runs since 2016, ended 2019"
    return named.pop() if len(named) == 1 else ""


def _label(stage: str, language: str) -> Cue:
    concept = scheme("stages")[stage]
    labels = (concept.pref.get(language, ""), concept.pref["en"])
    return compiled(iter(label.split("(")[0] for label in labels if label))


def _told(source: Source) -> Iterator[Found]:
    said = list(_sentences(source))
    ends = [one for one in said if one[0] in ("stopped", "ended")]
    said = ends or said
    if len({stage for stage, _ in said}) == 1:
        stage, sentence = said[0]
        yield Found("stage", stage, sentence.start, sentence.end)


def _sentences(source: Source) -> Iterator[tuple[str, Span]]:
    for sentence in source.spans:
        if len(sentence.text) <= _LONGEST_SENTENCE and not sentence.text.endswith("?"):
            stage = _stage(sentence, source.language)
            if stage:
                yield stage, sentence


def _stage(sentence: Span, language: str) -> str:
    for stage, name in (("stopped", "stopped"), ("ended", "finish"), ("implemented", "running")):
        if _beside(sentence, name, language):
            return stage
    if list(_meant(sentence, "still", language)):
        return "implemented"
    opens = sentence.start < _OPENING and list(_meant(sentence, "pilot", language))
    return "pilot" if opens else ""


def _beside(sentence: Span, name: str, language: str) -> bool:
    """Tell whether the practice itself is what ended: its noun opens the clause of the verb."""
    subjects = [hit.after for hit in cue("project", language).hits(sentence.words)]
    verbs = [hit.first for hit in _meant(sentence, name, language)]
    return any(0 <= verb - subject <= _NEAREST for verb in verbs for subject in subjects)


def _meant(sentence: Span, name: str, language: str) -> Iterator[Hit]:
    """Yield the hits that no word beside them plans or denies."""
    plans = [hit.first for hit in cue("plan", language).hits(sentence.words)]
    for hit in cue(name, language).hits(sentence.words):
        if not any(hit.first - _PLANNED <= plan < hit.first for plan in plans):
            yield hit
