from kb.form import by_name, choice, sections, steps
from kb.model import REQUIRED, Case
from kb.vocabulary import scheme_names
from kb.wording import CHOICES, HELP, LABELS


def every_field(fields=None):
    for field in fields if fields is not None else by_name().values():
        yield field
        yield from every_field(field.fields)


def test_every_field_of_the_model_but_the_id_is_asked_for_once():
    names = [field.name for section in sections() for field in section.fields]

    assert sorted(names) == sorted(set(Case.model_fields) - {"id"})


def test_what_is_required_is_the_models_word():
    assert {field.name for field in by_name().values() if field.required} == set(REQUIRED)


def test_each_required_field_says_what_a_good_answer_is():
    silent = {"original_language", "country", "stage"}

    assert {f.name for f in by_name().values() if f.required and not f.help} <= silent


def test_terms_name_their_vocabulary():
    terms = [field for field in every_field() if field.kind in {"term", "terms"}]

    assert terms
    assert {field.scheme for field in terms} <= set(scheme_names())


def test_words_are_given_for_fields_that_exist():
    known = {field.name for field in every_field()}

    assert {path.split(".")[-1] for path in (*LABELS, *HELP)} <= known


def test_words_are_given_for_every_choice():
    assert {value for field in every_field() for value in field.choices} == set(CHOICES)
    assert choice("before-after") == "before after"


def test_kinds_and_limits_come_from_the_model():
    themes, body = by_name()["themes"], by_name()["body"]

    assert (themes.kind, themes.scheme, themes.most) == ("terms", "themes", 3)
    assert (body.kind, body.longest) == ("text", 512_000)
    assert by_name()["novelty"].choices == ("city", "country", "europe")
    assert [f.kind for f in by_name()["contact"].fields][2:4] == ["languages", "yes-no"]


def test_the_steps_of_a_path_are_named_in_words():
    assert steps("outcomes[0].value") == ("Outcomes", "1", "Value")
    assert steps("cost.total") == ("Cost, as far as it is known", "Total")
    assert steps("of_the_author") == ("of_the_author",)
