"""The description of a data package in Croissant 1.0 (MLCommons), for machine learning."""

from typing import Any

from kb.exports.citing import licence_url
from kb.exports.codebook import Column
from kb.exports.described import Described, written
from kb.exports.tables import Table

Json = dict[str, Any]

_TYPES = {
    "string": "sc:Text",
    "list": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
}
# As chapter "Appendix 2" of the Croissant specification gives it.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def descriptor(described: Described) -> bytes:
    """Return ``croissant.json``."""
    context = described.context
    licences = [licence_url(each) or each for each in described.licences]
    return written(
        {
            "@context": _CONTEXT,
            "@type": "sc:Dataset",
            "conformsTo": "http://mlcommons.org/croissant/1.0",
            "name": described.name,
            "description": described.about,
            "url": context.address,
            "license": licences,
            "citeAs": described.citation,
            "creator": {"@type": "Organization", "name": context.site_name},
            "datePublished": f"{context.taken:%Y-%m-%d}",
            "version": f"{context.taken:%Y.%-m.%-d}",
            "distribution": [_file(table, described) for table in described.tables],
            "recordSet": [_records(table) for table in described.tables],
        }
    )


def _file(table: Table, described: Described) -> Json:
    told = described.written[table.name]
    return {
        "@type": "cr:FileObject",
        "@id": table.file,
        "name": table.file,
        "description": table.about,
        "contentUrl": table.file,
        "contentSize": f"{told.size_bytes} B",
        "encodingFormat": "text/csv",
        "sha256": told.sha256,
    }


def _records(table: Table) -> Json:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.about,
        "key": [{"@id": f"{table.name}/{name}"} for name in table.primary],
        "field": [_field(column, table) for column in table.columns],
    }


def _field(column: Column, table: Table) -> Json:
    field: Json = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": column.about,
        "dataType": _TYPES[column.type],
        "source": {"fileObject": {"@id": table.file}, "extract": {"column": column.name}},
    }
    leads = {key.column: key.table for key in table.keys if key.table != table.name}
    if column.name in leads:
        field["references"] = {"field": {"@id": f"{leads[column.name]}/id"}}
    return field
