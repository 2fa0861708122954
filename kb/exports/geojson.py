"""GeoJSON (RFC 7946): a point for the city of each case; who has no known place has no point."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from kb.exports import Context, Record
from kb.exports.arrays import Json, array, begun
from kb.exports.csv import cell
from kb.exports.flat import Value, flat

_LONG = {"challenge", "solution", "body", "challenge_en", "solution_en", "body_en", "sources"}
"""Too much for a label on a map; they stand on the page of the case."""
_ATTRIBUTION = "Places: GeoNames, CC BY 4.0. Cases: each under the licence that it names."


def write(records: Iterable[Record], context: Context) -> Iterator[bytes]:
    """Yield a collection with a feature for each case."""
    head = {
        "type": "FeatureCollection",
        "name": context.site_name,
        "description": context.query,
        "url": context.address,
        "attribution": _ATTRIBUTION,
    }
    features = (_feature(record, context) for record in records)
    return array(features, begun(head, "features"), "]}")


def _feature(record: Record, context: Context) -> Json:
    place = record.place
    point = {"type": "Point", "coordinates": [place.longitude, place.latitude]} if place else None
    columns = (column for column in flat() if column.name not in _LONG)
    said = {column.name: _plain(column.read(record, context)) for column in columns}
    properties = {name: value for name, value in said.items() if value not in (None, [])}
    return {
        "type": "Feature",
        "id": record.case.id,
        "geometry": point,
        "properties": properties,
    }


def _plain(value: Value) -> object:
    if isinstance(value, Decimal):
        return float(value)
    return cell(value, raw=True) if isinstance(value, date | datetime) else value
