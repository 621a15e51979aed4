"""The estimators over the system mlp: pipelines, grids, frames, and answers that do not depend on the batch."""

import numpy as np
import polars
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from axone.errors import DataNote
from axone.sklearn import MLPClassifier, MLPRegressor
from tests.sklearn.test_base import QUICK

IRIS = load_iris(return_X_y=True)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_the_answer_for_a_row_does_not_depend_on_the_other_rows(kind):
    X, y = IRIS
    model = kind(**{**QUICK, "epochs": 2}).fit(X, y)
    predict = model.predict_proba if kind is MLPClassifier else model.predict
    single = np.concatenate([predict(X[row : row + 1]) for row in range(0, 150, 7)])
    np.testing.assert_allclose(single, predict(X)[::7], rtol=1e-12)


def test_a_classifier_works_in_pipelines():
    X, y = IRIS
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    assert cross_val_score(make_pipeline(StandardScaler(), MLPClassifier(**QUICK)), X, names, cv=3).mean() > 0.9
    first, second = (MLPClassifier(**QUICK).fit(X, names) for _attempt in range(2))
    assert np.array_equal(first.predict_proba(X), second.predict_proba(X))
    assert list(first.classes_) == ["setosa", "versicolor", "virginica"] and set(first.predict(X)) == set(names)
    np.testing.assert_allclose(first.predict_proba(X).sum(1), 1, rtol=1e-6)


def test_a_regressor_works_in_a_grid_search():
    X, y = load_diabetes(return_X_y=True)
    search = GridSearchCV(MLPRegressor(**QUICK), {"epochs": [1, 15]}, cv=2).fit(X, y)
    assert search.best_params_ == {"epochs": 15} and search.best_score_ > 0.3


def test_a_regressor_predicts_several_targets():
    X, y = load_diabetes(return_X_y=True)
    model = MLPRegressor(**{**QUICK, "epochs": 1}).fit(X, np.stack([y, -y], 1))
    assert model.predict(X[:5]).shape == (5, 2)


@pytest.mark.parametrize("kind", ["polars", "pandas"])
def test_frames_may_have_categories_and_missing_values(kind):
    rng = np.random.default_rng(0)
    town = rng.choice(["north", "south", None], 150)
    columns = {"age": [None if n % 9 == 0 else float(n % 40) for n in range(150)], "town": town.tolist()}
    frame = polars.DataFrame(columns, strict=False)
    if kind == "pandas":
        frame = pytest.importorskip("pandas").DataFrame(columns)
    y = [int(t == "north") for t in town]
    model = MLPClassifier(**QUICK).fit(frame, y)
    assert model.score(frame, y) > 0.95 and list(model.feature_names_in_) == ["age", "town"]
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["town", "age"]])


def test_the_threshold_of_the_system_decides():
    X, y = IRIS
    settings = {"threshold": "f1"}
    model = MLPClassifier(**{**QUICK, "epochs": 3}, validation_fraction=0.3, settings=settings).fit(X[50:], y[50:])
    threshold = float(model.network_.get_buffer("threshold"))
    assert threshold != 0.5
    expected = np.where(model.predict_proba(X)[:, 1] >= threshold, 2, 1)
    assert np.array_equal(model.predict(X), expected)


def test_infinite_values_are_refused():
    frame = polars.DataFrame({"a": [1.0, float("inf")] * 20})
    with pytest.raises(ValueError, match="infinity"):
        MLPClassifier(**QUICK).fit(frame, [0, 1] * 20)


def test_values_that_cannot_be_read_are_refused_or_said_and_notations_are_read():
    frame = polars.DataFrame({"income": [500.0 * k for k in range(40)], "age": [None, *range(39)]}, strict=False)
    model = MLPClassifier(epochs=2, random_state=0).fit(frame, ["high" if k > 16 else "low" for k in range(40)])
    written = polars.DataFrame({"income": ["$500.00", "$19,000.00"], "age": ["1", "38"]})
    expected = model.predict_proba(polars.DataFrame({"income": [500.0, 19e3], "age": [1, 38]}))
    np.testing.assert_array_equal(model.predict_proba(written), expected)
    with pytest.raises(ValueError, match="row 2: 'income' is 'much', which is not a number"):
        model.predict(polars.DataFrame({"income": ["500", "much"], "age": ["1", "2"]}))
    with pytest.warns(DataNote, match="'age': 1 value is not a number"):
        model.predict(polars.DataFrame({"income": ["500", "600"], "age": ["1", "old"]}))
