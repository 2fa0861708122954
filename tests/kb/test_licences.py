"""What licences demand is read from their ids, and a text that reserves all rights names none."""

import pytest

from kb.errors import RefusedFileError
from kb.formats.problems import case_from
from kb.licences import Terms, marked, named, terms
from tests.kb.taken import MINIMAL


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("CC-BY-4.0", Terms(noncommercial=False, sharealike=False, noderivatives=False)),
        ("CC0-1.0", Terms(noncommercial=False, sharealike=False, noderivatives=False)),
        ("CC-BY-SA-4.0", Terms(noncommercial=False, sharealike=True, noderivatives=False)),
        ("CC-BY-NC-4.0", Terms(noncommercial=True, sharealike=False, noderivatives=False)),
        ("CC-BY-NC-SA-3.0-AT", Terms(noncommercial=True, sharealike=True, noderivatives=False)),
        ("cc-by-nc-nd-4.0", Terms(noncommercial=True, sharealike=False, noderivatives=True)),
        ("ODbL-1.0", Terms(noncommercial=False, sharealike=True, noderivatives=False)),
        ("LicenseRef-SAND", Terms(noncommercial=False, sharealike=False, noderivatives=False)),
    ],
)
def test_terms_are_read_from_the_id(licence, expected):
    assert terms(licence) == expected


def test_a_set_says_how_many_are_bound_by_what():
    told = {"CC-BY-4.0": 7, "CC-BY-SA-4.0": 2, "CC-BY-NC-SA-4.0": 3}

    assert marked(told) == {"not for commercial use": 3, "to be shared alike": 5}
    assert marked({"CC-BY-4.0": 7}) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CC-BY-NC-4.0", "CC-BY-NC-4.0"),
        ("https://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0"),
        ("http://creativecommons.org/licenses/by-nc-nd/3.0/deed.de", "CC-BY-NC-ND-3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("Licensed under CC BY-NC-SA 4.0.", "CC-BY-NC-SA-4.0"),
        ("CC0", "CC0-1.0"),
        ("EUPL-1.2", "EUPL-1.2"),
        ("CC BY", ""),
        ("", ""),
        ("All rights reserved", ""),
        ("All-rights-reserved", ""),
        ("Alle Rechte vorbehalten.", ""),
        ("© 2021 City of X", ""),
        ("unknown", ""),
        ("NOASSERTION", ""),
        ("Free to read on our site", ""),
    ],
)
def test_a_licence_is_taken_from_a_text_only_where_it_names_one(text, expected):
    assert named(text) == expected


@pytest.mark.parametrize("licence", ["NOASSERTION", "NONE"])
def test_no_case_stands_under_no_licence(licence):
    with pytest.raises(RefusedFileError, match="is no licence"):
        case_from({**MINIMAL, "licence": licence}, "a.md", lambda _: None, complete=False)
