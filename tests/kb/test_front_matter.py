import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import RefusedFileError
from kb.formats import front_matter
from kb.text import normalise

LAUGHS = "a: &a [ha, ha]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"


def refusal(block: str) -> tuple[int | None, str, str]:
    with pytest.raises(RefusedFileError) as refused:
        front_matter.read(block, "a.md")
    (problem,) = refused.value.problems
    assert problem.file == "a.md"
    assert problem.remedy
    return problem.line, problem.field, problem.message


@pytest.mark.parametrize(
    "text",
    ["NO", "yes", "off", "true", "null", "~", "010", "0x1F", "1e3", "1_000", "12:30:45", ".inf",
     "2019-04-30", "=", "<<"],
)  # fmt: skip
def test_read_keeps_every_plain_value_as_text(text: str) -> None:
    assert front_matter.read(f"field: {text}\n", "a.md").values == {"field": text}


def test_read_merges_nothing() -> None:
    assert front_matter.read("<<: {a: x}\n", "a.md").values == {"<<": {"a": "x"}}


@pytest.mark.parametrize("blank", ["", "''", '""', "# only a comment"])
def test_read_takes_a_blank_field_for_left_out(blank: str) -> None:
    assert front_matter.read(f"city: {blank}\ntitle: x\n", "a.md").values == {"title": "x"}


def test_read_unfolds_long_texts() -> None:
    block = "summary: >-\n  two\n  lines\nnote: |-\n  two\n  lines\n"

    assert front_matter.read(block, "a.md").values == {"summary": "two lines", "note": "two\nlines"}


def test_read_normalises_what_stands_escaped_in_quotation_marks() -> None:
    assert front_matter.read('title: "a\\0e\\u0301"\n', "a.md").values == {"title": "aé"}


def test_read_remembers_the_line_of_every_value() -> None:
    block = "title: x\nthemes:\n  - a\n  - b\ncost:\n  total: 5\nflow: {a: [b, c]}\n"

    read = front_matter.read(block, "a.md")

    assert read.lines == {
        ("title",): 2,
        ("themes",): 3,
        ("themes", 0): 4,
        ("themes", 1): 5,
        ("cost",): 6,
        ("cost", "total"): 7,
        ("flow",): 8,
        ("flow", "a"): 8,
        ("flow", "a", 0): 8,
        ("flow", "a", 1): 8,
    }


def test_line_of_something_missing_is_that_of_what_is_around_it() -> None:
    read = front_matter.read("title: x\ncost:\n  total: 5\n", "a.md")

    assert read.line(("cost", "currency")) == 3
    assert read.line(("city",)) == 1


@pytest.mark.parametrize(
    ("block", "line", "field", "message"),
    [
        (LAUGHS, 2, "", "anchors and aliases are not accepted"),
        ("title: x\ncity: &home Oslo\n", 3, "", "anchors and aliases are not accepted"),
        ("title: x\ncity: *home\n", 3, "", "anchors and aliases are not accepted"),
        ("title: x\na: !!python/name:os.system ls\n", 3, "", "tags (!...) are not accepted"),
        ("title: x\n\nyear: !!int 5\n", 4, "", "tags (!...) are not accepted"),
        ("title: x\n!!str year: 5\n", 3, "", "tags (!...) are not accepted"),
        ("title: x\ncity: y\ntitle: z\n", 4, "title", "is given twice"),
        ("title: x\ncost:\n  total: 1\n  total: 2\n", 5, "total", "is given twice"),
        ("title: x\na: " + "[" * 12 + "]" * 12, 3, "", "more than 12 levels are not accepted"),
        ("title: x\na: " + "[" * 5000, 3, "", "more than 12 levels are not accepted"),
        ("title: x\na: " + "{a: " * 5000, 3, "", "more than 12 levels are not accepted"),
        ("title: x\na: [" + "b," * 5000 + "]", 3, "", "more than 5,000 values are not accepted"),
        ("? [a, b]\n: c\n", 2, "", "a field has no name"),
        ("title: x\n'': c\n", 3, "", "a field has no name"),
        ("- a\n- b\n", 2, "", "there are no fields"),
        ("only text\n", 2, "", "there are no fields"),
        ("", 2, "", "there are no fields"),
    ],
)  # fmt: skip
def test_read_refuses_with_line(block: str, line: int, field: str, message: str) -> None:
    assert refusal(block) == (line, field, message)


@pytest.mark.parametrize(
    ("block", "line"),
    [
        ("city: x\ntitle: Housing First: a home\n", 3),
        ("city: x\n\ttitle: y\n", 3),
        ("city: x\ntitle: @y\n", 3),
        ("city: x\ntitle: [a, b\n", 4),
        ("city: x\n...\ntitle: y\n", 4),
        ('city: x\ntitle: "\\ud800"\n', 3),
        ("city: x\ntitle: \ufffe\n", 2),
    ],
)
def test_read_refuses_what_is_no_yaml_with_line(block: str, line: int) -> None:
    found, _, message = refusal(block)

    assert found == line
    assert message.startswith("the fields are not YAML")


def test_read_accepts_eleven_lists_in_a_field_and_no_more() -> None:
    block = "a: " + "[" * 11 + "]" * 11

    assert front_matter.read(block, "a.md").values["a"]
    assert "levels" in refusal(f"a: [{block[3:]}]")[2]


def test_read_accepts_64000_characters_and_no_more() -> None:
    block = "a: " + "x" * (front_matter.MAX_CHARACTERS - 3)

    assert front_matter.read(block, "a.md").values == {"a": block[3:]}
    assert "more than 64,000 characters" in refusal(block + "x")[2]


def test_write_repeats_a_value_and_never_writes_an_alias() -> None:
    row = {"name": "x"}

    written = front_matter.write({"a": row, "b": row})

    assert written == "a:\n  name: x\nb:\n  name: x\n"


texts = st.text().map(normalise).filter(bool)
values = st.recursive(
    texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8
)


@given(st.dictionaries(texts, values, min_size=1))
def test_read_gives_back_what_write_wrote(fields: dict[str, object]) -> None:
    assert front_matter.read(front_matter.write(fields), "a.md").values == fields


def test_read_gives_back_a_blank_place_in_a_list() -> None:
    written = front_matter.write({"a": ["x", None]})

    assert front_matter.read(written, "a.md").values == {"a": ["x", None]}


@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,? \n\t\\~<=."))
def test_read_refuses_or_reads_whatever_it_is_given(block: str) -> None:
    try:
        read = front_matter.read(block, "a.md")
    except RefusedFileError as err:
        assert all(problem.line for problem in err.problems)  # noqa: PT017 - either may happen
    else:
        assert isinstance(read.values, dict)
