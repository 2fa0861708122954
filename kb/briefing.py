"""What a council should ask of a case that somebody proposes: what its record leaves open."""

from collections.abc import Callable

from kb.evidence import Evidence
from kb.model import Case
from kb.saying import term
from kb.values import UNKNOWN

MOST_CASES = 8
"""That are compared, or put before a council, at once."""
FEWEST_COMPARED = 2
MOST_QUESTIONS = 3


def failures_known(case: Case) -> bool:
    """Tell whether the record says what failed or stood in the way."""
    return any(row.code != UNKNOWN for row in case.barriers_and_failures)


def questions(case: Case, *, overdue: bool, adopted: bool) -> tuple[str, ...]:
    """Return what to ask next.

    Args:
        case: what the record says.
        overdue: whether nobody has confirmed lately that it still runs.
        adopted: whether it is known who has taken it over, whoever says so.
    """
    still = (_STILL,) if overdue else ()
    asked = (question for open_, question in _QUESTIONS if open_(case))
    taken = () if adopted else (_TAKEN_OVER,)
    return (*still, *asked, *taken)[:MOST_QUESTIONS]


def _changes_open(case: Case) -> bool:
    return failures_known(case) and not any(row.changed for row in case.barriers_and_failures)


_STILL = term("Is it still running as described?")
_TAKEN_OVER = term("Has another city taken it over, and what did it have to change?")
_QUESTIONS: tuple[tuple[Callable[[Case], bool], str], ...] = (
    (
        lambda case: not failures_known(case),
        term("What failed or stood in the way? The record does not say."),
    ),
    (_changes_open, term("What was changed because of what went wrong?")),
    (lambda case: not case.outcomes, term("What was counted, and what came of it?")),
    (
        lambda case: (case.evidence or Evidence()).evaluator == "none",
        term("Has anybody evaluated it, and with whom was it compared?"),
    ),
    (
        lambda case: case.cost_band in {None, UNKNOWN} and case.cost is None,
        term("What does it cost a year, in money and in staff?"),
    ),
    (
        lambda case: not any(row.code != UNKNOWN for row in case.conditions),
        term("What had to be in place before it could begin?"),
    ),
)
"""When a question is open, and the question."""
