"""In which language somebody is answered: the address decides, then their choice, then the browser.

Programs are answered as the address says and no other way, so that one address gives one answer.
"""

from flask import Response, g, request
from werkzeug.datastructures import LanguageAccept

from kb.languages import LANGUAGES
from web.catalogues import ENGLISH, languages

CHOICE = "language"
"""The cookie that keeps a choice."""
_PROGRAMS = ("/api/", "/export/", "/feeds/", "/healthz", "/oai", "/static/")
_FILES = (".json", ".jsonld", ".md", ".ttl", ".xml", ".yaml", ".zip")
_KIN = {"nb": "no", "nn": "no"}
"""What browsers call a language that we call otherwise (ISO 639-1, macrolanguages)."""


def reader() -> str:
    """Return the code of the language in which this request wants sentences and labels."""
    if "reader" not in g:  # a page asks hundreds of times
        said = request.args.get("lang", "")
        g.reader = said if said in LANGUAGES else usual()
    return str(g.reader)


def usual() -> str:
    """Return the language in which this reader is answered where an address says nothing."""
    if "usual" not in g:
        g.usual = ENGLISH if for_programs() else _wanted()
    return str(g.usual)


def _wanted() -> str:
    g.asked_for_language = True
    return _chosen() or _preferred(request.accept_languages) or ENGLISH


def for_programs() -> bool:
    """Tell whether this address answers programs rather than people."""
    return request.path.startswith(_PROGRAMS) or request.path.endswith(_FILES)


def vary(response: Response) -> Response:
    """Tell caches on what the language of an answer has depended."""
    if "asked_for_language" in g:
        response.vary.update(("Accept-Language", "Cookie"))
    return response


def _chosen() -> str:
    code = request.cookies.get(CHOICE, "")
    return code if code in languages() else ""


def _preferred(accepted: LanguageAccept) -> str:
    """Return the first language of the browser in which there are pages: ``de-AT`` is ``de``."""
    for tag, quality in accepted:
        plain = tag.partition("-")[0].lower()
        code = _KIN.get(plain, plain)
        if quality > 0 and code in languages():
            return code
    return ""
