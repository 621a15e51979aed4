"""The training step of classifiers: the loss by hand, class weights, auxiliary heads, and what is trained."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from axone.engine.learner import TrainingContext
from axone.settings import Settings
from axone.tasks.classification.learner import Classifier, accuracy
from axone.tasks.classification.views import original_and_mirrored

LOGITS = torch.tensor([[2.0, 0.0, -1.0], [0.5, 0.2, 0.1]])
TARGETS = torch.tensor([0, 2])


def classifier(network=None, **options):
    settings = options.pop("settings", Settings(data="none"))
    learner = Classifier(network or nn.Linear(4, 3), settings, **options)
    learner.prepare(TrainingContext(torch.device("cpu"), torch.float32, 10))
    return learner


def test_the_loss_is_the_cross_entropy_with_label_smoothing():
    losses = -LOGITS.log_softmax(1)[[0, 1], TARGETS]
    assert torch.allclose(classifier().loss(LOGITS, (None, TARGETS)), losses.mean())
    smoothed = 0.9 * losses + 0.1 * -LOGITS.log_softmax(1).mean(1)
    settings = Settings(data="none", label_smoothing=0.1)
    assert torch.allclose(classifier(settings=settings).loss(LOGITS, (None, TARGETS)), smoothed.mean())


def test_class_weights_multiply_the_losses_of_training_only():
    weights = torch.tensor([2.0, 1.0, 0.5])
    learner = classifier(class_weights=weights)
    plain = classifier()
    assert torch.allclose(learner.losses(LOGITS, TARGETS), plain.losses(LOGITS, TARGETS) * weights[TARGETS])
    inputs = torch.randn(2, 4)
    learner.network.load_state_dict(plain.network.state_dict())
    with torch.no_grad():
        assert learner.eval_step((inputs, TARGETS))["loss"] == plain.eval_step((inputs, TARGETS))["loss"]


def test_a_mixed_image_has_two_targets():
    class Mixed(SimpleNamespace):
        def __getitem__(self, position):
            return (self.inputs, self.targets)[position]

    learner = classifier()
    batch = Mixed(inputs=None, targets=TARGETS, partner_targets=TARGETS.flip(0), own_share=torch.tensor([1.0, 0.25]))
    own, other = learner.losses(LOGITS, TARGETS), learner.losses(LOGITS, TARGETS.flip(0))
    assert torch.allclose(learner.loss(LOGITS, batch), (own[0] + 0.25 * own[1] + 0.75 * other[1]) / 2)


def test_auxiliary_heads_are_trained_with_their_weight():
    class TwoHeads(nn.Module):
        def __init__(self):
            super().__init__()
            self.main, self.side = nn.Linear(4, 3), nn.Linear(4, 3)

        def forward(self, x):
            return (self.main(x), self.side(x)) if self.training else self.main(x)

    learner = classifier(TwoHeads().train(), auxiliary_weight=0.3)
    inputs = torch.randn(2, 4)
    main, side = (-head(inputs).log_softmax(1)[[0, 1], TARGETS].mean() for head in (learner.network.main,
                                                                                     learner.network.side))  # fmt: skip
    metrics = learner.train_step((inputs, TARGETS))
    assert torch.allclose(metrics["loss"], main + 0.3 * side)


def test_only_the_trainable_part_is_changed():
    network = nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 3))
    before = [parameter.detach().clone() for parameter in network.parameters()]
    learner = classifier(network, trainable=network[1])
    learner.train_step((torch.randn(2, 4), TARGETS))
    changed = [not torch.equal(old, new) for old, new in zip(before, network.parameters())]
    assert changed == [False, False, True, True]


def test_evaluation_averages_the_views():
    network = nn.Sequential(nn.Flatten(), nn.Linear(6, 3))
    images = torch.randn(2, 1, 2, 3)
    learner = classifier(network, views=original_and_mirrored)
    expected = (network(images) + network(images.flip(3))) / 2
    assert torch.allclose(learner.evaluate_logits(images), expected)
    assert learner.eval_step((images, TARGETS))["accuracy"] == accuracy(expected, TARGETS)


def test_accuracy_is_the_share_of_largest_logits_at_the_target():
    assert accuracy(LOGITS, TARGETS).item() == pytest.approx(0.5)
