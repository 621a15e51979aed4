"""The estimator over the system text_classifier."""

import numpy as np
import polars
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils.estimator_checks import check_estimator

from axone.sklearn import TextClassifier
from tests.helpers.data.texts import make_reviews

TINY = {"epochs": 4, "batch_size": 16, "units": 4, "learning_rate": 0.02, "random_state": 0,
        "settings": {"embedding": 4, "ngram_bits": 10, "threads": 1}}  # fmt: skip
X, Y = make_reviews()


@pytest.fixture(scope="module")
def model():
    return TextClassifier(**TINY).fit(X, Y)


def test_it_learns_and_has_probabilities(model):
    assert list(model.classes_) == ["bad", "good"] and model.score(X, Y) > 0.95
    probabilities = model.predict_proba(["so wonderful", "so boring", ""])
    assert probabilities.shape == (3, 2) and model.predict(["so wonderful", "so boring"]).tolist() == ["good", "bad"]
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)


def test_arrays_and_series_are_texts_too(model):
    expected = model.predict_proba(X[:5])
    for same in (np.array(X[:5]), np.array(X[:5], dtype=object), polars.Series(X[:5]), tuple(X[:5])):
        np.testing.assert_allclose(model.predict_proba(same), expected, atol=1e-6)


def test_it_works_in_searches_with_classes_of_any_kind():
    labels = np.array([7 if label == "good" else 2 for label in Y])
    quick = TextClassifier(**{**TINY, "epochs": 1})
    assert cross_val_score(quick, X, labels, cv=2).mean() > 0.9
    assert GridSearchCV(quick, {"cell": ["gru", "rnn"]}, cv=2).fit(X, labels).predict(["so boring"]) == [2]


def test_saved_estimators_answer_alike(model, tmp_path):
    model.save(tmp_path / "run")
    loaded = TextClassifier.load(tmp_path / "run")
    np.testing.assert_array_equal(loaded.predict_proba(X[:4]), model.predict_proba(X[:4]))
    assert loaded.get_params() == model.get_params() and clone(loaded).cell is None


def test_weights_of_samples_and_classes():
    weights = np.array([1.0 if label == "good" else 0.0 for label in Y])
    settings = {**TINY["settings"], "linear": False}
    model = TextClassifier(**{**TINY, "settings": settings}).fit(X, Y, sample_weight=weights)
    assert set(model.predict(X)) == {"good"}
    TextClassifier(**{**TINY, "epochs": 1}, class_weight="balanced").fit(X, Y)


@pytest.mark.parametrize(
    ("texts", "labels", "words"),
    [("text", ["a"], "Iterable"), (X[:3], Y[:2], "inconsistent"), ([1, 2], ["a", "b"], "not a text"),
     ([], [], "0 texts"),
     (np.array([["a"], ["b"]]), ["a", "b"], "2 dimensions"), (X, None, "requires y"), (X[:2], ["a", "a"], "2 classes")],
)  # fmt: skip
def test_other_things_are_refused(texts, labels, words):
    with pytest.raises(ValueError, match=words):
        TextClassifier(**TINY).fit(texts, labels)


def test_scikit_learns_own_checks_that_apply_to_texts():
    check_estimator(TextClassifier(**TINY))
