"""A table comes from anywhere: files, frames of polars and pandas, arrays, rows; always the same values."""

import numpy as np
import polars
import pytest

from axone.data.tables.files import from_pandas, import_polars, read_content
from axone.data.tables.sources import count_rows
from axone.errors import DataError, ResourceError

COLUMNS = {"n": [1.5, None, 3.0], "w": ["u", None, "v"], "t": [True, False, True]}


def test_every_source_gives_the_same_values(tmp_path):
    frame = polars.DataFrame(COLUMNS)
    frame.write_parquet(tmp_path / "a.parquet")
    rows = [dict(zip(COLUMNS, values)) for values in zip(*COLUMNS.values())]
    for source in (frame, frame.lazy(), COLUMNS, rows, tmp_path / "a.parquet"):
        assert read_content(source).frame.equals(frame)
    frame.write_csv(tmp_path / "a.csv")
    assert read_content(str(tmp_path / "a.csv")).frame["w"].to_list() == ["u", None, "v"]


def test_pandas_needs_no_pyarrow():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({**COLUMNS, "c": pandas.Categorical(["p", None, "q"])})
    frame["d"] = pandas.to_datetime(["2024-01-01", None, "2024-01-03"])
    table = from_pandas(frame)
    assert table.drop("c", "d").equals(polars.DataFrame(COLUMNS))
    assert table["c"].to_list() == ["p", None, "q"] and table["d"].null_count() == 1
    with pytest.raises(DataError, match="same name"):
        from_pandas(pandas.DataFrame([[1, 2]], columns=["a", "a"]))


def test_arrays_have_numbers_for_names():
    assert read_content(np.array([[1.0, np.nan], [3.0, 4.0]])).frame.to_dict(as_series=False) == {
        "0": [1.0, 3.0],
        "1": [None, 4.0],
    }
    assert read_content(np.array([["a", 1], ["b", 2]], dtype=object)).frame["0"].to_list() == ["a", "b"]
    with pytest.raises(DataError, match="array with 1 axes"):
        read_content(np.zeros(3))
    with pytest.raises(DataError, match="A int is not a table"):
        read_content(3)


def test_rows_are_counted_without_reading_them(tmp_path):
    frame = polars.DataFrame(COLUMNS)
    frame.write_csv(tmp_path / "a.csv")
    frame.write_parquet(tmp_path / "a.parquet")
    sources = (tmp_path / "a.csv", str(tmp_path / "a.parquet"), frame, COLUMNS)
    assert [count_rows(source) for source in sources] == [3, 3, 3, 3]
    assert count_rows("iris") == 150 and count_rows(tmp_path / "none.csv") == 0


def test_without_polars_the_error_names_the_package_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    with pytest.raises(ResourceError, match="polars") as caught:
        import_polars()
    assert "axone[table]" in caught.value.hint
