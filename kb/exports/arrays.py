"""JSON that is one object, written piece by piece."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

Json = dict[str, Any]


def array(items: Iterable[Json], before: str = "[", after: str = "]") -> Iterator[bytes]:
    """Yield ``before``, the items parted by commas, one a line, and ``after``."""
    yield before.encode()
    mark = "\n"
    for item in items:
        yield f"{mark}{dumped(item)}".encode()
        mark = ",\n"
    yield f"\n{after}\n".encode()


def dumped(value: Any) -> str:  # Any: what JSON can say
    """Write a value as JSON, all letters as they are."""
    return json.dumps(value, ensure_ascii=False)


def begun(head: Json, name: str) -> str:
    """Return the beginning of an object whose last field ``name`` is an array that follows."""
    return f"{dumped(head)[:-1]}, {dumped(name)}: ["
