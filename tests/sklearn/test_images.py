"""The estimator over image classifiers: shapes and ranges of pixels, and flattened images."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from axone.sklearn import ImageClassifier


def test_images_and_flattened_images_give_the_same_classifier(tmp_path):
    X, y = load_digits(return_X_y=True)
    images = (X / 16).reshape(-1, 8, 8)
    settings = {"padding": "same", "channels": (8, 8), "dense": (16,)}
    options = {"epochs": 3, "batch_size": 32, "learning_rate": 0.01, "random_state": 0, "settings": settings}
    model = ImageClassifier(**options).fit(images[:900], y[:900])
    assert model.score(images[1200:], y[1200:]) > 0.6
    flat = clone(model).set_params(image_shape=(8, 8)).fit(X[:900] / 16, y[:900])
    assert np.array_equal(flat.predict_proba(X[1200:1250] / 16), model.predict_proba(images[1200:1250]))
    loaded = ImageClassifier.load(model.save(tmp_path / "digits"))
    assert np.array_equal(loaded.predict(images[:100]), model.predict(images[:100]))
    with pytest.raises(ValueError, match="image_shape"):
        model.predict(X)
    with pytest.warns(UserWarning, match="clipped"):
        model.predict(images * 300)
    counts = clone(model).fit(X[:900].reshape(-1, 8, 8), y[:900])
    assert counts.facts_["scale"]["high"] == 16
    assert np.array_equal(counts.predict_proba(X[:50].reshape(-1, 1, 8, 8)), model.predict_proba(images[:50]))


def test_weights_say_how_often_images_are_drawn():
    X, y = load_digits(return_X_y=True)
    images = (X[:600] / 16).reshape(-1, 8, 8)
    settings = {"padding": "same", "channels": (8, 8), "dense": (16,)}
    options = {"epochs": 2, "batch_size": 32, "learning_rate": 0.01, "random_state": 0, "settings": settings}
    weights = np.where(y[:600] < 2, 1.0, 1e-6)
    model = ImageClassifier(**options).fit(images, y[:600], sample_weight=weights)
    assert set(model.predict(images)) <= {0, 1}


def test_all_of_few_images_are_used_for_training_unless_a_fraction_is_set():
    X, y = load_digits(return_X_y=True)
    images = X[:60].reshape(-1, 8, 8)
    settings = {"padding": "same", "channels": (8,), "dense": ()}
    model = ImageClassifier(epochs=2, settings=settings).fit(images, y[:60])
    assert model.settings_.validation == 0 and model.facts_["samples"] == {"train": 60, "validation": 0, "test": 0}
    assert model._results["best_epoch"] == 2
    held_out = clone(model).set_params(validation_fraction=0.2).fit(images, y[:60])
    assert held_out.facts_["samples"]["validation"] > 0


def test_on_digits_of_8_x_8_pixels_the_defaults_are_as_good_as_logistic_regression():
    images, labels = load_digits().images, load_digits().target
    train, test = slice(0, 300), slice(300, 1000)
    ours = ImageClassifier(random_state=0).fit(images[train], labels[train])
    theirs = make_pipeline(StandardScaler(), LogisticRegression()).fit(images[train].reshape(-1, 64), labels[train])
    assert ours.score(images[test], labels[test]) >= theirs.score(images[test].reshape(-1, 64), labels[test])
