"""The description of the API is true: all of it is described, and answers are as it says."""

import io
import json
import re
import shlex
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from kb.exports import EXPORTS
from kb.search.fields import FACET_NAMES
from kb.settings import Settings
from tests.conftest import ROOT
from tests.web.conftest import PUBLIC
from web import create_app
from web.args import PARAMETERS, Unreadable, unreadable
from web.errors import listed

BESIDE = {"export.file", "api.health", "api.case_schema"}
"""What is described and does not lie under /api/v1."""


@pytest.fixture(scope="module")
def told(site):
    return site.test_client().get("/api/v1/openapi.json").get_json()


def operations(told):
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def schema_of(told, operation, status="200", media="application/json"):
    return told["paths"][operation]["get"]["responses"][status]["content"][media]["schema"]


def closed(value):
    """Forbid fields that the description does not name, where it names any."""
    if isinstance(value, list):
        return [closed(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {key: closed(each) for key, each in value.items()}
    if "properties" in made and made.get("type") == "object":
        made.setdefault("unevaluatedProperties", False)
    return made


def findings(told, schema, value, *, strict=False):
    components = told["components"]
    parts = schema.get("allOf")
    if strict and not parts:
        components = closed(components)
    whole = {**schema, "components": components}
    found = Draft202012Validator(whole).iter_errors(value)
    return [f"{each.json_path}: {each.message[:200]}" for each in found]


def test_everything_under_v1_is_described(site):
    rules = site.url_map.iter_rules()
    ours = {each.endpoint for each in rules if each.rule.startswith("/api/v1")} | BESIDE
    silent = [name for name in ours if not hasattr(site.view_functions[name], "operation")]

    assert silent == []


def test_what_is_in_a_path_is_described(told):
    for name, operation in operations(told):
        described = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert described == set(re.findall(r"{(\w+)}", name)), name


def test_it_says_what_it_is(told, client):
    assert told["openapi"].startswith("3.1.")
    assert told["servers"] == [{"url": PUBLIC}]
    names = [operation["operationId"] for _, operation in operations(told)]
    assert len(names) == len(set(names))
    assert client.get("/api/v1/openapi.json").mimetype == "application/json"


def test_its_references_lead_somewhere(told):
    for name in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(told)):
        found = told
        for part in name.split("/"):
            found = found[part]


def test_its_schemas_are_schemas(told):
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_example_is_as_its_schema_says(told):
    for name, operation in operations(told):
        for status, answer in operation["responses"].items():
            for media, content in answer.get("content", {}).items():
                examples = [each["value"] for each in content.get("examples", {}).values()]
                examples += [content["example"]] if "example" in content else []
                for each in examples:
                    assert findings(told, content["schema"], each, strict=True) == [], (
                        name, status, media,
                    )  # fmt: skip
                assert examples or name.startswith("GET /export"), (name, status, media)


def test_every_example_of_a_parameter_may_be_given(told):
    for name, operation in operations(told):
        for each in operation["parameters"]:
            if "example" in each:
                assert findings(told, each["schema"], each["example"]) == [], (name, each["name"])


REAL = [
    ("/api/v1/", "/api/v1/"),
    ("/api/v1/cases", "/api/v1/cases?size=2"),
    ("/api/v1/cases", "/api/v1/cases?q=homelessness&size=3&lang=de"),
    ("/api/v1/cases", "/api/v1/cases?q=homelesness"),
    ("/api/v1/cases", "/api/v1/cases?country=XX&q=-"),
    ("/api/v1/collections", "/api/v1/collections"),
    ("/api/v1/collections/{collection_id}", "/api/v1/collections/a-forum"),
    ("/api/v1/completions", "/api/v1/completions?q=h"),
    ("/healthz", "/healthz"),
    ("/api/v1/snapshots", "/api/v1/snapshots"),
    ("/api/v1/adoptions", "/api/v1/adoptions"),
    ("/api/v1/adoptions", "/api/v1/adoptions?q=dublin"),
]


@pytest.mark.parametrize(("operation", "address"), REAL)
def test_real_answers_are_as_the_description_says(told, client, operation, address):
    response = client.get(address)

    assert response.status_code == 200
    schema = schema_of(told, operation)
    assert findings(told, schema, response.get_json(), strict=True) == []


def test_every_case_is_as_the_description_says(told, client):
    schema = schema_of(told, "/api/v1/cases/{case_id}")
    extras = {"$ref": "#/components/schemas/Added"}
    own = set(told["components"]["schemas"]["Case"]["properties"])
    added = set(told["components"]["schemas"]["Added"]["properties"])
    for item in client.get("/api/v1/cases?size=100").get_json()["items"]:
        case = client.get(f"/api/v1/cases/{item['id']}").get_json()
        assert findings(told, schema, case) == [], item["id"]
        assert findings(told, extras, {name: case[name] for name in added}, strict=True) == []
        assert not own & added


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/cases?page=x", 400),
        ("/api/v1/cases?cursor=x", 400),
        ("/api/v1/adoptions?state=x", 400),
        ("/api/v1/cases/none", 404),
        ("/api/v1/cases/every-field?lang=xx", 400),
        ("/api/v1/collections/none", 404),
        ("/api/v1/completions?format=xml", 400),
        ("/api/v1/uploads/x", 401),
        ("/export/none", 404),
        ("/export/csv?bom=7", 400),
        ("/api/v1/cases?q=" + "x" * 9000, 414),
    ],
)
def test_errors_are_as_the_description_says(told, client, address, status):
    response = client.get(address)
    path = address.partition("?")[0]
    place = next(
        each
        for each in sorted(told["paths"], key=lambda each: "{" in each)
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", each), path)
    )
    answer = told["paths"][place]["get"]["responses"][str(status)]
    (media,) = answer["content"]

    assert (response.status_code, response.mimetype) == (status, media)
    schema = answer["content"][media]["schema"]
    assert findings(told, schema, response.get_json(), strict=True) == []
    named = response.get_json()["type"].rpartition("#problem-")[2]
    assert named in answer["content"][media]["examples"]


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_the_media_type_of_every_format_is_described(told, name):
    described = told["paths"]["/export/{format_name}"]["get"]["responses"]["200"]["content"]

    assert EXPORTS[name].media_type in described


