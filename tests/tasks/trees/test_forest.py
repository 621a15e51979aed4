"""Trees as tensors answer like the XGBoost model that they were read from."""

import numpy as np
import pytest
import torch
import xgboost

from axone.tasks.trees.forest import Forest


def grown(classes, depth, rounds=7, columns=9):
    chance = np.random.default_rng(classes + depth)
    # Few values, so that many are exactly at a threshold, and some leaves lie high in their trees.
    vectors = chance.integers(-3, 4, (400, columns)).astype(np.float32)
    targets = (np.abs(vectors[:, :3]).sum(1) + vectors[:, 3]).astype(int) % classes
    parameters = {"objective": "multi:softprob", "num_class": classes, "base_score": 0.0, "max_depth": depth}
    booster = xgboost.train({**parameters, "nthread": 1}, xgboost.DMatrix(vectors, targets), rounds)
    return booster, chance.integers(-4, 5, (300, columns)).astype(np.float32)


@pytest.mark.parametrize(("classes", "depth"), [(2, 1), (3, 3), (5, 6), (2, 8)])
def test_the_sums_are_those_of_xgboost(classes, depth):
    booster, vectors = grown(classes, depth)
    forest = Forest(10, classes, depth)
    assert forest.rounds == 0
    forest.take(booster)
    assert forest.rounds == 7
    expected = booster.predict(xgboost.DMatrix(vectors), output_margin=True)
    found = forest(torch.from_numpy(vectors))
    np.testing.assert_allclose(found.numpy(), expected, atol=2e-6)
    assert len(np.unique(expected.argmax(1))) == classes


def test_a_batch_of_any_size_gives_the_same(monkeypatch):
    booster, vectors = grown(3, 4)
    forest = Forest(7, 3, 4).take(booster)
    whole = forest(torch.from_numpy(vectors))
    monkeypatch.setattr("axone.tasks.trees.forest.MOST_PLACES", 21 * 13)
    assert torch.allclose(forest(torch.from_numpy(vectors)), whole, atol=1e-6)


def test_the_trees_are_weights_like_any_other():
    booster, vectors = grown(3, 4)
    forest = Forest(8, 3, 4).take(booster)
    twin = Forest(8, 3, 4)
    twin.load_state_dict(forest.state_dict())
    assert torch.equal(twin(torch.from_numpy(vectors)), forest(torch.from_numpy(vectors)))
    assert not list(forest.parameters())
    assert all(torch.isfinite(value).all() for value in forest.state_dict().values())
    fewer, _vectors = grown(3, 4, rounds=2)
    forest.take(fewer)  # what was there before leaves no trace
    assert forest.rounds == 2 and not forest.leaf[2:].any()
