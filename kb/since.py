"""What has become of the cases of a frozen result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kb.frozen import Kept
from kb.store import Retirement, Store

State = Literal["there", "archived", "withdrawn", "taken-down"]


@dataclass(frozen=True, slots=True)
class Listed:
    """A case of a frozen result, and what has become of it."""

    kept: Kept
    state: State

    @property
    def case_id(self) -> str:
        """The id of the case."""
        return self.kept.case_id


@dataclass(frozen=True, slots=True)
class Changes:
    """What has become of a frozen result: ids of cases."""

    added: tuple[str, ...]
    """Found by the same question now, and not then."""
    changed: tuple[str, ...]
    """There is a newer revision."""
    lost: tuple[str, ...]
    """Still there, and no longer found by the question."""
    archived: tuple[str, ...]
    withdrawn: tuple[str, ...]
    taken_down: tuple[str, ...]

    @property
    def none(self) -> bool:
        """Whether the question finds today what it found then."""
        return not any(
            (self.added, self.changed, self.lost, self.archived, self.withdrawn, self.taken_down)
        )


def state(case: Kept, retired: Mapping[str, Retirement]) -> State:
    """Tell what has become of a case."""
    if case.gone is not None:
        return "taken-down"
    retirement = retired.get(case.case_id)
    return retirement.kind if retirement else "there"


def changes(cases: Sequence[Kept], live: Sequence[str], store: Store) -> Changes:
    """Compare a frozen result with the cases that the same question finds now."""
    ids = [each.case_id for each in cases]
    numbers, retirements = store.numbers(ids), store.retirements(ids)
    kinds = {case_id: each.kind for case_id, each in retirements.items()}
    found, frozen = set(live), {each.case_id for each in cases if each.gone is None}

    def retired(kind: str) -> tuple[str, ...]:
        return tuple(e.case_id for e in cases if e.gone is None and kinds.get(e.case_id) == kind)

    there = [each for each in cases if each.gone is None and each.case_id in numbers]
    return Changes(
        added=tuple(case_id for case_id in live if case_id not in frozen),
        changed=tuple(e.case_id for e in there if numbers[e.case_id] != e.revision),
        lost=tuple(e.case_id for e in there if e.case_id not in found),
        archived=retired("archived"),
        withdrawn=retired("withdrawn"),
        taken_down=tuple(each.case_id for each in cases if each.gone is not None),
    )
