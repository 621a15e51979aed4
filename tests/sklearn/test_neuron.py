"""The estimator over the system perceptron."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from axone.sklearn import PerceptronClassifier


def test_it_works_in_pipelines():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    estimator = PerceptronClassifier(epochs=12, random_state=0)
    assert cross_val_score(make_pipeline(StandardScaler(), estimator), X, names, cv=3).mean() > 0.85


@pytest.mark.parametrize("activation", ["sigmoid", "linear"])
def test_answers_of_one_neuron_are_probabilities_of_two_classes(activation):
    X, y = load_iris(return_X_y=True)
    X, y = X[:100], np.array(["b", "a"])[y[:100]]  # the first rows belong to the second class
    model = PerceptronClassifier(activation=activation, epochs=3, random_state=0).fit(X, y)
    probabilities = model.predict_proba(X)
    assert list(model.classes_) == ["a", "b"] and probabilities.shape == (100, 2)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-6)
    assert model.score(X, y) > 0.95


def test_a_single_class_is_refused():
    with pytest.raises(ValueError, match="at least 2 classes"):
        PerceptronClassifier().fit(np.ones((10, 2)), np.zeros(10))
