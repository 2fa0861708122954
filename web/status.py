"""For moderators and administrators: whether all is well with index, queue, and worker."""

from flask import Blueprint, render_template

from web import context, session

pages = Blueprint("status", __name__)


@pages.get("/status")
@session.needs("review.queue")
def status() -> str:
    """Show how the site is."""
    return render_template("status/status.html", health=context.library().health())
