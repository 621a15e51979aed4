"""The networks and optimizers that the engine finds in a learner, and the modes that it sets."""

import copy

import torch
from torch import nn

from axone.engine.learner import Learner, TrainingContext
from axone.engine.optimization.optimizer import Optimizer
from axone.settings import Settings

CONTEXT = TrainingContext(torch.device("cpu"), torch.float32, 10)


class Critics(Learner):
    def __init__(self):
        settings = Settings(learning_rate=0.1)
        self.network = nn.Linear(2, 2)
        self.critics = [nn.Linear(2, 1), nn.Linear(2, 1)]
        self.heads = {"policy": nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))}
        self.optimizers_of_critics = tuple(Optimizer(critic, settings) for critic in self.critics)
        self.optimizer = Optimizer(self.heads["policy"], settings)

    def train_step(self, batch):
        for critic, optimizer in zip(self.critics, self.optimizers_of_critics):
            optimizer.step(critic(batch).square().mean())
        loss = self.heads["policy"](batch).square().mean()
        self.optimizer.step(loss)
        return {"loss": loss.detach()}


def test_networks_and_optimizers_in_lists_and_dicts_are_found():
    learner = Critics()
    assert set(learner.networks) == {"network", "critics.0", "critics.1", "heads.policy"}
    assert set(learner.optimizers) == {"optimizers_of_critics.0", "optimizers_of_critics.1", "optimizer"}


def test_networks_and_optimizers_in_lists_and_dicts_are_saved_and_restored():
    torch.manual_seed(0)
    batches = torch.randn(6, 8, 2)
    learner = Critics()
    learner.prepare(CONTEXT)
    for batch in batches[:3]:
        learner.train_step(batch)
    weights = {name: value.clone() for name, value in learner.weights().items()}
    state = copy.deepcopy(learner.state_dict())
    for batch in batches[3:]:
        learner.train_step(batch)

    again = Critics()
    again.prepare(CONTEXT)
    again.load_weights(weights)
    again.load_state_dict(state)
    for batch in batches[3:]:
        again.train_step(batch)
    assert all(torch.equal(value, again.weights()[name]) for name, value in learner.weights().items())


def test_checking_and_acting_evaluate_without_gradients_and_restore_the_mode():
    learner = Critics()
    learner.prepare(CONTEXT)
    for context in (learner.checking, learner.acting):
        with learner.training():
            learner.critics[1].eval()  # a module that is frozen for now
            with context():
                assert not any(network.training for network in learner.networks.values())
                assert not learner.critics[0](torch.ones(1, 2)).requires_grad
            assert learner.critics[0].training and not learner.critics[1].training


def test_acting_uses_the_weights_of_the_moment_and_checking_the_averaged_ones():
    learner = Learner()
    learner.network = nn.Linear(1, 1, bias=False)
    learner.optimizer = Optimizer(learner.network, Settings(learning_rate=0.1, ema=0.9))
    learner.prepare(CONTEXT)
    for _ in range(3):
        learner.optimizer.step(learner.network(torch.ones(1, 1)).square().sum())
    live = learner.network.weight.item()
    with learner.acting():
        assert learner.network.weight.item() == live
    with learner.checking():
        assert learner.network.weight.item() != live


def test_every_optimizer_receives_the_progress_of_the_training():
    learner = Critics()
    learner.prepare(CONTEXT)
    learner.begin_batch(7)
    assert {optimizer.batches_seen for optimizer in learner.optimizers.values()} == {7}
