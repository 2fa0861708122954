import json
from copy import deepcopy

import pytest

from kb.saying import counted, lines, packed, said, term, unpacked, verbatim


def test_a_sentence_is_a_string_that_remembers_what_it_was_made_of():
    sentence = said("has {count} cells", count=3)

    assert sentence == "has 3 cells"
    assert (sentence.template, sentence.values) == ("has {count} cells", {"count": 3})


def test_a_term_is_what_it_was():
    assert term("Country") == "Country"


@pytest.mark.parametrize(("count", "told"), [(1, "1 page"), (2, "2 pages"), (1_000, "1,000 pages")])
def test_one_and_several_are_said_apart(count, told):
    sentence = counted("1 page", "{count:,} pages", count)

    assert sentence == told
    assert (sentence.singular, sentence.template) == ("1 page", "{count:,} pages")


def test_lines_stay_sentences_one_below_the_other():
    both = lines([said("has {count} cells", count=3), "is damaged"])

    assert both == "has 3 cells\nis damaged"
    assert [getattr(each, "template", "") for each in both.values.values()] == [
        "has {count} cells",
        "",
    ]


def test_a_text_can_stay_as_it_is_whatever_is_in_it():
    assert verbatim("{a} %s") == "{a} %s"


@pytest.mark.parametrize(
    "sentence",
    [
        said("has {count:,} cells", count=3_000),
        said("is {share:.0%} of it", share=0.25),
        said("its {field} {fault}", field="{x}", fault=said("is no {what!r}", what='{"a": 1}')),
        counted("1 page", "{count} pages", 1),
        lines([]),
        verbatim("Größe"),
    ],
)
def test_a_sentence_comes_back_from_json_with_its_template(sentence):
    back = unpacked(json.loads(json.dumps(packed(sentence))))

    assert back == sentence == deepcopy(sentence)
    assert (back.template, back.singular, back.values) == (
        sentence.template,
        sentence.singular,
        sentence.values,
    )


def test_a_text_comes_back_as_a_sentence_that_is_not_translated():
    assert packed("a note") == "a note"
    assert unpacked("a note").values == {"text": "a note"}


@pytest.mark.parametrize(
    "told",
    [
        7,
        None,
        {"template": "a"},
        {"template": "a", "singular": "", "values": []},
        {"template": 1, "singular": "", "values": {}},
        {"template": "{a.__class__}", "singular": "", "values": {"a": 1}},
        {"template": "{a[0]}", "singular": "", "values": {"a": "b"}},
        {"template": "{a:>999999999}", "singular": "", "values": {"a": 1}},
        {"template": "{a:{b}}", "singular": "", "values": {"a": 1, "b": ">9"}},
        {"template": "{}", "singular": "", "values": {"": 1}},
        {"template": "{a}{a}", "singular": "", "values": {"a": "b"}},
        {"template": "{a}", "singular": "", "values": {}},
        {"template": "{a", "singular": "", "values": {"a": 1}},
        {"template": "{a:,}", "singular": "", "values": {"a": "b"}},
        {"template": "a", "singular": "{a.b}", "values": {"count": 1}},
        {"template": "{a}", "singular": "", "values": {"a": {"template": "b"}}},
    ],
)
def test_what_is_no_sentence_is_refused(told):
    with pytest.raises(ValueError, match="is no sentence"):
        unpacked(told)
