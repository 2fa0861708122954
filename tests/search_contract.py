"""What every search engine promises, whatever it is built of.

To hold an engine to it, subclass `SearchContract` and give it the fixture ``engines``: a function
that returns a new engine without an index, made with `STOP_WORDS`.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.errors import IndexUnavailableError
from kb.languages import LANGUAGES
from kb.query import MAX_DEPTH, SORTS, Correction, Match, Query
from kb.search.engine import Answer, Checkpoint, SearchEngine, Shared
from kb.search.fields import Document

STOP_WORDS = {
    "en": frozenset({"the", "of", "a", "for"}),
    "de": frozenset({"die", "der", "fur"}),
    "fr": frozenset({"a", "la", "les", "d", "un"}),
}

AT_1 = Checkpoint("database", "version", 1)
AT_2 = Checkpoint("database", "version", 2)

# Text in its language, what is asked, what must be found: each has cost some engine a reader.
INFLECTIONS = [
    ("de", "Arbeitslose", "Langzeitarbeitslose"),
    ("de", "Flüchtling", "Flüchtlingen"),
    ("de", "strasse", "Straße"),
    ("de", "Wohnungslose", "Wohnungslosigkeit"),
    ("pl", "bezdomny", "bezdomnych"),
    ("pl", "lodz", "Łódź"),
    ("el", "μετανάστες", "μεταναστών"),
    ("el", "δρομος", "ΔΡΌΜΟΣ"),
    ("bg", "град", "градовете"),
    ("hu", "városok", "városokban"),
    ("fi", "kaupunki", "kaupungissa"),
    ("fi", "maahanmuuttaja", "maahanmuuttajien"),
    ("sv", "ungdom", "ungdomar"),
    ("fr", "chomeur", "chômeurs"),
    ("ro", "adapost", "adăpost"),
    ("cs", "město", "městech"),
]

# Each of these took an engine's own parser seconds, or overflowed its stack.
COSTLY = {
    "one token of 100 kB": "a" * 100_000,
    "one number of 100 kB": "7" * 100_000,
    "20,000 words": "housing " * 20_000,
    "20,000 different words": " ".join(f"w{n}" for n in range(20_000)),
    "2,000 alternatives": " OR ".join(["housing"] * 2000),
    "5,000 brackets": "(" * 5000,
    "5,000 closed brackets": "(" * 5000 + "housing" + ")" * 5000,
    "1,000 times not": "NOT " * 1000,
    "1,000 minuses": "-" * 1000 + "housing",
    "5,000 quotes": '"' * 5000,
    "everything": "*",
    "leading wildcard": "*a*",
    "ten prefixes": " OR ".join(f"{letter}ou*" for letter in "abcdefghij"),
    "fuzzy": "a~9 " + "housing~3 " * 20,
    "range": "[a TO z] start:[1 TO 9]",
    "regular expression": "/(a+)+$/",
    "nothing but spaces": " \t\n ",
    "NUL": "hou\0sing",
    "one ligature that becomes eighteen letters": "\ufdfa" * 64,
    "accents upon accents": "a" + "\u0301" * 500,
}

OPERATORS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                '"',
                "-",
                "OR",
                ":",
                "*",
                "(",
                ")",
                "[",
                "]",
                "~",
                "^",
                "\\",
                "/",
                " ",
                "city:",
                "stage:",
            ]
        ),
        st.sampled_from(["housing", "hou", "obdach", "über", "x"]),
    ),
    max_size=40,
).map("".join)

SUPPRESSED = [HealthCheck.differing_executors, HealthCheck.too_slow]
"""The contract runs once for each engine; the first search of an engine opens files."""


def case(
    case_id: str = "a",
    text: str = "",
    title: str = "",
    language: str = "en",
    concepts: dict[str, float] | None = None,
    start: str = "unknown",
    **facets: tuple[str, ...],
) -> Document:
    return Document(
        case_id=case_id,
        headings=((language, title),) if title else (),
        texts=((language, text),) if text else (),
        concepts=concepts or {},
        facets={"language": (language,), **facets},
        start=start,
        city=facets.get("city", ("",))[0],
    )


def ids(answer: Answer) -> list[str]:
    return [found.case_id for found in answer.found]


def found(engine: SearchEngine, text: str) -> set[str]:
    return set(ids(engine.search(Query(text))))


class SearchContract:
    @pytest.fixture
    def engine(self, engines) -> SearchEngine:
        return engines()

    @pytest.fixture(scope="class")
    @classmethod
    def some(cls, engines) -> SearchEngine:
        """Six cases that no test changes."""
        engine = engines()
        documents = [
            case("a", "Housing for young people", city=("Turku",), country=("FI",)),
            case("b", "Housing, and a hostel", city=("Le Puy",), country=("FR",)),
            case("c", "A shelter at the river", city=("Lyon",), country=("FR",)),
            case("d", "Gardens at the river", stage=("implemented",)),
            case("e", "Gardens for young people", stage=("pilot",)),
            case("f", "http and x are words as others are"),
        ]
        engine.rebuild(documents, AT_1)
        return engine

    @pytest.fixture(scope="class")
    @classmethod
    def spoken(cls, engines) -> SearchEngine:
        """The rows of `INFLECTIONS` and the sample of every language."""
        engine = engines()
        rows = [
            case(f"row-{number}", written, language=language)
            for number, (language, _, written) in enumerate(INFLECTIONS)
        ]
        samples = [
            case(f"language-{row.code}", row.sample.written, language=row.code)
            for row in LANGUAGES.values()
        ]
        engine.rebuild([*rows, *samples], AT_1)
        return engine

    @pytest.fixture(scope="class")
    @classmethod
    def counted(cls, engines) -> SearchEngine:
        return engines()

    # Writing

    def test_engine_without_an_index_says_so(self, engine):
        assert engine.checkpoint() is None
        assert engine.size() == 0
        assert not engine.verify()

    def test_search_without_an_index_is_unavailable(self, engine):
        with pytest.raises(IndexUnavailableError):
            engine.search(Query("housing"))

    def test_apply_without_an_index_is_unavailable(self, engine):
        with pytest.raises(IndexUnavailableError):
            engine.apply([case("a", "Housing")], [], AT_1)

    def test_put_is_visible_to_the_next_search(self, engine):
        engine.rebuild([], AT_1)
        assert not found(engine, "housing")

        engine.apply([case("a", "Housing")], [], AT_2)

        assert found(engine, "housing") == {"a"}

    def test_put_replaces_the_case_of_the_same_id(self, engine):
        engine.rebuild([case("a", "Housing")], AT_1)

        engine.apply([case("a", "Housing and gardens")], [], AT_2)

        assert engine.search(Query("housing")).total == 1
        assert engine.size() == 1

    def test_put_forgets_what_the_case_said_before(self, engine):
        engine.rebuild([case("a", "Housing", concepts={"06": 1.0}, country=("FI",))], AT_1)

        engine.apply([case("a", "Gardens")], [], AT_2)

        assert not found(engine, "housing")
        assert not found(engine, "Obdachlosigkeit")
        assert "FI" not in engine.search(Query()).counts.get("country", {})

    def test_dropped_case_is_gone(self, engine):
        engine.rebuild([case("a", "Housing"), case("b", "Housing")], AT_1)

        engine.apply([], ["a"], AT_2)

        assert found(engine, "housing") == {"b"}

    def test_dropping_an_unknown_case_changes_nothing(self, engine):
        engine.rebuild([case("a", "Housing")], AT_1)

        engine.apply([], ["never-seen"], AT_2)

        assert found(engine, "housing") == {"a"}

    def test_deleted_cases_never_come_back(self, engine):
        engine.rebuild([case(f"case-{n}", f"Housing v{n}") for n in range(5)], AT_1)
        engine.search(Query())

        for n in range(20):
            engine.apply([case("case-0", f"Housing again{n}")], [f"case-{1 + n % 4}"], AT_2)
            left = engine.search(Query("housing"))

        assert (left.total, ids(left)) == (1, ["case-0"])
        assert not found(engine, "again18")
        assert engine.size() == 1

    def test_checkpoint_moves_with_the_commit(self, engine):
        engine.rebuild([], AT_1)
        assert engine.checkpoint() == AT_1

        engine.apply([case("a", "Housing")], [], AT_2)

        assert engine.checkpoint() == AT_2

    def test_checkpoint_is_no_case(self, engine):
        engine.rebuild([case("a", "Housing")], AT_1)

        assert engine.search(Query()).total == engine.size() == 1

    def test_revision_of_each_case_is_the_one_last_put_in(self, engine):
        engine.rebuild([replace(case("a"), revision=1), replace(case("b"), revision=7)], AT_1)

        engine.apply([replace(case("a"), revision=2)], ["b"], AT_2)

        assert engine.revisions() == {"a": 2}

    def test_revisions_without_an_index_are_unavailable(self, engine):
        with pytest.raises(IndexUnavailableError):
            engine.revisions()

    def test_failed_apply_leaves_documents_and_checkpoint(self, engine):
        engine.rebuild([case("a", "Housing")], AT_1)

        with pytest.raises(ZeroDivisionError):
            engine.apply(_failing_after(case("a", "Gardens"), case("b", "Gardens")), ["a"], AT_2)

        assert found(engine, "housing") == {"a"}
        assert not found(engine, "gardens")
        assert engine.checkpoint() == AT_1

    def test_failed_apply_lets_the_next_one_in(self, engine):
        engine.rebuild([case("a", "Housing")], AT_1)
        with pytest.raises(ZeroDivisionError):
            engine.apply(_failing_after(case("b", "Gardens")), [], AT_2)

        engine.apply([case("b", "Gardens")], [], AT_2)

        assert found(engine, "gardens") == {"b"}

    def test_failed_rebuild_leaves_the_index(self, engine):
        engine.rebuild([case("a", "Housing")], AT_1)

        with pytest.raises(ZeroDivisionError):
            engine.rebuild(_failing_after(case("b", "Gardens")), AT_2)

        assert ids(engine.search(Query())) == ["a"]
        assert engine.checkpoint() == AT_1

    def test_rebuild_forgets_what_is_gone(self, engine):
        engine.rebuild([case("a", "Housing"), case("b", "Housing")], AT_1)
        assert engine.search(Query()).total == 2

        engine.rebuild([case("b", "Gardens")], AT_2)

        assert ids(engine.search(Query())) == ["b"]
        assert not found(engine, "housing")
        assert engine.checkpoint() == AT_2

    def test_rebuilt_index_is_whole(self, engine):
        engine.rebuild([case("a", "Housing")], AT_1)
        engine.apply([case("b", "Housing")], [], AT_2)

        assert engine.verify()

    def test_closed_engine_opens_again(self, engine):
        engine.rebuild([case("a", "Housing")], AT_1)

        engine.close()

        assert found(engine, "housing") == {"a"}

    # Words

    @pytest.mark.parametrize("row", range(len(INFLECTIONS)), ids=lambda n: "-".join(INFLECTIONS[n]))
    def test_word_is_found_in_any_inflection(self, spoken, row):
        _, asked, _ = INFLECTIONS[row]

        assert f"row-{row}" in found(spoken, asked)

    @pytest.mark.parametrize("code", LANGUAGES)
    def test_sample_of_every_language_is_found(self, spoken, code):
        assert f"language-{code}" in found(spoken, LANGUAGES[code].sample.asked)

    def test_inflected_question_finds_the_plain_word(self, engine):
        engine.rebuild([case("a", "Ein Flüchtling kam.", language="de")], AT_1)

        assert found(engine, "Flüchtlingen") == {"a"}

    @pytest.mark.parametrize("asked", ["ŁÓDŹ", "łódź", "lodz", "LODZ"])
    def test_accents_and_case_do_not_matter(self, engine, asked):
        engine.rebuild([case("a", "Łódź", language="pl")], AT_1)

        assert found(engine, asked) == {"a"}

    def test_minus_excludes(self, some):
        assert found(some, "housing -hostel") == {"a"}

    def test_minus_excludes_any_inflection(self, some):
        assert found(some, "housing -hostels") == {"a"}

    def test_question_of_exclusions_leaves_the_others(self, some):
        assert found(some, "-housing -gardens") == {"c", "f"}

    def test_or_takes_either(self, some):
        assert found(some, "hostel OR shelter") == {"b", "c"}

    def test_or_in_small_letters_is_a_word(self, some):
        assert "or" in some.search(Query("hostel or shelter")).words

    def test_phrase_is_found_in_its_order(self, some):
        assert found(some, '"young people"') == {"a", "e"}

    def test_phrase_is_not_found_in_another_order(self, some):
        assert not found(some, '"people young"')

    def test_phrase_is_not_found_with_a_word_between(self, some):
        assert not found(some, '"housing young"')

    def test_phrase_does_not_reach_across_texts(self, engine):
        apart = Document("a", (), (("en", "Housing"), ("en", "first")), {}, {}, "unknown", "")
        engine.rebuild([apart, case("b", "Housing first")], AT_1)

        assert found(engine, '"housing first"') == {"b"}

    @pytest.mark.parametrize("gap", [1, 2, 45, 46, 47, 128, 300])
    def test_phrase_is_found_wherever_it_stands(self, engine, gap):
        engine.rebuild([case("a", f"{'filler ' * gap}housing first")], AT_1)

        assert found(engine, '"housing first"') == {"a"}

    def test_excluded_phrase_is_excluded(self, some):
        assert found(some, 'gardens -"young people"') == {"d"}

    @pytest.mark.parametrize(("asked", "expected"), [("hous*", {"a", "b"}), ("hos*", {"b"})])
    def test_prefix_finds_what_begins_so(self, some, asked, expected):
        assert found(some, asked) == expected

    def test_prefix_of_two_letters_is_a_word(self, some):
        assert not found(some, "ho*")

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ("country:FI", {"a"}),
            ("country:fi", {"a"}),
            ("country:Finland", {"a"}),
            ('city:"Le Puy"', {"b"}),
            ('city:"le puy" housing', {"b"}),
            ("stage:implemented gardens", {"d"}),
            ("gardens -stage:implemented", {"e"}),
            ("country:FI OR country:FR", {"a", "b", "c"}),
            ("country:XX", set()),
        ],
    )
    def test_field_is_found_by_id_and_by_label(self, some, asked, expected):
        assert found(some, asked) == expected

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [("hostel:housing", {"b"}), ("http://x", {"f"}), ("x:", {"f"}), (":x", {"f"})],
    )
    def test_unknown_field_is_plain_words(self, some, asked, expected):
        assert found(some, asked) == expected

    @pytest.mark.parametrize("asked", ["::", "*", "()", '""', "OR", "-"])
    def test_question_without_a_word_browses(self, some, asked):
        assert some.search(Query(asked)).total == 6

    def test_one_word_must_be_met(self, some):
        assert found(some, "hostel") == {"b"}

    def test_two_words_must_both_be_met(self, some):
        answer = some.search(Query("housing hostel"))

        assert (ids(answer), answer.notes) == (["b"], ())

    @pytest.mark.parametrize(
        ("asked", "is_found"),
        [
            ("red blue other", True),  # 2 of 3
            ("red other another", False),  # 1 of 3
            ("red blue other another", False),  # 2 of 4
            ("red blue green other another", True),  # 3 of 5
            ("red blue other another further", False),  # 2 of 5
        ],
    )
    def test_three_words_and_more_need_three_fifths(self, engine, asked, is_found):
        engine.rebuild([case("a", "Red, blue and green")], AT_1)

        answer = engine.search(Query(asked))

        assert (not answer.notes) is is_found

    def test_cases_with_some_of_the_words_come_with_a_note(self, some):
        answer = some.search(Query("hostel gardens"))

        assert set(ids(answer)) == {"b", "d", "e"}
        assert "some" in answer.notes[0]

    def test_case_with_more_of_the_words_comes_first(self, engine):
        few = case("few", "Red and blue, red and blue")
        engine.rebuild([few, case("more", "Red, blue and green, and much else besides")], AT_1)

        assert ids(engine.search(Query("red blue green"))) == ["more", "few"]

    def test_stop_words_do_not_decide(self, engine):
        engine.rebuild([case("a", "Housing young people"), case("b", "The end of the road")], AT_1)

        assert found(engine, "the housing of the people") == {"a"}

    def test_question_of_stop_words_asks_for_them(self, engine):
        engine.rebuild([case("a", "Of the people"), case("b", "Gardens")], AT_1)

        assert found(engine, "of the") == {"a"}

    def test_headings_weigh_more_than_texts(self, engine):
        documents = [
            case("text", "Housing", title="Something else"),
            case("title", "Something else", title="Housing"),
        ]
        engine.rebuild(documents, AT_1)

        assert ids(engine.search(Query("housing"))) == ["title", "text"]

    def test_nothing_is_found_where_nothing_matches(self, some):
        answer = some.search(Query("xylophone"))

        assert (answer.total, answer.found) == (0, ())

    def test_match_says_which_words_were_met(self, some):
        (only,) = some.search(Query("hostels")).found

        assert only.matches == (Match("words", "hostels", "hostel"),)

    # Misspelt words, and one word however it is written

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("monorial", "monorail"),  # two letters swapped
            ("monnorail", "monorail"),  # one too many
            ("monorai", "monorail"),  # one left out
            ("monoreil", "monorail"),  # another one
            ("velodrme", "velodrome"),
            ("VELODRMOE", "velodrome"),
        ],
    )
    def test_a_misspelt_word_finds_what_was_meant_and_says_so(self, engine, typed, meant):
        engine.rebuild([case("a", "A monorail to the velodrome"), case("b", "Gardens")], AT_1)

        answer = engine.search(Query(typed))

        assert ids(answer) == ["a"]
        assert answer.corrections == (Correction(typed, meant, applied=True),)

    def test_a_word_learned_later_is_what_a_misspelt_one_means_too(self, engine):
        engine.rebuild([case("a", "A monorail")], AT_1)
        assert engine.search(Query("velodrme")).corrections == ()

        engine.apply([case("b", "A velodrome")], [], AT_2)

        assert ids(engine.search(Query("velodrme"))) == ["b"]
        assert ids(engine.search(Query("monorial"))) == ["a"]

    def test_of_many_misspelt_words_some_are_read_as_what_was_meant(self, engine):
        known = [f"monorail{letter}" for letter in "abcdefghijkl"]
        engine.rebuild([case("a", " ".join(known))], AT_1)

        answer = engine.search(Query(" ".join(word.replace("ai", "ia") for word in known)))

        assert ids(answer) == ["a"]
        assert 0 < len(answer.corrections) < len(known)

    @pytest.mark.parametrize("typed", ["hostel", "xyzzyq", "мonorail", "hous", "1234567"])
    def test_a_word_that_is_right_or_far_from_all_stays_as_it_is(self, some, typed):
        assert some.search(Query(typed)).corrections == ()

    def test_a_rare_word_is_searched_and_its_common_neighbour_offered(self, engine):
        documents = [case(f"often{n}", "A velodrome") for n in range(6)]
        engine.rebuild([*documents, case("once", "A velodrone")], AT_1)

        answer = engine.search(Query("velodrone"))

        assert ids(answer) == ["once"]
        assert answer.corrections == (Correction("velodrone", "velodrome", applied=False),)

    @pytest.mark.parametrize(
        ("written", "asked"),
        [
            ("İstanbul", ["istanbul", "ISTANBUL", "İSTANBUL", "Istanbul"]),
            ("ısınma", ["ISINMA", "ısınma"]),
            ("δρόμος", ["ΔΡΌΜΟΣ", "δρομος", "δρόμοσ"]),
            ("Straße", ["STRASSE", "strasse", "straße"]),
            ("café", ["cafe\u0301", "CAFÉ", "cafe"]),
            ("l'atelier", ["l’atelier", "L'ATELIER"]),
            ("Łódź", ["lodz", "ŁÓDŹ", "Lo\u0301dz\u0301"]),
        ],
    )
    def test_one_word_is_found_however_it_is_written(self, engine, written, asked):
        engine.rebuild([case("a", f"Here is {written} itself"), case("b", "Gardens")], AT_1)

        assert [found(engine, each) for each in asked] == [{"a"}] * len(asked)

    # Similar cases

    def test_cases_that_share_most_come_first_and_say_what(self, engine):
        near = {"theme": ("06", "06.1"), "target": ("homeless-people",)}
        documents = [
            case("a", "One", **near),
            case("b", "Two", **near),
            case("c", "Three", theme=("06",)),
            case("d", "Four", theme=("15",), target=("homeless-people",)),
        ]
        engine.rebuild(documents, AT_1)

        first, second = engine.similar("a", 5)

        assert (first.case_id, second.case_id) == ("b", "c")
        assert Shared("theme", "06.1") in first.shared
        assert second.shared == (Shared("theme", "06"),)

    def test_few_are_asked_and_few_are_given(self, engine):
        engine.rebuild([case(f"c{n}", "x", theme=("06",)) for n in range(9)], AT_1)

        assert len(engine.similar("c1", 3)) == 3
        assert engine.similar("none", 3) == ()

    def test_marks_are_the_words_of_the_cases(self, some):
        assert "gardens" in some.search(Query("garden")).marks

    # Concepts

    @pytest.mark.parametrize(
        "asked", ["rough sleepers", "Obdachlosigkeit", "Obdachlose", "sans-abri"]
    )
    @pytest.mark.parametrize("language", ["el", "pl", "en"])
    def test_concept_is_found_by_a_label_of_any_language(self, engine, asked, language):
        about = case("a", "xxx", language=language, concepts={"06": 1.0})
        engine.rebuild([about, case("b", "yyy", language=language)], AT_1)

        (only,) = engine.search(Query(asked)).found

        assert only.case_id == "a"
        assert only.matches == (Match("concepts", asked.replace("-", " "), "Homelessness", "06"),)

    def test_case_is_found_by_those_for_whom_it_is(self, engine):
        about = case("a", "xxx", language="el", concepts={"single-parents": 0.5})
        engine.rebuild([about, case("b", "yyy", language="el")], AT_1)

        (only,) = engine.search(Query("Alleinerziehende")).found

        (match,) = only.matches
        assert (match.leg, match.concept, match.found) == (
            "concepts",
            "single-parents",
            "Single parents",
        )

    def test_alternative_names_a_concept_and_each_says_what_it_met(self, engine):
        about = case("a", "xxx", language="el", concepts={"06": 1.0})
        engine.rebuild([about, case("b", "one monorail"), case("c", "yyy")], AT_1)

        answer = engine.search(Query("monorail OR Obdachlose"))

        assert {found.case_id: found.matches for found in answer.found} == {
            "a": (Match("concepts", "Obdachlose", "Homelessness", "06"),),
            "b": (Match("words", "monorail", "monorail"),),
        }

    def test_match_names_the_concept_in_the_readers_language(self, engine):
        engine.rebuild([case("a", "xxx", concepts={"06": 1.0})], AT_1)

        (only,) = engine.search(Query("homeless", reader="fr")).found

        assert only.matches[0].found == "Sans-abrisme"

    def test_longer_name_is_not_read_as_the_shorter(self, engine):
        homeless, families = {"06": 1.0}, {"06": 0.7, "06.5": 1.0}
        engine.rebuild([case("a", concepts=homeless), case("b", concepts=families)], AT_1)

        assert found(engine, "homeless families") == {"b"}

    def test_narrower_theme_is_found_under_its_group_more_weakly(self, engine):
        narrower, exact = {"06": 0.7, "06.1": 1.0}, {"06": 1.0}
        engine.rebuild([case("a", concepts=narrower), case("b", concepts=exact)], AT_1)

        first, second = engine.search(Query("homelessness")).found

        assert (first.case_id, second.case_id) == ("b", "a")
        assert first.score > second.score > 0

    # Filters and counts

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({"country": ("FI",)}, ["a"]),
            ({"country": ("FI", "FR")}, ["a", "b", "c"]),
            ({"country": ("FR",), "city": ("Lyon",)}, ["c"]),
            ({"country": ("FI",), "city": ("Lyon",)}, []),
            ({"country": ("FR",), "city": ("Lyon", "Le Puy", "Turku")}, ["b", "c"]),
            ({"country": ()}, ["a", "b", "c", "d", "e", "f"]),
            ({"country": ("XX",)}, []),
            ({"nonsense": ("x",)}, []),
        ],
    )
    def test_filters_take_any_value_of_a_facet_and_all_facets(self, some, filters, expected):
        answer = some.search(Query(filters=filters))

        assert ids(answer) == expected
        assert answer.total == len(expected)

    def test_filter_narrows_a_question(self, some):
        assert ids(some.search(Query("housing", filters={"country": ("FR",)}))) == ["b"]

    def test_counts_ignore_the_own_filter_only(self, some):
        counts = some.search(Query(filters={"country": ("FI",)})).counts

        assert counts["country"] == {"FI": 1, "FR": 2}
        assert counts["city"] == {"Turku": 1}

    def test_chosen_value_is_counted_even_at_nothing(self, some):
        filters = {"country": ("FI", "XX"), "city": ("Lyon",)}

        counts = some.search(Query("gardens", filters=filters)).counts

        assert counts["country"] == {"FI": 0, "XX": 0}
        assert counts["city"] == {"Lyon": 0}

    @settings(max_examples=20, suppress_health_check=SUPPRESSED)
    @given(data=st.data())
    def test_counts_are_those_of_counting_one_by_one(self, counted, data):
        values = {"stage": ("s1", "s2", "s3"), "target": ("t1", "t2"), "country": ("FI", "FR")}
        chosen = st.fixed_dictionaries(
            {name: st.lists(st.sampled_from(each), unique=True) for name, each in values.items()}
        )
        word = st.sampled_from(["red", "blue"])
        rows = data.draw(st.lists(st.tuples(word, chosen), max_size=12))
        text, filters = data.draw(st.sampled_from(["", "red"])), data.draw(chosen)
        documents = [
            case(f"c{n}", word, **_tuples(facets)) for n, (word, facets) in enumerate(rows)
        ]
        counted.rebuild(documents, AT_1)

        answer = counted.search(Query(text, _tuples(filters)))

        matching = [facets for word, facets in rows if text in {"", word}]
        assert answer.total == sum(_passes(facets, filters) for facets in matching)
        for name, listed in values.items():
            others = {other: each for other, each in filters.items() if other != name}
            left = [facets for facets in matching if _passes(facets, others)]
            exact = {value: sum(value in facets[name] for facets in left) for value in listed}
            shown = {value: n for value, n in exact.items() if n or value in filters[name]}
            assert answer.counts.get(name, {}) == shown

    # Counting a whole result

    @settings(max_examples=20, suppress_health_check=SUPPRESSED)
    @given(data=st.data())
    def test_pairs_are_those_of_counting_one_by_one(self, counted, data):
        values = {"target": ("t1", "t2"), "country": ("FI", "FR")}
        facets = st.fixed_dictionaries(
            {name: st.lists(st.sampled_from(each), unique=True) for name, each in values.items()}
        )
        word, start = st.sampled_from(["red", "blue"]), st.sampled_from(["2011", "unknown"])
        rows = data.draw(st.lists(st.tuples(word, start, facets), max_size=12))
        text, filters = data.draw(st.sampled_from(["", "red"])), data.draw(facets)
        documents = [
            case(f"c{n}", word, start=start, **_tuples(facets))
            for n, (word, start, facets) in enumerate(rows)
        ]
        counted.rebuild(documents, AT_1)

        tally = counted.tally(Query(text, _tuples(filters)), [("target", "country")])

        found = [row for row in rows if text in {"", row[0]} and _passes(row[2], filters)]
        crossed = Counter(
            pair
            for *_, having in found
            for pair in product(having["target"] or [""], having["country"] or [""])
        )
        assert tally.total == len(found)
        assert tally.pairs == {("target", "country"): crossed}
        assert tally.starts == Counter(start for _, start, _ in found)

    def test_a_facet_that_no_case_has_is_counted_as_none(self, some):
        assert some.tally(Query("river"), [("city", "nonsense")]).pairs == {
            ("city", "nonsense"): {("Lyon", ""): 1, ("", ""): 1}
        }

    # Orders and pages

    def test_newest_comes_first_and_the_unknown_last(self, engine):
        starts = {"a": "unknown", "b": "2011", "c": "2019-04/..", "d": "2019-03", "e": "2024~"}
        engine.rebuild([case(name, "x", start=start) for name, start in starts.items()], AT_1)

        assert ids(engine.search(Query("x", sort="newest"))) == ["e", "c", "d", "b", "a"]

    def test_cities_come_in_the_order_of_their_names(self, engine):
        cities = {"a": "Zürich", "b": "Århus", "c": "Łódź", "d": "berlin", "e": ""}
        engine.rebuild([case(name, "x", city=(city,)) for name, city in cities.items()], AT_1)

        assert ids(engine.search(Query("x", sort="city"))) == ["b", "d", "c", "a", "e"]

    @pytest.mark.parametrize("sort", ["relevance", "newest", "city"])
    def test_ties_come_in_the_order_of_ids(self, engine, sort):
        engine.rebuild([case(name, "x") for name in "cbda"], AT_1)

        assert ids(engine.search(Query("x", sort=sort))) == ["a", "b", "c", "d"]

    @pytest.mark.parametrize("sort", ["relevance", "newest", "city"])
    def test_pages_have_no_gap_and_no_repeat(self, engine, sort):
        names = [f"case-{n:02}" for n in range(23)]
        documents = [
            case(name, "x " * (1 + n % 3), start=f"20{n % 4:02}", city=("Turku", "Lyon")[n % 2 :])
            for n, name in enumerate(names)
        ]
        engine.rebuild(documents, AT_1)

        pages = [engine.search(Query("x", sort=sort, page=n, size=5)) for n in range(1, 6)]

        assert [len(page.found) for page in pages] == [5, 5, 5, 5, 3]
        assert sorted(name for page in pages for name in ids(page)) == names
        assert {page.total for page in pages} == {23}

    @pytest.mark.parametrize("sort", SORTS)
    def test_all_ids_are_those_of_all_pages_in_their_order(self, engine, sort):
        cases = [case(f"c{n:02}", "Housing " * (n % 4), start=str(2000 + n % 3)) for n in range(30)]
        engine.rebuild(cases, AT_1)
        asked = [Query("housing", sort=sort, size=10, page=page) for page in (1, 2, 3)]

        paged = [case_id for query in asked for case_id in ids(engine.search(query))]

        assert list(engine.ids(Query("housing", sort=sort))) == paged
        assert engine.ids(asked[1]) == engine.ids(asked[0])

    def test_all_ids_reach_beyond_the_last_page(self, engine):
        engine.rebuild([case(f"c{n:04}", "Housing") for n in range(MAX_DEPTH + 5)], AT_1)

        assert len(engine.ids(Query("housing"))) == MAX_DEPTH + 5
        assert len(set(engine.ids(Query()))) == MAX_DEPTH + 5

    def test_all_ids_heed_filters(self, some):
        assert set(some.ids(Query(filters={"country": ("FR",)}))) == {"b", "c"}
        assert some.ids(Query("nothingofthat")) == ()

    def test_all_ids_without_an_index_are_unavailable(self, engine):
        with pytest.raises(IndexUnavailableError):
            engine.ids(Query())

    def test_page_beyond_the_end_is_empty(self, some):
        answer = some.search(Query("housing", page=7))

        assert (answer.total, answer.found) == (2, ())

    def test_empty_question_browses_everything(self, some):
        answer = some.search(Query())

        assert ids(answer) == ["a", "b", "c", "d", "e", "f"]
        assert answer.counts["country"] == {"FI": 1, "FR": 2}

    # Any text

    @pytest.mark.parametrize(
        ("asked", "note"),
        [
            ("housing " * 100, "512 characters"),
            (" ".join(f"w{n}" for n in range(33)), "32 words"),
            ("housing " + "a" * 65, "64 letters"),
            ("hou* hos* gar*", "2 beginnings"),
        ],
    )
    def test_what_was_left_out_is_said(self, some, asked, note):
        assert any(note in said for said in some.search(Query(asked)).notes)

    @settings(deadline=2000, suppress_health_check=SUPPRESSED)
    @given(text=st.text())
    def test_any_text_is_answered(self, some, text):
        assert some.search(Query(text)).total <= 6

    @settings(deadline=2000, suppress_health_check=SUPPRESSED)
    @given(text=OPERATORS)
    def test_any_mix_of_operators_is_answered(self, some, text):
        assert some.search(Query(text)).total <= 6

    @pytest.mark.parametrize("asked", COSTLY.values(), ids=COSTLY)
    def test_costly_question_is_answered_within_two_seconds(self, some, asked):
        started = time.monotonic()

        answer = some.search(Query(asked))

        assert answer.total <= 6
        assert time.monotonic() - started < 2


def _tuples(facets: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in facets.items()}


def _passes(facets: dict[str, list[str]], filters: dict[str, list[str]]) -> bool:
    return all(not chosen or set(chosen) & set(facets[name]) for name, chosen in filters.items())


def _failing_after(*documents: Document) -> Iterator[Document]:
    yield from documents
    raise ZeroDivisionError
