"""Whatever stands in an address, each page answers, and nothing of it is live on the page.

``KB_EXAMPLES`` is as in test_fuzz_api: a quarter of how many addresses are made up.
"""

import os
import re
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.search.fields import FACET_NAMES
from tests.conftest import ROOT
from tests.web.conftest import page_of
from tests.web.test_hostile import PAYLOADS, is_harmless
from web.args import PARAMETERS

EXAMPLES = 4 * int(os.environ.get("KB_EXAMPLES", "15"))
READ = re.compile(r"args(?:\.get(?:list)?\(|\[)\"(\w+)\"")
OF_OAI = ("verb", "metadataPrefix", "resumptionToken", "identifier", "set", "from", "until")
ASKED = sorted(
    {name for path in (ROOT / "web").glob("*.py") for name in READ.findall(path.read_text("utf-8"))}
    | {*PARAMETERS, *FACET_NAMES, *OF_OAI, "next"}
)
"""Every parameter that some page reads."""
values = (
    st.text(st.characters(), max_size=60)
    | st.sampled_from(PAYLOADS)
    | st.text("0123456789٣²-", min_size=1, max_size=6)
    | st.sampled_from(
        ["", "fit", "newest", "yes", "csv", "en", "FI", "06.1", "9" * 5_000, "-1", "1e9", "\0",
         "ListRecords", "oai_dc", "2026-13-40", "2026-01-01T00:00:00Z", "housing OR", "a* b* c*",
         "//evil.example", "658225", "every-field", "every-field,none", "x" * 3_000]
    )
)  # fmt: skip
parts = (
    st.sampled_from(["every-field", "1", "csv", "theme", "06.1", "en", "a-forum", "x" * 300])
    | st.sampled_from(PAYLOADS)
    | st.text(min_size=1, max_size=12)
)


@pytest.fixture(scope="module")
def addresses(site):
    return sorted(rule.rule for rule in site.url_map.iter_rules() if "GET" in rule.methods)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.data(),
    part=parts,
    asked=st.lists(st.tuples(st.sampled_from(ASKED), values), max_size=5),
)
def test_no_address_breaks_a_page(site, addresses, data, part, asked):
    address = data.draw(st.sampled_from(addresses))
    path = re.sub(r"<[^>]+>", lambda _: quote(part, safe=""), address)
    query = urlencode(asked, errors="surrogatepass")

    response = site.test_client().get(f"{path}?{query}", buffered=True)

    assert response.status_code < 500, response.status_code
    if response.mimetype == "text/html" and response.data and response.location is None:
        drawn = frozenset({"svg"} if address.startswith(("/pictures", "/adoptions")) else ())
        assert is_harmless(page_of(response), but=drawn)


def test_every_parameter_of_pages_is_known_here():
    assert {"q", "page", "cursor", "cases", "format", "before", "done"} <= set(ASKED)
