"""The description of the API for programs (OpenAPI 3.1), made of what its views say."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, jsonify
from pydantic import TypeAdapter
from werkzeug.routing import Rule

from kb.permissions import SCOPE_OF
from web import context, errors, shapes
from web.errors import Fault
from web.operation import Answer, Operation, Parameter, described
from web.responses import conditional

pages = Blueprint("openapi", __name__)

Json = dict[str, Any]

PROBLEM = "application/problem+json"
_ALWAYS = (errors.FAULTS[HTTPStatus.REQUEST_URI_TOO_LONG],)
_OF_TOKENS = (
    errors.FAULTS[HTTPStatus.UNAUTHORIZED],
    errors.FAULTS[HTTPStatus.FORBIDDEN],
    errors.FAULTS[HTTPStatus.TOO_MANY_REQUESTS],
)
_LIMITS = ("RateLimit", "RateLimit-Policy")
_HEADERS: dict[str, tuple[str, Json]] = {
    "ETag": ("Tag of the answer, for If-None-Match.", {"type": "string"}),
    "Last-Modified": (
        "When the case last changed, for If-Modified-Since; left out while that may change yet.",
        {"type": "string"},
    ),
    "Link": ("Where the next page is, as `rel=next` (RFC 8288).", {"type": "string"}),
    "Location": ("Where to see what becomes of it.", {"type": "string", "format": "uri"}),
    "Retry-After": ("After how many seconds to try again.", {"type": "integer", "minimum": 0}),
    "RateLimit": (
        "What is left (`r`), and after how many seconds it is whole again (`t`).",
        {"type": "string"},
    ),
    "RateLimit-Policy": ("How much (`q`) in how many seconds (`w`).", {"type": "string"}),
    "X-Total-Count": ("How many cases the file holds.", {"type": "integer", "minimum": 0}),
    "Content-Disposition": ("The name of the file.", {"type": "string"}),
}


@pages.get("/api/v1/openapi.json")
@described(
    Operation(
        "This description",
        "OpenAPI 3.1, made of the code that answers.",
        (Answer("The description.", (dict[str, Any],), {"openapi": "3.1.1"}),),
    )
)
def document() -> Response:
    """Describe the API to programs."""
    return conditional(jsonify(description()))


def operations(app: Flask) -> Iterator[tuple[Rule, Operation]]:
    """Yield what can be asked, with where, in the order of the paths."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        told = getattr(app.view_functions[rule.endpoint], "operation", None)
        if told:
            yield rule, told


def description() -> Json:
    """Return what OpenAPI 3.1 says of the API of this site; it is made once."""
    kept = current_app.extensions
    kept["openapi"] = kept.get("openapi") or _description()
    return cast("Json", kept["openapi"])


def _description() -> Json:
    told = list(operations(current_app))
    refs, schemas = _schemas()
    paths: Json = {}
    for rule, operation in told:
        method = "post" if "POST" in (rule.methods or ()) else "get"
        paths.setdefault(_path(rule), {})[method] = _operation(rule, operation, refs)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": context.settings().site_name,
            "version": _version(),
            "summary": "Cases of social innovation in European cities.",
            "description": "Reading needs no key. Names, ids and addresses under /api/v1 stay; "
            "fields may be added. Errors are problem details (RFC 9457). Other sites may read "
            "(CORS), without credentials.",
            "license": {"name": "Each case states its own."},
        },
        "servers": [{"url": context.settings().public_url}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": {
                name: {"description": text, "schema": schema}
                for name, (text, schema) in _HEADERS.items()
            },
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of your account, kb_...; made at /account.",
                }
            },
        },
    }


