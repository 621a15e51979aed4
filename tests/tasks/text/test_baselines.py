"""The linear baselines: what they reach, and that they see the training texts alone."""

from __future__ import annotations

import sys

import numpy as np
import torch

from axone.data.labeled_texts.load import load_texts
from axone.tasks.text import baselines
from axone.tasks.text.baselines import fit_baselines, log_ratios, to_labels
from tests.helpers.data.texts import make_reviews

ROWS = torch.arange(80), torch.arange(80, 120)


def test_both_learn_which_words_decide():
    results = fit_baselines(load_texts(make_reviews()), *ROWS, "words")
    assert [each.name for each in results] == ["TF-IDF(1, 2) + logistic regression", "NB-SVM"]
    assert all(each.score == 1.0 and each.seconds >= 0 for each in results)


def test_characters_and_several_labels():
    texts, classes = make_reviews()
    assert fit_baselines(load_texts((texts, classes)), *ROWS, "characters")[1].score > 0.9
    several = [[label, "film"] if "film" in text else [label] for text, label in zip(texts, classes)]
    assert all(each.score > 0.95 for each in fit_baselines(load_texts((texts, several)), *ROWS, "words"))


def test_three_classes_have_a_model_each():
    data = load_texts((["a x", "b x", "c x"] * 20, ["1", "2", "3"] * 20))
    assert to_labels(data, torch.arange(3)).tolist() == np.eye(3, dtype=bool).tolist()
    assert fit_baselines(data, torch.arange(40), torch.arange(40, 60), "words")[0].score > 0.3


def test_many_texts_are_sampled(monkeypatch):
    monkeypatch.setattr(baselines, "MOST_TEXTS", 10)
    assert len(fit_baselines(load_texts(make_reviews()), *ROWS, "words")) == 2


def test_log_ratios_are_wang_and_mannings():
    from scipy.sparse import csr_matrix

    ratios = log_ratios(csr_matrix(np.array([[1, 0], [1, 1], [0, 1]])), np.array([True, False, False]))
    np.testing.assert_allclose(ratios, np.log([(2 / 3) / (2 / 5), (1 / 3) / (3 / 5)]))


def test_without_scikit_learn_there_are_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    assert fit_baselines(load_texts(make_reviews()), *ROWS, "words") == []
