"""People as an operator lets them in."""

import pytest
from click.testing import CliRunner

from indexer import cli
from kb.library import open_library
from kb.settings import Settings

ANNA = "anna@city.example"


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("KB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KB_ENCODER", "off")
    monkeypatch.setenv("KB_SITE_URL", "https://kb.example")

    def command(*words):
        return CliRunner().invoke(cli, ["add-user", *words])

    return command


@pytest.fixture
def accounts(run, tmp_path):  # noqa: ARG001 - it sets the folder
    library = open_library(Settings(data=tmp_path / "data", encoder="off"))
    yield library.accounts
    library.close()


def test_an_invitation_is_printed_as_a_link(run, accounts):
    answer = run(ANNA, "--role", "moderator", "--name", "Anna")

    start, _, secret = answer.stdout.strip().rpartition("/")
    assert start == "https://kb.example/link"
    person = accounts.open_link(secret).person
    assert (person.email, person.role, person.name) == (ANNA, "moderator", "Anna")


def test_who_is_here_gets_a_link_to_a_new_password(run, accounts):
    accounts.set_password(accounts.invite(ANNA, "contributor"), "seven green trams")

    answer = run(ANNA, "--role", "contributor")

    assert accounts.open_link(answer.stdout.strip().rpartition("/")[2]).purpose == "reset"


@pytest.mark.parametrize(
    ("role", "scopes"),
    [("contributor", {"read", "submit"}), ("moderator", {"read", "submit", "review"})],
)
def test_a_token_is_printed_alone_and_once(run, accounts, role, scopes):
    answer = run(ANNA, "--role", role, "--token")

    person, given = accounts.by_token(answer.stdout.strip())
    assert (person.email, person.role, given) == (ANNA, role, scopes)
    assert run(ANNA, "--role", role, "--token").stdout != answer.stdout


def test_nobodys_role_changes_in_passing(run, accounts):
    run(ANNA, "--role", "contributor")

    for more in ([], ["--token"]):
        answer = run(ANNA, "--role", "administrator", *more)
        assert answer.exit_code == 1
        assert "is a contributor" in answer.stderr
    assert accounts.by_email(ANNA).role == "contributor"


@pytest.mark.parametrize(
    "words", [["anna", "--role", "moderator"], [ANNA, "--role", "king"], [ANNA]]
)
def test_what_cannot_be_is_refused(run, accounts, words):
    assert run(*words).exit_code in {1, 2}
    assert accounts.everyone() == ()
