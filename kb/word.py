"""A paper as a file for Word (DOCX): the only door to python-docx.

The same paper gives the same bytes: dates come from the paper, and the archive is packed anew.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kb import archive
from kb.paper import Block, Kind, Paper, Run, Table
from kb.text import in_xml

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_STYLES: Mapping[Kind, str] = MappingProxyType(
    {
        "title": "Heading 1",
        "part": "Heading 2",
        "heading": "Heading 3",
        "text": "Normal",
        "item": "List Bullet",
        "small": "Caption",
    }
)
_LOOKS = {  # size in points, bold, points above, points below
    "Normal": (9, False, 0, 2),
    "Heading 1": (15, True, 0, 3),
    "Heading 2": (11, True, 6, 1),
    "Heading 3": (9, True, 2, 0),
    "List Bullet": (9, False, 0, 0),
    "Caption": (7.5, False, 0, 0),
}
_FONT = "Arial"
_INK = "14302F"
_LINK = "0B5C60"
_A4_MM = (210, 297)
_MARGIN_MM = 14
_TEXT_MM = _A4_MM[0] - 2 * _MARGIN_MM


def write(paper: Paper) -> bytes:
    """Return a paper as the bytes of a DOCX file."""
    from docx import Document

    document = Document()
    _set_up(document, paper)
    for block in paper.blocks:
        if isinstance(block, Block):
            paragraph = document.add_paragraph(style=_STYLES[block.kind])
            _name(paragraph, block.name)
            _fill(paragraph, block.runs)
        else:
            _add_table(document, block)
    written = io.BytesIO()
    document.save(written)
    return _packed_anew(written.getvalue())


def _set_up(document: "Document", paper: Paper) -> None:
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = (Mm(side) for side in _A4_MM)
    section.left_margin = section.right_margin = Mm(_MARGIN_MM)
    section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)
    for name, look in _LOOKS.items():
        _dress(document.styles[name], *look)
    for told in document.styles.element.iter(_w("lang")):
        told.set(_w("val"), paper.language)
    about, at = document.core_properties, datetime.combine(paper.day, time(), UTC)
    about.title, about.language, about.author = in_xml(paper.title), paper.language, paper.author
    about.comments, about.created, about.modified = "", at, at


def _dress(style: Any, size: float, bold: bool, above: float, below: float) -> None:  # noqa: FBT001 - a row of a table
    # Any: the class of a style that has paragraphs is not public.
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size, style.font.bold = _FONT, Pt(size), bold
    style.font.color.rgb = RGBColor.from_string(_INK)
    style.font.italic = False
    fonts = style.element.rPr.rFonts
    for old in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[old]  # a font of the theme would be taken in place of ours
    for script in ("hAnsi", "cs", "eastAsia"):
        fonts.set(_w(script), _FONT)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(above), Pt(below)
    style.paragraph_format.line_spacing = 1.0


def _add_table(document: "Document", table: Table) -> None:
    from docx.shared import Mm

    made: Any = document.add_table(rows=0, cols=len(table.head), style="Table Grid")
    _under(made._tbl.tblPr, "tblCaption", val=table.caption)  # noqa: SLF001 - python-docx has no other way to captions
    head = tuple((Run(text, strong=True),) for text in table.head)
    for number, row in enumerate((head, *table.rows)):
        cells = made.add_row()
        options = cells._tr.get_or_add_trPr()  # noqa: SLF001 - nor to heads of tables
        _under(options, "cantSplit")
        if not number:
            _under(options, "tblHeader")
        for cell, runs in zip(cells.cells, row, strict=True):
            _fill(cell.paragraphs[0], runs)
    shares = (2, *(1 for _ in table.head[1:]))  # what names a row takes more room than the rest
    for column, share in zip(made.columns, shares, strict=True):
        column.width = Mm(_TEXT_MM * share / sum(shares))
        for cell in column.cells:
            cell.width = column.width


def _fill(paragraph: "Paragraph", runs: Iterable[Run]) -> None:
    for run in runs:
        made = paragraph.add_run(in_xml(run.text))
        made.bold = True if run.strong else None
        if run.language:
            _under(made._r.get_or_add_rPr(), "lang", val=run.language)  # noqa: SLF001 - nor to languages
        if run.href:
            _link(paragraph, made, run.href)


def _link(paragraph: "Paragraph", run: Any, href: str) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.shared import RGBColor

    run.font.color.rgb = RGBColor.from_string(_LINK)
    run.font.underline = True
    within, _, name = href.partition("#")
    link = _under(paragraph._p, "hyperlink", history="1")  # noqa: SLF001 - nor to links
    if not within:
        link.set(_w("anchor"), name)
    else:
        leads = paragraph.part.relate_to(
            in_xml(href), RELATIONSHIP_TYPE.HYPERLINK, is_external=True
        )
        link.set(_r("id"), leads)
    link.append(run._r)  # noqa: SLF001 - as above


def _name(paragraph: "Paragraph", name: str) -> None:
    if name:
        number = str(sum(1 for _ in paragraph.part.element.iter(_w("bookmarkStart"))) + 1)
        _under(paragraph._p, "bookmarkStart", id=number, name=name)  # noqa: SLF001 - nor to names
        _under(paragraph._p, "bookmarkEnd", id=number)  # noqa: SLF001 - as above


def _under(parent: Any, tag: str, /, **attributes: str) -> Any:  # Any: lxml ships no types
    from docx.oxml import OxmlElement

    child = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        child.set(_w(name), in_xml(value))
    parent.append(child)
    return child


def _w(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/wordprocessingml/2006/main}}{name}"


def _r(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/officeDocument/2006/relationships}}{name}"


def _packed_anew(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    return archive.pack(files)