def _operation(rule: Rule, operation: Operation, refs: Json) -> Json:
    scopes = _scopes(rule)
    made: Json = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": operation.summary,
        "description": operation.text,
        "parameters": [_parameter(each) for each in operation.parameters],
        "responses": _responses(operation, refs, tokens=bool(scopes)),
    }
    if operation.body:
        schema = {
            "type": "object",
            "properties": dict(operation.body),
            "required": list(operation.body),
        }
        content = {"multipart/form-data": {"schema": schema}}
        made["requestBody"] = {"required": True, "content": content}
    if scopes:
        made["security"] = [{"token": []}]
        made["description"] += f" The token needs the scope {' or '.join(scopes)}."
    return made


def _parameter(parameter: Parameter) -> Json:
    made: Json = {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.text,
        "required": parameter.where == "path",
        "schema": dict(parameter.schema),
    }
    if parameter.example is not None:
        made["example"] = parameter.example
    return made


def _responses(operation: Operation, refs: Json, *, tokens: bool) -> Json:
    made: Json = {}
    for answer in operation.answers:
        told = made.setdefault(str(int(answer.status)), {"description": "", "content": {}})
        told["description"] = f"{told['description']} {answer.text}".strip()
        told["headers"] = _headers(_sent_with(operation, answer))
        told["content"] |= {media: _media(answer, refs) for media in answer.media}
    if operation.tagged:
        made["304"] = {
            "description": "You have it already (If-None-Match, If-Modified-Since).",
            "headers": _headers(["ETag"]),
        }
    faults = [*operation.faults, *_ALWAYS, *(_OF_TOKENS if tokens else ())]
    faults += [errors.TOO_FAST] if operation.limited else []
    for status in sorted({fault.status for fault in faults}):
        made[str(int(status))] = _problem([each for each in faults if each.status == status])
    return made


def _sent_with(operation: Operation, answer: Answer) -> list[str]:
    tag = ["ETag"] if operation.tagged else []
    return [*answer.headers, *tag, *(_LIMITS if operation.limited else ())]


def _media(answer: Answer, refs: Json) -> Json:
    if not answer.shapes:
        return {}
    parts = [refs[str(each)] for each in answer.shapes]
    schema = parts[0] if len(parts) == 1 else {"allOf": parts}
    return {"schema": schema, "example": answer.example}


def _problem(faults: list[Fault]) -> Json:
    waits = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    made: Json = {
        "description": " ".join(f"`{each.name}`: {each.title}." for each in faults),
        "content": {
            PROBLEM: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {each.name: {"value": _said(each)} for each in faults},
            }
        },
    }
    if faults[0].status in waits:
        made["headers"] = _headers(["Retry-After"])
    return made


def _said(fault: Fault) -> Json:
    return {
        "type": context.public_url(f"/about#problem-{fault.name}"),
        "title": fault.title,
        "status": int(fault.status),
        "detail": f"{fault.text} {fault.advice}".strip(),
    }


def _headers(names: Iterable[str]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _path(rule: Rule) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def _scopes(rule: Rule) -> list[str]:
    needed = getattr(current_app.view_functions[rule.endpoint], "needs", ())
    return sorted({SCOPE_OF[action] for action in needed if action in SCOPE_OF})


@cache
def _version() -> str:
    try:
        return version("citypraxis")
    except PackageNotFoundError:  # run from its folder
        return "0.1.0"


def _schemas() -> tuple[Json, Json]:
    """Return where the schema of each shape is, by the shape, and all schemas by name."""
    told = (operation for _, operation in operations(current_app))
    wanted = {str(shape): shape for each in told for a in each.answers for shape in a.shapes}
    return _described({**wanted, str(shapes.Problem): shapes.Problem})


def _described(wanted: Json) -> tuple[Json, Json]:
    inputs = [(name, "validation", TypeAdapter(shape)) for name, shape in wanted.items()]
    refs, made = TypeAdapter.json_schemas(
        inputs,  # type: ignore[arg-type]  # the literal is one
        ref_template="#/components/schemas/{model}",
    )
    schemas: Json = made["$defs"]
    # A case is shown as far as it goes; what it must say to be published is another question.
    schemas["Case"]["required"] = ["id", "title", "original_language"]
    return {name: ref for (name, _), ref in refs.items()}, schemas
