"""PDF: the text layer in reading order. Pictures of text are left to `kb.formats.scan`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kb.document import CELL, Block, Document
from kb.errors import Problem, RefusedFileError, refused
from kb.formats import layout, pdfium
from kb.formats.lines import readable
from kb.languages import LANGUAGES
from kb.saying import Said, counted, said

MAX_PAGES = 2_000
_SCANNED = 100
"""Letters a page on average, below which pages with pictures are a scan with a stamp on it."""
_GARBLED = 0.3
_SHOWN = 3


class ScannedFileError(RefusedFileError):
    """Raised when all that is to be read stands in pictures, or in fonts without an alphabet.

    Reading it by machine may help; see `kb.formats.scan`.
    """


def extract(data: bytes, file: str) -> Document:
    """Return the text of a PDF.

    Raises:
        ScannedFileError: its text can only be seen, not read.
        RefusedFileError: it is encrypted, damaged, empty, or has too many pages.
    """
    with pdfium.opened(data, file) as pdf:
        pages = [pdfium.page_of(pdf, number) for number in range(1, pages_of(pdf, file) + 1)]
        check_readable(pages, file)
        found, repeated = layout.blocks([page.lines for page in pages])
        notes = (*_notes(pdf, pages), *_note_of(repeated))
        return document(pdf, with_fields(found, pages), notes)


def pages_of(pdf: Any, file: str) -> int:
    """Return how many pages there are.

    Raises:
        RefusedFileError: none, or more than `MAX_PAGES`.
    """
    pages = len(pdf)
    if pages > MAX_PAGES:
        message = said(
            "has {count:,} pages; at most {most:,} are read", count=pages, most=MAX_PAGES
        )
        raise refused(file, message, said("upload the pages that tell the case"))
    if not pages:
        raise pdfium.damaged(file)
    return pages


def check_readable(pages: Sequence[pdfium.Page], file: str) -> None:
    """Refuse what holds no text that can be read.

    Raises:
        ScannedFileError: pages hold pictures, or letters that nothing can be made of.
        RefusedFileError: pages are empty.
    """
    text = " ".join(line.text for page in pages for line in page.lines)
    garbled = _is_garbled(text, pages)
    pictured = sum(page.pictured for page in pages)
    filled = any(page.fields for page in pages)
    if pictured and len(text) < _SCANNED * len(pages) and not filled:
        raise _scanned(file, said("is a scan: its pages hold pictures and no text"))
    if garbled:
        raise _scanned(
            file, said("cannot be read as text: its fonts do not say which letters they draw")
        )
    if not text.strip() and not filled:
        if any(page.drawn for page in pages):
            raise _scanned(file, said("holds no text: its letters are drawn as pictures or lines"))
        message = said("holds no text: its pages are empty")
        raise refused(file, message, said("upload the file with its text"))


def document(
    pdf: Any, blocks: Iterable[Block], notes: Iterable[Said], *, by_machine: bool = False
) -> Document:
    """Put blocks and the file's own description of itself together."""
    return Document(tuple(blocks), _title(pdf), _language(pdf), tuple(notes), len(pdf), by_machine)


def with_fields(blocks: Sequence[Block], pages: Sequence[pdfium.Page]) -> Iterator[Block]:
    """Yield the blocks of each page, and after them what its form fields were filled in with."""
    waiting = list(blocks)
    for number, page in enumerate(pages, 1):
        while waiting and waiting[0].page <= number:
            yield waiting.pop(0)
        for name, value in page.fields:
            yield Block(f"{name}{CELL}{value}" if name else value, "row", page=number)
    yield from waiting


def attached(pdf: Any) -> Iterator[Said]:
    """Yield a note on files within the file."""
    if count := pdf.count_attachments():
        yield counted(
            "1 attached file was not read; upload it by itself",
            "{count} attached files were not read; upload them one by one",
            count,
        )


def _notes(pdf: Any, pages: Sequence[pdfium.Page]) -> Iterator[Said]:
    yield from attached(pdf)
    pictured = [str(number) for number, page in enumerate(pages, 1) if page.pictured]
    if pictured:
        numbers = ", ".join(pictured[:10]) + (", …" if len(pictured) > 10 else "")  # noqa: PLR2004
        yield said(
            "pages with pictures and hardly any text: {numbers}; what they show was not read",
            numbers=numbers,
        )
    if any(page.garbled for page in pages):
        yield said("some letters could not be made out; compare the text with the file")
    if any(page.fields for page in pages):
        yield said("filled-in fields of the form stand after the text of their page")


def _note_of(repeated: Sequence[str]) -> Iterator[Said]:
    if repeated:
        shown = ", ".join(f"“{line}”" for line in repeated[:_SHOWN])
        yield said("left out because it repeats from page to page: {lines}", lines=shown)


def _scanned(file: str, message: Said) -> ScannedFileError:
    remedy = said(
        "run it through text recognition (OCR) and upload the result, or install Tesseract on the "
        "server"
    )
    return ScannedFileError([Problem(file, message, remedy)])


def _is_garbled(text: str, pages: Sequence[pdfium.Page]) -> bool:
    """Tell text of fonts without an alphabet: no letters, unassigned ones, or hardly a vowel."""
    drawn = [page.garbled for page in pages if page.lines or page.garbled]
    if drawn and sum(drawn) / len(drawn) > _GARBLED:
        return True
    dense = "".join(re.sub(r"([^\w\s])\1+", r"\1", text).split())
    if sum(letter.isalnum() for letter in dense) < len(dense) / 2:
        return True
    latin = re.findall(r"[A-Za-z]", dense)
    vowels = sum(letter in "aeiouyAEIOUY" for letter in latin)
    # Prose has 35-50 % in every language of ours, with accented letters not counted; fonts whose
    # letters are numbered instead of named come out shifted ("6WDGW" for "Stadt").
    return len(latin) > max(_SCANNED, len(dense) / 2) and vowels < len(latin) / 6


def _title(pdf: Any) -> str:
    title = " ".join(readable(pdf.get_metadata_value("Title")).split())
    title = re.sub(r"^Microsoft (?:Word|PowerPoint|Excel) - ", "", title)
    return "" if _NO_TITLE.search(title) else title


def _language(pdf: Any) -> str:
    code = pdfium.language_of(pdf).lower().partition("-")[0]
    code = {"nb": "no", "nn": "no"}.get(code, code)
    return code if code in LANGUAGES else ""


_NO_TITLE = re.compile(
    r"(?i)^untitled|^unbenannt|^document\d*$|\.(?:docx?|odt|indd|pdf|qxd|pptx?)$"
)
