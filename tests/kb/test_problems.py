"""What is wrong with a file can be said in any language."""

import json
from collections.abc import Callable, Iterator

import pytest
from babel.messages.extract import extract_from_dir
from pydantic import ValidationError

from kb.collection import Collection
from kb.errors import Problem, RefusedFileError
from kb.formats import (
    collection,
    csv,
    docx,
    front_matter,
    html,
    jsonl,
    md,
    odt,
    pdf,
    rtf,
    txt,
    xlsx,
)
from kb.formats.preview import preview
from kb.formats.problems import refusals
from kb.intake import gate, received
from kb.model import Case
from kb.saying import Said
from tests.conftest import ROOT
from tests.kb import pdfs, zips

KEYWORDS = {"said": None, "term": None, "counted": (1, 2)}


@pytest.fixture(scope="module")
def marked() -> frozenset[str]:
    """Every template in `kb` that a translator gets to see."""
    found = extract_from_dir(ROOT / "kb", [("**.py", "python")], keywords=KEYWORDS)
    several = (each[2] for each in found)
    return frozenset(one for each in several for one in ([each] if isinstance(each, str) else each))


def refused(read: Callable[[], object]) -> tuple[Problem, ...]:
    with pytest.raises(RefusedFileError) as refusal:
        read()
    return refusal.value.problems


def templates(sentence: str) -> Iterator[str]:
    """Yield the templates of a sentence and of those within it; of a plain text none."""
    assert isinstance(sentence, Said), f"{sentence!r} has no template"
    yield sentence.template
    for value in sentence.values.values():
        if isinstance(value, Said):
            yield from templates(value)


def a_case(**fields: str) -> bytes:
    told = {"title": "A", "original_language": "en", **fields}
    return ("---\n" + "".join(f"{k}: {v}\n" for k, v in told.items()) + "---\n\nText.\n").encode()


WRONG = {
    "themes": "[99, 98]",
    "country": "Atlantis",
    "start": "yesterday",
    "cost_band": "much",
    "novelty": "x",
    "nuts3": "x",
    "licence": "NONE",
    "last_verified": "yesterday",
    "review_by": "2019",
    "funding_programmes": "x",
    "contact": "{organisation: x, visits: perhaps, languages: [xx]}",
    "policy_links": "{epsr: [0, x], sdg: [99], iso37101: x}",
    "cost": "{total: much}",
    "sources_and_media": "[{id: a}, {id: b, url: x}]",
    "lead_organisation": "x",
    "title_en": "a" * 200,
    "target_groups": "x",
    "relations": "[{type: x, case: A B}]",
}
FIELDS = [
    *(a_case(**{name: value}) for name, value in WRONG.items()),
    a_case(outcomes="[{indicator: a, value: b, source: s9}]"),
    a_case(title=""),
    a_case().replace(b"Text.", b"[" * 300),
    a_case().replace(b"Text.", b"\n\na" * 3_000),
    b"Text",
    b"---\ntitle: A\n",
    b"---\ntitle: A: B\n---\n",
    b"---\n- A\n---\n",
    b"---\ntitle: *a\n---\n",
    b"---\ntitle: !a b\n---\n",
    b"---\ntitle: A\ntitle: B\n---\n",
    b"---\nbody: A\n---\n",
    b"---\n: A\n---\n",
    b"---\na: " + b"[" * 20 + b"]" * 20 + b"\n---\n",
    b"---\na: [" + b"b," * 6_000 + b"]\n---\n",
    b"---\na: " + b"b" * 70_000 + b"\n---\n",
    b"\xff\xff",
    b"a\0",
    b"",
]
TABLES = [
    b"",
    b"title;city\n",
    b"title;city\na;b;c\n",
    b"title;Title\na;b\n",
    b'title;city\n"a;b\n',
    b'title;city\n"a"b;c\n',
    b"title\n" + b"a" * 40_000,
    b"title;city\n" + b"a;b\n" * 6_000,
    b";".join(b"c%d" % n for n in range(120)) + b"\n" + b"a;" * 120,
]
LINES = [
    b"[]",
    b"{",
    b"[{}",
    b"7",
    b'{"a": 1, "a": 2}',
    b'{"": 1}',
    b'{"a": NaN}',
    b'{"title": "a", "Title": "b"}',
    b'{"a": ' + b"[" * 20 + b"]" * 20 + b"}",
    b'{"a": [' + b"1," * 6_000 + b"1]}",
    json.dumps({f"c{n}": "x" for n in range(120)}).encode(),
]
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
SENT = {
    "a.doc": b"x",
    "a.exe": b"x",
    "a": b"x",
    "empty.txt": b"",
    "a.pdf": b"MZ\0",
    "cut.pdf": b"%PDF-1.7",
    "a.docx": zips.xlsx(),
    "old.docx": OLE,
    "locked.docx": OLE + "EncryptedPackage".encode("utf-16-le"),
    "macro.docx": zips.docx({"word/vbaProject.bin": b"x"}),
    "entity.docx": zips.docx({"word/a.xml": b"<!DOCTYPE a>"}),
    "many.docx": zips.many(3_000),
    "other.odt": zips.archive({"a": b"x"}),
    "a.html": b"words",
    "pdf.html": b"%PDF-",
    "a.rtf": b"x",
    "nul.rtf": b"{\\rtf1 \0}",
    "markup.txt": b"<svg>",
    "long.md": b"---\na: b\n---\n" + b"a" * 1_300_000,
}
READERS: list[Callable[[], object]] = [
    *(lambda data=data: md.read(data, "a.md", lambda _: ("", "", "")) for data in FIELDS),
    *(lambda data=data: csv.rows(data, "a.csv") for data in TABLES),
    *(lambda data=data: jsonl.rows(data, "a.jsonl") for data in LINES),
    *(lambda f=file, data=data: received.proposals(f, data) for file, data in SENT.items()),
    lambda: txt.read(b"zzz", "a.txt", lambda _: ("", "", "")),
    lambda: collection.read(b"title: x\nparts: [{cases: []}]\nintro: {en: [x]}\n", "a.yaml"),
    lambda: collection.read(
        b"event: {name: {en: a}, start: 2021-02-02, end: 2021-01-01}\n", "a.yaml"
    ),
    lambda: front_matter.read("a: \x07", "a.yaml"),
    lambda: docx.extract(b"PK", "a.docx"),
    lambda: docx.extract(OLE, "a.docx"),
    lambda: odt.extract(b"PK", "a.odt"),
    lambda: rtf.extract(b"{\\rtf1 }", "a.rtf"),
    lambda: html.extract(b"<p>", "a.html"),
    lambda: html.extract(b"<b>" * 400, "a.html"),
    lambda: pdf.extract(b"x", "a.pdf"),
    lambda: pdf.extract(pdfs.scan(), "a.pdf"),
    lambda: pdf.extract(pdfs.encrypted("a", user=b"secret"), "a.pdf"),
    lambda: pdf.extract(pdfs.pdf([]), "a.pdf"),
    lambda: xlsx.rows(b"PK", "a.xlsx"),
    lambda: xlsx.rows(OLE, "a.xlsx"),
    lambda: gate.check("a.txt", b"a" * 20_000_001),
]


