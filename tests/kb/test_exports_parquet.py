"""Parquet opens in pandas with types; without pyarrow it says how to get it."""

import io

import pytest

from kb.errors import MissingExtraError
from kb.exports import EXPORTS, Export
from kb.exports.flat import flat
from tests.kb.taken import TURKU, everything, record, taken


def test_pandas_reads_all_cases_with_their_types():
    pytest.importorskip("pyarrow")
    import pandas as pd

    frame = pd.read_parquet(io.BytesIO(taken("parquet", *everything())))

    assert list(frame.columns) == [column.name for column in flat()]
    assert list(frame["id"]) == [each.case.id for each in everything()]
    assert frame["latitude"].dtype.kind == "f"
    assert str(frame["accepted"].dtype).endswith("UTC]")


def test_lists_are_lists_and_where_it_comes_from_stands_in_the_file():
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    data = taken("parquet", record(place=TURKU, themes=["06.1", "05.1"], cost={"total": "12.50"}))
    table = parquet.read_table(io.BytesIO(data))

    (row,) = table.to_pylist()
    assert row["themes"] == ["06.1", "05.1"]
    assert row["cost_total"] == 12.5
    assert table.schema.metadata[b"chosen"] == b"All cases"


def test_no_case_is_a_table_without_rows():
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    assert parquet.read_table(io.BytesIO(taken("parquet"))).num_rows == 0


def test_what_is_not_installed_says_how_to_get_it():
    row = Export("parquet", ".parquet", "x/y", "Parquet", "", needs="no_such_package")

    assert not row.installed
    with pytest.raises(MissingExtraError, match=r"no_such_package.*extra 'parquet'"):
        _ = row.write
    assert all(each.installed for each in EXPORTS.values() if not each.needs)
