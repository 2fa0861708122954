"""What is being written and not yet a case: drafts, their receipts, and what is said about them.

Nothing of this is public, and nothing public reads it.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kb.database import Connections
from kb.document import Block, Document, Receipt
from kb.errors import DraftNotFoundError, StaleDraftError
from kb.permissions import DraftState
from kb.saying import packed, said, term, unpacked


@dataclass(frozen=True, slots=True)
class Draft:
    """A case on its way."""

    id: str
    person: str
    upload: str
    """The upload it was made of; empty where none was."""
    case_id: str
    """The case of which it is the next revision; empty for a new one."""
    base: int
    """The revision that was current when it was begun; 0 for a new case."""
    state: DraftState
    version: int
    """Counts the changes; whoever saves says which version they have seen."""
    values: Mapping[str, Any]
    """Fields as `Case.as_dict` has them; they may be incomplete and wrong."""
    receipts: tuple[Receipt, ...]
    document: Document | None
    assignee: str
    created: int
    changed: int
    submitted: int | None

    @property
    def title(self) -> str:
        """What it is called in lists."""
        return str(self.values.get("title") or "") or said("Untitled")


@dataclass(frozen=True, slots=True)
class Comment:
    """Something that is said about a draft or one of its fields."""

    field: str
    """Empty where the whole draft is meant."""
    person: str
    text: str
    at: int


class Drafts:
    """The drafts in the database."""

    def __init__(self, connections: Connections, now: Callable[[], float] = time.time) -> None:
        self._connections = connections
        self._now = now

    def add(  # noqa: PLR0913 - a row has many columns
        self,
        person: str,
        values: Mapping[str, Any],
        *,
        receipts: Iterable[Receipt] = (),
        document: Document | None = None,
        upload: str = "",
        case_id: str = "",
        base: int = 0,
    ) -> Draft:
        """Begin a draft."""
        now = int(self._now())
        row = {
            "id": secrets.token_urlsafe(12),
            "person": person,
            "upload": upload,
            "case_id": case_id,
            "base": base,
            "state": "draft",
            "version": 1,
            "content": _json(values),
            "receipts": _json([asdict(each) for each in receipts]),
            "document": _json(_apart(document)) if document else "",
            "assignee": "",
            "created": now,
            "changed": now,
            "submitted": None,
        }
        with self._connections.writing() as db:
            db.table("drafts").insert(row)
        return _draft(row)

    def get(self, draft_id: str) -> Draft:
        """Return a draft.

        Raises:
            DraftNotFoundError: there is none with this id.
        """
        for found in self._query("id = ?", draft_id):
            return found
        raise DraftNotFoundError(
            said("there is no draft {draft!r}; see the list of your drafts", draft=draft_id)
        )

    def of(self, person: str) -> tuple[Draft, ...]:
        """Return the drafts of a person, the last changed first."""
        return tuple(self._query("person = ? ORDER BY changed DESC, id", person))

    def made_of(self, upload_id: str) -> tuple[Draft, ...]:
        """Return the drafts that were made of an upload, in the order of the file."""
        return tuple(self._query("upload = ? ORDER BY rowid", upload_id))

    def in_state(self, state: DraftState) -> tuple[Draft, ...]:
        """Return the drafts in a state, the one that waits longest first."""
        return tuple(self._query("state = ? ORDER BY submitted, id", state))

    def change(self, draft_id: str, version: int, **changes: Any) -> Draft:
        """Change columns of a draft that is still as the caller has seen it.

        Raises:
            StaleDraftError: someone has changed it in between.
            DraftNotFoundError: there is none with this id.
        """
        with self._connections.writing() as db:
            seen = self.get(draft_id)
            if seen.version != version:
                raise StaleDraftError(
                    term(
                        "this draft has been changed since you opened it, in another window or by "
                        "someone else; compare the two, and save again"
                    )
                )
            changes |= {"version": version + 1, "changed": int(self._now())}
            db.table("drafts").update(draft_id, changes)
            return self.get(draft_id)

    def write(self, draft_id: str, version: int, values: Mapping[str, Any]) -> Draft:
        """Put other values in the place of those of a draft; see `change`."""
        return self.change(draft_id, version, content=_json(values))

    def submit(self, draft_id: str, version: int) -> Draft:
        """Hand a draft in for review; see `change`."""
        return self.change(draft_id, version, state="submitted", submitted=int(self._now()))

    def remove(self, draft_id: str) -> None:
        """Delete a draft and what was said about it."""
        with self._connections.writing() as db:
            db.execute("DELETE FROM drafts WHERE id = ?", [draft_id])

    def comment(self, draft_id: str, field: str, person: str, text: str) -> None:
        """Say something about a draft or one of its fields."""
        row = {
            "draft": draft_id,
            "field": field,
            "person": person,
            "text": text,
            "at": int(self._now()),
        }
        with self._connections.writing() as db:
            db.table("comments").insert(row)

    def comments(self, draft_id: str) -> tuple[Comment, ...]:
        """Return what was said about a draft, in order."""
        rows = self._connections.reading.query(
            "SELECT field, person, text, at FROM comments WHERE draft = ? ORDER BY id", [draft_id]
        )
        return tuple(Comment(**row) for row in rows)

    def said_by(self, person: str) -> tuple[Comment, ...]:
        """Return what a person has said about drafts, in order."""
        rows = self._connections.reading.query(
            "SELECT field, person, text, at FROM comments WHERE person = ? ORDER BY id", [person]
        )
        return tuple(Comment(**row) for row in rows)

    def _query(self, condition: str, value: str) -> Iterator[Draft]:
        sql = f"SELECT * FROM drafts WHERE {condition}"  # noqa: S608 - ours
        yield from map(_draft, self._connections.reading.query(sql, [value]))


def _draft(row: dict[str, Any]) -> Draft:
    own = {name: row[name] for name in Draft.__slots__ if name in row}
    return Draft(
        **own
        | {
            "values": json.loads(row["content"]),
            "receipts": tuple(Receipt(**each) for each in json.loads(row["receipts"])),
            "document": document_of(json.loads(row["document"])) if row["document"] else None,
        }
    )


def document_of(told: Mapping[str, Any]) -> Document:
    """Return the document that `dataclasses.asdict` has taken apart, and its notes `packed`."""
    blocks = tuple(Block(**each) for each in told["blocks"])
    return Document(**{**told, "blocks": blocks, "notes": tuple(map(unpacked, told["notes"]))})


def _apart(document: Document) -> dict[str, Any]:
    return {**asdict(document), "notes": [packed(note) for note in document.notes]}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
