import io
import random
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from kb.errors import RefusedFileError
from kb.formats import template, xlsx
from kb.formats.preview import preview
from kb.formats.table import Table
from kb.languages import LANGUAGES

SHEET = "xl/worksheets/sheet1.xml"


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(*rows: tuple[Any, ...], change: Callable[[Worksheet], None] | None = None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if change is not None:
        change(book.active)
    return saved(book)


def patched(data: bytes, change: Callable[[str], str], part: str = SHEET) -> bytes:
    """Write the parts of a workbook again, one of them changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text.decode()).encode() if name == part else text)
    return out.getvalue()


def replaced(data: bytes, old: str, new: str, part: str = SHEET) -> bytes:
    return patched(data, lambda xml: xml.replace(old, new), part)


def read(data: bytes) -> Table:
    return xlsx.rows(data, "a.xlsx")


def test_rows_reads_the_cells_of_a_sheet() -> None:
    table = read(workbook(("Title", "City"), ("a", "x"), (None, None), ("b", None)))

    assert table == Table(("Title", "City"), (("a", "x"), ("b", "")), (2, 4))


@pytest.mark.parametrize(
    ("value", "layout", "text"),
    [
        (2015, "General", "2015"),
        (2015.0, "General", "2015"),
        (0.1 + 0.2, "General", "0.3"),
        (1e20, "General", "100000000000000000000"),
        (4850000.5, "#,##0.00", "4850000.5"),
        (0.89, "0%", "89%"),
        (0.125, "0.0%", "12.5%"),
        (1234, "00000", "01234"),
        (-3, "General", "-3"),
        (0, "General", "0"),
        (True, "General", "yes"),
        (False, "General", "no"),
        (date(2019, 4, 30), "dd.mm.yyyy", "2019-04-30"),
        (datetime(2019, 4, 30, 8, 30), "yyyy-mm-dd hh:mm", "2019-04-30 08:30:00"),  # noqa: DTZ001
        (date(2019, 4, 30), "yyyy", "2019"),
        (date(2019, 4, 30), "mmm-yy", "2019-04"),
        (date(2019, 4, 30), '[$-407]d. mmmm yyyy;@"d"', "2019-04-30"),
        (time(8, 30), "hh:mm", "08:30:00"),
        ("06.1", "@", "06.1"),
        ("a_x000D_\nb_x0041_", "General", "a\nbA"),
        ("=1+1", "@", "=1+1"),
        ("+1", "@", "+1"),
    ],
)
def test_rows_shows_a_cell_as_a_person_sees_it(value: Any, layout: str, text: str) -> None:
    def change(sheet: Worksheet) -> None:
        cell = sheet.cell(2, 1, value)
        cell.number_format = layout
        if isinstance(value, str):
            cell.data_type = "s"

    assert read(workbook(("Title", "City"), ("x", "y"), change=change)).rows == ((text, "y"),)


def test_rows_reads_texts_that_are_shared() -> None:
    office = "openxmlformats-officedocument"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    part = f'PartName="/xl/sharedStrings.xml" ContentType="application/vnd.{office}.'
    part += 'spreadsheetml.sharedStrings+xml"'
    link = 'Id="rId99" Target="sharedStrings.xml" Type="http://schemas.openxmlformats.org/'
    link += 'officeDocument/2006/relationships/sharedStrings"'
    changes = (
        (SHEET, 't="inlineStr"><is><t>x</t></is>', 't="s"><v>1</v>'),
        ("[Content_Types].xml", "</Types>", f"<Override {part}/></Types>"),
        (
            "xl/_rels/workbook.xml.rels",
            "</Relationships>",
            f"<Relationship {link}/></Relationships>",
        ),
    )
    data = workbook(("Title", "City"), (7, "x"))

    for name, old, new in changes:
        data = replaced(data, old, new, name)
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        texts = "<si><t>a</t></si><si><r><t>b</t></r><r><t> c</t></r></si>"
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}">{texts}</sst>')

    assert read(out.getvalue()).rows == (("7", "b c"),)


def test_rows_believes_the_rows_and_not_the_dimension() -> None:
    data = workbook(("Title", "City"), *((f"a{number}", "x") for number in range(60)))

    lied = patched(
        data, lambda xml: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:B10"', xml)
    )

    assert len(read(lied).rows) == 60
    assert read(patched(data, lambda xml: re.sub(r"<dimension [^>]*>", "", xml))) == read(data)


def test_rows_takes_the_result_of_a_formula() -> None:
    data = workbook(("Title", "City"), ("=1+1", "x"))

    with pytest.raises(RefusedFileError) as refused:
        read(data)
    calculated = patched(data, lambda xml: re.sub(r"</f><v ?/>|</f><v></v>", "</f><v>2</v>", xml))
    bare = patched(data, lambda xml: re.sub(r"<v ?/>|<v></v>", "", xml))

    assert "a.xlsx:2: A2: holds a formula without its result" in str(refused.value)
    assert read(calculated).rows == (("2", "x"),)
    with pytest.raises(RefusedFileError, match="without its result; open it in a spreadsheet"):
        read(bare)


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!"])
def test_rows_refuses_a_cell_that_shows_an_error(error: str) -> None:
    with pytest.raises(RefusedFileError) as refused:
        read(workbook(("Title", "City"), ("a", error)))

    assert f"a.xlsx:2: B2 {error!r}: shows an error; correct the formula" in str(refused.value)


def test_rows_takes_the_sheet_called_cases_or_the_first_that_names_columns() -> None:
    book = Workbook()
    book.active.title = "Read me"
    book.active.append(["How to fill this in", "please"])
    book.create_sheet("Empty")
    book.create_sheet("Hidden").append(["Title", "City"])
    book["Hidden"].sheet_state = "hidden"
    data = book.create_sheet("Projekte")
    data.append(["Alle Projekte 2024"])
    data.append(["Titel", "Stadt"])
    data.append(["a", "x"])

    first = read(saved(book))
    named = book.create_sheet("Cases")
    named.append(["Foo", "Bar"])
    named.append(["b", "y"])

    assert (first.rows, first.lines) == ((("a", "x"),), (3,))
    assert first.notes[0] == "only the sheet 'Projekte' is read, not Read me, Empty"
    assert read(saved(book)).rows == (("b", "y"),)


def test_rows_tolerates_merged_cells_and_blank_columns() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.merge_cells("A1:E1")
        sheet.merge_cells("B3:B5")
        sheet.merge_cells("D3:E3")

    data = workbook(
        ("Our projects",), ("Title", "City", None, "Summary", None),
        ("a", "x", None, "s"), ("b",), ("c",), ("d", "y"), change=change,
    )  # fmt: skip

    table = read(data)

    assert table.header == ("Title", "City", "Summary")
    assert table.rows == (("a", "x", "s"), ("b", "x", ""), ("c", "x", ""), ("d", "y", ""))


def test_rows_names_a_column_that_has_values_only() -> None:
    assert read(workbook(("Title", "City"), ("a", "x", "lost?"))).header[2] == "column 3"


LOST = {
    "row twice": ('r="3"', 'r="2"', "its rows are out of order"),
    "row too far": ('r="3"', 'r="2147483647"', "its rows are out of order"),
    "cell of another row": ('<row r="2"', '<row r="9"', "its cells are out of order"),
    "cell twice": ('"B2"', '"A2"', "its cells are out of order"),
    "no reference": ('"A3"', '"A0x"', "cannot be read as a workbook"),
    "no XML": ("<sheetData>", "<sheetData><row", "cannot be read as a workbook"),
    "other namespace": ("spreadsheetml", "other", "of which only 0 can be read"),
    "definition": ("<worksheet", "<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet", "defines entities"),
    "many rows": ("</sheetData>", "<row/>" * 200_001 + "</sheetData>", "it has too many rows"),
    "many cells": (
        "</sheetData>",
        f"<row>{'<c/>' * 1_000_001}</row></sheetData>",
        "it has too many cells",
    ),
    "far cell": (
        "</sheetData>",
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
        "a.xlsx:1048576: XFD1048576: has a value beyond column CV; move or delete it",
    ),
}


@pytest.mark.parametrize("what", LOST)
def test_rows_refuses_a_sheet_of_which_something_would_be_lost(what: str) -> None:
    old, new, message = LOST[what]
    data = workbook(("Title", "City"), ("a", "x"), ("b", "y"))

    with pytest.raises(RefusedFileError) as refused:
        read(replaced(data, old, new))

    assert message in str(refused.value)


def test_rows_passes_over_a_far_cell_without_value() -> None:
    data = workbook(("Title", "City"), ("a", "x"))
    far = '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'

    table = read(replaced(data, "</sheetData>", far))

    assert table.rows == (("a", "x"),)


def _ten(name: str) -> str:
    return f"&{name};" * 10


STEPS = zip("abcdefgh", "bcdefghi", strict=True)
LAUGHS = "".join(f"<!ENTITY {after} '{_ten(before)}'>" for before, after in STEPS)
LAUGHS = f"<!DOCTYPE x [<!ENTITY a 'ha'>{LAUGHS}]>"


@pytest.mark.parametrize(
    "part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_rows_refuses_a_billion_laughs(part: str, encoding: str) -> None:
    data = workbook(("Title", "City"), ("a", "x"))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, f"{LAUGHS}<x>&i;</x>".encode(encoding))

    with pytest.raises(RefusedFileError, match="defines entities"):
        read(out.getvalue())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cannot be read as a workbook; open it"),
        (b"Title;City\na;b\n", "cannot be read as a workbook"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "is encrypted; upload an"),
        (b"\xd0\xcf\x11\xe0" + b"Workbook", "is an old .xls workbook; save it as .xlsx"),
    ],
)
def test_rows_refuses_what_is_no_workbook(data: bytes, message: str) -> None:
    with pytest.raises(RefusedFileError, match=message):
        read(data)


def test_rows_refuses_a_blank_workbook_and_one_too_long() -> None:
    with pytest.raises(RefusedFileError, match="has no rows; write the names"):
        read(workbook())
    with pytest.raises(RefusedFileError, match="more than 5,000 rows"):
        read(workbook(("Title", "City"), *(("a", "x") for _ in range(5_001))))


def test_rows_takes_five_thousand() -> None:
    assert len(read(workbook(("Title", "City"), *(("a", "x") for _ in range(5_000)))).rows) == 5_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_template_is_read_back_with_its_explanations_left_out(language: str) -> None:
    book = load_workbook(io.BytesIO(template.as_xlsx(language)))
    book["cases"].append(["x"] * 33)

    table = read(saved(book))

    assert table.header == tuple(cell.value for cell in book["cases"][1])
    assert table.rows == (("x",) * 33,)
    assert table.lines == (3,)
    assert table.notes == ()


@pytest.mark.parametrize("language", ["de", "el", "en"])
def test_template_offers_labels_that_are_read_as_the_concept(language: str) -> None:
    book = load_workbook(io.BytesIO(template.as_xlsx(language)))
    cases, codebook = book["cases"], book["codebook"]
    offered = {}
    for offer in cases.data_validations.dataValidation:
        column = str(offer.sqref).partition(":")[0]
        first, last = (int(number) for number in re.findall(r"\$F\$(\d+)", offer.formula1))
        offered[column] = [codebook.cell(row, 6).value for row in (first, last)]
        cases[column] = offered[column][1]
    cases["B3"], cases["Q3"] = "A title", "A city"

    row = preview(read(saved(book)), "a.xlsx").rows[0]

    assert row.problems == ()
    assert {name: row.values[name] for name in ("original_language", "stage", "cost_band")} == {
        "original_language": "uk", "stage": "stopped", "cost_band": "unknown",
    }  # fmt: skip
    assert row.values["transferability"] == {"level": "T4"}
    assert cases.freeze_panes == "A2"
    assert cases.column_dimensions["I"].number_format == "@"


CELLS = st.text(alphabet="ab;,\"' \n=+#é€_x0041", max_size=12).map(str.strip)


@settings(max_examples=40)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6))
def test_rows_gives_back_what_is_written(rows: list[tuple[str, ...]]) -> None:
    def change(sheet: Worksheet) -> None:
        for number, row in enumerate(rows, 2):
            for column, text in enumerate(row, 1):
                sheet.cell(number, column, text.replace("_x", "_x005F_x")).data_type = "s"

    kept = tuple(row for row in rows if any(row))
    if kept:
        assert read(workbook(("Title", "City", "Summary"), change=change)).rows == kept


def test_rows_reads_or_refuses_every_mutant() -> None:
    chance = random.Random(5)  # noqa: S311 - the same mutants each time
    data = workbook(("Title", "City"), ("a", date(2019, 1, 1)), (2.5, True))

    for number in range(200):
        mutant = _mutant(data, chance) if number % 2 else _mutant_part(data, chance)
        try:
            table = read(mutant)
        except RefusedFileError as err:
            assert err.problems[0].remedy  # noqa: PT017 - either may happen
        else:
            assert table.rows


def _mutant(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(changed))
        changed[at : at + chance.randrange(1, 9)] = chance.randbytes(chance.randrange(6))
    return bytes(changed)


def _mutant_part(data: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = chance.choice([name for name in archive.namelist() if name.endswith(".xml")])
    marks = ["9", "<", ">", '"', "", "-1", "<v>", "1e999", "NaN", "A", "/>"]

    def change(xml: str) -> str:
        at = chance.randrange(len(xml))
        return xml[:at] + chance.choice(marks) + xml[at + chance.randrange(5) :]

    return patched(data, change, part)