@pytest.mark.parametrize("read", READERS, ids=map(str, range(len(READERS))))
def test_what_is_wrong_with_a_file_can_be_translated(read, marked):
    for problem in refused(read):
        both = [*templates(problem.message), *templates(problem.remedy)]

        assert [each for each in both if each not in marked and each != "RTF"] == []


def test_what_is_wrong_with_a_row_can_be_translated(marked):
    header = (
        "id;title;themes;country;city;language;lead_organisation;contact_email;licence;partners"
    )
    rows = "a;A;nonsense;Atlantis;B;xx;;x;NONE;\na;B;08.9;;;;;;;" + "p" * 400
    seen = preview(csv.rows(f"{header}\n{rows}\n".encode(), "a.csv"), "a.csv")

    assert len(seen.problems) > 5
    for problem in seen.problems:
        both = {*templates(problem.message), *templates(problem.remedy)}
        assert both <= marked


@pytest.mark.parametrize(
    ("model", "values"),
    [
        *((Case, {name: value}) for name, value in (
            ("title", "a" * 200), ("title", ""), ("title", []), ("title", "\ud800"),
            ("themes", ["08"] * 4), ("themes", "08"), ("last_verified", "2019"),
            ("last_verified", "tomorrow"), ("last_verified", []), ("novelty", "x"),
            ("contact", {"organisation": "x", "visits": "perhaps"}),
            ("contact", {"organisation": "x", "visits": []}), ("contact", []),
            ("policy_links", {"epsr": ["x", "0", [], "9" * 5_000], "sdg": ["99"]}),
            ("nuts3", "x"),
        )),
        (Collection, {"title": "x"}),
    ],
)  # fmt: skip
def test_pydantic_is_quoted_in_its_own_words(model, values, marked):
    with pytest.raises(ValidationError) as refusal:
        model.model_validate(values)

    told = [each for each in refusal.value.errors() if each["type"] != "missing"]
    problems = [each for each in refusals(refusal.value, "", lambda _: None)
                if each.message != "is missing"]  # fmt: skip
    assert [each.message for each in problems] == [
        each["msg"][0].lower() + each["msg"][1:] for each in told
    ]
    assert {one for each in problems for one in templates(each.message)} <= marked


def test_all_of_it_is_one_sentence():
    problem = refused(lambda: md.read(a_case(country="Atlantis"), "a.md", lambda _: ("", "", "")))[
        0
    ]

    assert str(problem) == problem.sentence
    assert str(problem).startswith("a.md:4: country 'Atlantis': is not a country code; write the")
    assert "is not a country code" in templates(problem.sentence)
