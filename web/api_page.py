"""The description of the API as people read it: rows for tables, lines to try."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template

from web import errors
from web.openapi import PROBLEM, description

pages = Blueprint("api_page", __name__)

Json = dict[str, Any]

_SHOWN = 6
"""Values of a long list; the description for programs has all."""
_TRIED = 1
"""Parameters in an example, beside what stands in the path."""


@pages.get("/api")
def page() -> str:
    """Describe the API to people."""
    told = description()
    return render_template(
        "api/index.html",
        places=list(_places(told)),
        headers=told["components"]["headers"],
        schemas=[_shape(name, each) for name, each in told["components"]["schemas"].items()],
    )


def _places(told: Json) -> Iterator[Json]:
    site = told["servers"][0]["url"]
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            yield {
                "path": path,
                "method": method,
                "told": operation,
                "taken": [*_taken(operation)],
                "curl": _curl(site + path, method, operation),
                "answers": [_answer(status, each) for status, each in answers.items()],
                "example": _example(answers),
            }


def _taken(operation: Json) -> Iterator[Json]:
    for row in operation["parameters"]:
        yield {
            "name": row["name"],
            "where": row["in"],
            "kind": kind(row["schema"]),
            "text": row["description"],
        }
    for media, row in operation.get("requestBody", {}).get("content", {}).items():
        for name, schema in row["schema"]["properties"].items():
            told = {"name": name, "where": "body", "kind": kind(schema)}
            yield {**told, "text": f"A part of the form ({media})."}


def _curl(address: str, method: str, operation: Json) -> str:
    """Return a line for a shell that does what an operation does."""
    given = [row for row in operation["parameters"] if "example" in row]
    for row in given:
        if row["in"] == "path":
            address = address.replace(f"{{{row['name']}}}", row["example"])
    asked = [(row["name"], row["example"]) for row in given if row["in"] == "query"][:_TRIED]
    words = ["curl"]
    if "security" in operation:
        words += ["-H", "Authorization: Bearer kb_…"]
    if method == "post":
        words += [word for row in given for word in ("-H", f"{row['name']}: {row['example']}")]
        words += ["-F", "file=@report.pdf"]
    query = f"?{urlencode(asked, doseq=True)}" if asked else ""
    return shlex.join([*words, address + query])


def _answer(status: str, told: Json) -> Json:
    content = told.get("content", {})
    problems = content.get(PROBLEM, {}).get("examples", {})
    return {
        "status": status,
        "text": "" if problems else told["description"],
        "shapes": [name for each in content.values() for name in _named(each.get("schema", {}))
                   if not problems],
        "faults": [each for each in errors.listed() if each.name in problems],
    }  # fmt: skip


def _example(answers: Json) -> str:
    told = next(iter(answers.values())).get("content", {})
    found = next((each["example"] for each in told.values() if "example" in each), None)
    return json.dumps(found, ensure_ascii=False, indent=2) if found else ""


def _shape(name: str, schema: Json) -> Json:
    required = schema.get("required", ())
    return {
        "name": name,
        "text": schema.get("description", ""),
        "fields": [
            {
                "name": key,
                "kind": kind(each),
                "shape": next(iter(_named(each)), ""),
                "optional": key not in required,
                "text": each.get("description", ""),
            }
            for key, each in schema.get("properties", {}).items()
        ],
    }


def _named(schema: Mapping[str, Any]) -> list[str]:
    """Return the names of the shapes that a value is made of."""
    inner = [*schema.get("allOf", ()), *schema.get("anyOf", ())]
    inner += [schema[name] for name in ("items", "additionalProperties") if _is_map(schema, name)]
    own = [schema["$ref"].rpartition("/")[2]] if "$ref" in schema else []
    return own + [name for each in inner for name in _named(each)]


def _is_map(schema: Mapping[str, Any], name: str) -> bool:
    return isinstance(schema.get(name), dict)


def kind(schema: Mapping[str, Any]) -> str:
    """Say in a few words what a value is."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(kind, schema["anyOf"])))
    if "enum" in schema:
        shown = ", ".join(map(str, schema["enum"][:_SHOWN]))
        return f"{shown} …" if len(schema["enum"]) > _SHOWN else shown
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items', {}))}"
    if _is_map(schema, "additionalProperties"):
        return f"{kind(schema['additionalProperties'])} by name"
    return str(schema.get("const") or schema.get("format") or _plain(schema))


def _plain(schema: Mapping[str, Any]) -> str:
    name = str(schema.get("type", "anything"))
    if name == "integer" and "maximum" in schema:
        return f"{schema['minimum']} to {schema['maximum']}"
    return _PLAIN.get(name, name)


_PLAIN = {"string": "text", "integer": "whole number", "boolean": "true or false"}
