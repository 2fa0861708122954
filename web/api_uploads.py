"""Sending in files by program: the road that the form takes, with a token in place of a session."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from kb.drafts import Draft
from kb.errors import QuotaError, RefusedFileError
from web import context, errors, samples, session, shapes
from web.operation import Answer, Operation, Parameter, described, in_path

pages = Blueprint("uploads", __name__)


@pages.post("/api/v1/uploads")
@session.needs("upload")
@described(
    Operation(
        "Send in a file",
        "A document, a case file or a table of cases. It is kept and read in its turn; the answer "
        "says where to see what becomes of it. Nothing is published without a review.",
        (
            Answer(
                "The file is kept.",
                (shapes.Uploaded,),
                samples.QUEUED,
                status=HTTPStatus.ACCEPTED,
                headers=("Location",),
            ),
        ),
        (
            Parameter(
                "Idempotency-Key",
                "The same file with the same key is taken in once.",
                {"type": "string"},
                "2026-11-report",
                "header",
            ),
        ),
        (
            errors.FAULTS[HTTPStatus.BAD_REQUEST],
            errors.FAULTS[HTTPStatus.REQUEST_ENTITY_TOO_LARGE],
            errors.REFUSED,
        ),
        {"file": {"type": "string", "format": "binary"}},
        tagged=False,
    )
)
def send() -> Response:
    """Take in one file, and say where to see what becomes of it."""
    file = request.files.get("file")
    if file is None or not file.filename:
        detail = "Send the file as the part 'file' of a multipart/form-data request."
        return errors.problem(errors.FAULTS[HTTPStatus.BAD_REQUEST], detail=detail)
    key = request.headers.get("Idempotency-Key", "")
    mine = context.contributing()
    try:
        upload = mine.receive(session.person(), file.filename, file.read(), key)
    except RefusedFileError as err:
        return errors.problem(errors.REFUSED, detail=str(err))
    except QuotaError as err:
        return errors.problem(errors.FAULTS[HTTPStatus.TOO_MANY_REQUESTS], detail=str(err))
    response = jsonify(_told(upload.id))
    response.status_code = HTTPStatus.ACCEPTED
    response.headers["Location"] = _address(upload.id)
    return response


@pages.get("/api/v1/uploads/<upload_id>")
@session.needs("draft.read")
@described(
    Operation(
        "See what becomes of a file",
        "How far it is, and what was read in it: each value with its passage.",
        (Answer("How far it is.", (shapes.Uploaded,), samples.UPLOADED),),
        (in_path("upload_id", "Id that sending gave.", "k3v9Qm1sT0xYb2Zd", pattern="^[^/]+$"),),
        (errors.NO_DRAFT,),
        tagged=False,
    )
)
def upload(upload_id: str) -> Response:
    """Say how far a file is, and what it proposes: each value with its passage."""
    return jsonify(_told(upload_id))


def _told(upload_id: str) -> dict[str, Any]:
    sent = context.contributing().sent(session.person(), upload_id)
    told: dict[str, Any] = {
        "id": sent.upload.id,
        "state": sent.upload.state,
        "url": _address(sent.upload.id),
        "file": sent.upload.file,
        "reason": sent.upload.reason,
    }
    if sent.drafts:
        first = sent.drafts[0]
        told["draft"] = _fields(first)
        told["receipts"] = [asdict(each) for each in first.receipts]
        told["gaps"] = [each.field for each in context.contributing().gaps(first)]
        # A table holds several cases, one a row.
        told["drafts"] = [_summary(each) for each in sent.drafts]
    return told


def _fields(draft: Draft) -> dict[str, Any]:
    """Return value and passage of each field; of one with rows the passage of the first."""
    passages: dict[str, str] = {}
    for receipt in draft.receipts:
        passages.setdefault(receipt.field.split(".")[0], receipt.passage)
    return {
        name: {"value": value, "passage": passages.get(name, "")}
        for name, value in draft.values.items()
    }


def _summary(draft: Draft) -> dict[str, Any]:
    url = context.public_url(url_for("contribute.draft", draft_id=draft.id))
    return {"id": draft.id, "title": draft.title, "state": draft.state, "url": url}


def _address(upload_id: str) -> str:
    return context.public_url(url_for("uploads.upload", upload_id=upload_id))
