"""What pages of other sites may read, and that they may write nothing."""

import pytest

SHARED = [
    "/api/v1/",
    "/api/v1/cases",
    "/api/v1/cases/every-field",
    "/api/v1/cases/none",
    "/api/v1/cases?page=x",
    "/api/v1/openapi.json",
    "/export/csv",
    "/feeds/search.atom",
    "/oai?verb=Identify",
    "/schema/case.json",
    "/vocabulary.ttl",
    "/vocabulary.jsonld",
    "/catalog.jsonld",
    "/catalog.ttl",
]
OWN = ["/", "/search", "/about", "/api", "/cases/every-field", "/export", "/sign-in", "/account"]
ELSEWHERE = {"Origin": "https://elsewhere.example"}


@pytest.mark.parametrize("path", SHARED)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_for_everyone_can_be_read_from_other_sites(client, path, method):
    with client.open(path, method=method, headers=ELSEWHERE) as response:
        headers = response.headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert {"ETag", "Link", "RateLimit", "Retry-After", "X-Total-Count"} <= set(
        headers["Access-Control-Expose-Headers"].split(", ")
    )
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("path", OWN)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_pages_can_not(client, path, method):
    response = client.open(path, method=method, headers=ELSEWHERE)

    assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("path", SHARED)
def test_who_asks_beforehand_may_read_under_conditions(client, path):
    asked = {
        **ELSEWHERE,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    response = client.options(path.partition("?")[0], headers=asked)

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]
    assert response.headers["Access-Control-Max-Age"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_is_written_from_other_sites(client, method):
    asked = {**ELSEWHERE, "Access-Control-Request-Method": method}
    beforehand = client.options("/api/v1/uploads", headers=asked)
    at_once = client.open("/api/v1/uploads", method=method, headers=ELSEWHERE)

    for response in (beforehand, at_once):
        assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


def test_what_a_token_opens_is_not_shared(client):
    response = client.get("/api/v1/uploads/x", headers={"Authorization": "Bearer kb_x"})

    assert response.status_code == 401
    assert "Access-Control-Allow-Origin" not in response.headers
