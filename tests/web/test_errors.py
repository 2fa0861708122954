"""When something fails, people get a page that helps, and nothing of what they sent comes back."""

import pytest
from flask import request

from kb.settings import Settings
from web import access, create_app, errors


@pytest.fixture
def failing(library, monkeypatch):
    monkeypatch.setattr(access, "PUBLIC", access.PUBLIC | {"breaks", "takes", "teapot"})
    app = create_app(library, Settings())

    @app.get("/breaks")
    def breaks():
        raise RuntimeError("a secret of the machine")

    @app.post("/api/takes")
    def takes():
        return str(len(request.get_data()))

    @app.get("/teapot")
    def teapot():
        from flask import abort

        abort(418)

    return app.test_client()


def test_a_missing_page_helps_on(client, read):
    response = client.get("/no-such-thing-as-this")
    page = read(response)

    assert response.status_code == 404
    assert page.one("h1").text == "There is nothing at this address"
    assert page.one("form").get("action") == "/search"
    assert "no-such-thing" not in response.text


def test_a_missing_case_is_told_apart_from_a_missing_page(client, read):
    assert read(client.get("/cases/none")).one("h1").text == "There is no such case"


def test_our_own_fault_gives_nothing_away(failing, read):
    response = failing.get("/breaks")

    assert response.status_code == 500
    assert read(response).one("h1").text == "Something went wrong on our side"
    assert "secret" not in response.text


def test_too_large_a_body_is_refused(failing):
    response = failing.post("/api/takes", data=b"x" * (20 * 1024 * 1024 + 1))

    assert response.status_code == 413
    assert "20 MB" in response.text


def test_too_long_a_question_is_refused(client):
    assert client.get("/search?q=" + "x" * 9000).status_code == 414


def test_writing_where_one_can_only_read_is_refused(client):
    response = client.post("/search")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_an_error_without_words_of_its_own_takes_those_of_its_kind(failing, read):
    response = failing.get("/teapot")

    assert response.status_code == 418
    assert "Error 418" in read(response).text


@pytest.mark.parametrize("path", ["/", "/search?q=x"])
def test_without_an_index_the_search_says_when_to_come_back(client_without_index, read, path):
    response = client_without_index.get(path)

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert "pages of single cases work" in read(response).text


def test_without_an_index_cases_are_shown(client_without_index):
    assert client_without_index.get("/cases/a-case").status_code == 200


def test_an_error_is_not_kept_by_caches(client):
    assert client.get("/nothing").headers["Cache-Control"] == "no-store"


def test_every_problem_type_is_explained(client, read):
    page = read(client.get("/about"))

    for fault in errors.listed():
        assert page.one("div", id=f"problem-{fault.name}").text
