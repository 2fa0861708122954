from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from kb.search.words.neighbours import Neighbours

WORDS = st.text("abcdeжλ", min_size=1, max_size=8)


@given(words=st.sets(WORDS, max_size=40), asked=WORDS, most=st.integers(1, 2))
def test_no_word_that_is_near_is_left_out(words, asked, most):
    near = {word for word in words if OSA.distance(word, asked) <= most}

    assert near <= set(Neighbours(words).near(asked, most)) <= words


def test_words_of_other_letters_are_left_out():
    words = Neighbours(["housing", "mousing", "gardens", "hosuing"])

    assert set(words.near("housing", 1)) == {"housing", "mousing", "hosuing"}
