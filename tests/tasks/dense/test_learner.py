"""A training with gradients that are written out takes the same steps as one with autograd."""

import pytest
import torch

from axone.engine.learner import TrainingContext
from axone.settings import Settings
from axone.tasks.classification.learner import Classifier
from axone.tasks.dense.learner import DenseClassifier
from tests.tasks.dense.test_backpropagation import make_network


def make_learner(kind, settings):
    torch.manual_seed(0)
    learner = kind(make_network(), settings)
    learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 20))
    return learner


@pytest.mark.parametrize(
    "changes", [{}, {"weight_decay": 0.1}, {"gradient_clip": 0.05}, {"accumulate": 2}, {"ema": 0.5}]
)
def test_a_training_ends_with_the_weights_of_autograd(changes):
    settings, ends = Settings(learning_rate=0.01, **changes), []
    for kind in (Classifier, DenseClassifier):
        learner, generator = make_learner(kind, settings), torch.Generator().manual_seed(1)
        for _step in range(20):
            inputs = torch.randn(16, 1, 6, 5, generator=generator)
            metrics = learner.train_step((inputs, torch.randint(0, 4, (16,), generator=generator)))
        ends.append((torch.cat([p.detach().flatten() for p in learner.network.parameters()]), metrics["loss"].item()))
    torch.testing.assert_close(ends[0][0], ends[1][0], rtol=1e-3, atol=1e-4)
    assert ends[0][1] == pytest.approx(ends[1][1], rel=1e-3)


def test_a_loss_that_is_not_a_number_changes_no_weight():
    learner = make_learner(DenseClassifier, Settings())
    inputs, targets = torch.randn(13, 1, 6, 5), torch.randint(0, 4, (13,))
    before = learner.weights()["network.linear_1.weight"].clone()
    inputs[3, 0, 2, 2] = float("nan")
    learner.train_step((inputs, targets))
    assert learner.optimizer.skipped == 1 and torch.equal(learner.weights()["network.linear_1.weight"], before)


def test_weighted_classes_take_the_step_of_autograd():
    inputs, targets = torch.randn(13, 1, 6, 5), torch.randint(0, 4, (13,))
    weights = []
    for kind in (Classifier, DenseClassifier):
        learner = make_learner(kind, Settings())
        learner.class_weights = torch.tensor([1.0, 2.0, 0.5, 1.0])
        learner.train_step((inputs, targets))
        weights.append(torch.cat([p.detach().flatten() for p in learner.network.parameters()]))
    assert torch.equal(*weights)
