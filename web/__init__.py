"""The site: pages for people, an API for programs. A thin door to `kb.library`, without rules."""

import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from jinja2 import StrictUndefined

from web import (
    about,
    access,
    account,
    adoptions,
    api,
    api_adoptions,
    api_page,
    api_snapshots,
    api_uploads,
    brief,
    cases,
    catalog,
    collections,
    compare,
    contribute,
    errors,
    export,
    feeds,
    fit,
    following,
    form,
    headers,
    history,
    hosts,
    i18n,
    journal,
    labels,
    language,
    metrics,
    oai,
    oidc,
    openapi,
    people,
    pictures,
    profile,
    quota,
    reports,
    review,
    search,
    session,
    sharing,
    shortlist,
    signposts,
    snapshots,
    status,
    tallies,
    tongue,
    upkeep,
    vocabulary,
)
from web.converters import SlugConverter
from web.kept import kept
from web.proxied import Proxied
from web.unindented import Unindented

if TYPE_CHECKING:
    from kb.library import Library
    from kb.settings import Settings

MAX_UPLOAD_BYTES = 20 * 1024 * 1024
MAX_FORM_BYTES = 500_000
MAX_FORM_PARTS = 50
STATIC_AGE_S = 365 * 24 * 3600
"""A static file's address changes with its content, so that a browser may keep it for a year."""


def create_app(library: "Library", settings: "Settings") -> Flask:
    """Return the site that shows ``library``; the caller closes the library."""
    app = journal.Site(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        TRUSTED_HOSTS=hosts.answered(settings),
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_AGE_S,
    )
    app.extensions["library"] = library
    app.extensions["settings"] = settings
    app.extensions["started"] = int(time.time())
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has both
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.converters["slug"] = SlugConverter
    app.url_map.merge_slashes = False  # a router sends on to the host that was asked for
    for views in (
        search,
        pictures,
        cases,
        adoptions,
        collections,
        export,
        fit,
        vocabulary,
        about,
        language,
        api,
        account,
        profile,
        people,
        oidc,
        contribute,
        review,
        history,
        api_uploads,
        api_page,
        openapi,
        upkeep,
        reports,
        oai,
        feeds,
        following,
        signposts,
        catalog,
        snapshots,
        api_snapshots,
        api_adoptions,
        shortlist,
        compare,
        brief,
        status,
        metrics,
    ):
        app.register_blueprint(views.pages)
    _set_up_templates(app)
    tallies.register(app)
    journal.register(app)
    errors.register(app)
    app.after_request(sharing.share)
    quota.register(app, settings)
    app.before_request(headers.refuse_endless_address)
    app.before_request(form.make_room)
    app.before_request(access.check)
    app.after_request(headers.protect)
    app.after_request(session.finish)
    app.after_request(tongue.vary)
    app.wsgi_app = Proxied(app.wsgi_app, settings)  # type: ignore[method-assign]  # Flask's way
    return app


def _set_up_templates(app: Flask) -> None:
    i18n.register(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.add_extension(Unindented)
    app.jinja_env.filters.update(labels.FILTERS)
    app.jinja_env.globals.update(labels.GLOBALS)
    app.jinja_env.globals.update(
        language_url=language.choice_url,
        person=session.current,
        csrf_field=session.csrf_field,
        may=session.may,
        kept=kept,
    )
    app.jinja_env.globals["versions"] = {
        path.name: sha256(path.read_bytes()).hexdigest()[:12]
        for path in Path(__file__).with_name("static").iterdir()
    }
