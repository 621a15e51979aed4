"""What image classifiers share: figures against scikit-learn, the worst mistakes, views, and the split."""

import numpy as np
import pytest
import torch
from sklearn import metrics

from axone import catalogue
from axone.data.images import load_images
from axone.settings import resolve
from axone.tasks.image_classification import (
    confusion_counts,
    fingerprint,
    per_class,
    predict,
    worst_mistakes,
)


@pytest.fixture
def answers():
    generator = torch.Generator().manual_seed(4)
    targets = torch.randint(0, 4, (300,), generator=generator)
    chances = (torch.randn(300, 5, generator=generator) + 2 * torch.nn.functional.one_hot(targets, 5)).softmax(1)
    return targets, chances  # the fifth class never occurs: its figures must not divide by zero


def test_confusion_and_figures_agree_with_scikit_learn(answers):
    targets, chances = answers
    counts = confusion_counts(targets, chances.argmax(1), 5)
    assert (counts.numpy() == metrics.confusion_matrix(targets, chances.argmax(1), labels=range(5))).all()
    expected = metrics.precision_recall_fscore_support(targets, chances.argmax(1), labels=range(5), zero_division=0)
    table = per_class(counts, list("abcde"))
    assert [row[0] for row in table.rows] == list("abcde")
    np.testing.assert_allclose(np.array([row[1:] for row in table.rows]).T, np.array(expected), atol=5e-5)


def test_the_worst_mistakes_are_wrong_and_in_order(answers):
    targets, chances = answers
    wrong = worst_mistakes(targets, chances, 10)
    truth = chances[wrong, targets[wrong]]
    assert (chances[wrong].argmax(1) != targets[wrong]).all()
    assert (truth.diff() >= 0).all()
    others = (chances.argmax(1) != targets).nonzero().squeeze(1)
    assert truth.max() <= chances[others, targets[others]].sort().values[9]


def build(**given):
    module = catalogue.load(catalogue.find("cnn"))
    return module.build(resolve(module.Settings, given))


def test_the_split_holds_out_the_share_of_each_class():
    experiment = build(limit=1000, validation=0.2)
    samples = experiment.facts["samples"]
    assert samples["train"] + samples["validation"] == 1000 and samples["test"] == len(load_images().test)
    kept = experiment.train.labels.bincount(minlength=10)
    held = experiment.validation.labels.bincount(minlength=10)
    assert ((held.float() / (kept + held)) - 0.2).abs().max() < 0.02


def test_no_held_out_image_is_trained_on():
    experiment = build(limit=400, validation=0.25)
    seen = {image.numpy().tobytes() for image in experiment.train.pixels}
    held = {image.numpy().tobytes() for image in experiment.validation.pixels}
    assert len(seen) + len(held) == 400 and not seen & held


def test_the_statistics_are_those_of_the_training_part():
    experiment = build(limit=300)
    pixels = experiment.train.pixels.double() / 255
    assert experiment.facts["mean"] == pytest.approx([pixels.mean().item()])
    assert experiment.facts["std"] == pytest.approx([pixels.std(unbiased=False).item()])


def test_the_fingerprint_sees_one_changed_pixel():
    pixels = torch.zeros(3, 4, 4, 1, dtype=torch.uint8)
    before = fingerprint(pixels)
    pixels[2, 3, 3, 0] = 1
    assert fingerprint(pixels) != before


def test_views_are_averaged_before_the_softmax():
    class LeftMinusRight(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.nothing = torch.nn.Parameter(torch.zeros(1))

        def forward(self, x):
            halves = x.flatten(2).unflatten(2, (2, 2)).sum((1, 2))
            return torch.stack([halves[:, 0], halves[:, 1]], 1) + self.nothing

    facts = {"input": [1, 2, 2], "classes": ["left", "right"], "mean": [0.0], "std": [1.0]}
    picture = np.array([[255, 0], [255, 0]], dtype=np.uint8)
    (alone,) = predict(LeftMinusRight(), facts, [picture])
    (both,) = predict(LeftMinusRight(), facts, [picture], lambda pixels: (pixels, pixels.flip(3)))
    assert alone.label == "left" and alone.probability == pytest.approx(np.exp(2) / (np.exp(2) + 1), rel=1e-5)
    assert both.probability == pytest.approx(0.5)
    assert [name for name, _chance in alone.top(2)] == ["left", "right"]