def test_the_parameters_of_the_search_are_those_that_are_read(told):
    described = {each["name"] for each in told["paths"]["/api/v1/cases"]["get"]["parameters"]}

    assert described == {*PARAMETERS, *FACET_NAMES, "cursor"}


@pytest.mark.parametrize("name", [name for name, row in PARAMETERS.items() if row.remedy])
@pytest.mark.parametrize(
    "value", ["", "0", "1", "yes", "no", "en", "xx", "city", "1001", "-1", "x"]
)
def test_what_the_schema_of_a_parameter_forbids_is_refused(site, name, value):
    with site.test_request_context(query_string={name: value}):
        from flask import request

        # Which places there are, no schema says.
        refused = [each for each in unreadable(request.args) if "is no place" not in each.detail]
    schema = dict(PARAMETERS[name].schema)
    given = int(value) if schema["type"] == "integer" and value.isdigit() else value

    assert bool(refused) == (not Draft202012Validator(schema).is_valid(given))
    assert all(isinstance(each, Unreadable) for each in refused)


def test_sending_in_is_as_the_description_says(told, library, write_case):
    app = create_app(library, Settings())
    person = library.accounts.create("p@people.example", "contributor")
    token = library.accounts.make_token(person, "t", ("read", "submit"), 1)
    headers = {"Authorization": f"Bearer {token}"}
    data = {"file": (io.BytesIO(write_case("a-case").read_bytes()), "a-case.md")}
    client = app.test_client()

    queued = client.post("/api/v1/uploads", headers=headers, data=data)
    library.contributing.read_next()
    done = client.get(f"/api/v1/uploads/{queued.get_json()['id']}", headers=headers)

    post = told["paths"]["/api/v1/uploads"]["post"]
    assert queued.status_code == 202
    assert post["security"] == [{"token": []}]
    assert "`submit`" in post["description"] or "submit" in post["description"]
    schema = post["responses"]["202"]["content"]["application/json"]["schema"]
    assert findings(told, schema, queued.get_json(), strict=True) == []
    schema = schema_of(told, "/api/v1/uploads/{upload_id}")
    assert findings(told, schema, done.get_json(), strict=True) == []
    assert done.get_json()["state"] == "draft"


def test_it_need_not_be_fetched_twice(client):
    tag = client.get("/api/v1/openapi.json").headers["ETag"]

    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": tag}).status_code == 304


# The page


def test_the_page_shows_every_operation_parameter_and_shape(told, client, read):
    page = read(client.get("/api"))
    text = page.one("main").text

    for name, operation in operations(told):
        section = page.one("section", id=operation["operationId"])
        assert name in section.text
        for each in operation["parameters"]:
            assert each["name"] in section.text, (name, each["name"])
        for status in operation["responses"]:
            assert status in section.text, (name, status)
    for name in told["components"]["schemas"]:
        assert page.one("h3", id=f"shape-{name}").text == name
    assert "RateLimit-Policy" in text


def test_the_page_needs_nothing_from_elsewhere_and_no_script(client, read):
    page = read(client.get("/api"))

    assert page.one("main").all("script", "img", "iframe") == []


def test_the_lines_to_try_can_be_tried(client, read):
    page = read(client.get("/api"))
    lines = [each.text for each in page.one("main").all("pre") if each.text.startswith("curl ")]

    assert len(lines) > 10
    for line in lines:
        words = shlex.split(line)
        assert words[-1].startswith(PUBLIC)
        if "-H" in words:
            continue
        address = quote(words[-1].removeprefix(PUBLIC), safe="/?=&%")
        with client.get(address) as response:
            # The cases of the example are those of the corpus, of which not all are here.
            assert response.status_code in {200, 404}, line


def test_the_page_is_linked_from_every_page(client, read):
    assert read(client.get("/search")).one("footer").link("API") == "/api"


def test_every_problem_that_is_described_is_explained(told, client):
    named = {
        name
        for _, operation in operations(told)
        for answer in operation["responses"].values()
        for name in answer.get("content", {})
        .get("application/problem+json", {})
        .get("examples", {})
    }

    assert named <= {each.name for each in listed()}
    assert all(f'id="problem-{name}"' in client.get("/about").text for name in named)


def test_the_whole_corpus_is_as_the_description_says(told, library):
    library.ingest([ROOT / "corpus"])
    schema = schema_of(told, "/api/v1/cases/{case_id}")
    validator = Draft202012Validator({**schema, "components": told["components"]})
    client = create_app(library, Settings(rate_api=None)).test_client()

    for case_id in library.languages():
        case = client.get(f"/api/v1/cases/{case_id}").get_json()
        assert [each.message for each in validator.iter_errors(case)] == [], case_id


def test_a_site_without_a_library_is_described_too():
    told = create_app(None, Settings()).test_client().get("/api/v1/openapi.json").get_json()

    assert told["paths"]
