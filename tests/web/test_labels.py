"""How values are said: nothing raw from a file reaches a page, and nothing is said wrongly."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from kb.languages import LANGUAGES
from kb.query import Passage
from kb.vocabulary import Concept, Scheme
from web import labels


@pytest.fixture
def page(site: Flask):
    """A page that is being made, in English."""
    with site.test_request_context("/"):
        yield


@pytest.fixture
def page_in(site: Flask, monkeypatch):
    """Say in which language a page is made; sentences stay English, as there is no catalogue."""
    with site.test_request_context("/"):
        yield lambda code: monkeypatch.setattr(labels, "page_language", lambda: code)


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize(
    ("edtf", "said"),
    [
        ("2019", "2019"),
        ("2019-04", "April 2019"),
        ("2019-04-30", "30 April 2019"),
        ("2016~", "about 2016"),
        ("2016?", "2016 (uncertain)"),
        ("2016-05%", "about May 2016 (uncertain)"),
        ("199X", "the 1990s"),
        ("2019/2021", "from 2019 to 2021"),
        ("2019-04/..", "from April 2019"),
        ("2019/", "from 2019"),
        ("0000", "0000"),
        ("0000~", "about 0000"),
        ("unknown", "not known"),
        ("soon", "soon"),
    ],
)
def test_a_date_is_said_in_words(edtf, said):
    assert labels.when(edtf) == said


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_date_can_be_said_in_every_language(page_in, code):
    page_in(code)

    for edtf in ("2019", "2019-04", "2019-04-30", "0000-02-29"):
        assert edtf[:4] in labels.when(edtf)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "23 November 2026, 05:01 UTC"),
        ("fi", "23. marraskuuta 2026, 5.01 UTC"),
        ("hu", "2026. november 23., 5:01 UTC"),
        ("sr", "23. novembar 2026., 05:01 UTC"),
    ],
)
def test_a_moment_is_said_as_the_language_does(page_in, code, said):
    page_in(code)

    moment = labels.time(1795410060)
    assert moment == f'<time datetime="2026-11-23T05:01:00+00:00">{said}</time>'
    assert said.startswith(labels.day("2026-11-23").striptags())


@pytest.mark.usefixtures("page")
def test_no_moment_is_never():
    assert labels.time(None) == "never"


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize(
    ("digits", "currency", "said"),
    [
        ("4850000", "EUR", "EUR\xa04,850,000"),
        ("7.5", "", "7.5"),
        ("1250000.50", "PLN", "PLN\xa01,250,000.50"),
    ],
)
def test_an_amount_is_easy_to_read(digits, currency, said):
    assert labels.amount(digits, currency) == said


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("de", "1.250.000,50\xa0PLN"),
        ("fi", "1\xa0250\xa0000,50\xa0PLN"),
        ("ga", "PLN\xa01,250,000.50"),
    ],
)
def test_an_amount_is_written_as_the_language_does(page_in, code, said):
    page_in(code)

    assert labels.amount("1250000.50", "PLN") == said


@pytest.mark.parametrize(("code", "said"), [("en", "1,204"), ("de", "1.204"), ("pl", "1\xa0204")])
def test_a_number_is_written_as_the_language_does(page_in, code, said):
    page_in(code)

    assert labels.number(1204) == said


def test_words_that_matched_are_marked():
    passage = Passage("Rents & homes", ((8, 13),))

    assert labels.marked(passage) == Markup("Rents &amp; <mark>homes</mark>")


def test_words_that_stand_together_are_marked_as_one():
    passage = Passage("people sleep rough here", ((7, 12), (13, 18)))

    assert labels.marked(passage) == Markup("people <mark>sleep rough</mark> here")


@given(
    st.text(alphabet="ab <&\n", max_size=30),
    st.lists(st.tuples(st.integers(-2, 40), st.integers(-2, 40)), max_size=5),
)
def test_marking_never_changes_or_unescapes_the_text(text, marks):
    marked = labels.marked(Passage(text, tuple(marks)))

    assert marked.replace("<mark>", "").replace("</mark>", "") == escape(text)
    assert marked.count("<mark>") == marked.count("</mark>")


def test_the_words_of_a_tag_are_marked_in_its_sentence():
    marked = labels.marked_words("A Second-hand shop & café", "second hand SHOP")

    assert marked == Markup("A <mark>Second-hand shop</mark> &amp; café")


@pytest.mark.parametrize("words", ["", "not there"])
def test_a_sentence_without_the_words_is_left_as_it_is(words):
    assert labels.marked_words("A <sentence>", words) == Markup("A &lt;sentence&gt;")


@pytest.mark.usefixtures("only_english")
def test_a_term_is_named_in_the_readers_language(site: Flask):
    with site.test_request_context("/?lang=de"):
        assert labels.term("06", "themes") == Markup(
            '<span lang="de">Wohnungs- und Obdachlosigkeit</span>'
        )


@pytest.mark.usefixtures("only_english")
def test_a_term_without_a_name_in_that_language_is_named_in_english(site: Flask, monkeypatch):
    concept = Concept("06", "themes", {"en": "Homelessness"})
    made = Scheme("themes", "Themes", {"06": concept})
    monkeypatch.setattr(labels, "scheme", lambda _name: made)

    with site.test_request_context("/?lang=mt"):
        assert labels.term("06", "themes") == "Homelessness"


def test_a_code_that_no_scheme_has_is_shown_as_it_is(site: Flask):
    with site.test_request_context("/"):
        assert labels.term("<new>", "stages") == Markup("&lt;new&gt;")


def test_a_text_in_the_language_of_the_page_is_not_marked(page_in):
    page_in("de")

    assert labels.spoken("Wohnen", "de") == "Wohnen"
    assert labels.spoken("Housing", "en") == Markup('<span lang="en">Housing</span>')


def test_what_a_term_means_is_marked_as_english(page_in):
    page_in("de")

    assert labels.definition("E5", "evidence_levels") == Markup(
        '<span lang="en">The practice works elsewhere, run by others, at scale.</span>'
    )
    assert labels.definition("E9", "evidence_levels") == ""


@pytest.mark.usefixtures("only_english")
def test_a_country_is_named_in_the_readers_language(site: Flask):
    with site.test_request_context("/?lang=fr"):
        assert labels.country("FI") == Markup('<span lang="fr">Finlande</span>')
