"""Rows as lines of numbers and back."""

import numpy as np
import polars
import pytest
import torch

from axone.data.tables.columns import encode, fit_columns, scale_together
from axone.data.tables.load import load_table
from axone.tasks.tables.row_vectors import as_vectors, by_column, column_slices, rows_of


@pytest.fixture
def table():
    chance = np.random.default_rng(0)
    columns = {
        "age": [None if k % 10 == 0 else float(v) for k, v in enumerate(chance.uniform(0, 90, 60))],
        "town": [["north", "south", None][k % 3] for k in range(60)],
        "fare": (1000 * chance.standard_normal(60)).tolist(),
    }
    return load_table(polars.DataFrame(columns, strict=False), labeled=False)


def test_each_column_has_its_place(table):
    columns = fit_columns(table, torch.arange(60))
    vectors = as_vectors(encode(table.features, columns), columns)
    assert vectors.shape == (60, 2 + 1 + 4)  # two numbers, the mark of a missing age, four slots of towns
    slices = column_slices(columns)
    assert slices == {"age": [0, 2], "town": [3, 4, 5, 6], "fare": [1]}
    assert torch.equal(vectors[:, slices["town"]].sum(1), torch.ones(60))
    shares = by_column(vectors, columns)
    assert torch.allclose(sum(shares.values()), vectors.sum(1), atol=1e-5)


@pytest.mark.parametrize("one_scale", [False, True])
def test_what_is_encoded_comes_back_in_its_own_units(table, one_scale):
    columns = fit_columns(table, torch.arange(60))
    columns = scale_together(table, torch.arange(60), columns) if one_scale else columns
    vectors = as_vectors(encode(table.features, columns), columns)
    back = rows_of(vectors, {"columns": columns})
    for place, row in enumerate(back):
        given = table.features.row(place, named=True)
        assert row.values["town"] == given["town"]
        assert (row.values["age"] is None) == (given["age"] is None)
        assert row.values["fare"] == pytest.approx(given["fare"], rel=1e-3, abs=1e-2)
        if given["age"] is not None:
            assert row.values["age"] == pytest.approx(given["age"], rel=1e-3, abs=1e-3)


def test_one_scale_for_all_is_that_of_principal_components(table):
    columns = scale_together(table, torch.arange(60), fit_columns(table, torch.arange(60)))
    vectors = encode(table.features, columns).numbers[:, :2].numpy()
    ages, fares = table.features["age"], table.features["fare"]
    scale = np.sqrt((fares.var(ddof=0) + ages.var(ddof=0)) / 2)
    np.testing.assert_allclose(vectors[:, 1], (fares - fares.mean()) / scale, rtol=1e-5, atol=1e-6)
    wanted = ((ages - ages.mean()) / scale).fill_null(0.0)
    np.testing.assert_allclose(vectors[:, 0], wanted, rtol=1e-4, atol=1e-6)


def test_a_decoder_that_goes_too_far_stays_readable(table):
    columns = fit_columns(table, torch.arange(60))
    (row,) = rows_of(torch.full((1, 7), 50.0), {"columns": columns})
    assert np.isfinite(row.values["fare"])
