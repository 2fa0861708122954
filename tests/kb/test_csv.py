import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import RefusedFileError
from kb.formats import csv, template
from kb.formats.table import MAX_ROWS, Table
from kb.languages import LANGUAGES


def read(text: str, encoding: str = "utf-8") -> Table:
    return csv.rows(text.encode(encoding), "a.csv")


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_rows_finds_the_delimiter(delimiter: str) -> None:
    table = read(f"title{delimiter}city\nHousing First{delimiter}Dublin\n")

    assert table == Table(("title", "city"), (("Housing First", "Dublin"),), (2,))


@pytest.mark.parametrize(
    ("text", "header", "row"),
    [
        ('title;"a, b, c, d"\n"x, y";"1, 2, 3"\n', ("title", "a, b, c, d"), ("x, y", "1, 2, 3")),
        ("title,city,notes\na,b,x;y;z;1;2\n", ("title", "city", "notes"), ("a", "b", "x;y;z;1;2")),
        ('"Name";"Ort, Bezirk"\n"a";"b"\n', ("Name", "Ort, Bezirk"), ("a", "b")),
        ("'title';city\n'it''s';b\n", ("'title'", "city"), ("'it''s'", "b")),
        ("title\nHousing First, at last\n", ("title",), ("Housing First, at last",)),
        ('title, city\n"a, b", "c, d"\n', ("title", "city"), ("a, b", "c, d")),
        ('title;city\n"say ""yes""";5" pipe\n', ("title", "city"), ('say "yes"', '5" pipe')),
        ("sep=|\ntitle;x|city\na|b\n", ("title;x", "city"), ("a", "b")),
    ],
)
def test_rows_is_not_deceived_by_delimiters_inside_cells(
    text: str, header: tuple[str, ...], row: tuple[str, ...]
) -> None:
    table = read(text)

    assert (table.header, table.rows) == (header, (row,))


def test_rows_keeps_line_breaks_in_cells_and_counts_them() -> None:
    table = read('title;city\n"a\r\nb";x\r\n\r\n;;\n"c";y\n')

    assert table.rows == (("a\nb", "x"), ("c", "y"))
    assert table.lines == (2, 6)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Titel;Stadt\nWohnen;Zürich\n"),
        ("utf-8-sig", "Titel;Stadt\nWohnen;Zürich\n"),
        ("utf-16", "Titel\tStadt\nWohnen\tZürich\n"),
        ("cp1252", "Titel;Stadt;Lösung\nWohnen;Zürich;Zuerst eine Wohnung für Obdachlose\n"),
        ("cp1250", "Tytuł;Miasto;Rozwiązanie\nMieszkania;Łódź;Najpierw mieszkanie, później pomoc"),
        ("cp1251", "Заглавие;Град;Решение\nЖилища;София;Първо жилище, а след това помощ\n"),
        ("cp1253", "Τίτλος;Πόλη;Λύση\nΣπίτι;Αθήνα;Πρώτα ένα σπίτι και μετά βοήθεια\n"),
    ],
)
def test_rows_reads_the_encodings_of_spreadsheets(encoding: str, text: str) -> None:
    table = read(text, encoding)

    cells = [cell for row in (table.header, *table.rows) for cell in row]
    assert cells == text.replace("\t", ";").replace("\n", ";").strip(";").split(";")
    assert bool(table.notes) == encoding.startswith("cp")


def test_rows_leaves_out_title_blank_columns_and_repeated_header() -> None:
    text = "Our projects;;;\n;;;\nTitle;;City;\na;;x;\nTitle;;City;\nb;;y;\n"

    table = read(text)

    assert (table.header, table.rows) == (("Title", "City"), (("a", "x"), ("b", "y")))
    assert table.lines == (4, 6)
    assert table.notes == ("left out what stands above the names of the columns: 1 rows",)


def test_rows_names_a_column_that_has_values_only() -> None:
    table = read("title;city;\na;b;lost?\n")

    assert table.header == ("title", "city", "column 3")


FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\u0009=1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x";"y")',
    "＝1+1", "＋1", "－1", "＠SUM(A1)", "  =1+1", "'=1+1", "%0A=1+1",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_rows_keeps_a_formula_as_text(formula: str) -> None:
    quoted = formula.replace('"', '""')

    table = read(f'title;city\n"{quoted}";x\n')

    assert table.rows[0][0] == formula.strip()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.csv: the file is empty"),
        (";;\n;;\n", "a.csv: has no rows; write the names"),
        ("title;city\n", "a.csv: has no rows below its header; write one row"),
        ("title;city\na;b\nc\n", "a.csv:3: has 1 cells, but the header has 2; put cells"),
        ("title;city\na;b\n\nc;d;e\n", "a.csv:4: has 3 cells, but the header has 2; put cells"),
        ('title;city\na;"b\nc;d\n', "a.csv:2: a quotation mark is never closed; close it"),
        ('title;city\na;"b"x\n', 'a.csv:2: a quotation mark stands within a cell; write ""'),
        ('title;city\na;"' + "x" * 9_000_000, "a.csv:2: a cell has more than 32,767 characters"),
        ("title;city\na;" + "x" * 32_768, "a.csv:2: city: a cell has more than 32,767 characters"),
        ("title;city\n" + "a;b\n" * (MAX_ROWS + 1), "has more than 5,000 rows; split it"),
        (";".join(map(str, range(101))) + "\n" + "1;" * 100 + "1", "has more than 100 columns"),
        ("title" + ";" * 1_000_000 + "x\na", "a.csv:2: has 1 cells, but the header has 1000001"),
        ("Title;city;Titel\na;b;c\n", "the columns 'Title' and 'Titel' mean the same"),
        ("title;x;x\na;b;c\n", "the columns 'x' and 'x' mean the same; rename or delete one"),
        ("title;city\na\0;b\n", "a.csv:2: holds the character NUL"),
    ],
)  # fmt: skip
def test_rows_refuses_with_line_and_remedy(text: str, message: str) -> None:
    with pytest.raises(RefusedFileError) as refused:
        read(text)

    assert message in str(refused.value)


def test_rows_names_every_ragged_row_up_to_fifty() -> None:
    with pytest.raises(RefusedFileError) as refused:
        read("title;city\n" + "a\n" * 60)

    assert [problem.line for problem in refused.value.problems] == list(range(2, 52))


def test_rows_takes_five_thousand() -> None:
    assert len(read("title;city\n" + "a;b\n" * MAX_ROWS).rows) == MAX_ROWS


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_reads_the_template(language: str) -> None:
    blank = template.as_csv(language)
    delimiter = "," if language in {"en", "ga", "mt"} else ";"

    table = csv.rows(blank + delimiter.join(["x"] * 33).encode(), "template.csv")

    assert len(table.header) == 33
    assert table.rows == (("x",) * 33,)


CELLS = st.text(alphabet="ab;,\t|\"' \n=#é€", max_size=12).map(str.strip)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8), st.sampled_from(";,\t|"))
def test_rows_gives_back_what_is_written(rows: list[tuple[str, ...]], delimiter: str) -> None:
    kept = tuple(row for row in rows if any(row))
    quoted = (delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    text = "\n".join([delimiter.join(("title", "city", "summary")), *quoted])

    if kept:
        assert read(text).rows == kept


@given(st.binary(max_size=300))
def test_rows_reads_or_refuses_any_bytes(data: bytes) -> None:
    try:
        table = csv.rows(data, "a.csv")
    except RefusedFileError as err:
        assert err.problems[0].remedy  # noqa: PT017 - either may happen
    else:
        assert table.rows


def test_rows_reads_or_refuses_every_mutant() -> None:
    chance = random.Random(5)  # noqa: S311 - the same mutants each time
    whole = template.as_csv("pl") + ("x;" * 32 + 'x\n"a ""b""";' + "y;" * 31 + "y\n").encode()

    for _ in range(200):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 8)):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(4)] = chance.choice([b'"', b";", b"\n", b"\xff", b"\r"])
        test_rows_reads_or_refuses_any_bytes.hypothesis.inner_test(bytes(data))
