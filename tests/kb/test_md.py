from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import Problem, RefusedFileError
from kb.formats import md
from kb.model import Case
from kb.text import check_complexity, normalise, to_html

ROOT = Path(__file__).parent.parent.parent
CORPUS = sorted((ROOT / "corpus").glob("*/*.md"))

COMPLETE = """\
---
title: Housing First
summary: A flat first.
original_language: en
city: Dublin
country: IE
themes: ["06.1"]
target_groups: [homeless-people]
innovation_type: [new-delivery]
stage: implemented
start: "2011"
challenge: Hostels did not end homelessness.
solution: Flats without conditions.
lead_organisation: {name: City Council}
cost_band: unknown
funding_programmes: unknown
conditions: unknown
barriers_and_failures: unknown
transferability: {level: T0}
sources_and_media: [{id: s1, title: A report}]
contact: unknown
---

The full text.
"""


def no_guess(_text: str) -> tuple[str, str, str]:
    return "", "", ""


def read(text: str) -> Case:
    return md.read(text.encode(), "a-case.md", no_guess)


def changed(**fields: str | None) -> str:
    """Return the complete file with other lines for some fields, or without them."""
    lines = COMPLETE.splitlines()
    for name, value in fields.items():
        at = next((n for n, line in enumerate(lines) if line.startswith(f"{name}:")), 1)
        lines[at : at + (lines[at].startswith(f"{name}:"))] = (
            [] if value is None else [f"{name}: {value}"]
        )
    return "\n".join(lines) + "\n"


