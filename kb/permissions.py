"""Who may do what: one table, which knows neither people nor the database nor the web.

What is in no row is forbidden. Nobody moderates what is theirs, whatever their role.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from kb.saying import term

Role = Literal["contributor", "moderator", "administrator"]
DraftState = Literal[
    "draft", "submitted", "changes-requested", "published", "declined", "archived", "withdrawn"
]
Scope = Literal["read", "submit", "review", "export"]
"""What a token of the API is good for; it never allows more than the role of its owner does."""
Action = Literal[
    "upload",
    "draft.read",
    "draft.edit",
    "draft.submit",
    "draft.comment",
    "draft.delete",
    "review.queue",
    "review.comment",
    "review.decide",
    "case.ask",
    "case.retire",
    "case.takedown",
    "tags.judge",
    "adoption.record",
    "adoption.decide",
    "account.self",
    "people.manage",
    "audit.read",
    "reports.read",
]

ROLES: tuple[Role, ...] = get_args(Role)
STATES: tuple[DraftState, ...] = get_args(DraftState)
ACTIONS: tuple[Action, ...] = get_args(Action)
SCOPES: tuple[Scope, ...] = get_args(Scope)

ROLE_NAMES: Mapping[Role, str] = MappingProxyType(
    {
        "contributor": term("contributor"),
        "moderator": term("moderator"),
        "administrator": term("administrator"),
    }
)
"""What people call the roles."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Those who may, if the object is theirs or not, and in these states of it."""

    roles: frozenset[str]
    own: bool | None = None
    """Whether the object has to be theirs (True), must not be (False), or either (None)."""
    states: frozenset[str] | None = None
    """None where the action has no object, or its state plays no part."""

    def allows(self, role: Role, state: str, *, own: bool) -> bool:
        """Tell whether this rule lets ``role`` act."""
        return (
            role in self.roles
            and self.own in {None, own}
            and (self.states is None or state in self.states)
        )


_ANYONE = frozenset(ROLES)
_STAFF = frozenset({"moderator", "administrator"})
_HEAD = frozenset({"administrator"})

_IN_WORK = frozenset({"draft", "changes-requested"})
_SENT = frozenset(STATES) - {"draft"}
_IN_REVIEW = frozenset({"submitted", "changes-requested"})
_SUBMITTED = frozenset({"submitted"})

_MINE = True
_NOT_MINE = False

TABLE: Mapping[Action, tuple[Rule, ...]] = MappingProxyType(
    {
        "upload": (Rule(_ANYONE),),
        "draft.read": (
            Rule(_ANYONE, _MINE, frozenset(STATES)),
            Rule(_STAFF, _NOT_MINE, _SENT),
        ),
        "draft.edit": (Rule(_ANYONE, _MINE, _IN_WORK), Rule(_STAFF, _NOT_MINE, _SUBMITTED)),
        "draft.submit": (Rule(_ANYONE, _MINE, _IN_WORK),),
        "draft.comment": (Rule(_ANYONE, _MINE, _IN_REVIEW),),
        "draft.delete": (Rule(_ANYONE, _MINE, frozenset({"draft"})),),
        "review.queue": (Rule(_STAFF),),
        "review.comment": (Rule(_STAFF, _NOT_MINE, _IN_REVIEW),),
        "review.decide": (Rule(_STAFF, _NOT_MINE, _SUBMITTED),),
        # What they cannot do to their own case, they can ask for.
        "case.ask": (Rule(_ANYONE, _MINE),),
        "case.retire": (Rule(_STAFF, _NOT_MINE),),
        # The law may demand it of the only administrator there is, so whose it is plays no part.
        "case.takedown": (Rule(_HEAD),),
        "tags.judge": (Rule(_STAFF, _NOT_MINE),),
        # What they record is theirs, to go on with and to take back.
        "adoption.record": (Rule(_ANYONE, _MINE),),
        "adoption.decide": (Rule(_STAFF, _NOT_MINE),),
        "account.self": (Rule(_ANYONE),),
        "people.manage": (Rule(_HEAD),),
        "audit.read": (Rule(_HEAD),),
        "reports.read": (Rule(_HEAD),),
    }
)

SCOPE_OF: Mapping[Action, Scope] = MappingProxyType(
    {
        "upload": "submit",
        "draft.read": "read",
        "draft.edit": "submit",
        "draft.submit": "submit",
        "draft.comment": "submit",
        "draft.delete": "submit",
        "review.queue": "review",
        "review.comment": "review",
        "review.decide": "review",
        "case.ask": "submit",
        "case.retire": "review",
        "tags.judge": "review",
        "adoption.record": "submit",
        "adoption.decide": "review",
    }
)
"""The scope that a token needs; what is missing here is never done with a token."""


def may(role: Role | None, action: Action, *, own: bool = False, state: str = "") -> bool:
    """Tell whether someone may do something.

    Args:
        role: None for someone who has not signed in.
        action: what they want to do.
        own: whether what they want to do it to is theirs.
        state: of the draft or case; empty where there is none.
    """
    return role is not None and any(rule.allows(role, state, own=own) for rule in TABLE[action])


def may_ever(role: Role | None, action: Action) -> bool:
    """Tell whether there is anything to which someone in ``role`` may do ``action``."""
    return any(role in rule.roles for rule in TABLE[action])


def scopes_of(role: Role) -> tuple[Scope, ...]:
    """Return the scopes that a token of someone in ``role`` can have."""
    return tuple(scope for scope in SCOPES if scope != "review" or role in _STAFF)
