"""How well a case is shown to work: the answers of an author or reviewer, and the level they make.

The ladder E0-E5 follows the Nesta Standards of Evidence (Puttick and Ludlow 2013), whose steps 1-5
it keeps, with E0 below for a case that is only described. A level is computed, never typed.
"""

from datetime import date
from typing import Literal

from kb.saying import said, term
from kb.values import Line, Row

NOT_ASSESSED = "not-assessed"


class Evidence(Row):
    """What is known about how a case was shown to work."""

    theory_of_change: bool = False
    measured: bool = False
    comparison: Literal["none", "before-after", "group", "randomised"] = "none"
    evaluator: Literal["none", "self", "independent"] = "none"
    replicated: bool = False
    at_scale: bool = False
    source: Line | None = None
    assessed_by: Line | None = None
    assessed_on: date | None = None


def level(evidence: Evidence | None) -> str:
    """Return the id of the level in the vocabulary ``evidence_levels``."""
    if evidence is None:
        return NOT_ASSESSED
    compared = evidence.comparison in {"group", "randomised"}
    ladder = (
        ("E5", evidence.replicated and evidence.at_scale),
        ("E4", evidence.replicated or (compared and evidence.evaluator == "independent")),
        ("E3", compared),
        ("E2", evidence.measured or evidence.comparison == "before-after"),
        ("E1", evidence.theory_of_change),
    )
    return next((step for step, reached in ladder if reached), "E0")


def grounds(evidence: Evidence | None) -> tuple[str, ...]:
    """Say on what the level rests, one short statement each."""
    if evidence is None:
        return (term("nobody has assessed it yet"),)
    stated = (
        term("outcomes recorded") if evidence.measured else term("no outcomes recorded"),
        _COMPARISONS[evidence.comparison],
        _EVALUATORS[evidence.evaluator],
        term("repeated elsewhere with an evaluation") if evidence.replicated else "",
        term("run by others at scale") if evidence.at_scale else "",
        said("source {source}", source=evidence.source) if evidence.source else "",
    )
    return tuple(statement for statement in stated if statement)


_COMPARISONS = {
    "none": term("no comparison"),
    "before-after": term("figures before and after, no comparison group"),
    "group": term("a comparison group"),
    "randomised": term("a randomised comparison group"),
}
_EVALUATORS = {
    "none": term("no evaluation known"),
    "self": term("evaluated by those who run it"),
    "independent": term("evaluated independently"),
}
