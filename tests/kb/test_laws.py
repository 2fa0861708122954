"""What holds for whatever is put in, where no example would think of it; a few lines a module.

Laws that belong to one format or page stand with its other tests; those of what is let in are in
tests/fuzz/laws.py, and hold for its seeds too.
"""

import csv
import io
import string
import zipfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kb import archive, edtf
from kb.changes import between, pieces
from kb.database import Connections
from kb.errors import CaseNotFoundError, LinkError, RefusedFileError
from kb.exports.csv import line
from kb.formats.decoding import decode
from kb.harvest import Harvest, Span
from kb.intake import gate
from kb.keys import Keys
from kb.model import Case
from kb.moments import utc
from kb.query import MAX_DEPTH, SORTS, Query
from kb.saying import Said, lines, packed, said, unpacked
from kb.search.embedded import seal
from kb.search.meaning.chunks import MOST_WORDS, chunks
from kb.signing import Signed
from kb.store import Store
from kb.text import fold, folded, in_xml, normalise, paragraphs, standing, to_html, words
from tests.fuzz.laws import LAWS, name_is_clean
from tests.harmless import live

ANY = st.text(st.characters())
"""Also halves of letters, which no file can hold but an address can."""
NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=8)
few = settings(max_examples=25)


# Text


@given(ANY)
def test_normal_text_is_composed_and_stays_as_it_is(text):
    normal = normalise(text)

    assert normalise(normal) == normal
    assert normalise(f"{normal}\u0301") == normalise(f"{normal}\x01\u0301")


