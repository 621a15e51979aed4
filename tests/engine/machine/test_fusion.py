"""Fused convolutions: what is fused, and that the answers are the same."""

from typing import NamedTuple

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from axone.engine.machine.fusion import FusedConvolution, FusedNetwork, can_fuse
from axone.engine.machine.inference import InferenceNetwork

INPUTS = torch.randn(5, 4, 6, 7, generator=torch.Generator().manual_seed(1))

pytestmark = pytest.mark.skipif(not can_fuse(torch.device("cpu")), reason="torch was built without oneDNN")


class Outputs(NamedTuple):
    policy: torch.Tensor
    value: torch.Tensor


class Network(nn.Module):
    """Convolutions of many kinds, in-place operations, and results that are read twice."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(4, 8, 3, padding="same", bias=False)
        self.second = nn.Conv2d(8, 8, 3, padding=1, groups=2)
        self.third = nn.Conv2d(8, 8, (3, 1), padding=(1, 0), bias=False)
        self.even = nn.Conv2d(8, 8, 2, padding="same")
        self.dilated = nn.Conv2d(8, 6, 3, stride=2, padding=2, dilation=2)
        self.shortcut = nn.Conv2d(8, 6, 1, stride=2)
        self.head = nn.Linear(6, 3)

    def forward(self, inputs):
        h = F.relu(self.first(inputs), inplace=True)
        h = self.second(h).add_(h).relu_()
        skipped = self.third(h)  # read by ReLU and by the sum
        h = skipped.relu() + skipped
        h = self.even(h) + 1
        h = (self.shortcut(h) + self.dilated(h)).relu()
        return Outputs(self.head(h.mean((2, 3))), h.amax((1, 2, 3)))


def count_fused(network):
    fused = [module for module in network.modules() if isinstance(module, FusedConvolution)]
    return len(fused), sum(module.has_relu for module in fused)


@torch.no_grad()
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_answers_are_those_of_the_network_for_each_size_of_batch(memory_format):
    network = Network().eval()
    fused = FusedNetwork(network, INPUTS.contiguous(memory_format=memory_format))
    for count in (1, 2, 5):
        inputs = INPUTS[:count].contiguous(memory_format=memory_format)
        expected, answers = network(inputs.clone()), fused(inputs)
        assert isinstance(answers, Outputs)
        torch.testing.assert_close(answers, expected)
    assert count_fused(fused) == (5, 3)  # not the one with borders of unequal width


@torch.no_grad()
def test_sums_and_relus_are_part_of_the_convolutions():
    fused = FusedNetwork(Network().eval(), INPUTS)
    targets = [node.target for node in fused.operations.graph.nodes]
    assert targets.count(torch.ops.aten.relu.default) == 1  # of the result that is read twice
    assert targets.count(torch.ops.aten.add.Tensor) == 2  # the same, and the sum with a number


@torch.no_grad()
def test_changed_weights_are_taken_over():
    network = Network().eval()
    fused = FusedNetwork(network, INPUTS)
    for parameter in network.parameters():
        parameter.mul_(1.5)
    fused.update()
    torch.testing.assert_close(fused(INPUTS), network(INPUTS))


class Branching(nn.Module):
    """A network whose operations depend on the numbers in its input, so that they cannot be recorded."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(4, 2, 3)

    def forward(self, inputs):
        maps = self.layer(inputs).relu()
        return maps if maps.mean() > 0 else -maps


def test_a_network_that_cannot_be_recorded_answers_too():
    network = Branching()
    inference = InferenceNetwork(network, INPUTS, "float32")
    assert inference.fused is None
    torch.testing.assert_close(inference(INPUTS), network(INPUTS).detach())


def test_recording_leaves_the_network_and_its_gradients_as_they_are():
    network = Network()
    before = {name: values.clone() for name, values in network.state_dict().items()}
    inference = InferenceNetwork(network, INPUTS[:1], "float32")
    assert inference.fused is not None and not any(output.requires_grad for output in inference(INPUTS))
    assert network.training and all(torch.equal(values, before[name]) for name, values in network.state_dict().items())
    assert all(parameter.requires_grad for parameter in network.parameters())
