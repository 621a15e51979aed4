"""Columns as numbers and slots: scaled by the training rows alone, unseen and missing values distinct, plain JSON."""

import json

import numpy as np
import polars
import pytest
import torch
from sklearn.preprocessing import RobustScaler

from axone.data.tables.columns import CLIP, column_positions, encode, find_unseen, fit_columns, input_sizes, unscale
from axone.data.tables.load import load_table


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    values = rng.standard_normal(200) * 40 + 7
    frame = {
        "n": values,
        "gap": [None if n % 5 == 0 else float(n % 13) for n in range(200)],
        "c": [["red", "blue", "green"][n % 3] for n in range(199)] + ["once"],
        "k": [None if n % 4 == 0 else "uvw"[n % 3] for n in range(200)],
        "y": ["p", "q"] * 100,
    }
    return load_table(polars.DataFrame(frame, strict=False), "y")


def test_numbers_are_scaled_as_scikit_learn_does_and_clipped(table):
    rows = torch.arange(150)
    facts = fit_columns(table, rows)
    scaler = RobustScaler().fit(table.features["n"][:150].to_numpy()[:, None])
    straight = scaler.transform(table.features["n"].to_numpy()[:, None])[:, 0]
    encoded = encode(table.features, facts).numbers[:, 0].numpy()
    np.testing.assert_allclose(encoded, straight / np.sqrt(1 + (straight / CLIP) ** 2), rtol=1e-5, atol=1e-6)
    assert np.abs(encoded).max() < CLIP


def test_missing_numbers_are_the_median_and_flagged(table):
    facts = fit_columns(table, torch.arange(150))
    encoded = encode(table.features, facts)
    missing = torch.from_numpy(table.features["gap"].is_null().to_numpy().copy())
    assert (encoded.numbers[missing, 1] == 0).all() and torch.equal(encoded.numbers[:, 2] == 1, missing)
    assert encoded.numbers.shape[1] == 3 and torch.isfinite(encoded.numbers).all()


def test_categories_have_indices_for_unseen_and_missing_values(table):
    facts = fit_columns(table, torch.arange(200))
    assert input_sizes(facts) == (3, [5, 5])
    frame = polars.DataFrame({"n": [1.0] * 4, "gap": [1.0] * 4, "c": ["red", "violet", None, "once"], "k": ["u"] * 4})
    slots = encode(frame, facts).categories
    first = next(level["levels"] for level in facts if level["name"] == "c").index("red")
    assert slots[:, 0].tolist() == [2 + first, 0, 1, 0]  # seen once: as the unseen
    assert slots[0, 1] >= 5 + 2  # numbered after those of the first column
    assert find_unseen(frame, facts) == {1: ["c = violet"], 3: ["c = once"]}


def test_facts_are_json_and_enough(table):
    facts = fit_columns(table, torch.arange(200))
    again = json.loads(json.dumps(facts, allow_nan=False))
    one, two = encode(table.features, facts), encode(table.features, again)
    assert torch.equal(one.numbers, two.numbers) and torch.equal(one.categories, two.categories)


def test_positions_of_columns(table):
    facts = fit_columns(table, torch.arange(200))
    assert column_positions(facts) == [("n", [0], []), ("gap", [1, 2], []), ("c", [], [0]), ("k", [], [1])]


def test_a_column_that_is_constant_in_training_is_zero():
    frame = polars.DataFrame({"a": [1.0] * 20 + [9.0], "y": ["u", "v", "u"] * 7})
    table = load_table(frame, "y")
    facts = fit_columns(table, torch.arange(20))
    assert facts[0]["scale"] == 0 and (encode(table.features, facts).numbers == 0).all()


def test_scaled_numbers_are_unscaled():
    for fact in ({"center": 5.0, "scale": 0.25}, {"center": 5.0, "scale": 0.25, "clipped": False}):
        fact |= {"name": "a", "kind": "number", "missing": False}
        values = np.array([-20.0, 0.0, 5.0, 7.0, 60.0])
        encoded = encode(polars.DataFrame({"a": values}), [fact]).numbers[:, 0].double().numpy()
        np.testing.assert_allclose(unscale(encoded, fact), values, rtol=1e-4, atol=1e-4)
        assert float(unscale(float(encoded[3]), fact)) == pytest.approx(7, rel=1e-4)
    assert unscale(np.array([0.0, 1.0]), {"center": 5.0, "scale": 0.0}).tolist() == [5.0, 5.0]