@given(st.text())
def test_words_stand_where_they_say_and_nothing_between_is_one(text):
    found = list(words(text))

    assert all(text[word.start : word.end] == word.text for word in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    between_them = "".join(text[a.end : b.start] + " " for a, b in pairwise(found))
    assert not list(words(between_them))


@given(st.text(), st.integers(0, 5), st.integers(1, 3))
def test_words_of_a_text_stand_in_it(text, first, count):
    sought = folded(text)[first : first + count]

    for begin, end in standing(sought, text):
        assert folded(text[begin:end]) == sought
    assert bool(sought) is bool(list(standing(sought, text)))


@given(st.text(max_size=20))
def test_capitals_and_composition_play_no_part_in_a_folded_word(word):
    assert fold(normalize("NFD", word)) == fold(normalize("NFC", word))
    assert fold(fold(word).upper()) == fold(fold(word))


@given(ANY)
def test_what_goes_into_xml_can_be_read_from_it(text):
    node = etree.Element("a")
    node.text = in_xml(text)

    back = etree.fromstring(etree.tostring(node, encoding="utf-8"))
    assert (back.text or "") == in_xml(text)


@given(st.text("ab #*_`[]()|<>-\n:!&;1.\\", max_size=200))
def test_paragraphs_are_lines_that_say_something_and_html_is_harmless(markdown):
    assert all(each == " ".join(each.split()) and each for each in paragraphs(markdown))
    assert live(to_html(markdown)) == []


@given(st.text(min_size=1), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_text_in_any_unicode_encoding_is_the_same_text(text, encoding):
    try:
        found = decode(text.encode(encoding), "a.txt")
    except RefusedFileError:
        assert "\0" in text or not text.strip("\ufeff \t\r\n") or not text.strip()
    else:
        assert found == normalise(text.removeprefix("\ufeff") if encoding == "utf-8" else text)


# Dates


@given(st.dates(), st.sampled_from(["", "~", "?", "%"]), st.sampled_from(["", "/", "/.."]))
def test_every_day_month_and_year_is_a_date_of_its_year(day, doubt, ending):
    for length in (4, 7, 10):
        text = day.isoformat()[:length] + doubt + ending
        assert edtf.is_edtf(text)
        assert edtf.year(text) == day.year


@given(st.integers(0, 4_000_000_000), st.integers(0, 4_000_000_000))
def test_moments_sort_as_they_are_written_and_can_be_read(one, other):
    assert (utc(one) < utc(other)) is (one < other)
    assert datetime.fromisoformat(utc(one)) == datetime.fromtimestamp(one, UTC)
    assert utc(datetime.fromtimestamp(one, UTC) + timedelta(milliseconds=999)) == utc(one)


# What people are told


SENTENCES = st.recursive(
    st.builds(lambda n: said("has {n} of {m!r}", n=n, m="x{y}"), st.integers() | st.text()),
    lambda inner: st.lists(inner, max_size=3).map(lines)
    | st.builds(lambda a: said("{fault}; look", fault=a), inner),
    max_leaves=5,
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        | st.fixed_dictionaries(
            {
                "template": st.text("{}a.0[]!r:,<9", max_size=12),
                "singular": st.text("{}a", max_size=4),
                "values": st.dictionaries(st.sampled_from("a0"), inner, max_size=2),
            }
        )
    ),
    max_leaves=6,
)


@given(SENTENCES)
def test_a_sentence_that_was_packed_is_the_same_sentence(sentence):
    again = unpacked(packed(sentence))

    assert again == sentence
    assert (again.template, packed(again)) == (sentence.template, packed(sentence))


@given(JSON)
def test_whatever_is_unpacked_is_a_sentence_or_none(told):
    try:
        assert isinstance(unpacked(told), Said)
    except ValueError as err:
        assert "is no sentence" in str(err)  # noqa: PT017 - either may happen


# Changes


FIELDS = st.dictionaries(
    st.sampled_from(["title", "city", "themes", "open"]),
    st.none() | st.booleans() | st.text("ab \n", max_size=9) | st.lists(st.text("ab", min_size=1)),
)


@given(FIELDS, FIELDS)
def test_the_changes_of_fields_there_and_back_are_the_same_fields(before, after):
    there, back = between(before, after), between(after, before)

    assert {each.field for each in there} == {each.field for each in back}
    assert between(before, before) == ()
    assert all(any(piece.kind != "kept" for piece in each.pieces) for each in there)


@given(st.text("ab \n", max_size=60))
def test_nothing_changes_between_a_text_and_itself(text):
    assert all(piece.kind == "kept" for piece in pieces(text, text))


# Questions


@given(st.text(), st.sampled_from(SORTS), st.integers(), st.integers(), st.data())
def test_a_question_in_order_stays_in_order(text, sort, page, size, data):
    filters = {"city": tuple(data.draw(st.lists(st.text(max_size=3), max_size=3)))}
    query = Query(text, filters, sort=sort, page=page, size=size)

    again = Query(query.text, query.filters, sort=query.sort, page=query.page, size=query.size)
    assert again == query
    assert 1 <= query.page * query.size <= MAX_DEPTH
    assert query.unordered().unordered() == query.unordered()
    for value in query.filters.get("city", ()):
        assert value not in query.without("city", value).filters.get("city", ())


@given(ANY)
def test_any_question_is_read_within_limits_and_typed_again_means_the_same(text):
    LAWS["question"](text.encode("utf-8", "surrogatepass"))


@given(st.text(st.sampled_from('ab"-:* \u00df\u0130\ufb01\u0301_') | st.sampled_from("cityOR")))
def test_any_mix_of_operators_typed_again_means_the_same(text):
    LAWS["question"](text.encode())


# Files


@given(ANY, st.sampled_from(["", ".pdf", ".pdf ", ".\u0301", "." + "x" * 30]))
def test_the_name_of_a_file_is_clean_and_stays_as_it_is(name, ending):
    name_is_clean(gate.clean_name(name + ending))


@given(st.dictionaries(NAMES, st.binary(max_size=50), max_size=4))
def test_files_that_are_packed_come_back_and_always_as_the_same_bytes(files):
    whole = archive.pack(files)
    piecemeal = b"".join(archive.stream((name, [data]) for name, data in files.items()))

    assert archive.pack(files) == whole
    for each in (whole, piecemeal):
        with zipfile.ZipFile(io.BytesIO(each)) as opened:
            assert {name: opened.read(name) for name in opened.namelist()} == files


@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=2))
def test_a_line_of_csv_is_read_back_as_it_was(row):
    text = line(row).decode()

    assert next(csv.reader(io.StringIO(text, newline=""), strict=True)) == row
    assert text.endswith("\r\n")


@few
@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=3), st.data())
def test_a_seal_breaks_with_any_byte(contents, data):
    with TemporaryDirectory() as name:
        folder = Path(name)
        for number, content in enumerate(contents):
            (folder / f"{number}.seg").write_bytes(content)
        seal.write(folder)
        assert seal.is_whole(folder)

        number = data.draw(st.integers(0, len(contents) - 1))
        damaged = bytearray(contents[number])
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
        (folder / f"{number}.seg").write_bytes(damaged)

        assert not seal.is_whole(folder)


# Search


