"""Parquet: one row a case with the columns of `flat`, lists as lists, in groups of rows."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from tempfile import TemporaryFile
from typing import Any

from kb.exports import Context, Record
from kb.exports.flat import Value, flat
from kb.exports.spooled import pieces

_GROUP = 250
"""Rows that are held at once; pyarrow advises more, for fewer and longer texts."""


def write(records: Iterable[Record], context: Context) -> Iterator[bytes]:
    """Yield a file; it is written to the disk first, because its index stands at its end."""
    from pyarrow import Table, parquet

    schema = _schema(context)
    remaining = iter(records)
    with TemporaryFile() as file:
        with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
            while group := list(islice(remaining, _GROUP)):
                rows = [_row(record, context) for record in group]
                writer.write_table(Table.from_pylist(rows, schema=schema))
        yield from pieces(file)


def _row(record: Record, context: Context) -> dict[str, Value]:
    said = {column.name: column.read(record, context) for column in flat()}
    return {
        name: float(value) if isinstance(value, Decimal) else value for name, value in said.items()
    }


def _schema(context: Context) -> Any:  # Any: pyarrow has no types
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "integer": pa.int32(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "datetime": pa.timestamp("s", tz="UTC"),
        "list": pa.list_(pa.string()),
    }
    fields = [
        pa.field(column.name, types[column.type], metadata={"about": column.about})
        for column in flat()
    ]
    told = {
        "site": context.site_name,
        "chosen": context.query,
        "address": context.address,
        "taken": context.taken.isoformat(),
    }
    return pa.schema(fields, metadata=told)
