import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import RefusedFileError
from kb.formats import jsonl
from kb.formats.preview import preview
from kb.formats.table import MAX_ROWS, Table

CASE = {
    "id": "a",
    "title": "Housing First",
    "original_language": "en",
    "lead_organisation": {"name": "City Council", "type": "municipality"},
    "outcomes": [{"indicator": "People housed", "value": "72", "unit": "people"}],
    "themes": ["06.1"],
}


def read(text: str) -> Table:
    return jsonl.rows(text.encode(), "a.jsonl")


def test_rows_reads_one_object_a_line_with_nested_values() -> None:
    table = read(f'{json.dumps(CASE)}\n\n{{"title": "b", "city": "Wien"}}\n')

    assert table.header == (*CASE, "city")
    assert table.rows[0] == (*CASE.values(), "")
    assert table.rows[1] == ("", "b", "", "", "", "", "Wien")
    assert table.lines == (1, 3)


def test_rows_reads_one_array_and_knows_the_lines() -> None:
    table = read('[\n  {"title": "a"},\n\n  {\n    "title": "b"\n  }\n]\n')

    assert table == Table(("title",), (("a",), ("b",)), (2, 4))


def test_a_case_is_the_same_after_a_round_trip() -> None:
    table = read(json.dumps(CASE))

    row = preview(table, "a.jsonl").rows[0]

    assert row.case is not None
    assert row.case.as_dict() == {key: CASE[key] for key in row.case.as_dict()}
    assert len(row.case.as_dict()) == len(CASE)


def test_rows_keeps_numbers_as_written_and_makes_answers_of_booleans() -> None:
    text = '{"a": 010.50, "b": 4850000, "c": true, "d": false, "e": null, "f": "", "g": [null]}'

    with pytest.raises(RefusedFileError, match="is not JSON"):
        read(text)
    table = read(text.replace("010.50", "2015.0"))

    assert (table.header, table.rows) == (
        ("a", "b", "c", "d"),
        (("2015.0", "4850000", "yes", "no"),),
    )


def test_rows_keeps_text_that_json_may_hold() -> None:
    table = read('{"title": "a\u2028b\u2029c", "x": "\\u0000\\ud800y", "y": "=1+1"}')

    assert table.rows == (("a\nb\nc", "y", "=1+1"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}\n{"a": }\n[1]\n"x"\n', "a.jsonl:2: is not JSON: expecting value (character 7)"),
        ('{"a": 1}\n{"a": }\n[1]\n"x"\n', "a.jsonl:3: is no object"),
        ('{"a": 1}\n7\n', "a.jsonl:2: is no object; write each case as one plain object"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "a.jsonl:1: c is given twice"),
        ('{"a": 1, " a": 2}', "a.jsonl:1: a is given twice"),
        ('{"": 1}', "a.jsonl:1: a field has no name"),
        ('{"a": NaN}', "a.jsonl:1: NaN is no value"),
        ('{"a": -Infinity}', "a.jsonl:1: -Infinity is no value"),
        ('{"title": "a", "Titel": "b"}', "the fields 'title' and 'Titel' mean the same"),
        ('{"a": ' + "[" * 12 + "1" + "]" * 12 + "}", "has more than 12 levels"),
        ('{"a": ' + "[" * 100_000, "is nested too deeply"),
        ('{"a": [' + "1," * 5_000 + "1]}", "has more than 5,000 values"),
        ('{"a": [' + "1," * 2_000_001 + "1]}", "too complex: has too many values"),
        ('{"a": "' + "x" * 2_000_000 + '"}', "has more than 2,000,000 characters"),
        ('{\n  "title": "a"\n}', "a.jsonl:1: is not JSON: expecting property name"),
        ('[{"a": 1},\n{"a": 2}', "a.jsonl:2: the array does not end as one; part the objects"),
        ('[{"a": 1}\n{"a": 2}]', "a.jsonl:2: the array does not end as one; part the objects"),
        ('[{"a": 1}]\n{"a": 2}', "a.jsonl:1: the array does not end as one"),
        ('[{"a": 1},\n\n{"a" 2}]', "a.jsonl:3: is not JSON: expecting ':' delimiter"),
        ('[{"a": 1},\n3]', "a.jsonl:2: is no object"),
        ("[]", "has no rows"),
        ("[", "a.jsonl:1: is not JSON: expecting value"),
        ("", "the file is empty"),
        ('{"a": 1}\n' * (MAX_ROWS + 1), "has more than 5,000 rows"),
        (json.dumps(dict.fromkeys(map(str, range(101)), "x")), "more than 100 names of fields"),
    ],
)
def test_rows_refuses_with_line_and_remedy(text: str, message: str) -> None:
    with pytest.raises(RefusedFileError) as refused:
        read(text)

    assert message in str(refused.value)


def test_rows_refuses_what_is_not_utf8() -> None:
    with pytest.raises(RefusedFileError, match="save the file as UTF-8"):
        jsonl.rows('{"title": "Zürich"}'.encode("cp1252"), "a.jsonl")


TEXTS = st.text(alphabet='ab"\\{}[],:é\u2028 \n', min_size=1, max_size=9).map(
    lambda text: f"x{text}".replace("\u2028", "\n")
)


@given(st.lists(st.dictionaries(TEXTS.map(str.strip), TEXTS, min_size=1), min_size=1, max_size=5))
def test_rows_gives_back_what_is_written(rows: list[dict[str, str]]) -> None:
    lines = "\n".join(json.dumps(row) for row in rows)

    try:
        table = read(lines)
    except RefusedFileError as err:
        assert "mean the same" in str(err)  # noqa: PT017 - punctuation makes no other name
    else:
        assert [cells for _, cells in table.named()] == rows
        assert read(json.dumps(rows, indent=2)).rows == table.rows


@given(st.binary(max_size=200))
def test_rows_reads_or_refuses_any_bytes(data: bytes) -> None:
    try:
        table = jsonl.rows(data, "a.jsonl")
    except RefusedFileError as err:
        assert err.problems[0].remedy  # noqa: PT017 - either may happen
    else:
        assert table.rows


def test_rows_reads_or_refuses_every_mutant() -> None:
    chance = random.Random(5)  # noqa: S311 - the same mutants each time
    whole = "\n".join(json.dumps(CASE) for _ in range(3)).encode()

    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(data))
            mark = chance.choice([b'"', b"[", b"{", b"\n", b"\xff", b"\\", b"1e9", b"}"])
            data[at : at + chance.randrange(4)] = mark
        test_rows_reads_or_refuses_any_bytes.hypothesis.inner_test(bytes(data))
