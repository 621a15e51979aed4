"""Log-count ratios against a computation by hand and against scikit-learn's naive Bayes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.naive_bayes import MultinomialNB

from axone.data.tokens.encoder import Ragged
from axone.tasks.text.log_counts import log_count_ratios


def ragged(rows):
    return Ragged(torch.tensor([v for row in rows for v in row]), torch.tensor([len(row) for row in rows]))


def test_an_ngram_of_one_class_speaks_for_it():
    rows, targets = [[1, 2, 4], [1, 4], [3, 4], [3, 2, 4]], torch.tensor([0, 0, 1, 1])
    ratios = log_count_ratios(ragged(rows), targets, torch.arange(4), size=5, classes=2)
    assert ratios[1, 0] > 0 > ratios[1, 1] and ratios[3, 1] > 0 > ratios[3, 0]
    torch.testing.assert_close(ratios[2], torch.zeros(2))
    assert not ratios[0].any()


def test_sums_are_naive_bayes_up_to_their_scale():
    generator = np.random.default_rng(0)
    rows = [sorted({*generator.choice(30, 8), 29}) for _ in range(60)]
    rows = [[int(v) + 1 for v in row] for row in rows]
    labels = np.array([int(sum(row) > 110) for row in rows])
    counts = np.zeros((60, 31))
    for number, row in enumerate(rows):
        counts[number, row] = 1
    bayes = MultinomialNB(alpha=1.0).fit(counts[:, 1:30], labels)
    expected = bayes.predict_log_proba(counts[:, 1:30])
    expected = expected[:, 1] - expected[:, 0]
    ratios = log_count_ratios(ragged(rows), torch.from_numpy(labels), torch.arange(60), size=31, classes=2)
    sums = np.array([float((ratios[row, 1] - ratios[row, 0]).sum()) for row in rows])
    assert np.corrcoef(sums, expected)[0, 1] > 0.99
    assert float(torch.stack([ratios[row].sum(0) for row in rows]).std(correction=0)) == pytest.approx(1.0, abs=1e-4)


def test_several_labels_and_only_training_texts_count():
    rows, targets = [[1], [2], [1, 2], [3]], torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    ratios = log_count_ratios(ragged(rows), targets, torch.arange(3), size=5, classes=2)
    assert ratios[1, 0] > ratios[2, 0] and ratios[2, 1] > ratios[1, 1] and not ratios[3].any()
