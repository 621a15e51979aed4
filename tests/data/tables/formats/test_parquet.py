"""Parquet files: rows are counted without reading them. `tests/user_data/test_bad_tables.py` has the damaged ones."""

import polars
import pytest

from axone.data import memory
from axone.data.tables.formats.parquet import count_parquet_rows, read_parquet
from axone.errors import ResourceError


def test_rows_are_counted_and_read(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    frame = polars.DataFrame({"a": [1, None], "b": ["x", "y"]})
    frame.write_parquet(path)
    assert count_parquet_rows(path) == 2 and read_parquet(path).equals(frame)
    (tmp_path / "b.parquet").write_bytes(b"PAR1")
    assert count_parquet_rows(tmp_path / "b.parquet") == 0
    monkeypatch.setattr(memory, "free_memory", lambda: 100)
    with pytest.raises(ResourceError, match="does not fit into memory"):
        read_parquet(path)
