"""From what an engine has found to what a list of results shows of it."""

from collections.abc import Iterator, Sequence

from kb.model import Tag
from kb.query import Hit, Passage
from kb.search.cards import Card, card, unpack
from kb.search.engine import Answer
from kb.search.hits import hit, is_by_meaning, nearest_passage, passage
from kb.store import Store


class Listing:
    """The lists of results over one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def hits(self, answer: Answer) -> Iterator[Hit]:
        """Yield what was found, but for cases that are there no longer."""
        cards = self._cards([found.case_id for found in answer.found])
        cases = self._store.revisions([f.case_id for f in answer.found if is_by_meaning(f)])
        for found in answer.found:
            if found.case_id not in cards:
                continue
            laid_out, tags = cards[found.case_id]
            near = cases.get(found.case_id)
            shown = nearest_passage(found, near.case) if near else Passage("")
            yield hit(
                found, laid_out, shown if shown.text else passage(found, laid_out, tags, answer)
            )

    def _cards(self, case_ids: Sequence[str]) -> dict[str, tuple[Card, tuple[Tag, ...]]]:
        """Return the cards of cases with their tags; one that is not kept yet is made."""
        kept = self._store.cards(case_ids)
        others = self._store.revisions([each for each in case_ids if each not in kept])
        made: dict[str, tuple[Card, tuple[Tag, ...]]] = {
            key: (card(revision.case), ()) for key, revision in others.items()
        }
        return made | {key: (unpack(packed), tags) for key, (packed, tags) in kept.items()}
