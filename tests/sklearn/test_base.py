"""What all estimators share: scikit-learn's own checks, cloning, random states, run folders instead of pickles."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings

import numpy as np
import pandas
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression

import axone
from axone.errors import RunError
from axone.sklearn import AutoencoderTransformer, ImageClassifier, MLPClassifier, MLPRegressor, PerceptronClassifier

QUICK = {"units": (16,), "members": 2, "epochs": 15, "batch_size": 32, "learning_rate": 0.02, "random_state": 0}
# The checks train hundreds of times, so each training is short: they ask for consistency, and some for an accuracy.
CHECKED = {
    "AutoencoderTransformer": "epochs=5",
    "MLPClassifier": "units=(16,), members=2, epochs=15, batch_size=32, learning_rate=0.02",
    "MLPRegressor": "units=(16,), members=2, epochs=15, batch_size=32, learning_rate=0.02",
    "PerceptronClassifier": "",
}
# What scikit-learn itself skips, and why.
SKIPPED = {"check_array_api_input": "needs SCIPY_ARRAY_API=1 in the environment before scipy is imported"}

# What fails in every training by batches of rows, in scikit-learn's own MLPClassifier too, and why.
EXPECTED_TO_FAIL = {
    "check_sample_weight_equivalence_on_dense_data": "a row of weight 2 is in one batch, and two equal rows are in "
    "two batches: the trainings are equal only in expectation"
}
LONGEST = 360  # seconds of a processor: three minutes on two cores

SCRIPT = """
import json, time, warnings
from sklearn.utils.estimator_checks import check_estimator
import axone.sklearn
warnings.simplefilter("ignore")
estimator = axone.sklearn.{name}({arguments})
expected = {expected} if hasattr(estimator, "predict") else {{}}
results = check_estimator(estimator, on_skip=None, on_fail=None, expected_failed_checks=expected)
results = [[one["check_name"], one["status"], str(one["exception"])[:500]] for one in results]
print(json.dumps([results, time.process_time()]))
"""


@pytest.mark.long
@pytest.mark.parametrize("name", CHECKED)
def test_all_checks_of_scikit_learn_pass(name):
    # In a process without type checks: scikit-learn sets invalid parameters, which only `fit` may refuse.
    script = SCRIPT.format(name=name, arguments=CHECKED[name], expected=EXPECTED_TO_FAIL)
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    results, seconds = json.loads(process.stdout)
    assert [result for result in results if result[1] not in ("passed", "skipped", "xfail")] == []
    assert {check for check, status, _why in results if status == "xfail"} <= EXPECTED_TO_FAIL.keys()
    assert {check for check, status, _why in results if status == "skipped"} <= SKIPPED.keys()
    assert sum(status == "passed" for _check, status, _why in results) > 45
    assert seconds < LONGEST


def test_every_parameter_is_an_attribute_and_survives_cloning():
    for kind in (AutoencoderTransformer, ImageClassifier, MLPClassifier, MLPRegressor, PerceptronClassifier):
        estimator = kind(epochs=7, random_state=3)
        assert estimator.get_params()["epochs"] == estimator.epochs == 7
        assert clone(estimator).get_params() == estimator.get_params()


def test_fitting_does_not_change_the_random_states_of_the_process():
    X, y = load_iris(return_X_y=True)
    np.random.seed(3)
    torch.manual_seed(3)
    expected = np.random.RandomState(3).rand(), torch.rand(1, generator=torch.Generator().manual_seed(3)).item()
    MLPClassifier(**{**QUICK, "epochs": 1}).fit(X, y)
    assert (np.random.rand(), torch.rand(1).item()) == expected


CASES = {
    "classes": (MLPClassifier(**{**QUICK, "epochs": 3}), load_breast_cancer),
    "numbers": (MLPRegressor(**{**QUICK, "epochs": 3}), load_diabetes),
    "neuron": (PerceptronClassifier(epochs=3, random_state=0), load_iris),
}


@pytest.mark.parametrize("case", CASES)
def test_a_saved_estimator_is_loaded_again_and_is_a_run(case, tmp_path):
    model, load = CASES[case]
    X, y = load(return_X_y=True)
    model.fit(X, y)
    model.save(tmp_path / "mine")
    loaded = type(model).load(tmp_path / "mine")
    assert np.array_equal(loaded.predict(X), model.predict(X)) and loaded.get_params() == model.get_params()
    assert loaded.n_features_in_ == X.shape[1] and loaded.n_iter_ == model.n_iter_
    answer = axone.load(tmp_path / "mine").predict({str(n): float(value) for n, value in enumerate(X[0])})
    if case == "numbers":
        assert answer.value == pytest.approx(model.predict(X[:1])[0], rel=1e-4)
    else:
        assert answer.label == str(model.predict(X[:1])[0])
    with pytest.raises(RunError, match="exists already"):
        model.save(tmp_path / "mine")
    with pytest.raises(RunError, match="not the folder of a"):
        ImageClassifier.load(tmp_path / "mine")


def test_invalid_settings_and_data_are_value_errors():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match="at least 2 classes"):
        MLPClassifier(**QUICK).fit(X, np.zeros(150))
    with pytest.raises(ValueError, match="epochs cannot be '0'"):
        MLPClassifier(epochs=0).fit(X, y)


def test_the_loss_of_each_epoch_is_kept_and_saved(tmp_path):
    X, y = load_iris(return_X_y=True)
    model = MLPClassifier(**QUICK).fit(X, y)
    assert model.n_iter_ == len(model.loss_curve_) == 15
    assert model.loss_ == model.loss_curve_[-1] < model.loss_curve_[0]
    loaded = MLPClassifier.load(model.save(tmp_path / "mine"))
    assert loaded.loss_curve_ == model.loss_curve_ and loaded.n_iter_ == 15


def test_estimators_are_quiet_unless_verbose(capfd):
    X, y = load_iris(return_X_y=True)
    MLPClassifier(**{**QUICK, "epochs": 2}).fit(X, y)
    assert capfd.readouterr() == ("", "")
    MLPClassifier(**{**QUICK, "epochs": 2}, verbose=True).fit(X, y)
    printed = "".join(capfd.readouterr())
    assert "150 training rows" in printed and "epoch 1/2" in printed and "epoch 2/2" in printed


def count_predictions(model, X, y, **options):
    return np.bincount(model.fit(X, y, **options).predict(X), minlength=3)


@pytest.mark.parametrize("kind", [MLPClassifier, PerceptronClassifier])
def test_weights_of_samples_and_of_classes_decide_what_is_learned(kind):
    X, y = load_iris(return_X_y=True)
    options = QUICK if kind is MLPClassifier else {"epochs": 20, "random_state": 0}
    weights = np.where(y == 1, 1e-3, 1.0)
    assert count_predictions(kind(**options), X, y)[1] > 30
    assert count_predictions(kind(**options), X, y, sample_weight=weights)[1] < 5
    by_class = kind(**options, class_weight={0: 1, 1: 1e-3, 2: 1}).fit(X, y)
    by_sample = kind(**options).fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(by_class.predict_proba(X), by_sample.predict_proba(X), rtol=1e-5, atol=1e-8)
    scaled = kind(**options).fit(X, y, sample_weight=7 * weights)  # the scale does not matter
    np.testing.assert_allclose(scaled.predict_proba(X), by_sample.predict_proba(X), rtol=1e-4, atol=1e-6)


def test_balanced_classes_find_a_rare_one():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(0, 1, (285, 2)), rng.normal(1.2, 1, (15, 2))])
    y = np.repeat(["common", "rare"], [285, 15])
    rare = {weight: (MLPClassifier(**QUICK, class_weight=weight).fit(X, y).predict(X) == "rare").sum()
            for weight in (None, "balanced")}  # fmt: skip
    assert rare["balanced"] > 2 * rare[None] and rare["balanced"] >= 15


def test_weights_matter_in_a_regression_and_in_scores():
    X, y = load_diabetes(return_X_y=True)
    large = y > 150
    plain = MLPRegressor(**QUICK).fit(X, y)
    weighted = MLPRegressor(**QUICK).fit(X, y, sample_weight=np.where(large, 1.0, 1e-3))
    assert weighted.predict(X).mean() > plain.predict(X).mean() + 30
    assert weighted.score(X, y, sample_weight=large) > plain.score(X, y, sample_weight=large)


def test_class_weights_are_saved_with_their_keys(tmp_path):
    X, y = load_iris(return_X_y=True)
    weights = {np.int64(0): 1, np.int64(1): np.float64(2), np.int64(2): 1}
    model = MLPClassifier(**{**QUICK, "epochs": 1}, class_weight=weights).fit(X, y)
    assert MLPClassifier.load(model.save(tmp_path / "mine")).class_weight == {0: 1, 1: 2.0, 2: 1}


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (-np.ones(150), "Negative values"),
        (np.zeros(150), "non-zero"),
        (np.ones(3), "expected"),
        (np.full(150, np.nan), "NaN"),
    ],
)
def test_invalid_weights_are_value_errors(weights, message):
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**QUICK).fit(X, y, sample_weight=weights)
    with pytest.raises(ValueError, match="class_weight"):
        MLPClassifier(**QUICK, class_weight="balance").fit(X, y)


@pytest.mark.parametrize("kind", [MLPClassifier, PerceptronClassifier, LogisticRegression])
def test_warnings_about_names_of_features_are_those_of_scikit_learn(kind):
    X, y = load_iris(return_X_y=True)
    frame = pandas.DataFrame(X, columns=["a", "b", "c", "d"])
    options = {"max_iter": 1000} if kind is LogisticRegression else {"epochs": 2, "random_state": 0}
    named, plain = kind(**options).fit(frame, y), kind(**options).fit(X, y)
    assert list(named.feature_names_in_) == ["a", "b", "c", "d"] and not hasattr(plain, "feature_names_in_")
    message = f"X does not have valid feature names, but {kind.__name__} was fitted with feature names"
    with pytest.warns(UserWarning, match=message):
        by_position = named.predict(X)
    assert np.array_equal(by_position, named.predict(frame))
    with pytest.warns(UserWarning, match=f"X has feature names, but {kind.__name__} was fitted without feature names"):
        by_position = plain.predict(frame)
    assert np.array_equal(by_position, plain.predict(X))
    with pytest.raises(ValueError, match="The feature names should match those that were passed during fit"):
        named.predict(frame[["b", "a", "c", "d"]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        named.predict(frame)
