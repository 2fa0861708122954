"""Licences that are known are linked; others are only named."""

import pytest

from web.citation import licence_url


@pytest.mark.parametrize(
    ("licence", "url"),
    [
        ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("CC-BY-NC-SA-3.0", "https://creativecommons.org/licenses/by-nc-sa/3.0/"),
        ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("EUPL-1.2", ""),
        ("CC-BY-4.0.evil", ""),
    ],
)
def test_a_licence_is_linked_if_it_is_known(licence, url):
    assert licence_url(licence) == url
