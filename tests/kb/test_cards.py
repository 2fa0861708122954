from hypothesis import given
from hypothesis import strategies as st

from kb.search.cards import card, pack, unpack
from kb.search.fields import prose
from kb.search.passages import cut
from kb.text import folded
from tests.kb.test_store import case


def test_kept_card_is_the_same():
    laid_out = card(case(title="Łódź", body="One.\n\nTwo."))

    kept = unpack(pack(laid_out))

    assert kept == laid_out


def test_card_holds_what_the_case_tells():
    told = case(body="First paragraph.\n\n**Second** paragraph.")

    texts = card(told).pieces.texts

    assert texts == [text for _, text in prose(told)]
    assert "Second paragraph." in texts


@given(st.lists(st.text(max_size=400), max_size=5))
def test_each_piece_has_the_words_that_are_said_to_be_in_it(texts):
    pieces = cut(("en", text) for text in texts)

    for number, text in enumerate(pieces.texts):
        having = {word for word, mask in pieces.words.items() if mask & 1 << number}
        assert having == set(folded(text))