@few
@given(st.lists(st.lists(NAMES, min_size=1, max_size=300), max_size=4))
def test_every_word_of_a_text_is_in_one_chunk_in_its_order(told):
    body = "\n\n".join(" ".join(each) for each in told)
    case = Case.model_validate(
        {"id": "a", "title": "Title", "original_language": "en", "summary": "Short", "body": body}
    )

    first, *rest = chunks(case)
    assert first.text == "Short"
    assert " ".join(chunk.text for chunk in rest).split() == body.split()
    assert all(len(chunk.text.split()) <= MOST_WORDS for chunk in rest)
    assert len({chunk.key for chunk in rest}) == len({chunk.text for chunk in rest})


# The database


@pytest.fixture(scope="module")
def connections(tmp_path_factory):
    opened = Connections(tmp_path_factory.mktemp("laws") / "kb.sqlite")
    yield opened
    opened.close()


@few
@given(purpose=NAMES, name=st.text(), day=st.integers(0, 40_000), later=st.integers(0, 60))
def test_a_link_opens_what_it_names_for_its_days(connections, purpose, name, day, later):
    clock = [day * 86_400.0]
    links = Signed(connections, purpose, 30, lambda: clock[0])
    secret = links.link(name)
    clock[0] += later * 86_400

    if later <= 30:
        links.check(name, secret)
    else:
        with pytest.raises(LinkError):
            links.check(name, secret)
    other = Signed(connections, f"{purpose}x", 30, lambda: clock[0])
    for where, what in ((links, f"{name}x"), (other, name)):
        with pytest.raises(LinkError):
            where.check(what, secret)


@few
@given(secret=ANY, day=st.sampled_from(["", "0-", "20000-", "-1-", "²-", "9" * 10 + "-"]))
def test_nothing_else_opens_a_link(connections, secret, day):
    links = Signed(connections, "law", 30, lambda: 20_000 * 86_400.0)

    with pytest.raises(LinkError):
        links.check("a", day + secret)


@few
@given(st.lists(NAMES, unique=True, min_size=2))
def test_every_purpose_has_a_key_of_its_own(connections, purposes):
    keys = [Keys(connections).of(purpose) for purpose in purposes]

    assert len(set(keys)) == len(keys)
    assert keys == [Keys(connections).of(purpose) for purpose in purposes]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["save", "save", "save", "retire", "take down", "judge", "fail", "follow"]),
        st.sampled_from("abc"),
        st.sampled_from(["One", "Two"]),
    ),
    max_size=14,
)


@few
@given(steps=STEPS)
def test_who_follows_the_change_log_has_the_same_cases(steps):
    """Whatever is done in whatever order, with pauses and with transactions that fail."""
    with TemporaryDirectory() as folder:
        connections = Connections(Path(folder) / "kb.sqlite")
        store, harvest = Store(connections), Harvest(connections)
        mirror, seq, after = {}, 0, 0
        for what, case_id, title in [*steps, ("follow", "", "")]:
            if what != "follow":
                marks = (store.newest_change(), harvest.mark())
                do(store, connections, what, case_id, title)
                assert (store.newest_change(), harvest.mark()) >= marks
                continue
            seq, changed = store.changed_since(seq)
            found = store.revisions(changed)
            mirror |= {each: found[each].case.title if each in found else None for each in changed}
            assert {key: title for key, title in mirror.items() if title} == {
                key: store.latest(key).case.title for key in store.ids()
            }
            assert store.changed_since(seq) == (seq, [])
            records = harvest.since(Span(), after, 100).records
            assert {r.case_id for r in records} <= set(changed)
            after = harvest.mark()
        assert set(harvest.ever()) == set(mirror)
        told = {r.case_id: r.revision for r in harvest.since(Span(), 0, 100).records}
        assert {key for key, revision in told.items() if revision} == set(store.ids())
        connections.close()


def do(store, connections, what, case_id, title):
    case = Case.model_validate({"id": case_id, "title": title, "original_language": "en"})
    with suppress(CaseNotFoundError):
        match what:
            case "save":
                store.save(case, file="a.md", original="0", contributor="x")
            case "retire":
                store.retire(case_id, "archived", "Why", "mia", 5)
            case "take down":
                store.take_down(case_id, "Why", "mia", 5)
            case "judge":
                store.judge(case_id, "06.1", "rejected", "mia", 5)
            case "fail":
                with connections.writing():
                    store.save(case, file="a.md", original="0", contributor="x")
                    store.latest("none")
