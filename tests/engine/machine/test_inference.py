"""Networks for inference: which batch norms are folded, and that the answers are the same."""

import copy

import pytest
import torch
from torch import nn

from axone.engine.machine.inference import InferenceNetwork, Pair, find_norms_to_fold, fold_batch_norms
from axone.graph import Activation, BatchNorm2d, Conv2d, Flatten, Input, Linear, Model

INPUTS = torch.randn(5, 2, 6, 7, generator=torch.Generator().manual_seed(1))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.Conv2d(4, 4, 3, padding=1)
        self.norms = nn.ModuleList(nn.BatchNorm2d(4) for _ in range(3))
        self.shared, self.head = nn.Conv2d(4, 4, 1), nn.Linear(4, 3)

    def forward(self, inputs):
        h = self.norms[0](self.first(inputs)).relu()
        skipped = self.second(h)  # read by the norm and by the sum
        h = self.norms[1](skipped) + skipped
        h = self.norms[2](self.shared(self.shared(h)))  # a convolution that is called twice
        return {"policy": self.head(h.mean((2, 3))), "value": (h.sum((1, 2, 3)), torch.arange(len(h)))}


def train_a_little(model):
    """Give the norms statistics and weights that are not those of the start."""
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(generator=generator)
                module.running_var.uniform_(0.3, 3, generator=generator)
                module.weight.normal_(generator=generator)
                module.bias.normal_(generator=generator)
    return model.eval()


def make_written_model():
    x = Input(2, 6, 7)
    h = Activation("relu")(BatchNorm2d()(Conv2d(8, 3, padding="same", bias=False)(x)))
    h = Activation("relu")(h + BatchNorm2d()(Conv2d(8, 3, padding="same")(h)))
    return Model(x, (Linear(7)(Flatten()(h)), Linear(1)(Flatten()(h))))


def test_a_norm_is_folded_where_it_alone_reads_a_convolution():
    assert find_norms_to_fold(Block(), INPUTS) == (Pair("first", "norms.0"),)
    assert len(find_norms_to_fold(make_written_model(), INPUTS)) == 2


def test_a_folded_network_has_the_same_answers():
    for model in (train_a_little(Block()), train_a_little(make_written_model())):
        before = copy.deepcopy(model.state_dict())
        folded = fold_batch_norms(model, find_norms_to_fold(model, INPUTS))
        expected, answers = model(INPUTS), folded(INPUTS)
        pick = (lambda one: one["policy"]) if isinstance(expected, dict) else (lambda one: one[0])
        assert torch.allclose(pick(expected), pick(answers), atol=1e-4)
        assert sum(isinstance(module, nn.Identity) for module in folded.modules()) >= 1
        assert all(torch.equal(values, before[name]) for name, values in model.state_dict().items())


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-5), ("bfloat16", 2e-2)])
def test_the_answers_are_those_of_the_network_within_the_precision(precision, tolerance):
    model = train_a_little(make_written_model())
    network = InferenceNetwork(model, INPUTS, precision)
    for expected, answer in zip(model(INPUTS), network(INPUTS), strict=True):
        assert answer.dtype == torch.float32 and not answer.requires_grad
        assert (expected - answer).abs().max() < tolerance * expected.abs().max()


def test_an_update_takes_over_weights_and_statistics():
    model = train_a_little(make_written_model())
    network = InferenceNetwork(model, INPUTS, "float32")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5)
        model.get_submodule("batch_norm2d_1").running_mean.add_(1)
    assert not torch.allclose(network(INPUTS)[0], model(INPUTS)[0], atol=1e-2)
    network.update(model)
    assert torch.allclose(network(INPUTS)[0], model(INPUTS)[0], rtol=1e-4, atol=1e-4)


def test_copied_weights_can_be_loaded_again():
    convolution = Conv2d(4, 3, padding="same")
    planes = Input(2, 6, 7)
    network = Model(planes, BatchNorm2d()(convolution(planes)).relu())
    inference = InferenceNetwork(network, INPUTS, "float32")
    before, weights = inference(INPUTS), inference.copy_weights()
    inference.update(train_a_little(network))
    assert not torch.allclose(inference(INPUTS), before)
    inference.load_weights(weights)
    assert torch.equal(inference(INPUTS), before)


def test_outputs_have_the_structure_of_the_network():
    outputs = InferenceNetwork(train_a_little(Block()), INPUTS, "bfloat16")(INPUTS)
    assert outputs["policy"].dtype == outputs["value"][0].dtype == torch.float32
    assert outputs["value"][1].tolist() == [0, 1, 2, 3, 4]
