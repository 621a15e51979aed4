"""Rows as vectors of numbers and back."""

import numpy as np
import polars
import pytest
import torch

from axone.data.tables.columns import encode, fit_columns, scale_together
from axone.data.tables.load import load_table
from axone.tasks.tables.row_vectors import column_slices, decode_vectors, encode_vectors, sum_by_column


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    columns = {
        "age": [None if k % 10 == 0 else float(v) for k, v in enumerate(rng.uniform(0, 90, 60))],
        "town": [["north", "south", None][k % 3] for k in range(60)],
        "fare": (1000 * rng.standard_normal(60)).tolist(),
    }
    return load_table(polars.DataFrame(columns, strict=False), labeled=False)


def test_each_column_has_its_positions(table):
    columns = fit_columns(table, torch.arange(60))
    vectors = encode_vectors(encode(table.features, columns), columns)
    assert vectors.shape == (60, 2 + 1 + 4)  # two numbers, the indicator of a missing age, four levels of towns
    slices = column_slices(columns)
    assert slices == {"age": [0, 2], "town": [3, 4, 5, 6], "fare": [1]}
    assert torch.equal(vectors[:, slices["town"]].sum(1), torch.ones(60))
    sums = sum_by_column(vectors, columns)
    assert torch.allclose(sum(sums.values()), vectors.sum(1), atol=1e-5)


@pytest.mark.parametrize("one_scale", [False, True])
def test_decoding_inverts_encoding(table, one_scale):
    columns = fit_columns(table, torch.arange(60))
    columns = scale_together(table, torch.arange(60), columns) if one_scale else columns
    vectors = encode_vectors(encode(table.features, columns), columns)
    decoded = decode_vectors(vectors, {"columns": columns})
    for k, row in enumerate(decoded):
        expected = table.features.row(k, named=True)
        assert row.values["town"] == expected["town"]
        assert (row.values["age"] is None) == (expected["age"] is None)
        assert row.values["fare"] == pytest.approx(expected["fare"], rel=1e-3, abs=1e-2)
        if expected["age"] is not None:
            assert row.values["age"] == pytest.approx(expected["age"], rel=1e-3, abs=1e-3)


def test_scaling_together_divides_all_columns_by_one_deviation(table):
    columns = scale_together(table, torch.arange(60), fit_columns(table, torch.arange(60)))
    vectors = encode(table.features, columns).numbers[:, :2].numpy()
    ages, fares = table.features["age"], table.features["fare"]
    scale = np.sqrt((fares.var(ddof=0) + ages.var(ddof=0)) / 2)
    np.testing.assert_allclose(vectors[:, 1], (fares - fares.mean()) / scale, rtol=1e-5, atol=1e-6)
    expected = ((ages - ages.mean()) / scale).fill_null(0.0)
    np.testing.assert_allclose(vectors[:, 0], expected, rtol=1e-4, atol=1e-6)


def test_vectors_out_of_range_are_decoded_to_finite_numbers(table):
    columns = fit_columns(table, torch.arange(60))
    (row,) = decode_vectors(torch.full((1, 7), 50.0), {"columns": columns})
    assert np.isfinite(row.values["fare"])
