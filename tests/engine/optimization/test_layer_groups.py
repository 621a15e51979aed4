"""Stages: who learns when and how fast, that frozen ones cost nothing and change nothing, and exact resumption."""

import pytest
import torch
from torch import nn

from axone.engine.experiment import Experiment
from axone.engine.loop import fit
from axone.engine.optimization.layer_groups import LayerGroups
from axone.engine.recorder import MemoryRecorder
from axone.errors import Stopped
from axone.settings import Settings
from axone.tasks.classification.learner import Classifier
from tests.helpers.runs.stop_at import StopAt

MODULES = (("first", "norm"), ("second",), ("head",))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)
        self.second = nn.Sequential(nn.Conv2d(4, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Dropout(0.3))
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        return self.head(self.second(self.norm(self.first(x)).relu()).mean((2, 3)))


class Images:
    samples, batch = 48, 6

    def __len__(self):
        return self.samples // self.batch

    def batches(self, epoch, start=0):
        generator = torch.Generator().manual_seed(epoch)
        targets = torch.randint(0, 3, (self.samples,), generator=generator)
        inputs = torch.randn(self.samples, 1, 7, 7, generator=generator) + targets[:, None, None, None]
        for number in range(start, len(self)):
            chosen = slice(number * self.batch, (number + 1) * self.batch)
            yield inputs[chosen], targets[chosen]

    def to(self, device):
        return self

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass


def experiment(settings, **changes):
    torch.manual_seed(settings.seed)
    return Experiment(Classifier(Network(), settings, layer_groups=LayerGroups(MODULES, **changes)), Images(), Images())


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({}, [0, 0, 0, 0, 0]),
        ({"frozen": True}, [2, 2, 2, 2, 2]),
        ({"frozen": True, "unfreeze_every": 1}, [2, 1, 0, 0, 0]),
        ({"frozen": True, "unfreeze_every": 2}, [2, 2, 1, 1, 0]),
    ],
)
def test_which_stage_is_the_first_to_learn_in_each_epoch(changes, first):
    layer_groups = LayerGroups(MODULES, **changes)
    assert [layer_groups.first_trainable(epoch) for epoch in range(1, 6)] == first


def test_a_parameter_belongs_to_one_stage():
    layer_groups = LayerGroups((("layer1",), ("layer10", "fc")), decay=0.5)
    assert [layer_groups.of(name) for name in ("layer1.weight", "layer10.0.weight", "fc.bias")] == [0, 1, 1]
    assert [layer_groups.factor(number) for number in (0, 1)] == [0.5, 1.0]
    with pytest.raises(ValueError, match="other"):
        layer_groups.of("other.weight")


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "muon"])
def test_each_stage_has_its_own_rate(optimizer):
    settings = Settings(optimizer=optimizer, learning_rate=0.1, schedule="cosine", epochs=1)
    new_experiment = experiment(settings, decay=0.8)
    fit(new_experiment, settings, MemoryRecorder())
    names = {parameter: name for name, parameter in new_experiment.learner.network.named_parameters()}
    expected = {"head": 0.1, "second": 0.1 * 0.8, "first": 0.1 * 0.64, "norm": 0.1 * 0.64}
    rates = {}
    for torch_optimizer in new_experiment.learner.optimizer.torch_optimizers:
        for group in torch_optimizer.param_groups:
            for parameter in group["params"]:
                rates[names.pop(parameter)] = group["base_rate"]
    assert not names
    assert rates == {name: pytest.approx(expected[name.split(".")[0]]) for name in rates}


def test_frozen_stages_stay_as_they_are_and_cost_no_backward():
    settings = Settings(optimizer="adamw", weight_decay=0.1, learning_rate=0.01, epochs=2)
    new_experiment = experiment(settings, frozen=True)
    network = new_experiment.learner.network
    before = {name: value.clone() for name, value in network.state_dict().items()}
    fit(new_experiment, settings, MemoryRecorder())
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"head.weight", "head.bias"}  # so running means and the count of batches are untouched too
    features = []
    network.second.register_forward_hook(lambda module, inputs, output: features.append(output))
    with new_experiment.learner.training():
        network(torch.randn(2, 1, 7, 7))
        assert network.head.training and network.training
        assert not any(module.training for module in (*network.second.modules(), network.norm))
    assert not features[0].requires_grad


def test_stages_join_one_by_one():
    settings = Settings(optimizer="sgd", learning_rate=0.05, epochs=5)
    new_experiment = experiment(settings, frozen=True, unfreeze_every=2)
    weights = []
    new_experiment.figures = lambda one, final: (
        weights.append({n: v.clone() for n, v in one.learner.weights().items()}) or ()
    )
    start = {name: value.clone() for name, value in new_experiment.learner.weights().items()}
    fit(new_experiment, settings, MemoryRecorder())
    moved = [
        {name for name in start if not torch.equal(earlier[name], later[name])}
        for earlier, later in zip([start, *weights[:4]], weights[:5])
    ]
    layer_groups = [{name.split(".")[1] for name in names} for names in moved]
    assert layer_groups == [
        {"head"},
        {"head"},
        {"head", "second"},
        {"head", "second"},
        {"head", "second", "first", "norm"},
    ]


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "muon"])
@pytest.mark.parametrize("steps", [3, 8, 12, 17, 20, 26, 33])
def test_stopped_between_two_unfreezings_and_resumed_is_the_same_to_the_bit(optimizer, steps):
    settings = Settings(
        epochs=4, optimizer=optimizer, learning_rate=0.01, ema=0.9, schedule="one-cycle", accumulate=3, save_every=5
    )
    layer_groups = {"frozen": True, "unfreeze_every": 1, "decay": 0.7}
    whole, parts = MemoryRecorder(), MemoryRecorder()
    fit(experiment(settings, **layer_groups), settings, whole)
    with pytest.raises(Stopped):
        fit(experiment(settings, **layer_groups), settings, parts, stop=StopAt(steps))
    fit(experiment(settings, **layer_groups), settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, actual = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert all(torch.equal(expected[name], actual[name]) for name in expected)


def test_an_auxiliary_answer_counts_in_training_with_its_weight():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.main, self.side = nn.Linear(2, 3, bias=False), nn.Linear(2, 3, bias=False)

        def forward(self, x):
            return (self.main(x), self.side(x)) if self.training else self.main(x)

    settings = Settings(optimizer="sgd", learning_rate=0.1)
    learner = Classifier(Twice(), settings, auxiliary_weight=0.25)
    main, side = learner.network.main.weight, learner.network.side.weight
    with torch.no_grad():
        side.copy_(main)
    start = main.detach().clone()
    learner.optimizer.prepare(torch.device("cpu"), 1)
    inputs, targets = torch.randn(4, 2), torch.tensor([0, 1, 2, 0])
    alone = nn.functional.cross_entropy(inputs @ start.T, targets)
    with learner.training():
        metrics = learner.train_step((inputs, targets))
    assert metrics["loss"].item() == pytest.approx(1.25 * alone.item(), rel=1e-5)
    # The same weights and examples, so the same gradient, but for the weight of the loss.
    assert torch.allclose(side.detach() - start, 0.25 * (main.detach() - start), atol=1e-7)
    with learner.checking():
        assert learner.eval_step((inputs, targets))["loss"].ndim == 0
