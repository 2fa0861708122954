"""What holds for whatever is sent in: each law takes any bytes, and raises where it is broken.

The first line of what the gate is given is the name of the file; so seeds can be read and written
by hand. Each law also holds for its seeds, which the ordinary tests try (``tests/test_fuzz.py``).
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import PurePath
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from kb import edtf
from kb.errors import RefusedFileError, TooComplexTextError
from kb.formats import FORMATS, front_matter
from kb.formats.decoding import MAX_BYTES
from kb.intake import gate
from kb.search import parse as parsing
from kb.search.fields import FACET_NAMES
from kb.text import to_html
from tests.harmless import live
from web.args import args_of, query_from, unreadable

FORMAT_OF = {suffix: row.name for row in FORMATS.values() for suffix in row.suffixes}
FIRST_LINE = 2
"""Of front matter: the line before it is ``---``."""


def gate_lets_in_or_refuses(data: bytes) -> None:
    line, _, content = data.partition(b"\n")
    file = line.decode("utf-8", "surrogateescape")
    clean = gate.clean_name(file)
    name_is_clean(clean)
    found = _checked(file, content)
    assert found == _checked(clean, content), "the gate goes by the name that is kept"
    if found:
        assert found == FORMAT_OF[PurePath(clean).suffix.lower()]
        assert 0 < len(content) <= MAX_BYTES


def name_is_clean(name: str) -> None:
    assert 0 < len(name.encode()) <= 255
    assert not set(name) & set("/\\\r\n\0\u202e\u2066")
    assert unicodedata.is_normalized("NFC", name)
    assert gate.clean_name(name) == name


def _checked(file: str, content: bytes) -> str:
    try:
        return gate.check(file, content)
    except RefusedFileError as err:
        _says_what_to_do(err, file)
        return ""


def _says_what_to_do(err: RefusedFileError, file: str) -> None:
    assert all(p.file == file and p.message and p.remedy for p in err.problems)
    assert str(err)


def front_matter_is_read_or_refused(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    lines = range(FIRST_LINE, FIRST_LINE + len(text.splitlines()) + 2)
    try:
        read = front_matter.read(text, "a.md")
    except RefusedFileError as err:
        _says_what_to_do(err, "a.md")
        _names_lines(err, lines)
    else:
        _is_small_and_can_be_written(read, lines)


def _names_lines(err: RefusedFileError, lines: range) -> None:
    assert all(p.line in lines for p in err.problems)


def _is_small_and_can_be_written(read: front_matter.FrontMatter, lines: range) -> None:
    places = list(_places(read.values))
    assert len(places) <= front_matter.MAX_NODES
    assert all(len(path) <= front_matter.MAX_DEPTH for path in places)
    assert all(read.lines[path] in lines for path in places)
    written = front_matter.write(read.values)
    if len(written) <= front_matter.MAX_CHARACTERS:
        assert front_matter.read(written, "a.md").values == read.values


def _places(values: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    if isinstance(values, dict):
        assert all(isinstance(key, str) and key for key in values)
        for key, each in values.items():
            yield from _places(each, (*path, key))
    elif isinstance(values, list):
        for number, each in enumerate(values):
            yield from _places(each, (*path, number))
    else:
        assert values is None or (isinstance(values, str) and values)


def question_is_read(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    parsed = parsing.parse(text)
    stays_within_limits(parsed)
    again = question_of(parsed)
    if len(again) <= parsing.MAX_CHARACTERS:
        assert read_as(parsing.parse(again)) == read_as(parsed), again


def stays_within_limits(parsed: parsing.Parsed) -> None:
    atoms = [atom for clause in parsed.clauses for atom in clause.atoms]
    assert all(clause.atoms for clause in parsed.clauses)
    assert all(len(clause.atoms) == 1 for clause in parsed.clauses if clause.negated)
    assert len(atoms) <= parsing.MAX_ATOMS
    assert sum(atom.kind == "prefix" for atom in atoms) <= parsing.MAX_PREFIXES
    assert all(len(atom.words) <= parsing.MAX_ATOMS for atom in atoms)
    assert all(len(word) <= parsing.MAX_WORD for atom in atoms for word in atom.words)
    assert all((atom.field in FACET_NAMES) is (atom.kind == "field") for atom in atoms)
    assert all(atom.text.strip() for atom in atoms)
    assert len(set(parsed.notes)) == len(parsed.notes)


def question_of(parsed: parsing.Parsed) -> str:
    """Write clauses as somebody would type them."""
    return " ".join(
        "-" * clause.negated + " OR ".join(map(_typed, clause.atoms)) for clause in parsed.clauses
    )


def _typed(atom: parsing.Atom) -> str:
    match atom.kind:
        case "field":
            return f'{atom.field}:"{atom.text}"'
        case "prefix":
            return f"{atom.text}*"
    return f'"{" ".join(atom.words)}"'


def read_as(parsed: parsing.Parsed) -> list[Any]:
    """Return what is searched, without the text as it was typed."""
    return [
        (clause.negated, [(a.kind, a.words or a.text, a.field) for a in clause.atoms])
        for clause in parsed.clauses
    ]


def markdown_is_made_harmless(data: bytes) -> None:
    with suppress(TooComplexTextError):
        assert live(to_html(data.decode("utf-8", "replace"))) == []


def date_is_known_or_not(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    year = edtf.year(text)
    assert year is None or 0 <= year <= 9999
    if edtf.is_edtf(text):
        assert text.isascii()
        points = text.split("/")
        assert len(points) <= 2
        assert all(each in {"", ".."} or edtf.is_edtf(each) for each in points)
        assert year is not None or text == edtf.UNKNOWN or "X" in text


def address_is_a_question(data: bytes) -> None:
    args = MultiDict(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True))
    assert all(each.parameter or each.detail for each in unreadable(args))
    query = query_from(args)
    written = urlencode(args_of(query))
    back = MultiDict(parse_qsl(written, keep_blank_values=True))
    assert query_from(back) == query
    assert not list(unreadable(back))


LAWS: Mapping[str, Callable[[bytes], None]] = MappingProxyType(
    {
        "gate": gate_lets_in_or_refuses,
        "front-matter": front_matter_is_read_or_refused,
        "question": question_is_read,
        "markdown": markdown_is_made_harmless,
        "date": date_is_known_or_not,
        "address": address_is_a_question,
    }
)