def refused(data: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(RefusedFileError) as err:
        md.read(data if isinstance(data, bytes) else data.encode(), "a-case.md", no_guess)
    assert all(problem.file == "a-case.md" for problem in err.value.problems)
    assert all(problem.message for problem in err.value.problems)
    assert all(problem.remedy for problem in err.value.problems)
    return err.value.problems


def test_read_takes_the_file_name_for_id() -> None:
    assert read(COMPLETE).id == "a-case"


def test_read_prefers_the_id_of_the_front_matter() -> None:
    assert read(changed(id="another")).id == "another"


def test_read_keeps_the_body_without_blank_lines_around_it() -> None:
    assert read(COMPLETE + "\n---\n\nMore.\n\n\n").body == "The full text.\n\n---\n\nMore."


def test_read_takes_norway_for_norway() -> None:
    case = read(changed(country="NO", city="Oslo"))

    assert case.country == "NO"


def test_read_takes_yes_for_true_where_the_model_asks() -> None:
    case = read(changed(evidence="{measured: yes, at_scale: no, theory_of_change: true}"))

    assert case.evidence is not None
    assert (case.evidence.measured, case.evidence.at_scale) == (True, False)
    assert case.evidence.theory_of_change


def test_read_guesses_a_language_that_is_not_given() -> None:
    data = changed(original_language=None).encode()

    assert md.read(data, "a.md", lambda _: ("fi", "", "")).original_language == "fi"


def test_read_never_overrules_the_language_that_is_given() -> None:
    data = COMPLETE.encode()

    assert md.read(data, "a.md", lambda _: ("fi", "", "")).original_language == "en"


def test_read_never_guesses_a_place() -> None:
    data = changed(city=None).encode()

    with pytest.raises(RefusedFileError, match="city: is missing"):
        md.read(data, "a.md", lambda _: ("en", "Dublin", "IE"))


@pytest.mark.parametrize(
    "data",
    [
        COMPLETE.encode("utf-8-sig"),
        COMPLETE.encode("utf-16"),
        b"\xfe\xff" + COMPLETE.encode("utf-16-be"),
        COMPLETE.replace("\n", "\r\n").encode(),
        COMPLETE.replace("\n", "\r").encode(),
        COMPLETE.replace("---\n", "--- \t\n").encode(),
    ],
)
def test_read_does_not_mind_marks_of_byte_order_and_line_ends(data: bytes) -> None:
    assert md.read(data, "a-case.md", no_guess) == read(COMPLETE)


def test_read_composes_letters() -> None:
    assert read(changed(title="Cafe\N{COMBINING ACUTE ACCENT}")).title == "Café"


def test_read_takes_marks_of_direction_out_of_titles_and_keeps_them_in_the_body() -> None:
    case = read(changed(title="evil\u202etxt.exe") + "\nA \u202e word.\n")

    assert case.title == "eviltxt.exe"
    assert "\u202e" in case.body


@pytest.mark.parametrize(
    ("data", "line", "message", "remedy"),
    [
        (b"", None, "the file is empty", "write the case into it"),
        (b"\xef\xbb\xbf \n", None, "the file is empty", "write the case into it"),
        (COMPLETE.replace("A flat", "A \xe4 flat").encode("latin-1"), 3,
         "byte 0xe4 is not UTF-8", "save the file as UTF-8"),
        (COMPLETE.replace("full", "fu\0ll").encode(), 24,
         "holds the character NUL", "save it as plain text"),
        (b"x" * 20_000_001, None, "the file has more than 20 MB", "split it"),
        (b"# Housing First\n", 1, "has no front matter", "begin with a line --- and the fields"),
        (b"---\ntitle: x\n", 1, "the front matter has no end", "close it with a line ---"),
        (b"---\n---\n", 2, "there are no fields",
         "write one field a line, such as title: Housing First"),
    ],
)  # fmt: skip
def test_read_refuses_a_broken_file(
    data: bytes, line: int | None, message: str, remedy: str
) -> None:
    assert refused(data) == (Problem("a-case.md", message, remedy, line),)


@pytest.mark.parametrize(
    ("name", "given", "line", "field", "value", "said"),
    [
        ("title", "x" * 151, 2, "title", "x" * 151, "shorten it to 150 characters"),
        ("themes", '["06.1", "99.9"]', 7, "themes[1]", "99.9", "is not in the vocabulary"),
        ("themes", "06.1", 7, "themes", "06.1", "write a list"),
        ("themes", '["06.1", "05.1", "05.4", "05.2"]', 7, "themes", "", "keep at most 3"),
        ("target_groups", "[homeless]", 8, "target_groups[0]", "homeless",
         "did you mean 'homeless-people'?"),
        ("target_groups", "[Homeless people]", 8, "target_groups[0]", "Homeless people",
         "did you mean 'homeless-people'?"),
        ("stage", "implement", 10, "stage", "implement", "did you mean 'implemented'?"),
        ("stage", "qqq", 10, "stage", "qqq", "use one of: "),
        ("country", "Ireland", 6, "country", "Ireland", "write the two letters of ISO 3166-1"),
        ("country", "QO", 6, "country", "QO", "is not a country code"),
        ("original_language", "eng", 4, "original_language", "eng", "is not one of our languages"),
        ("original_language", "Finnish", 4, "original_language", "Finnish", "did you mean 'fi'?"),
        ("start", "spring 2011", 11, "start", "spring 2011", "write 2019, 2019-04"),
        ("lead_organisation", "City Council", 14, "lead_organisation", "City Council",
         "write its fields beneath it"),
        ("lead_organisation", "{type: ngo}", 14, "lead_organisation.name", "", "is missing"),
        ("conditions", "none", 17, "conditions", "none", "write rows, or the word unknown"),
        ("conditions", "[{code: laws-change}]", 17, "conditions[0].code", "laws-change",
         "did you mean 'law-change'?"),
        ("transferability", "{level: T9}", 19, "transferability.level", "T9", "T0"),
        ("sources_and_media", "[{id: s1}]", 20, "sources_and_media[0]", "", "give url, or the"),
        ("sources_and_media", "[{id: s1, url: ftp://x.y}]", 20, "sources_and_media[0].url",
         "ftp://x.y", "begin with https:// or doi:10."),
        ("id", "Housing First", 2, "id", "Housing First", "use small letters a-z"),
        ("last_verified", "22.11.2026", 2, "last_verified", "22.11.2026", "such as 2026-11-22"),
        ("last_verified", "20261122", 2, "last_verified", "20261122", "such as 2026-11-22"),
        ("evidence", "{measured: perhaps}", 2, "evidence.measured", "perhaps", "write yes or no"),
        ("evidence", "{comparison: some}", 2, "evidence.comparison", "some", "use one of: 'none'"),
        ("cost", '{total: "5,000"}', 2, "cost.total", "5,000", "write digits only"),
        ("policy_links", "{sdg: [18]}", 2, "policy_links.sdg[0]", "18", "write a number up to 17"),
        ("policy_links", "{sdg: [one]}", 2, "policy_links.sdg[0]", "one", "write a whole number"),
        ("wikidata", "1761", 2, "wikidata", "1761", "see the case format"),
        ("outcomes", "[{indicator: flats, value: 9, source: s7}]", 2, "outcomes[0].source", "s7",
         "is no id in sources_and_media; use one of: s1"),
    ],
)  # fmt: skip
def test_read_names_line_field_value_and_remedy(
    name: str, given: str, line: int, field: str, value: str, said: str
) -> None:
    (problem,) = refused(changed(**{name: given}))

    assert (problem.line, problem.field, problem.value) == (line, field, value)
    assert said in f"{problem.message}; {problem.remedy}"


def test_read_names_the_line_inside_a_block() -> None:
    block = "\n  - code: law-change\n    text: a\n  - code: laws"

    (problem,) = refused(changed(conditions=block))

    assert (problem.line, problem.field) == (20, "conditions[1].code")


@pytest.mark.parametrize(
    "name",
    ["title", "summary", "original_language", "city", "country", "themes", "target_groups",
     "innovation_type", "stage", "start", "challenge", "solution", "lead_organisation", "cost_band",
     "funding_programmes", "conditions", "barriers_and_failures", "transferability",
     "sources_and_media", "contact"],
)  # fmt: skip
def test_read_refuses_a_case_without_a_required_field(name: str) -> None:
    (problem,) = refused(changed(**{name: None}))

    assert (problem.line, problem.field, problem.message) == (1, name, "is missing")


@pytest.mark.parametrize(("name", "line"), [("title", 2), ("city", 5), ("start", 11)])
def test_read_names_the_line_of_a_required_field_that_is_blank(name: str, line: int) -> None:
    (problem,) = refused(changed(**{name: ""}))

    assert (problem.line, problem.field, problem.message) == (line, name, "is missing")


def test_read_names_everything_that_is_wrong_at_once() -> None:
    text = changed(
        country="XX", themes='["99"]', stage="x", city=None, target_groups="[]", start=None
    )

    found = {(problem.line, problem.field) for problem in refused(text)}

    assert found == {
        (5, "country"), (6, "themes[0]"), (7, "target_groups"), (9, "stage"), (1, "city"),
        (1, "start"),
    }  # fmt: skip


def test_read_refuses_a_body_in_the_front_matter() -> None:
    (problem,) = refused(changed(body="text"))

    assert (problem.line, problem.field) == (2, "body")


def test_read_refuses_a_body_that_takes_too_long_to_render() -> None:
    (problem,) = refused(f"{COMPLETE}\n{'[' * 300}\n")

    assert (problem.line, problem.field) == (24, "body")
    assert "paragraph 2 has more than 200 opening brackets" in problem.message


def test_read_keeps_and_lists_fields_that_the_model_does_not_know() -> None:
    case = read(
        changed(
            status="published",
            lead_organisation="{name: City Council, mayor: {name: X}}",
            conditions="[{code: law-change}, {code: data-sharing, since: 2019}]",
        )
    )

    assert case.unknown_fields == ("status", "lead_organisation.mayor", "conditions[1].since")
    assert read(md.write(case).decode()).as_dict() == case.as_dict()
    assert b"status: published\n" in md.write(case)
    assert b"  mayor:\n    name: X\n" in md.write(case)


def test_read_keeps_a_blank_place_in_an_unknown_list() -> None:
    case = read(changed(votes="[yes, '', no]"))

    assert read(md.write(case).decode()) == case


def test_write_begins_with_the_id_and_ends_with_the_body() -> None:
    written = md.write(read(COMPLETE)).decode()

    assert written.startswith("---\nid: a-case\ntitle: Housing First\nsummary: A flat first.\n")
    assert written.endswith("contact:\n  organisation: unknown\n---\n\nThe full text.\n")


def test_write_keeps_the_answer_that_the_start_is_unknown() -> None:
    case = read(changed(start="unknown"))

    assert b"\nstart: unknown\n" in md.write(case)
    assert read(md.write(case).decode()) == case


@pytest.mark.parametrize(
    "text",
    ["Housing: first", "'quoted' \"twice\"", "--- no fence", "---", "- item", "# no comment",
     "a #b", "{x}", "[x]", "&x", "*x", "!x", "%x", "@x", "`x`", "NO", "yes", "null", "010", "~",
     "1:30", "|", ">", "? x", "a\\b", "🏠 home", "بيت أولا", "\u200fבית", "Łódź", "Αθήνα", "a\tb",
     "a: b: c", "=", "<<", "\ufeffx", "x" * 150, "x " * 70],
)  # fmt: skip
def test_read_gives_back_difficult_titles(text: str) -> None:
    case = read(COMPLETE).model_copy(update={"title": text.strip(), "city": text[:99].strip()})

    assert md.read(md.write(case), "a-case.md", no_guess) == case


hard = st.text(
    alphabet=st.sampled_from("ab :-'\"#&*!|>{}[]%@`,?~=\\\n\t🏠אłéة\u200f\ufeff") | st.characters()
).map(normalise)


@given(title=hard, summary=hard, body=hard)
def test_read_gives_back_what_write_wrote(title: str, summary: str, body: str) -> None:
    case = Case.model_validate(
        {
            **read(COMPLETE).as_dict(),
            "title": f"a{title}"[:150],
            "summary": f"{summary}b"[:900],
            "body": f"---\n{body}\n---\nc",
        }
    )

    assert md.read(md.write(case), "a-case.md", no_guess) == case


@given(st.binary() | st.text().map(lambda text: f"---\n{text}\n---\n{text}".encode()))
def test_read_refuses_whatever_else_it_is_given(data: bytes) -> None:
    assert refused(data)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_read_gives_back_a_case_of_the_corpus(path: Path) -> None:
    case = md.read(path.read_bytes(), path.name, no_guess)

    assert md.read(md.write(case), path.name, no_guess) == case
    assert case.unknown_fields == ()
    assert case.id == path.stem


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_check_complexity_accepts_a_body_of_the_corpus(path: Path) -> None:
    body = md.read(path.read_bytes(), path.name, no_guess).body

    check_complexity(body)

    assert "<h2>" in to_html(body)


def test_read_takes_what_the_fixture_writes(write_case: Callable[..., Path]) -> None:
    path = write_case("housing", body="# One\n\nTwo.", end="2019")

    case = md.read(path.read_bytes(), path.name, no_guess)

    assert (case.id, case.end, case.body) == ("housing", "2019", "# One\n\nTwo.")
