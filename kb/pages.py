"""What a reader sees: a case or a collection with what belongs to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from kb.collection import CollectionRevision
from kb.diffusion import Edge
from kb.errors import RetiredCaseError
from kb.model import Case, Place, Revision, Tag
from kb.search.engine import Shared
from kb.store import Retirement


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case as a reader sees it."""

    revision: Revision
    collections: tuple[CollectionRevision, ...]
    """The collections that it is in."""
    bodies: Mapping[str, str]
    """The full text as safe HTML, by language; a language that is missing has none yet."""
    tags: tuple[Tag, ...]
    place: Place | None
    similar: tuple["SimilarCase", ...] = ()
    retirement: Retirement | None = None
    """Why it is no longer among the others; it is still to be read."""
    read: int = 0
    """Unix time at which tags and place were read last; 0 while that is still to be done."""
    adopted: tuple[Edge, ...] = ()
    """Who has taken it over."""
    copied: tuple[Edge, ...] = ()
    """From whom it was taken over."""


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A case that is like the one that is read."""

    case: Case
    shared: tuple[Shared, ...]
    """What they have in common, the most telling first."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What there is of the cases that a reader has put together, each in the reader's order."""

    pages: Mapping[str, CasePage]
    """Those that can be read, by id; without what is like them."""
    gone: Mapping[str, RetiredCaseError]
    """Those that were withdrawn or taken down, by id."""
    unknown: tuple[str, ...]
    """Ids that no case has."""


@dataclass(frozen=True, slots=True)
class CollectionPage:
    """A collection as a reader sees it."""

    revision: CollectionRevision
    cases: Mapping[str, Case]
    """Those of its cases that are here, by id."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The ids of cases that it names and that are not here."""
        return tuple(key for key in self.revision.collection.cases if key not in self.cases)
