"""Gradients that are written out agree with autograd's, and a training with them goes the same way."""

import pytest
import torch
import torch.nn.functional as functional

from axone.engine.learner import TrainingContext
from axone.graph import Concatenate, Dropout, Flatten, Input, Linear, Model
from axone.settings import Settings
from axone.tasks.classification.learner import Classifier
from axone.tasks.dense.learner import SLOPES, Chain, ChainClassifier, cross_entropy


def network(activation="relu", units=(16, 9)):
    x = h = Input(1, 6, 5)
    h = Flatten()(h)
    for count in units:
        h = Linear(count, activation=activation)(h)
    return Model(x, Linear(4)(h))


def batch(rows=13):
    return torch.randn(rows, 1, 6, 5), torch.randint(0, 4, (rows,))


@pytest.mark.parametrize("activation", SLOPES)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_gradients_are_those_of_autograd(activation, smoothing):
    made, (inputs, targets) = network(activation), batch()
    expected = functional.cross_entropy(made(inputs), targets, label_smoothing=smoothing)
    expected.backward()
    wanted = [parameter.grad.clone() for parameter in made.parameters()]
    chain = Chain.of(made)
    with torch.no_grad():
        answers = chain.forward(inputs)
        loss, gradient = cross_entropy(answers[-1], targets, smoothing)
        chain.backward(answers, gradient)
    torch.testing.assert_close(loss, expected.detach())
    for parameter, want in zip(made.parameters(), wanted):
        torch.testing.assert_close(parameter.grad, want, rtol=1e-5, atol=1e-7)


def test_only_plain_chains_are_taken():
    x = Input(8)
    h = Linear(4)(x)
    assert Chain.of(network(units=())) is not None
    assert Chain.of(Model(x, Linear(2)(Dropout(0.5)(h)))) is None
    assert Chain.of(Model(x, Linear(2)(Concatenate()(h, Linear(4)(x))))) is None
    assert Chain.of(Model(x, Linear(2)(Linear(4, activation="gelu")(x)))) is None
    assert Chain.of(Model(x, Linear(2, bias=False)(x))) is None
    assert Chain.of(torch.nn.Linear(3, 2)) is None


@pytest.mark.parametrize("given", [{}, {"weight_decay": 0.1}, {"gradient_clip": 0.05}, {"accumulate": 2}, {"ema": 0.5}])
def test_a_training_ends_where_autograd_ends(given):
    settings, ends = Settings(learning_rate=0.01, **given), []
    for kind in (Classifier, ChainClassifier):
        torch.manual_seed(0)
        learner = kind(network(), settings)
        learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 20))
        generator = torch.Generator().manual_seed(1)
        for _step in range(20):
            inputs = torch.randn(16, 1, 6, 5, generator=generator)
            figures = learner.train_step((inputs, torch.randint(0, 4, (16,), generator=generator)))
        ends.append((torch.cat([p.detach().flatten() for p in learner.network.parameters()]), figures["loss"].item()))
    torch.testing.assert_close(ends[0][0], ends[1][0], rtol=1e-3, atol=1e-4)
    assert ends[0][1] == pytest.approx(ends[1][1], rel=1e-3)


def test_a_loss_that_is_no_number_is_seen_in_the_biases():
    learner = ChainClassifier(network(), Settings())
    learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 20))
    inputs, targets = batch()
    before = learner.weights()["network.linear_1.weight"].clone()
    inputs[3, 0, 2, 2] = float("nan")
    learner.train_step((inputs, targets))
    assert learner.optimizer.skipped == 1 and torch.equal(learner.weights()["network.linear_1.weight"], before)
