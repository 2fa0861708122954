"""A set of cases is one state of the collection, whatever happens while it is taken."""

import threading

import pytest

from kb.errors import CollectionNotFoundError, IndexUnavailableError, UnwritableFileError
from kb.exporting import context, described, save
from kb.exports import EXPORTS, export
from kb.query import MAX_DEPTH, WORDS, Query
from kb.settings import Settings
from tests.kb.taken import CONTEXT, record


@pytest.fixture
def many(library):
    for number in range(250):
        case = record(id=f"c{number:04}", title=f"Housing {number}").case
        library._store.save(case, file="", original="", contributor="")
    library.sync()
    return library


def test_a_result_is_taken_whole_in_the_order_of_its_pages(many):
    query = Query("housing", sort="city", size=50)
    paged = [
        hit.id
        for page in range(1, 6)
        for hit in many.search(Query("housing", sort="city", size=50, page=page)).hits
    ]

    taken = many.export(query)

    assert taken.count == 250
    assert [each.case.id for each in taken.records] == paged


def test_a_set_is_as_it_stood_when_it_was_asked_for(many):
    taken = many.export(Query())
    first = next(taken.records)
    for number in range(250):
        case = record(id=f"c{number:04}", title="Changed").case
        many._store.save(case, file="", original="", contributor="")
    many._store.retire("c0200", "withdrawn", "x", "p", 1)

    titles = {first.case.title, *(each.case.title for each in taken.records)}

    assert len(titles) == taken.count == 250
    assert "Changed" not in titles


def test_what_is_taken_down_meanwhile_is_gone_at_once(many):
    taken = many.export(Query())
    next(taken.records)
    many._store.take_down("c0200", "x", "p", 1)

    assert "c0200" not in {each.case.id for each in taken.records}


def test_what_is_withdrawn_and_still_in_the_index_is_not_counted(many):
    many._store.retire("c0200", "withdrawn", "x", "p", 1)

    taken = many.export(Query())

    assert taken.count == 249 == len(list(taken.records))


def test_a_reader_who_stops_leaves_nothing_open(many):
    for name in EXPORTS:
        written = EXPORTS[name].write(many.export(Query()).records, CONTEXT)
        next(written)
        written.close()
    done = threading.Thread(
        target=many._store.save,
        args=(record(id="new").case,),
        kwargs={"file": "", "original": "", "contributor": ""},
    )
    done.start()
    done.join(5)

    assert not done.is_alive()


def test_licences_are_counted(many):
    case = record(id="mixed", licence="CC0-1.0").case
    many._store.save(case, file="", original="", contributor="")
    many.sync()

    assert many.export(Query()).licences == {"CC-BY-4.0": 250, "CC0-1.0": 1}


def test_a_question_without_answer_is_an_empty_set(many):
    taken = many.export(Query("zzzqqq"))

    assert (taken.count, list(taken.records), taken.licences) == (0, [], {})


def test_a_place_comes_from_the_gazetteer(library, write_case):
    library.ingest([write_case("a-case")])
    library.sync()

    (taken,) = library.export(Query()).records

    assert (taken.place.name, taken.place.country) == ("Dublin", "IE")
    assert taken.tags


def test_more_than_can_be_paged_is_taken(library):
    for number in range(MAX_DEPTH + 3):
        case = record(id=f"c{number:04}").case
        library._store.save(case, file="", original="", contributor="")
    library.rebuild()

    assert library.export(Query()).count == MAX_DEPTH + 3


def test_without_an_index_it_is_said_before_anything_is_written(library):
    with pytest.raises(IndexUnavailableError):
        library.export(Query())
    with pytest.raises(CollectionNotFoundError):
        library.export_collection("none")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Query(), "All cases"),
        (Query("sans abri"), "Cases found for “sans abri”"),
        (
            Query("x", {"country": ("FI", "SE"), "theme": ("06.1",)}, legs=WORDS),
            "Cases found for “x”; by these words only; "  # noqa: ISC004
            "Theme: Housing First; Country: Finland or Sweden",
        ),
    ],
)
def test_a_question_is_said_in_words(query, words):
    assert described(query) == words


def test_the_address_of_a_set_is_that_of_its_page():
    told = context(Settings(site_url="https://x.example"), Query("a b", {"country": ("FI",)}))

    assert told.address == "https://x.example/search?q=a+b&country=FI"


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    def broken():
        yield b"half"
        raise OSError(28, "No space left on device")

    path = tmp_path / "cases.csv"
    path.write_bytes(b"before")

    with pytest.raises(UnwritableFileError, match="No space left"):
        save(broken(), path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]

    save([b"a", b"b"], path)
    assert path.read_bytes() == b"ab"


def test_names_of_files_say_whose_cases_of_when_and_how_many():
    assert export("csv").file(CONTEXT, 1) == "citypraxis-2026-11-23-1-case.csv"
    assert export("package").file(CONTEXT, 91) == "citypraxis-2026-11-23-91-cases.zip"
