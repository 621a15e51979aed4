"""The estimators in scikit-learn's world: its own checks, its tools, and folders instead of pickles."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import polars
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import axone
from axone.errors import RunError
from axone.sklearn import AutoencoderTransformer, ImageClassifier, MLPClassifier, MLPRegressor, PerceptronClassifier

QUICK = {"units": (16,), "members": 2, "epochs": 30, "random_state": 0}
# What scikit-learn itself skips, and why.
SKIPPED = {"check_array_api_input": "needs SCIPY_ARRAY_API=1 in the environment before scipy is imported"}


CHECKS = """
import json, sys, warnings
from sklearn.utils.estimator_checks import check_estimator
import axone.sklearn
warnings.simplefilter("ignore")
results = check_estimator(getattr(axone.sklearn, sys.argv[1])(), on_skip=None, on_fail=None)
print(json.dumps([[one["check_name"], one["status"], str(one["exception"])[:500]] for one in results]))
"""


@pytest.mark.long
@pytest.mark.parametrize("name", ["AutoencoderTransformer", "MLPClassifier", "MLPRegressor", "PerceptronClassifier"])
def test_scikit_learn_finds_no_fault(name):
    # In a process without our checks of types: scikit-learn sets parameters to nonsense, which only `fit` may refuse.
    done = subprocess.run([sys.executable, "-c", CHECKS, name], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert [one for one in results if one[1] not in ("passed", "skipped")] == []
    assert {check for check, status, _why in results if status == "skipped"} <= SKIPPED.keys()
    assert sum(status == "passed" for _check, status, _why in results) > 45


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_a_rows_answer_does_not_depend_on_the_rows_beside_it(kind):
    X, y = load_iris(return_X_y=True)
    model = kind(**QUICK).fit(X, y)
    ask = model.predict_proba if kind is MLPClassifier else model.predict
    np.testing.assert_allclose(
        np.concatenate([ask(X[row : row + 1]) for row in range(0, 150, 7)]), ask(X)[::7], rtol=1e-12
    )


@pytest.mark.parametrize("estimator", [MLPClassifier(**QUICK), PerceptronClassifier(random_state=0)])
def test_scikit_learns_tools_take_it(estimator):
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    assert cross_val_score(make_pipeline(StandardScaler(), estimator), X, names, cv=3).mean() > 0.9
    again = clone(estimator).fit(X, names)
    assert np.array_equal(estimator.fit(X, names).predict_proba(X), again.predict_proba(X))
    assert list(again.classes_) == ["setosa", "versicolor", "virginica"] and set(again.predict(X)) == set(names)
    np.testing.assert_allclose(again.predict_proba(X).sum(1), 1, rtol=1e-6)


def test_a_grid_is_searched():
    X, y = load_diabetes(return_X_y=True)
    search = GridSearchCV(MLPRegressor(**QUICK), {"epochs": [1, 30]}, cv=2).fit(X, y)
    assert search.best_params_ == {"epochs": 30} and search.best_score_ > 0.3


def test_fitting_leaves_the_random_states_of_the_process_alone():
    X, y = load_iris(return_X_y=True)
    np.random.seed(3)
    torch.manual_seed(3)
    wanted = np.random.RandomState(3).rand(), torch.rand(1, generator=torch.Generator().manual_seed(3)).item()
    MLPClassifier(**QUICK).fit(X, y)
    assert (np.random.rand(), torch.rand(1).item()) == wanted


@pytest.mark.parametrize("kind", ["polars", "pandas"])
def test_frames_with_words_and_gaps(kind):
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


CASES = {
    "classes": (MLPClassifier(**QUICK), load_breast_cancer),
    "numbers": (MLPRegressor(**QUICK), load_diabetes),
    "neuron": (PerceptronClassifier(epochs=3, random_state=0), load_iris),
}


@pytest.mark.parametrize("case", CASES)
def test_saved_to_a_folder_it_comes_back_and_the_command_line_knows_it(case, tmp_path):
    model, load = CASES[case]
    X, y = load(return_X_y=True)
    model.fit(X, y)
    model.save(tmp_path / "mine")
    again = type(model).load(tmp_path / "mine")
    assert np.array_equal(again.predict(X), model.predict(X)) and again.get_params() == model.get_params()
    assert again.n_features_in_ == X.shape[1]
    run = axone.load(tmp_path / "mine")
    answer = run.predict({str(n): float(value) for n, value in enumerate(X[0])})
    if case == "numbers":
        assert answer.value == pytest.approx(model.predict(X[:1])[0], rel=1e-4)
    else:
        assert answer.label == str(model.predict(X[:1])[0])
    with pytest.raises(RunError, match="there already"):
        model.save(tmp_path / "mine")
    with pytest.raises(RunError, match="not the folder of a"):
        ImageClassifier.load(tmp_path / "mine")


def test_pictures(tmp_path):
    X, y = load_digits(return_X_y=True)
    pictures = (X / 16).reshape(-1, 8, 8)
    settings = {"padding": "same", "channels": (8, 8), "dense": (16,)}
    given = {"epochs": 4, "batch_size": 32, "random_state": 0, "settings": settings}
    model = ImageClassifier(**given, learning_rate=0.01).fit(pictures[:1200], y[:1200])
    assert model.score(pictures[1200:], y[1200:]) > 0.6
    rows = clone(model).set_params(image_shape=(8, 8)).fit(X[:1200] / 16, y[:1200])
    assert np.array_equal(rows.predict_proba(X[1200:1250] / 16), model.predict_proba(pictures[1200:1250]))
    again = ImageClassifier.load(model.save(tmp_path / "pictures"))
    assert np.array_equal(again.predict(pictures), model.predict(pictures))
    with pytest.raises(ValueError, match="image_shape"):
        model.predict(X)
    with pytest.raises(ValueError, match="Pixels run from"):
        model.predict(pictures * 300)


def test_fewer_numbers_than_principal_components_need(tmp_path):
    X, _y = load_digits(return_X_y=True)
    train, test = X[:1400], X[1400:]
    model, linear = AutoencoderTransformer(2, random_state=0).fit(train), PCA(2).fit(train)

    def error(way):
        return np.square(way.inverse_transform(way.transform(test)) - test).mean()

    assert error(model) < 0.9 * error(linear)
    latents = model.transform(test)
    assert latents.shape == (397, 2) and latents.dtype == np.float64
    np.testing.assert_allclose(model.transform(test[5:6]), latents[5:6], rtol=1e-9)  # whatever stands beside it
    assert list(model.get_feature_names_out()) == ["autoencodertransformer0", "autoencodertransformer1"]
    again = AutoencoderTransformer.load(model.save(tmp_path / "digits"))
    assert np.array_equal(again.transform(test), latents) and again.n_features_in_ == 64
    assert axone.load(tmp_path / "digits").predict(test[0]).latent == pytest.approx(tuple(latents[0]), rel=1e-3)
    with pytest.raises(ValueError, match="expected 2 latents"):
        model.inverse_transform(test)


def test_reduction_stands_in_pipelines():
    X, y = load_iris(return_X_y=True)
    steps = make_pipeline(StandardScaler(), AutoencoderTransformer(2, epochs=60, random_state=0), LogisticRegression())
    assert cross_val_score(steps, X, y, cv=3).mean() > 0.85
    frame = polars.DataFrame(X, schema=["a", "b", "c", "d"])
    made = AutoencoderTransformer(2, epochs=5, random_state=0).set_output(transform="polars").fit_transform(frame)
    assert made.columns == ["autoencodertransformer0", "autoencodertransformer1"]
    for wrong in (0, 5):
        with pytest.raises(ValueError, match="n_components"):
            AutoencoderTransformer(wrong).fit(X)


def test_what_axone_refuses_is_a_value_error():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match="at least 2 classes"):
        MLPClassifier(**QUICK).fit(X, np.zeros(150))
    with pytest.raises(ValueError, match="epochs cannot be '0'"):
        MLPClassifier(epochs=0).fit(X, y)
    with pytest.raises(ValueError, match="infinity"):
        MLPClassifier(**QUICK).fit(polars.DataFrame({"a": [1.0, float("inf")] * 20}), [0, 1] * 20)
