"""Cases side by side: one row a point, one column a case, and what is not stated stays a gap."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _l

from kb.briefing import FEWEST_COMPARED, MOST_CASES
from web import statements
from web.case_page import sections
from web.choice import choice

if TYPE_CHECKING:
    from kb.pages import CasePage

pages = Blueprint("compare", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """A point on which cases are compared."""

    label: str
    anchor: str
    """The part of a case's page on which it is told."""
    say: statements.Say


ROWS = (
    Row(_l("Place"), "record", statements.place),
    Row(_l("Period"), "at-a-glance", statements.period),
    Row(_l("Stage"), "at-a-glance", statements.stage),
    Row(_l("The challenge"), "challenge", statements.problem),
    Row(_l("What was done"), "solution", statements.action),
    Row(_l("Who runs it and who takes part"), "people", statements.people),
    Row(_l("Cost"), "money", statements.cost),
    Row(_l("Who pays"), "money", statements.funding),
    Row(_l("How well it is shown to work"), "evidence", statements.evidence),
    Row(_l("What came of it"), "outcomes", statements.outcomes),
    Row(_l("What stood in the way or failed"), "barriers", statements.failures),
    Row(_l("What must be in place"), "conditions", statements.conditions),
    Row(_l("Taking it over in another city"), "transfer", statements.transfer),
    Row(_l("Who has taken it over"), "transfer", statements.adopters),
    Row(_l("Sources"), "sources", statements.references),
    Row(_l("Licence"), "cite", statements.licence),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one case says on one point."""

    said: statements.Statements
    anchor: str
    """Empty where the case's page has no such part."""


@pages.get("/compare")
def compare() -> str:
    """Show the cases that the address names side by side, or say what to change."""
    told = choice()
    fits = FEWEST_COMPARED <= len(told.pages) <= MOST_CASES
    columns = tuple(told.pages.values()) if fits else ()
    return render_template(
        "compare/compare.html",
        choice=told,
        columns=[page.revision.case for page in columns],
        rows=[(row, [_cell(row, page) for page in columns]) for row in ROWS],
        fewest=FEWEST_COMPARED,
        most=MOST_CASES,
    )


def _cell(row: Row, page: "CasePage") -> Cell:
    parts = {"at-a-glance", *(section.id for section in sections(page))}
    return Cell(row.say(page), row.anchor if row.anchor in parts else "")
