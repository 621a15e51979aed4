"""The trace of a training: what is recorded, how it is thinned out, and its state."""

import pytest
import torch
from torch import nn

from axone.tasks.neuron.trace import Step, TrainingTrace


def make_trace(columns=("age", "weight"), classes=("child", "adult")):
    return TrainingTrace(columns, classes, ([0.0] * len(columns), [1.0] * len(columns)), batches=2)


def record(trace, steps):
    network = nn.Linear(len(trace.columns) or 4, 1)
    for step in range(steps):
        nn.init.constant_(network.weight, float(step))
        trace.record(network, torch.tensor(0.5 + step))


def test_each_step_has_epoch_error_and_weights():
    trace = make_trace()
    assert trace.is_new and trace.table().shape == (0, 5)
    trace.begin_epoch(1)
    record(trace, 2)
    trace.begin_epoch(2)
    record(trace, 1)
    table = trace.table()
    assert table[:, 0].tolist() == [1, 1, 2] and table[:, 1].tolist() == [0.5, 1.5, 0.5]
    assert table[:, 2].tolist() == [0, 1, 0] and table.shape == (3, 5) and not trace.is_new


@pytest.mark.parametrize(
    ("columns", "classes"), [((), ("a", "b")), (("x",), ("a", "b", "c")), (tuple("abcdefghijklm"), ("a", "b"))]
)
def test_only_the_error_is_recorded_of_larger_networks(columns, classes):
    trace = make_trace(columns, classes)
    record(trace, 1)
    assert not trace.has_weights and trace.table().shape == (1, 2)


def test_long_trainings_keep_every_second_step(monkeypatch):
    monkeypatch.setattr("axone.tasks.neuron.trace.MAX_STEPS", 4)
    trace = make_trace()
    record(trace, 10)
    assert trace.table()[:, 1].tolist() == [0.5, 4.5, 8.5] and trace.every == 4 and trace.count == 10


def test_the_state_restores_the_trace():
    trace, restored = make_trace(), make_trace()
    record(trace, 3)
    restored.load_state_dict(trace.state_dict())
    assert torch.equal(restored.table(), trace.table())
    record(trace, 1), record(restored, 1)
    assert torch.equal(restored.table()[:, :2], trace.table()[:, :2]) and restored.batch == trace.batch


def test_weight_gradients_follow_the_chain_rule():
    weights, inputs = torch.tensor([0.3, -0.2, 0.1], requires_grad=True), torch.randn(4, 2)
    sums = inputs @ weights[:2] + weights[2]
    errors = sums.square()
    (sum_gradients,) = torch.autograd.grad(errors.sum(), sums, retain_graph=True)
    column = sums.detach()[:, None]
    step = Step(inputs, torch.zeros(4, dtype=torch.int64), column, column, column, errors.detach(),
                sum_gradients[:, None], 0.1)  # fmt: skip
    for sample in range(4):
        (expected,) = torch.autograd.grad(errors[sample], weights, retain_graph=True)
        torch.testing.assert_close(step.weight_gradients()[sample].float(), expected)
