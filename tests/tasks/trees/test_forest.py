"""Trees as tensors have the outputs of the XGBoost model from which they were copied."""

import numpy as np
import pytest
import torch
import xgboost

from axone.tasks.trees.forest import Forest


def train_booster(classes, depth, rounds=7, columns=9):
    random = np.random.default_rng(classes + depth)
    # Few distinct values, so that many are exactly at a threshold, and some leaves are above the lowest level.
    vectors = random.integers(-3, 4, (400, columns)).astype(np.float32)
    targets = (np.abs(vectors[:, :3]).sum(1) + vectors[:, 3]).astype(int) % classes
    parameters = {"objective": "multi:softprob", "num_class": classes, "base_score": 0.0, "max_depth": depth}
    booster = xgboost.train({**parameters, "nthread": 1}, xgboost.DMatrix(vectors, targets), rounds)
    return booster, random.integers(-4, 5, (300, columns)).astype(np.float32)


@pytest.mark.parametrize(("classes", "depth"), [(2, 1), (3, 3), (5, 6), (2, 8)])
def test_the_sums_are_those_of_xgboost(classes, depth):
    booster, vectors = train_booster(classes, depth)
    forest = Forest(10, classes, depth)
    assert forest.rounds == 0
    forest.copy_from(booster)
    assert forest.rounds == 7
    expected = booster.predict(xgboost.DMatrix(vectors), output_margin=True)
    np.testing.assert_allclose(forest(torch.from_numpy(vectors)).numpy(), expected, atol=2e-6)
    assert len(np.unique(expected.argmax(1))) == classes


def test_a_large_batch_is_split_without_changing_the_sums(monkeypatch):
    booster, vectors = train_booster(3, 4)
    forest = Forest(7, 3, 4).copy_from(booster)
    whole = forest(torch.from_numpy(vectors))
    monkeypatch.setattr("axone.tasks.trees.forest.MAX_NODES", 21 * 13)
    assert torch.allclose(forest(torch.from_numpy(vectors)), whole, atol=1e-6)


def test_the_trees_are_saved_and_loaded_like_weights():
    booster, vectors = train_booster(3, 4)
    forest = Forest(8, 3, 4).copy_from(booster)
    loaded = Forest(8, 3, 4)
    loaded.load_state_dict(forest.state_dict())
    assert loaded.rounds == 7
    assert torch.equal(loaded(torch.from_numpy(vectors)), forest(torch.from_numpy(vectors)))
    assert not list(forest.parameters())
    assert all(torch.isfinite(value).all() for value in forest.state_dict().values())


def test_copying_again_replaces_all_earlier_trees():
    forest = Forest(8, 3, 4).copy_from(train_booster(3, 4)[0])
    forest.copy_from(train_booster(3, 4, rounds=2)[0])
    assert forest.rounds == 2 and not forest.leaf[2:].any()


def test_the_sums_are_exported_with_a_dynamic_batch():
    booster, vectors = train_booster(3, 4)
    forest = Forest(8, 3, 4).copy_from(booster).eval()
    program = torch.export.export(forest, (torch.zeros(2, 9),), dynamic_shapes=({0: torch.export.Dim("batch")},))
    assert torch.equal(program.module()(torch.from_numpy(vectors)), forest(torch.from_numpy(vectors)))
