"""Telling how far a long step has come, without knowing who listens."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")

UNCOUNTED = -1
"""Stands for a total that nobody knows before the end."""


class Watch(Protocol):
    """Shows how far a step has come, by handing on what the step is about."""

    def __call__(self, step: str, items: Iterable[T], total: int) -> Iterable[T]:
        """Yield ``items`` and report them under the name of the step."""


def unwatched(step: str, items: Iterable[T], total: int) -> Iterable[T]:  # noqa: ARG001 - a Watch
    """Report nothing."""
    return items
