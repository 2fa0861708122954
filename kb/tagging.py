"""What the machine reads in cases: tags and rendered texts, kept with the revision they are of.

Cases are read language by language, because dictionaries are large, and in slices, each of which is
kept before the next one begins: whoever is stopped goes on from there.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import nullcontext
from functools import partial
from html import escape
from itertools import chain, islice

from kb import nlp, prepared
from kb.errors import TooComplexTextError
from kb.judging import Record, Verdict, judged
from kb.languages import LANGUAGES
from kb.lookahead import is_worthwhile, look_up, words_by_language
from kb.model import Case, Revision, Tag
from kb.processes import beside
from kb.progress import Watch, unwatched
from kb.search import cards
from kb.search.cards import card, pack
from kb.search.fields import document
from kb.store import Analysis, Store
from kb.text import RENDERER, paragraphs, to_html

LOG = logging.getLogger(__name__)

_SLICE = 500
"""Cases of one slice: 15 MB of text."""
_WORTHWHILE = 50
"""To start a process takes as long as to tag so many cases."""

Stale = tuple[Revision, Mapping[str, Verdict]]
"""A revision to be tagged, and what people have said of its tags."""


class Tagging:
    """The reading of the cases of a store."""

    def __init__(self, store: Store, watch: Watch = unwatched, jobs: int = 1) -> None:
        """Read cases.

        Args:
            store: of the cases, where the tags are kept too.
            watch: is told of each step.
            jobs: processes that tag, each with some 500 MB; one tags in this process.
        """
        self._store = store
        self._watch = watch
        self._jobs = jobs

    def tag(self) -> None:
        """Tag whatever another version has tagged, or nobody yet."""
        for _ in self.tagged(self._store.made_otherwise(maker()), "Tagging"):
            pass

    def tagged(
        self, case_ids: Iterable[str], step: str
    ) -> Iterator[tuple[Revision, tuple[Tag, ...]]]:
        """Yield those of the cases that there are with their tags, made where there are none yet.

        They come in the order of their languages.
        """
        asked = list(case_ids)
        languages = self._store.languages(asked)
        ordered = sorted(asked, key=lambda case_id: (languages.get(case_id, ""), case_id))
        stale = set(self._store.made_otherwise(maker())).intersection(ordered)
        several = self._jobs > 1 and len(stale) >= _WORTHWHILE
        remaining = iter(self._watch(step, ordered, len(ordered)))
        with beside(self._jobs) if several else nullcontext() as pool:
            while slice_ := list(islice(remaining, _SLICE)):
                revisions = self._store.revisions(slice_)
                _look_ahead(revisions.values(), self._watch)
                self._tag([revisions[n] for n in slice_ if n in stale and n in revisions], pool)
                tags = self._store.tags(slice_)
                for case_id in (each for each in slice_ if each in revisions):
                    yield revisions[case_id], tags[case_id][1] if case_id in tags else ()

    def _tag(self, revisions: Sequence[Revision], pool: ProcessPoolExecutor | None) -> None:
        stale = [(each, self._store.verdicts(each.case.id)) for each in revisions]
        if stale:
            make = partial(analyses, records=self._store.records(), made_by=maker())
            shares = [stale[n :: self._jobs] for n in range(self._jobs)]
            try:
                made = [*(pool.map if pool else map)(make, shares)]
            except BrokenExecutor:
                LOG.warning("a process that tagged has ended early; it goes on more slowly")
                made = [make(stale)]
            self._store.keep(*chain.from_iterable(made))


def analyses(stale: Sequence[Stale], records: Mapping[str, Record], made_by: str) -> list[Analysis]:
    """Tag and render revisions; what people have said of tags decides (`judging`)."""
    return [
        Analysis(
            revision.case.id,
            revision.number,
            made_by,
            rendered(revision.case),
            judged(nlp.tag(revision.case), verdicts, records),
            pack(card(revision.case)),
        )
        for revision, verdicts in stale
    ]


def maker() -> str:
    """Return the version of the rules that tag and render."""
    return f"{nlp.maker()}/{RENDERER}/{cards.VERSION}"


def rendered(case: Case) -> dict[str, str]:
    """Return the full text of a case as safe HTML, by language."""
    bodies = {language: case.told(language).get("body", "") for language in case.languages}
    return {language: _html(body) for language, body in bodies.items() if body}


def _html(body: str) -> str:
    """Render a body; one that is too complex becomes plain text and keeps up no other case."""
    try:
        return to_html(body)
    except TooComplexTextError:
        return "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in paragraphs(body))


def _look_ahead(revisions: Iterable[Revision], watch: Watch) -> None:
    """Look up what tagging and indexing are going to ask for, in several processes."""
    texts: list[tuple[str, str]] = []
    for revision in revisions:
        laid_out = document(revision.case, (), None)
        texts += laid_out.headings + laid_out.texts
    languages = {language for language, _ in texts} & LANGUAGES.keys()
    for language in languages:
        prepared.load(language)
    if is_worthwhile(languages):
        look_up(words_by_language(texts), watch)
