"""What PDFium does with a file: opens it, reads its pages and form fields, draws it.

Its objects are untyped, hence Any. PDFium aborts the process on some files (512 MB of nested
compression, XObjects within each other): it runs only in the sandbox. The letters of a page are
read in `kb.formats.letters`.
"""

import ctypes
import math
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from kb.errors import RefusedFileError, refused
from kb.formats.letters import Letters
from kb.formats.lines import Line, readable
from kb.saying import said

_DPI = 200
"""Tesseract asks for 300 at best; at 200 it reads ten-point text as well and in half the time."""
_MAX_PIXELS = 9_000_000
"""A sheet of A3, and more than memory and time are spent on."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one page says."""

    lines: tuple[Line, ...]
    garbled: float
    """Share of letters whose font does not tell which letters it draws."""
    fields: tuple[tuple[str, str], ...]
    """Names and values of the form fields that are filled in."""
    pictured: bool
    drawn: bool
    """Whether there is anything at all to see."""


@contextmanager
def opened(data: bytes, file: str) -> Iterator[Any]:
    """Open a PDF; it is closed at the end.

    Raises:
        RefusedFileError: it is encrypted, or damaged.
    """
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as err:
        locked = err.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise _locked(file) if locked else damaged(file) from err
    with closing(pdf):
        if pdf.get_formtype() != pypdfium2.raw.FORMTYPE_NONE:
            pdf.init_forms()
        yield pdf


def damaged(file: str) -> RefusedFileError:
    """Return the refusal of a file that is no whole PDF."""
    remedy = said("open it in a PDF reader, print it to a new PDF, and upload that")
    return refused(file, said("is damaged: it cannot be read as {format}", format="PDF"), remedy)


def _locked(file: str) -> RefusedFileError:
    message = said("is encrypted: it opens with a password only")
    return refused(file, message, said("upload an unlocked copy"))


def page_of(pdf: Any, number: int) -> Page:
    """Read a page, counted from 1."""
    import pypdfium2

    try:
        page = pdf[number - 1]
    except pypdfium2.PdfiumError:  # a damaged page among others: what is left counts
        return Page((), 0.0, (), pictured=False, drawn=False)
    # Turned pages are read as they were written: PDFium has the lines of some in reverse.
    page.set_rotation(0)
    with closing(page), closing(page.get_textpage()) as letters:
        read = Letters(letters)
        lines = tuple(read.lines(number, page.get_cropbox()))
        sparse = sum(len(line.text) for line in lines) < _SPARSE
        pictured, drawn = _seen(page) if sparse else (False, True)
        return Page(
            lines,
            read.garbled,
            tuple(_fields(pdf.formenv, page)) if pdf.formenv else (),
            pictured,
            drawn,
        )


def language_of(pdf: Any) -> str:
    """Return the language as the file gives it, such as ``de-AT``."""
    from pypdfium2 import raw

    return _wide(raw.FPDFCatalog_GetLanguage, pdf.raw)


def picture_of(pdf: Any, number: int) -> bytes:
    """Draw a page in shades of grey, as a PGM file; large pages are drawn smaller."""
    with closing(pdf[number - 1]) as page:
        width, height = page.get_size()
        scale = min(_DPI / 72, math.sqrt(_MAX_PIXELS / max(1.0, width * height)))
        with closing(page.render(scale=scale, grayscale=True, may_draw_forms=False)) as bitmap:
            rows = bytes(bitmap.buffer)
            if bitmap.stride != bitmap.width:
                rows = b"".join(
                    rows[at : at + bitmap.width] for at in range(0, len(rows), bitmap.stride)
                )
            return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + rows


_SPARSE = 50
"""Pages with fewer letters are looked at for pictures; a stamp or a page number is no text."""


def _seen(page: Any) -> tuple[bool, bool]:
    """Tell whether there is a picture on a page, and whether there is anything."""
    from pypdfium2 import raw

    drawn = False
    for thing in page.get_objects(max_depth=3):
        drawn = True
        if thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            return True, True
    return False, drawn


def _fields(form: Any, page: Any) -> Iterator[tuple[str, str]]:
    """Yield name and value of the fields of a form that are filled in, in their order."""
    from pypdfium2 import raw

    for place in range(raw.FPDFPage_GetAnnotCount(page)):
        field = raw.FPDFPage_GetAnnot(page, place)
        if raw.FPDFAnnot_GetSubtype(field) == raw.FPDF_ANNOT_WIDGET:
            value = _value(form.raw, field)
            name = _wide(raw.FPDFAnnot_GetFormFieldAlternateName, form.raw, field)
            name = name or _wide(raw.FPDFAnnot_GetFormFieldName, form.raw, field)
            if value:
                yield name, value
        raw.FPDFPage_CloseAnnot(field)


def _value(form: Any, field: Any) -> str:
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetFormFieldType(form, field)
    if kind in {raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON}:
        if not raw.FPDFAnnot_IsChecked(form, field):
            return ""
        return _wide(raw.FPDFAnnot_GetFormFieldExportValue, form, field)
    if kind == raw.FPDF_FORMFIELD_PUSHBUTTON:
        return ""
    return _wide(raw.FPDFAnnot_GetFormFieldValue, form, field)


def _wide(function: Callable[..., int], *arguments: Any) -> str:
    """Call a function that writes UTF-16 into a buffer and says how many bytes it takes."""
    from pypdfium2 import raw

    size = function(*arguments, None, 0)
    buffer = ctypes.create_string_buffer(size + 2)
    function(*arguments, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return readable(buffer.raw[: max(0, size - 2)].decode("utf-16-le", "ignore")).strip()
