from kb.saying import said, term


def test_a_sentence_is_a_string_that_remembers_what_it_was_made_of():
    sentence = said("has {count} cells", count=3)

    assert sentence == "has 3 cells"
    assert (sentence.template, sentence.values) == ("has {count} cells", {"count": 3})


def test_a_term_is_what_it_was():
    assert term("Country") == "Country"
