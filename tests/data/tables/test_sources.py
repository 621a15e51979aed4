"""Sources of tables: what is a table, and how many rows it has."""

import numpy as np
import polars
import pytest

from axone.data.images.in_memory.collection import InMemoryImages
from axone.data.tables.load import load_table
from axone.data.tables.sources import count_rows, is_table, read_source
from axone.errors import DataError

FRAME = polars.DataFrame({"a": [1.0, 2.0, 3.0], "b": ["x", "y", "x"]})


@pytest.mark.parametrize("source", ["x.csv", "X.PARQUET", "iris", np.zeros((2, 2)), FRAME])
def test_names_files_and_data_in_memory_are_tables(source):
    assert is_table(source)


@pytest.mark.parametrize("source", ["photos/", "fashion-mnist", "x.png"])
def test_folders_and_data_sets_of_images_are_not_tables(source):
    assert not is_table(source)


def test_images_in_memory_are_not_a_table():
    images = InMemoryImages(np.zeros((1, 2, 2, 1), np.uint8), np.zeros(1, np.int64), ("a",))
    assert not is_table(images)


def test_rows_are_counted_without_parsing_files(tmp_path):
    FRAME.write_csv(tmp_path / "t.csv")
    FRAME.write_parquet(tmp_path / "t.parquet")
    sources = [tmp_path / "t.csv", str(tmp_path / "t.parquet"), FRAME, FRAME.to_dicts(), load_table(FRAME, "b")]
    assert [count_rows(source) for source in sources] == [3] * 5
    assert count_rows("iris") == 150 and count_rows(tmp_path / "missing.csv") == 0


def test_a_table_with_a_name_has_its_own_target():
    content, target = read_source("iris")
    assert content.frame.height == 150 and target == "species"
    assert read_source(FRAME)[1] is None
    with pytest.raises(DataError, match="not a table"):
        read_source(5)
