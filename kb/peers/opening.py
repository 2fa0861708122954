"""Which kind of peer an address or a path is."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

from kb.errors import PeerError
from kb.peers import Peer, calling
from kb.peers.lines import Lines
from kb.peers.oai import Repository
from kb.peers.package import Package

_FILES: dict[str, type[Lines | Package]] = {"jsonl": Lines, "package": Package}
_ENDINGS = {".jsonl": "jsonl", "/jsonl": "jsonl", ".zip": "package", "/package": "package"}


@contextmanager
def opened(where: str, format_name: str = "", set_name: str = "") -> Iterator[Peer]:
    """Open a peer for as long as its records are read.

    Args:
        where: the address of an endpoint of OAI-PMH, or address or path of a file of ours.
        format_name: jsonl, package, or a metadata prefix; found out where it is empty.
        set_name: of OAI-PMH.

    Raises:
        PeerError: it cannot be reached, or is none of these.
    """
    at_web = "://" in where
    path = urlsplit(where).path if at_web else where
    ends = next((kind for end, kind in _ENDINGS.items() if path.endswith(end)), "")
    kind = format_name if format_name in _FILES else "" if format_name else ends
    if kind and set_name:
        raise PeerError(where, "has no sets, being a file", "leave out --set")
    if not at_web and not kind:
        message = "is neither an address nor a file of ours"
        raise PeerError(where, message, "give https://…/oai, or a file ending in .jsonl or .zip")
    if not kind:
        yield Repository(where, format_name, set_name)
    elif at_web:
        parts = urlsplit(where)
        with NamedTemporaryFile() as file:
            calling.download(where, file)
            source = f"{parts.scheme}://{parts.netloc}"
            yield _FILES[kind](Path(file.name), source, parts.hostname or where)
    else:
        yield _file(kind, Path(where))


def _file(kind: str, path: Path) -> Peer:
    """Open a file; the cases in it say of which site they are, whatever the file is called."""
    if not path.is_file():
        raise PeerError(str(path), "is not there", "check the path")
    read = _FILES[kind]
    with closing(read(path, str(path), path.name).records("")) as records:
        first = next(records, None)
    parts = urlsplit(first.url if first else "")
    if parts.scheme in {"http", "https"} and parts.hostname:
        return read(path, f"{parts.scheme}://{parts.netloc}", parts.hostname)
    return read(path, path.name, path.name)
