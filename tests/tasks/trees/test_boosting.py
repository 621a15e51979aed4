"""Boosted trees on feature vectors: what they learn, early stopping, class weights, and which features count."""

import sys

import pytest
import torch
import xgboost

from axone.errors import ResourceError
from axone.tasks.trees.boosting import LabeledFeatures, train_trees

OPTIONS = {
    "rounds": 20, "max_depth": 3, "learning_rate": 0.3, "patience": 3, "balanced": False, "seed": 0,
    "on_round": lambda done, total: None,
}  # fmt: skip


def draw(samples, seed, rare=False):
    """Eight features, of which the third decides between three classes (two where one class is rare)."""
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(samples, 8, generator=generator)
    noisy = features[:, 2] + 0.3 * torch.randn(samples, generator=generator)
    return LabeledFeatures(features, (noisy > 1.3).long() if rare else (noisy > -0.5).long() + (noisy > 0.5).long())


def predict(trees, features):
    return torch.from_numpy(trees.booster.predict(xgboost.DMatrix(features.numpy()))).argmax(1)


def test_it_learns_and_names_the_feature_that_decides():
    trees = train_trees(draw(600, 0), draw(200, 1), 3, **OPTIONS)
    held_out = draw(300, 2)
    assert (predict(trees, held_out.features) == held_out.targets).float().mean() > 0.75
    assert trees.gains.shape == (8,) and int(trees.gains.argmax()) == 2


def test_training_stops_at_the_best_round_on_the_validation_set():
    noise = LabeledFeatures(torch.randn(200, 8), torch.randint(0, 3, (200,)))
    calls = []
    options = {**OPTIONS, "rounds": 50, "on_round": lambda done, total: calls.append((done, total))}
    stopped = train_trees(noise, draw(100, 1), 3, **options)
    assert stopped.rounds < len(calls) < 50 and calls[0] == (1, 50)
    assert len(calls) - stopped.rounds == options["patience"]
    assert train_trees(noise, None, 3, **{**OPTIONS, "rounds": 10}).rounds == 10


def test_class_weights_find_more_of_a_rare_class():
    train, held_out = draw(500, 0, rare=True), draw(2000, 3, rare=True)
    rare = held_out.targets == 1

    def recall(balanced):
        trees = train_trees(train, None, 2, **{**OPTIONS, "balanced": balanced})
        return (predict(trees, held_out.features)[rare] == 1).float().mean()

    assert rare.float().mean() < 0.15 and recall(True) > recall(False)


def test_a_callback_stops_the_training_by_raising():
    def stop(done, total):
        if done == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        train_trees(draw(100, 0), None, 3, **{**OPTIONS, "on_round": stop})


def test_without_xgboost_the_error_names_the_command_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(ResourceError) as refused:
        train_trees(draw(20, 0), None, 3, **OPTIONS)
    assert "pip install 'axone[trees]'" in refused.value.hint
