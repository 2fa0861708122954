"""A file of JSON Lines as we export it: one case a line, each read by itself."""

from collections.abc import Generator
from itertools import count
from pathlib import Path
from typing import Any

from kb.errors import PeerError, RefusedFileError
from kb.formats import columns, jsonl
from kb.peers import LONGEST_IDENTIFIER, Foreign

_MAX_LINE_BYTES = 4 * jsonl.MAX_LINE
_BOM = b"\xef\xbb\xbf"


class Lines:
    """A file of cases. ``source`` and ``site`` are given by whoever knows where it comes from."""

    format = "jsonl"
    asked = ""

    def __init__(self, path: Path, source: str, site: str) -> None:
        self.source = source
        self.site = site
        self._path = path

    def records(self, since: str) -> Generator[Foreign, None, None]:
        """Yield the case of each line; all of them, because a file is whole."""
        del since
        with self._path.open("rb") as file:
            for number in count(1):
                data = file.readline(_MAX_LINE_BYTES + 1)
                if len(data) > _MAX_LINE_BYTES:
                    message = f"has a line {number} of more than {jsonl.MAX_LINE:,} characters"
                    raise PeerError(self.source, message, _TELL)
                if not data:
                    return
                text = data.removeprefix(_BOM).strip()
                if number == 1 and not text.startswith(b"{"):
                    begun = repr(text[:40].decode("utf-8", "replace"))
                    raise PeerError(self.source, f"is no JSON Lines (it begins {begun})", _CHECK)
                if text:
                    yield self._record(text, number)

    def _record(self, data: bytes, number: int) -> Foreign:
        try:
            table = jsonl.rows(data, f"line {number}")
            ((_, cells),) = table.named()
        except (RefusedFileError, ValueError) as err:
            told = err.problems[0].message if isinstance(err, RefusedFileError) else "is no case"
            return Foreign(f"line {number}", refusal=told)
        return of_cells(cells, data, "jsonl")


def of_cells(cells: dict[str, Any], data: bytes, suffix: str) -> Foreign:
    """Return the case of one row of ours, apart from what was added when it was taken away."""
    added = columns.added(cells)
    url, name = (str(cells.get(key, "")) for key in ("url", "id"))
    usable = 0 < len(url or name) <= LONGEST_IDENTIFIER
    values = columns.values({key: cell for key, cell in cells.items() if key not in added})
    return Foreign(
        identifier=(url or name)[:LONGEST_IDENTIFIER],
        datestamp=str(cells.get("accepted", "")),
        values=values,
        url=url,
        file=f"{name[:100] or 'case'}.{suffix}",
        original=data,
        refusal="" if usable else "has neither id nor address that can be used",
    )


_CHECK = "check the address; it is what /export/jsonl gives"
_TELL = "harvest that site by OAI-PMH"
