"""A found case as a list of results shows it."""

from kb.model import Case, Tag
from kb.query import Hit, Passage
from kb.search.cards import Card
from kb.search.engine import Answer, Found
from kb.search.meaning.chunks import chunks
from kb.search.passages import choose, cut
from kb.text import fold, words


def hit(found: Found, card: Card, passage: Passage) -> Hit:
    """Dress a found case: what names it, the passage that matched, and why it was found."""
    return Hit(
        id=found.case_id,
        title=card.title,
        title_en=card.title_en,
        language=card.language,
        city=card.city,
        country=card.country,
        start=card.start,
        stage=card.stage,
        score=found.score,
        passage=passage,
        matches=found.matches,
        fit=found.fit,
    )


def passage(found: Found, card: Card, tags: tuple[Tag, ...], answer: Answer) -> Passage:
    """Choose the passage by the words that were met, and by those that were read as concepts."""
    return choose(card.pieces, answer.marks | _words_of_concepts(found, tags))


def is_by_meaning(found: Found) -> bool:
    """Tell whether no word and no concept led to a case, but what it means."""
    return found.nearest is not None and all(match.leg == "meaning" for match in found.matches)


def nearest_passage(found: Found, case: Case) -> Passage:
    """Return the passage that means most nearly what was asked; an empty one if it is gone."""
    place = found.nearest or 0
    nearest = chunks(case)[place : place + 1]
    return choose(cut((chunk.language, chunk.text) for chunk in nearest), frozenset())


def _words_of_concepts(found: Found, tags: tuple[Tag, ...]) -> set[str]:
    """Return the words that were read as the concepts through which the case was found."""
    concepts = {match.concept for match in found.matches}
    said = [tag.matched for tag in tags if tag.value in concepts and tag.matched]
    return {fold(word.text) for text in said for word in words(text)}
