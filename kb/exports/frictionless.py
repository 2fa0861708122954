"""The description of a data package (Data Package and Table Schema, version 1)."""

from typing import Any

from kb.exports.citing import licence_url
from kb.exports.codebook import Column
from kb.exports.described import Described, written
from kb.exports.tables import Key, Table
from kb.licences import USUAL
from kb.moments import FORMAT, utc

Json = dict[str, Any]

_TYPES = {"list": "string"}
"""Several values stand in one cell, parted by semicolons."""
_FORMATS = {"datetime": FORMAT}


def descriptor(described: Described) -> bytes:
    """Return ``datapackage.json``."""
    context = described.context
    return written(
        {
            "profile": "tabular-data-package",
            "name": "cases",
            "title": described.name,
            "description": described.about,
            "homepage": context.address,
            "created": utc(context.taken),
            "licenses": [_licence(each) for each in described.licences] or [_licence(USUAL)],
            "sources": [{"title": context.site_name, "path": context.address}],
            "citation": described.citation,
            "resources": [_resource(table, described) for table in described.tables],
        }
    )


def _licence(licence: str) -> Json:
    url = licence_url(licence)
    return {"name": licence, "path": url} if url else {"name": licence}


def _resource(table: Table, described: Described) -> Json:
    told = described.written[table.name]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": table.file,
        "description": table.about,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": told.size_bytes,
        "hash": f"sha256:{told.sha256}",
        "schema": {
            "fields": [_field(column, table) for column in table.columns],
            "missingValues": [""],
            "primaryKey": list(table.primary),
            "foreignKeys": [_key(key, table) for key in table.keys],
        },
    }


def _field(column: Column, table: Table) -> Json:
    field: Json = {
        "name": column.name,
        "type": _TYPES.get(column.type, column.type),
        "description": column.about,
    }
    if column.type in _FORMATS:
        field["format"] = _FORMATS[column.type]
    if column.name in table.primary:
        field["constraints"] = {"required": True}
    return field


def _key(key: Key, table: Table) -> Json:
    # A table that leads to itself is called by an empty name (Table Schema).
    other = "" if key.table == table.name else key.table
    return {"fields": key.column, "reference": {"resource": other, "fields": "id"}}
