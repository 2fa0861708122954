"""Scans: pages are drawn and their text is recognised by Tesseract, where that is installed.

Tesseract gets each page through its standard input and answers on its standard output, so that
nothing is written anywhere.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any

from kb.document import Document
from kb.errors import RefusedFileError, refused
from kb.formats import layout, pdf, pdfium
from kb.formats.lines import Line, readable
from kb.saying import Said, said

MAX_PAGES = 50
BUDGET_S = 240.0
"""Pages that are not reached within this time are left out, and the notes say so."""
PAGE_S = 60.0
_SURE = 60
"""Tesseract's confidence, 0 to 100, below which a word is often wrong."""

PACKS: Mapping[str, str] = MappingProxyType(
    {
        "bg": "bul", "ca": "cat", "cs": "ces", "da": "dan", "de": "deu", "el": "ell",
        "en": "eng", "es": "spa", "et": "est", "fi": "fin", "fr": "fra", "ga": "gle",
        "hr": "hrv", "hu": "hun", "is": "isl", "it": "ita", "lt": "lit", "lv": "lav",
        "nl": "nld", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "sk": "slk",
        "sl": "slv", "sq": "sqi", "sr": "srp", "sv": "swe", "tr": "tur", "uk": "ukr",
    }
)  # fmt: skip
"""Our codes of languages, and the names of Tesseract's packs (ISO 639-2/T)."""


def program() -> str | None:
    """Return where Tesseract is installed, if it is."""
    return shutil.which("tesseract", path=os.environ.get("PATH", ""))


def extract(data: bytes, file: str) -> Document:
    """Return what Tesseract reads in the pages of a PDF.

    Raises:
        RefusedFileError: the file cannot be opened, or no text is found in it.
    """
    tesseract = program()
    if tesseract is None:
        raise _unread(file, said("is a scan, and Tesseract is not installed on the server"))
    with pdfium.opened(data, file) as opened:
        pages = pdf.pages_of(opened, file)
        command = [tesseract, "stdin", "stdout", *_options(tesseract, pdfium.language_of(opened))]
        words, read = _read(opened, min(pages, MAX_PAGES), command)
        blocks = layout.of_groups(list(_groups(words)))
        if not blocks:
            raise _unread(file, said("is a scan, and no text was recognised in it"))
        notes = (*_notes(words, read, pages), *pdf.attached(opened))
        filled = [pdfium.page_of(opened, number) for number in range(1, read + 1)]
        return pdf.document(opened, pdf.with_fields(blocks, filled), notes, by_machine=True)


_Word = tuple[int, tuple[str, ...], float, str]
"""Its page, its place (block, paragraph, line), how sure its reading is, its text."""


def _read(opened: Any, pages: int, command: list[str]) -> tuple[list[_Word], int]:
    """Read pages until they or the time come to an end; returns the words, and how many pages."""
    words: list[_Word] = []
    end = time.monotonic() + BUDGET_S
    for number in range(1, pages + 1):
        if time.monotonic() > end:
            return words, number - 1
        words.extend(_words(_recognised(command, pdfium.picture_of(opened, number)), number))
    return words, pages


def _recognised(command: list[str], picture: bytes) -> str:
    """Return the answer for one page as Tesseract's table; nothing where it takes too long."""
    try:
        done = subprocess.run(  # noqa: S603 - our own command, and the picture is only data
            command,
            input=picture,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PAGE_S,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode("utf-8", "replace")


def _words(table: str, page: int) -> Iterator[_Word]:
    """Yield the words of a table: level, page, block, paragraph, line, word, box, sureness, text.

    See the section on TSV of Tesseract's manual page.
    """
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) == _COLUMNS and cells[-1].strip():
            yield page, tuple(cells[2:5]), float(cells[10]), readable(cells[-1]).strip()


def _groups(words: list[_Word]) -> Iterator[list[Line]]:
    for (page, _), paragraph in groupby(words, key=lambda word: (word[0], word[1][:2])):
        lines = groupby(paragraph, key=lambda word: word[1])
        yield [Line((" ".join(word[3] for word in line),), page) for _, line in lines]


def _options(tesseract: str, language: str) -> list[str]:
    """Choose languages, and have the page turned upright where that can be recognised."""
    listed = subprocess.run(  # noqa: S603 - our own command
        [tesseract, "--list-langs"], capture_output=True, text=True, timeout=PAGE_S, check=False
    ).stdout.split()
    installed = [pack for pack in PACKS.values() if pack in listed]
    own = PACKS.get(language[:2].lower(), "")
    chosen = [own] if own in installed else installed
    languages = ["-l", "+".join(chosen)] if chosen else []
    return [*languages, "--psm", "1" if "osd" in listed else "3", "tsv"]


def _notes(words: list[_Word], read: int, pages: int) -> Iterator[Said]:
    unsure = sum(word[2] < _SURE for word in words) / max(1, len(words))
    yield said(
        "read by machine from pictures ({unsure:.0%} of the words unsure): compare it closely",
        unsure=unsure,
    )
    if read < pages:
        yield said("only the first {read} of {count} pages were read", read=read, count=pages)


def _unread(file: str, message: Said) -> RefusedFileError:
    remedy = said("run it through text recognition (OCR) yourself, and upload the result")
    return refused(file, message, remedy)


_COLUMNS = 12
