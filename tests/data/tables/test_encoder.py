"""The encoder of columns against the formulas, written out in numpy."""

import numpy as np
import polars
import torch

from axone.data.tables.columns import encode, raw_values
from axone.data.tables.encoder import CLIP, ColumnEncoder

COLUMNS = [
    {"name": "age", "kind": "number", "center": 40.0, "scale": 0.1, "missing": True},
    {"name": "town", "kind": "category", "levels": ["north", "south"]},
    {"name": "fare", "kind": "number", "center": 0.0, "scale": 2.0, "missing": False, "clipped": False},
    {"name": "color", "kind": "category", "levels": ["red"]},
]
FRAME = polars.DataFrame(
    {
        "age": [50.0, None, -1000.0],
        "town": ["south", None, "moon"],
        "fare": [1.0, 2.0, -300.0],
        "color": ["red", "blue", None],
    }
)


def test_raw_values_keep_their_units_and_number_categories_by_column():
    numbers, categories = raw_values(FRAME, COLUMNS)
    np.testing.assert_array_equal(numbers, [[50, 1], [np.nan, 2], [-1000, -300]])
    assert categories.tolist() == [[3, 2], [1, 0], [0, 1]]


def test_numbers_are_scaled_and_clipped_and_missing_ones_indicated():
    numbers, categories = ColumnEncoder(COLUMNS)(*raw_values(FRAME, COLUMNS))
    scaled = np.array([1.0, 0.0, -104.0])
    ages = scaled / np.sqrt(1 + (scaled / CLIP) ** 2)
    expected = np.stack([ages, [2, 4, -600], [0, 1, 0]], axis=1).astype(np.float32)
    np.testing.assert_array_equal(numbers, expected)
    assert categories.tolist() == [[3, 4 + 2], [1, 4 + 0], [0, 4 + 1]]  # one table of embeddings for both columns


def test_a_table_is_encoded_in_chunks_like_its_rows_one_by_one(monkeypatch):
    whole = encode(FRAME, COLUMNS)
    monkeypatch.setattr("axone.data.tables.columns.CHUNK", 2)
    chunked = encode(FRAME, COLUMNS)
    assert torch.equal(chunked.numbers, whole.numbers) and torch.equal(chunked.categories, whole.categories)


def test_columns_of_one_kind_only():
    numbers, categories = ColumnEncoder(COLUMNS[:1])(*raw_values(FRAME, COLUMNS[:1]))
    assert numbers.shape == (3, 2) and categories.shape == (3, 0)
    numbers, categories = ColumnEncoder(COLUMNS[1:2])(*raw_values(FRAME, COLUMNS[1:2]))
    assert numbers.shape == (3, 0) and categories.shape == (3, 1)
    assert len(encode(FRAME.clear(), COLUMNS)) == 0


def test_the_encoder_has_no_state_of_its_own():
    assert ColumnEncoder(COLUMNS).state_dict() == {}
