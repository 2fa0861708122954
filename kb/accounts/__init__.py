"""Accounts: people, how they come in, and what lets programs act for them.

Personal data lie here and nowhere else; cases name people by id. Every secret is kept as a digest.
"""

from kb.accounts.leaving import FORMER, Leaving
from kb.accounts.links import Link, Links, Purpose
from kb.accounts.people import OPERATOR, Person
from kb.accounts.sessions import Sessions
from kb.accounts.throttle import Throttle
from kb.accounts.tokens import Token

__all__ = ["FORMER", "OPERATOR", "Accounts", "Link", "Person", "Purpose", "Throttle", "Token"]


class Accounts(Links, Sessions, Leaving):
    """All that is done with accounts; ``now`` gives Unix time."""
