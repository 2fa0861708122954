"""One case: as a page, as JSON, and as the Markdown file that could be handed in again."""

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, render_template, request, url_for

from kb import diffusion
from kb.drafts import Draft
from kb.model import Case
from kb.pages import CasePage
from kb.stating import stated
from web import context, linked_data, signposts
from web.adoptions import NAMES
from web.api import whole_case
from web.case_page import (
    body,
    extras,
    gaps,
    grounds,
    languages,
    reasons,
    sections,
    sources,
    telling,
)
from web.citation import citation, licence_url
from web.labels import Prose
from web.links import filter_url
from web.responses import shown_file
from web.twin import tag_label

pages = Blueprint("cases", __name__)


@pages.get("/cases/<slug:case_id>")
def case(case_id: str) -> Response:
    """Show everything that is known of one case, and what is not; ``text`` is its language."""
    page = context.library().page(case_id)
    response = make_response(shown(page))
    response.headers["Link"] = signposts.header(signposts.of_case(page))
    return response


def shown(page: CasePage, draft: Draft | None = None) -> str:
    """Return the page of a case, or of the ``draft`` of one as it would be."""
    told = page.revision.case
    url = context.public_url(url_for("cases.case", case_id=told.id))
    prose = telling(told, request.args.get("text", told.original_language))
    return render_template(
        "cases/case.html",
        draft=draft,
        page=page,
        revision=page.revision,
        case=told,
        url=url,
        canonical=_canonical(told, url, prose),
        json_ld=linked_data.json_ld(page),
        meta=linked_data.meta(page),
        sections=sections(page),
        sources=sources(told),
        languages=languages(told),
        telling=prose,
        body=body(page, prose["body"].language) if "body" in prose else "",
        extras=tuple(extras(told)),
        grounds=grounds(told),
        stated=stated(told),
        gaps=gaps(told),
        citation=citation(page.revision, url),
        licence_url=licence_url(told.licence),
        named=context.contributing().credit,
        verified=context.contributing().verifying.verified(told),
        filter_url=filter_url,
        reasons=lambda alike: reasons(alike, context.reader()),
        tag_label=lambda tag: tag_label(tag, page.place),
        copies=diffusion.copies,
        **NAMES,
    )


def _canonical(told: Case, url: str, prose: Mapping[str, Prose]) -> str:
    """Return the address of what is shown: the whole text in English is a page of its own."""
    if "body" in prose and prose["body"].language != told.original_language:
        return f"{url}?text={prose['body'].language}"
    return url


@pages.get("/cases/<slug:case_id>.json")
def case_json(case_id: str) -> Response:
    """Return the case as the API does."""
    return whole_case(case_id)


@pages.get("/cases/<slug:case_id>.md")
def case_markdown(case_id: str) -> Response:
    """Return the case as a file that `ingest` reads back."""
    response = make_response(context.library().markdown(case_id))
    return shown_file(response, "text/markdown; charset=utf-8", f"{case_id}.md")
