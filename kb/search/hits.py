"""A found case as a list of results shows it."""

from kb.model import Case, Tag
from kb.query import Hit, Passage
from kb.search.engine import Answer, Found
from kb.search.fields import prose
from kb.search.meaning.chunks import chunks
from kb.search.passages import choose
from kb.text import fold, words


def hit(found: Found, case: Case, tags: tuple[Tag, ...], answer: Answer) -> Hit:
    """Dress a found case: what names it, the passage that matched, and why it was found."""
    return Hit(
        id=case.id,
        title=case.title,
        title_en=case.title_en,
        language=case.original_language,
        city=case.city,
        country=case.country or "",
        start=case.start,
        stage=case.stage or "",
        score=found.score,
        passage=_passage(found, case, tags, answer),
        matches=found.matches,
        fit=found.fit,
    )


def _passage(found: Found, case: Case, tags: tuple[Tag, ...], answer: Answer) -> Passage:
    """Choose by the words that were met; where none were, the passage that means the same."""
    if found.nearest is not None and all(match.leg == "meaning" for match in found.matches):
        nearest = chunks(case)[found.nearest : found.nearest + 1]
        texts = [(chunk.language, chunk.text) for chunk in nearest]
        if texts:
            return choose(texts, frozenset())
    return choose(prose(case), answer.marks | _words_of_concepts(found, tags))


def _words_of_concepts(found: Found, tags: tuple[Tag, ...]) -> set[str]:
    """Return the words that were read as the concepts through which the case was found."""
    concepts = {match.concept for match in found.matches}
    said = [tag.matched for tag in tags if tag.value in concepts and tag.matched]
    return {fold(word.text) for text in said for word in words(text)}
