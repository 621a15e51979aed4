"""Confusion counts and metrics per class against scikit-learn, and the worst mistakes."""

import numpy as np
import pytest
import torch

from axone.tasks.classification.metrics import confusion_counts, find_worst_mistakes, tabulate_classes
from sklearn import metrics


@pytest.fixture
def answers():
    """Targets of four classes and probabilities of five: the fifth never occurs, and must not divide by zero."""
    generator = torch.Generator().manual_seed(4)
    targets = torch.randint(0, 4, (300,), generator=generator)
    logits = torch.randn(300, 5, generator=generator) + 2 * torch.nn.functional.one_hot(targets, 5)
    return targets, logits.softmax(1)


def test_confusion_counts_and_class_metrics_agree_with_scikit_learn(answers):
    targets, probabilities = answers
    predictions = probabilities.argmax(1)
    counts = confusion_counts(targets, predictions, 5)
    assert (counts.numpy() == metrics.confusion_matrix(targets, predictions, labels=range(5))).all()
    expected = metrics.precision_recall_fscore_support(targets, predictions, labels=range(5), zero_division=0)
    table = tabulate_classes(counts, list("abcde"))
    assert [row[0] for row in table.rows] == list("abcde")
    np.testing.assert_allclose(np.array([row[1:] for row in table.rows]).T, np.array(expected), atol=5e-5)


def test_the_heading_of_the_samples_can_be_chosen():
    counts = torch.eye(2, dtype=torch.int64)
    assert tabulate_classes(counts, ["a", "b"]).columns[-1] == "images"
    assert tabulate_classes(counts, ["a", "b"], "rows").columns[-1] == "rows"


def test_the_worst_mistakes_are_wrong_and_in_order(answers):
    targets, probabilities = answers
    mistakes = find_worst_mistakes(targets, probabilities, 10)
    of_true_class = probabilities[mistakes, targets[mistakes]]
    assert (probabilities[mistakes].argmax(1) != targets[mistakes]).all()
    assert (of_true_class.diff() >= 0).all()
    wrong = (probabilities.argmax(1) != targets).nonzero().squeeze(1)
    assert of_true_class.max() <= probabilities[wrong, targets[wrong]].sort().values[9]
