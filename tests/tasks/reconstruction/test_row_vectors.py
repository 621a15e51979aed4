"""Rows of a table as vectors, and back in the units of the columns."""

import math

import numpy as np
import polars
import pytest
import torch

from axone.data.tables.columns import encode, fit_columns, raw_values, scale_together
from axone.data.tables.load import load_table
from axone.tasks.reconstruction.row_vectors import (
    RowVectorDecoder,
    RowVectorEncoder,
    decode_vectors,
    encode_vectors,
    sum_by_column,
    vector_positions,
)

ROWS = torch.arange(60)


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(0)
    columns = {
        "age": [None if k % 10 == 0 else float(v) for k, v in enumerate(random.uniform(0, 90, 60))],
        "town": [["north", "south", None][k % 3] for k in range(60)],
        "fare": (1000 * random.standard_normal(60)).tolist(),
    }
    return load_table(polars.DataFrame(columns, strict=False), labeled=False)


def test_each_column_has_its_positions(table):
    columns = fit_columns(table, ROWS)
    vectors = encode_vectors(encode(table.features, columns), columns)
    assert vectors.shape == (60, 2 + 1 + 4)  # two numbers, the indicator of missing ages, four indices of towns
    positions = vector_positions(columns)
    assert positions == {"age": [0, 2], "town": [3, 4, 5, 6], "fare": [1]}
    assert torch.equal(vectors[:, positions["town"]].sum(1), torch.ones(60))


def test_sums_by_column_add_up_to_the_sum_of_the_vector(table):
    columns = fit_columns(table, ROWS)
    vectors = encode_vectors(encode(table.features, columns), columns)
    assert torch.allclose(sum(sum_by_column(vectors, columns).values()), vectors.sum(1), atol=1e-5)


def test_the_encoder_of_raw_values_computes_the_same_vectors(table):
    columns = fit_columns(table, ROWS)
    vectors = encode_vectors(encode(table.features, columns), columns)
    assert torch.equal(RowVectorEncoder(columns)(*raw_values(table.features, columns)), vectors)


@pytest.mark.parametrize("one_scale", [False, True])
def test_encoded_rows_are_decoded_in_the_units_of_their_columns(table, one_scale):
    columns = fit_columns(table, ROWS)
    columns = scale_together(table, ROWS, columns) if one_scale else columns
    vectors = encode_vectors(encode(table.features, columns), columns)
    for k, row in enumerate(decode_vectors(vectors, {"columns": columns})):
        expected = table.features.row(k, named=True)
        assert row.values["town"] == expected["town"]
        assert (row.values["age"] is None) == (expected["age"] is None)
        assert row.values["fare"] == pytest.approx(expected["fare"], rel=1e-3, abs=1e-2)
        if expected["age"] is not None:
            assert row.values["age"] == pytest.approx(expected["age"], rel=1e-3, abs=1e-3)


def test_one_scale_for_all_columns_is_that_of_pca(table):
    columns = scale_together(table, ROWS, fit_columns(table, ROWS))
    vectors = encode(table.features, columns).numbers[:, :2].numpy()
    ages, fares = table.features["age"], table.features["fare"]
    scale = np.sqrt((fares.var(ddof=0) + ages.var(ddof=0)) / 2)
    np.testing.assert_allclose(vectors[:, 1], (fares - fares.mean()) / scale, rtol=1e-5, atol=1e-6)
    expected = ((ages - ages.mean()) / scale).fill_null(0.0)
    np.testing.assert_allclose(vectors[:, 0], expected, rtol=1e-4, atol=1e-6)


def test_a_value_beyond_the_clipping_limit_is_decoded_to_a_finite_number(table):
    (row,) = decode_vectors(torch.full((1, 7), 50.0), {"columns": fit_columns(table, ROWS)})
    assert math.isfinite(row.values["fare"])


def test_a_constant_column_is_decoded_to_its_constant():
    columns = [{"name": "a", "kind": "number", "center": 5.0, "scale": 0.0, "missing": False}]
    numbers, categories = RowVectorDecoder(columns)(torch.tensor([[0.0], [2.0]]))
    assert numbers.tolist() == [[5.0], [5.0]] and categories.shape == (2, 0)
