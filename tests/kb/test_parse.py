import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search import parse as parsing
from kb.search.parse import Atom, Clause, parse


def shape(text: str) -> list[str]:
    """Write the clauses as text: ``-`` negated, ``|`` between alternatives."""
    return [_clause(clause) for clause in parse(text).clauses]


def _clause(clause: Clause) -> str:
    return ("-" if clause.negated else "") + "|".join(_atom(atom) for atom in clause.atoms)


def _atom(atom: Atom) -> str:
    match atom.kind:
        case "word":
            return atom.text
        case "phrase":
            return f'"{" ".join(atom.words)}"'
        case "prefix":
            return f"{atom.words[0]}*"
    return f"{atom.field}={atom.text}"


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", []),
        ("housing first", ["housing", "first"]),
        ("Housing, first!", ["Housing", "first"]),
        ("sans-abri", ["sans", "abri"]),
        ("l'emploi", ["l", "emploi"]),
        ('"housing first"', ['"housing first"']),
        ('"housing"', ["housing"]),
        ('""', []),
        ('"housing first', ["housing", "first"]),
        ('the "housing first" way', ["the", '"housing first"', "way"]),
        ("-hostel", ["-hostel"]),
        ("- hostel", ["hostel"]),
        ("--hostel", ["-hostel"]),
        ('-"two words"', ['-"two words"']),
        ("-country:FI", ["-country=FI"]),
        ("hostel OR shelter", ["hostel|shelter"]),
        ("a OR b OR c", ["a|b|c"]),
        ("a b OR c d", ["a", "b|c", "d"]),
        ('hostel OR "night shelter" OR city:Turku', ['hostel|"night shelter"|city=Turku']),
        ("OR hostel", ["hostel"]),
        ("hostel OR", ["hostel"]),
        ("hostel OR OR shelter", ["hostel|shelter"]),
        ("hostel OR -shelter", ["hostel", "-shelter"]),
        ("-hostel OR shelter", ["-hostel", "shelter"]),
        ("hostel or shelter", ["hostel", "or", "shelter"]),
        ("hous*", ["hous*"]),
        ("HÖUS*", ["hous*"]),
        ("hou*", ["hou*"]),
        ("ho*", ["ho"]),
        ("*", []),
        ("*a*", ["a"]),
        ("ho*us", ["ho", "us"]),
        ("sans-ab*", ["sans", "ab"]),
        ("country:FI", ["country=FI"]),
        ('city:"Le Puy"', ["city=Le Puy"]),
        ('city:""', ["city"]),
        ('city:" "', ["city"]),
        ('city:" Le Puy "', ["city=Le Puy"]),
        ("Country:FI", ["Country", "FI"]),
        ("nonsense:FI", ["nonsense", "FI"]),
        ('nonsense:"Le Puy"', ["nonsense", "Le", "Puy"]),
        ("http://example.org/a", ["http", "example", "org", "a"]),
        ("(a AND b)", ["a", "AND", "b"]),
        ("[a TO z]", ["a", "TO", "z"]),
        ("a~9 b^2 c\\d", ["a", "9", "b", "2", "c", "d"]),
    ],
)
def test_text_is_read_as_clauses(text, clauses):
    assert shape(text) == clauses


@pytest.mark.parametrize("kind", ["word", "phrase", "prefix", "field"])
def test_only_a_single_bare_word_is_plain(kind):
    assert Clause((Atom(kind, "x"),)).plain is (kind == "word")


def test_negated_and_joined_words_are_not_plain():
    word = Atom("word", "x")

    assert not Clause((word,), negated=True).plain
    assert not Clause((word, word)).plain


def test_text_is_kept_as_typed():
    (clause,) = parse("Łódź").clauses

    assert clause.atoms == (Atom("word", "Łódź", ("Łódź",)),)
    assert clause.atoms[0].field == ""


def test_value_of_a_facet_is_no_word():
    (clause,) = parse("city:Turku").clauses

    assert clause.atoms == (Atom("field", "Turku", (), "city"),)


def test_text_of_a_phrase_is_its_words():
    (clause,) = parse('"Housing, first!"').clauses

    assert clause.atoms[0].text == "Housing first"


@pytest.mark.parametrize(
    "text", ["housing first", "-a OR b", "hou* hos*", "x" * 64, "a " * 32, "x" + " " * 511]
)
def test_question_within_the_limits_has_no_note(text):
    assert parse(text).notes == ()


def test_characters_beyond_the_limit_are_left_out_with_a_note():
    parsed = parse("housing" + " " * (parsing.MAX_CHARACTERS - 10) + "first")

    assert [clause.atoms[0].text for clause in parsed.clauses] == ["housing", "fir"]
    assert parsed.notes == ("Only the first 512 characters were searched.",)


def test_words_beyond_the_limit_are_left_out_with_a_note():
    parsed = parse(" ".join(f"w{n}" for n in range(40)))

    assert [clause.atoms[0].text for clause in parsed.clauses] == [f"w{n}" for n in range(32)]
    assert parsed.notes == ("Only the first 32 words were searched.",)


def test_long_word_is_cut_with_a_note():
    parsed = parse("a" * 65)

    assert parsed.clauses[0].atoms == (Atom("word", "a" * 64, ("a" * 64,)),)
    assert parsed.notes == ("Of long words only the first 64 letters were searched.",)


@pytest.mark.parametrize("asked", ['"{}"', "-{}"])
def test_phrase_has_no_more_words_than_a_question(asked):
    (clause,) = parse(asked.format("-".join(f"w{n}" for n in range(40)))).clauses

    assert clause.atoms[0].words == tuple(f"w{n}" for n in range(32))


def test_long_word_of_a_phrase_or_prefix_is_cut():
    phrase, prefix = parse(f'"{"a" * 65} b" {"c" * 65}*').clauses

    assert phrase.atoms[0].words == ("a" * 64, "b")
    assert prefix.atoms[0].words == ("c" * 64,)


def test_one_long_word_among_others_has_a_note():
    assert parse("short-" + "a" * 65).notes


def test_prefixes_beyond_the_limit_are_words_with_a_note():
    parsed = parse("hous* host* gard*")

    assert [clause.atoms[0].kind for clause in parsed.clauses] == ["prefix", "prefix", "word"]
    assert parsed.notes == ("Only the first 2 beginnings of words were searched as such.",)


def test_note_is_said_once():
    assert len(parse("hous* host* gard* shel* home*").notes) == 1


@given(st.text())
def test_any_text_stays_within_the_limits(text):
    atoms = [atom for clause in parse(text).clauses for atom in clause.atoms]

    assert len(atoms) <= parsing.MAX_ATOMS
    assert sum(atom.kind == "prefix" for atom in atoms) <= parsing.MAX_PREFIXES
    assert all(len(word) <= parsing.MAX_WORD for atom in atoms for word in atom.words)


@given(st.text(alphabet='ab"-:*() OR', max_size=600))
def test_any_mix_of_operators_gives_clauses_that_hold_something(text):
    assert all(clause.atoms and clause.atoms[0].text for clause in parse(text).clauses)


def test_hyphenated_word_after_a_minus_is_excluded_as_a_whole():
    (wanted, unwanted) = parse("housing -well-known").clauses

    assert wanted.plain
    assert unwanted.negated
    assert unwanted.atoms == (Atom("phrase", "well known", ("well", "known")),)


@pytest.mark.parametrize("asked", ["hostel OR sans-abri", "sans-abri OR hostel"])
def test_hyphenated_word_is_one_alternative(asked):
    (clause,) = parse(asked).clauses

    assert {atom.text for atom in clause.atoms} == {"hostel", "sans abri"}
