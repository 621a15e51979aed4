"""The training step of tables: losses of ensembles, metrics, and the average over members."""

import pytest
import torch
import torch.nn.functional as functional
from torch import nn

from axone.data.tables.columns import Encoded
from axone.data.tables.stream import TableBatch
from axone.engine.learner import TrainingContext
from axone.settings import resolve
from axone.systems.mlp import Settings
from axone.tasks.tables.learner import TableLearner, average_members, compute_outputs, network_inputs

CLASSES = {"classes": ["a", "b"], "targets": [{"name": "y", "mean": 0.0, "std": 1.0}]}
NUMBERS = {"classes": [], "targets": [{"name": "y", "mean": 10.0, "std": 4.0}]}


class Members(nn.Module):
    """Three linear members on the same numbers."""

    def __init__(self, outputs):
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(3, outputs) for _member in range(3))

    def forward(self, numbers):
        return torch.stack([linear(numbers) for linear in self.linears], 1)


def make_learner(network, facts, **changes):
    learner = TableLearner(network, resolve(Settings, {"learning_rate": 0.05, **changes}), facts)
    learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 100))
    return learner


def make_batch(targets):
    rows = len(targets)
    return TableBatch(torch.randn(rows, 3), torch.zeros(rows, 0, dtype=torch.int64), targets, torch.arange(rows))


def test_members_are_averaged_as_probabilities_or_values():
    outputs = torch.tensor([[[0.0, 2.0], [3.0, -1.0]]])
    assert torch.allclose(average_members(outputs, True), outputs.softmax(-1).mean(1))
    assert average_members(outputs, False).tolist() == [[1.5, 0.5]]
    assert torch.equal(average_members(outputs[:, 0], True), outputs[:, 0].softmax(-1))


def test_each_member_has_its_own_loss():
    network, targets = Members(2), torch.tensor([0, 1, 1, 0])
    learner, batch = make_learner(network, CLASSES, label_smoothing=0.1), make_batch(targets)
    outputs = network(batch.numbers)
    members = [functional.cross_entropy(outputs[:, m], targets, label_smoothing=0.1) for m in range(3)]
    torch.testing.assert_close(learner.compute_loss(outputs, targets), torch.stack(members).mean())
    values, numbers = outputs[..., :1], torch.randn(4, 1)
    members = [functional.mse_loss(values[:, m], numbers) for m in range(3)]
    torch.testing.assert_close(make_learner(Members(1), NUMBERS).compute_loss(values, numbers), sum(members) / 3)


def test_the_loss_decreases():
    batch = make_batch(torch.tensor([0, 1] * 8))
    batch.numbers[:, 0] += 4 * batch.targets
    learner = make_learner(Members(2), CLASSES)
    losses = [float(learner.train_step(batch)["loss"]) for _step in range(40)]
    assert losses[-1] < 0.5 * losses[0]


def test_metrics_of_classes_are_those_of_the_averaged_probabilities():
    network, targets = Members(2), torch.tensor([0, 1, 1, 0])
    batch = make_batch(targets)
    with torch.no_grad():
        metrics = make_learner(network, CLASSES).eval_step(batch)
        probabilities = network(batch.numbers).softmax(-1).mean(1)
    assert float(metrics["accuracy"]) == float((probabilities.argmax(1) == targets).float().mean())
    expected = -probabilities[torch.arange(4), targets].log().mean()
    torch.testing.assert_close(metrics["loss"], expected)


def test_the_absolute_error_has_the_unit_of_the_target():
    network, targets = nn.Linear(3, 1), torch.randn(6, 1)
    batch = make_batch(targets)
    with torch.no_grad():
        metrics = make_learner(network, NUMBERS).eval_step(batch)
        expected = 4.0 * (network(batch.numbers) - targets).abs().mean()
    torch.testing.assert_close(metrics["mean_absolute_error"], expected)
    several = make_learner(nn.Linear(3, 2), {"classes": [], "targets": 2 * NUMBERS["targets"]})
    assert "mean_absolute_error" not in several.eval_step(make_batch(torch.randn(6, 2)))


@pytest.mark.parametrize(("numbers", "categories", "count"), [(2, 0, 1), (0, 3, 1), (2, 3, 2)])
def test_a_network_gets_the_parts_that_a_row_has(numbers, categories, count):
    rows = Encoded(torch.zeros(5, numbers), torch.zeros(5, categories, dtype=torch.int64))
    assert len(network_inputs(rows)) == count


def test_many_rows_are_computed_in_chunks(monkeypatch):
    monkeypatch.setattr("axone.tasks.tables.learner.EVALUATION_BATCH", 4)
    network, rows = Members(2), Encoded(torch.randn(10, 3), torch.zeros(10, 0, dtype=torch.int64))
    outputs = compute_outputs(network, rows, True)
    torch.testing.assert_close(outputs, network(rows.numbers).softmax(-1).mean(1).detach())
    assert not network.training and not outputs.requires_grad


@pytest.mark.parametrize("facts", [CLASSES, NUMBERS])
def test_weights_of_rows_multiply_their_losses(facts):
    targets = torch.tensor([0, 1, 1, 0]) if facts is CLASSES else torch.randn(4, 1)
    network, weights = Members(2 if facts is CLASSES else 1), torch.tensor([0.0, 2.0, 1.0, 1.0])
    plain, batch = make_learner(network, facts), make_batch(targets)
    weighted = TableLearner(network, resolve(Settings, {}), facts, weights)
    weighted.prepare(TrainingContext(torch.device("cpu"), torch.float32, 100))
    outputs = network(batch.numbers)
    each = torch.stack([plain.compute_loss(outputs[row : row + 1], targets[row : row + 1]) for row in range(4)])
    torch.testing.assert_close(weighted.compute_loss(outputs, targets, weights), (weights * each).mean())
    rows = batch._replace(index=torch.tensor([3, 2, 1, 0]))  # weights belong to rows of the table
    assert not torch.isclose(weighted.eval_step(rows)["loss"], weighted.eval_step(batch)["loss"])
