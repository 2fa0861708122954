"""Who may do what, said a second time as sentences, over every role, action, state and owner."""

from itertools import product

import pytest

from kb.permissions import (
    ACTIONS,
    ROLE_NAMES,
    ROLES,
    SCOPE_OF,
    SCOPES,
    STATES,
    TABLE,
    may,
    may_ever,
    scopes_of,
)

STAFF = ("moderator", "administrator")
JUDGING = ("review.comment", "review.decide", "case.retire", "tags.judge", "adoption.decide")


def test_roles_states_and_scopes_are_those_that_the_database_holds():
    assert ROLES == ("contributor", "moderator", "administrator")
    assert set(STATES) == {
        "draft", "submitted", "changes-requested", "published", "declined", "archived", "withdrawn"
    }  # fmt: skip
    assert SCOPES == ("read", "submit", "review", "export")


def test_every_role_has_a_name():
    assert {role: str(name) for role, name in ROLE_NAMES.items()} == {role: role for role in ROLES}


def test_every_action_has_a_row():
    assert set(TABLE) == set(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS)
def test_someone_who_has_not_signed_in_may_do_nothing(action):
    told = [may(None, action, own=own, state=s) for own, s in product([0, 1], ("", *STATES))]

    assert not any(told)
    assert not may_ever(None, action)


@pytest.mark.parametrize(("role", "action"), [*product(ROLES, JUDGING)])
def test_nobody_moderates_their_own(role, action):
    assert not any(may(role, action, own=True, state=state) for state in ("", *STATES))


@pytest.mark.parametrize("action", ["review.queue", "case.retire", "tags.judge", "adoption.decide"])
@pytest.mark.parametrize("role", STAFF)
def test_staff_judge_what_is_not_theirs_in_any_state(role, action):
    assert all(may(role, action, own=False, state=state) for state in ("", *STATES))


@pytest.mark.parametrize("action", [*JUDGING, "review.queue"])
def test_a_contributor_moderates_nothing(action):
    assert not may_ever("contributor", action)


@pytest.mark.parametrize("action", ["people.manage", "audit.read", "reports.read", "case.takedown"])
def test_only_an_administrator_heads_the_site(action):
    assert [role for role in ROLES if may_ever(role, action)] == ["administrator"]


@pytest.mark.parametrize("action", [each for each in ACTIONS if each.startswith("draft.")])
def test_a_contributor_does_nothing_with_the_draft_of_another(action):
    assert not any(may("contributor", action, own=False, state=state) for state in STATES)


def allowed(role, action, *, own):
    return {state for state in STATES if may(role, action, own=own, state=state)}


@pytest.mark.parametrize("role", ROLES)
def test_what_an_owner_may_do_with_a_draft(role):
    assert allowed(role, "draft.read", own=True) == set(STATES)
    assert allowed(role, "draft.edit", own=True) == {"draft", "changes-requested"}
    assert allowed(role, "draft.submit", own=True) == {"draft", "changes-requested"}
    assert allowed(role, "draft.comment", own=True) == {"submitted", "changes-requested"}
    assert allowed(role, "draft.delete", own=True) == {"draft"}


@pytest.mark.parametrize("role", STAFF)
def test_what_staff_may_do_with_the_draft_of_another(role):
    assert allowed(role, "draft.read", own=False) == set(STATES) - {"draft"}
    assert allowed(role, "draft.edit", own=False) == {"submitted"}
    assert allowed(role, "draft.submit", own=False) == set()
    assert allowed(role, "draft.delete", own=False) == set()
    assert allowed(role, "review.comment", own=False) == {"submitted", "changes-requested"}
    assert allowed(role, "review.decide", own=False) == {"submitted"}


@pytest.mark.parametrize("role", ROLES)
def test_everyone_sends_in_and_keeps_their_own_account(role):
    assert may(role, "upload")
    assert may(role, "account.self")
    for action in ("case.ask", "adoption.record"):
        assert may(role, action, own=True)
        assert not may(role, action, own=False)


@pytest.mark.parametrize("action", [each for each in ACTIONS if each.startswith("draft.")])
def test_a_draft_of_which_the_state_is_not_known_is_closed(action):
    assert not any(may(role, action, own=own) for role, own in product(ROLES, [True, False]))


def test_no_token_reaches_accounts_or_takes_down():
    assert set(ACTIONS) - set(SCOPE_OF) == {
        "case.takedown", "account.self", "people.manage", "audit.read", "reports.read"
    }  # fmt: skip
    assert set(SCOPE_OF.values()) <= set(SCOPES)


def test_only_staff_have_tokens_that_review():
    assert [role for role in ROLES if "review" in scopes_of(role)] == list(STAFF)


def test_everyone_has_tokens_that_read_send_in_and_export():
    assert scopes_of("contributor") == ("read", "submit", "export")
    assert scopes_of("administrator") == SCOPES


def test_what_is_not_said_to_be_theirs_is_not():
    assert may("moderator", "case.retire")
    assert not may("contributor", "case.ask")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ROLES)
def test_whoever_may_ever_may_in_some_case(role, action):
    cases = product([True, False], ("", *STATES))

    assert may_ever(role, action) is any(may(role, action, own=own, state=s) for own, s in cases)


@pytest.mark.parametrize(("own", "state"), [*product([True, False], ("", *STATES))])
@pytest.mark.parametrize("action", ACTIONS)
def test_who_heads_may_all_that_those_below_may(action, own, state):
    allowed = [may(role, action, own=own, state=state) for role in ROLES]

    assert allowed == sorted(allowed)


def test_what_a_token_needs_is_the_least_scope_for_it():
    assert {action for action, scope in SCOPE_OF.items() if scope == "read"} == {"draft.read"}
    reviewing = {action for action, scope in SCOPE_OF.items() if scope == "review"}
    assert reviewing == {action for action in SCOPE_OF if not may_ever("contributor", action)}
