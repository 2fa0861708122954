"""Every result page as data: in any format, whole, without log-in, streamed."""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from kb import exporting
from kb.errors import MissingExtraError, UnknownExportError
from kb.exporting import Exported
from kb.exports import EXPORTS, Context, export
from kb.licences import bound
from web import context, errors, links
from web.args import Unreadable, args_of, query_from, unreadable
from web.i18n import page_language, translated
from web.operation import Answer, Operation, Parameter, described, filters, of_search

pages = Blueprint("export", __name__)

_PIECE_BYTES = 64 * 1024
_PAGING = ("page", "size")
"""What a result page takes and a whole result has no use for."""
_YES_OR_NO = ("bom", "raw")
_YES, _NO = {"1", "yes"}, {"0", "no"}
_SWITCH = {"type": "string", "enum": sorted(_YES | _NO), "default": "0"}


@pages.get("/export")
def index() -> str:
    """Say in which formats these cases can be taken away, and for what each is good."""
    taken = _taken()
    return render_template(
        "export/index.html",
        taken=taken,
        bound=_bound(taken.licences),
        chosen=_chosen(),
        back=_back(),
        formats=[
            (row, _asked(url_for("export.file", format_name=row.name))) for row in EXPORTS.values()
        ],
        freeze=_asked(url_for("snapshots.freeze")),
    )


@pages.get("/export/<format_name>")
@described(
    Operation(
        "Take cases away",
        "All cases that a question finds, whatever page they are on, as a file that is streamed.",
        (
            Answer(
                "The file.",
                media=tuple(dict.fromkeys(row.media_type for row in EXPORTS.values())),
                headers=("X-Total-Count", "Content-Disposition"),
            ),
        ),
        (
            Parameter(
                "format_name",
                "The format.",
                {"type": "string", "enum": list(EXPORTS)},
                "csv",
                "path",
            ),
            *of_search("q", "sort", "lang", "expand"),
            *filters(),
            Parameter(
                "collection",
                "Id of a collection, whose cases are taken in place of a question's.",
                {"type": "string"},
            ),
            Parameter("bom", "1: CSV begins with the mark by which Excel knows UTF-8.", _SWITCH),
            Parameter("raw", "1: CSV keeps texts that a spreadsheet would compute.", _SWITCH),
        ),
        (
            errors.FAULTS[400],
            errors.NO_FORMAT,
            errors.NO_COLLECTION,
            errors.NOT_INSTALLED,
            errors.REBUILDING,
        ),
        tagged=False,
    )
)
def file(format_name: str) -> Response:
    """Send all cases that the search page would show on all its pages."""
    try:
        row = export(format_name)
        write = row.write
    except UnknownExportError as err:
        return errors.problem(errors.NO_FORMAT, detail=f"{err}.", formats=list(err.known))
    except MissingExtraError as err:
        return errors.problem(errors.NOT_INSTALLED, detail=f"{err}.")
    if refused := list(_unreadable()):
        detail = "Some parameters cannot be read; see errors."
        return errors.problem(errors.FAULTS[400], detail=detail, errors=refused)
    taken, told = _taken(tagged=row.tagged), _context()
    response = Response(_in_pieces(write(taken.records, told)), content_type=row.media_type)
    response.headers["X-Total-Count"] = str(taken.count)
    name = row.file(told, taken.count)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _taken(*, tagged: bool = False) -> Exported:
    collection = request.args.get("collection", "")
    if collection:
        return context.library().export_collection(collection)
    return context.library().export(query_from(request.args), tagged=tagged)


def _chosen() -> str:
    query, collection = context.query(), request.args.get("collection", "")
    return exporting.described(query, collection, page_language(), translated)


def _bound(licences: Mapping[str, int]) -> list[str]:
    """Say how many cases are bound by which terms."""
    counts = bound(licences)
    said = {
        "noncommercial": ngettext(
            "%(num)s is not for commercial use",
            "%(num)s are not for commercial use",
            counts.get("noncommercial", 0),
        ),
        "sharealike": ngettext(
            "%(num)s is to be shared alike",
            "%(num)s are to be shared alike",
            counts.get("sharealike", 0),
        ),
        "noderivatives": ngettext(
            "%(num)s is not to be changed",
            "%(num)s are not to be changed",
            counts.get("noderivatives", 0),
        ),
    }
    return [said[name] for name in counts]


def _context() -> Context:
    return exporting.context(
        context.settings(),
        query_from(request.args),
        request.args.get("collection", ""),
        bom=request.args.get("bom") in _YES,
        raw=request.args.get("raw") in _YES,
    )


def _back() -> str:
    """Return the address of the page that shows these cases."""
    collection = request.args.get("collection", "")
    if collection:
        return url_for("collections.collection", collection_id=collection)
    return links.search_url(context.query().unpaged())


def _asked(path: str) -> str:
    """Put these cases behind a path; a question is written in its one form."""
    collection = request.args.get("collection", "")
    pairs = [("collection", collection)] if collection else args_of(context.query().unpaged())
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _of_search() -> MultiDict[str, str]:
    ours = {"collection", *_YES_OR_NO, *_PAGING}
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] not in ours]
    return MultiDict(pairs)


def _unreadable() -> Iterator[dict[str, str]]:
    searched = _of_search()
    refused = list(unreadable(searched))
    refused += [
        Unreadable(name, request.args[name], "use 1 or 0")
        for name in _YES_OR_NO
        if request.args.get(name, "0") not in _YES | _NO
    ]
    if request.args.get("collection") and searched.keys() - {"lang"}:
        name = min(searched.keys() - {"lang"})
        refused.append(Unreadable(name, searched[name], "leave it out, or leave out collection"))
    for each in refused:
        yield {"parameter": each.parameter, "value": each.value, "detail": each.detail}


def _in_pieces(written: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what is written in pieces that are worth sending."""
    piece = bytearray()
    for part in written:
        piece += part
        if len(piece) >= _PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)
