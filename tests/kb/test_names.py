"""Countries and languages are called as the reader's language calls them."""

import pytest

from kb import names
from kb.languages import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_name_for_itself_and_for_ireland(language):
    assert names.language(language, language) != language
    assert names.country("IE", language) != "IE"


def test_serbian_names_stand_in_the_script_of_our_serbian_pages():
    assert names.country("DE", "sr") == "Nemačka"
    assert names.language("fi", "sr") == "finski"


def test_what_cldr_does_not_know_is_its_code():
    assert names.country("QX", "el") == "QX"
    assert names.language("xyz", "el") == "xyz"
