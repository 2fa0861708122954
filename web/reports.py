"""For administrators: how often was searched, and what people looked for that is not here."""

from collections.abc import Iterable, Sequence

from flask import Blueprint, Response, make_response, render_template

from kb.asked import KEPT_DAYS, SLOW_MS
from kb.exports import csv
from kb.exports.flat import Value
from kb.query import Query
from web import context, links, session
from web.labels import number
from web.responses import download

pages = Blueprint("reports", __name__)


@pages.get("/reports/searches")
@session.needs("reports.read")
def searches() -> str:
    """Show the counts by day and language, and the questions that found nothing."""
    asked = context.library().asked
    return render_template(
        "reports/searches.html",
        days=asked.days(),
        languages=asked.languages(),
        missed=[(each, links.search_url(Query(each.text))) for each in asked.missed()],
        on=asked.on,
        kept_days=KEPT_DAYS,
        slow=number(SLOW_MS),
    )


@pages.get("/reports/searches.csv")
@session.needs("reports.read")
def searches_csv() -> Response:
    """Return the counts of each day and language."""
    rows = context.library().asked.all()
    cells = ((row.day, row.language, row.searches, row.empty, row.slow) for row in rows)
    return _file("searches", ("day", "language", "searches", "without_result", "slow"), cells)


@pages.get("/reports/missed.csv")
@session.needs("reports.read")
def missed_csv() -> Response:
    """Return the questions that found nothing."""
    rows = context.library().asked.missed()
    cells = ((row.text, row.days, row.last) for row in rows)
    return _file("missed", ("question", "days", "last_asked"), cells)


def _file(name: str, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Response:
    lines = (csv.line([csv.cell(value) for value in row]) for row in (header, *rows))
    return download(make_response(b"".join(lines)), "text/csv; charset=utf-8", f"{name}.csv")
