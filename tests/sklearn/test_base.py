"""What all estimators share: scikit-learn's own checks, cloning, random states, run folders instead of pickles."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

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

SCRIPT = """
import json, warnings
from sklearn.utils.estimator_checks import check_estimator
import axone.sklearn
warnings.simplefilter("ignore")
results = check_estimator(axone.sklearn.{name}({arguments}), on_skip=None, on_fail=None)
print(json.dumps([[one["check_name"], one["status"], str(one["exception"])[:500]] for one in results]))
"""


@pytest.mark.long
@pytest.mark.parametrize("name", CHECKED)
def test_all_checks_of_scikit_learn_pass(name):
    # In a process without type checks: scikit-learn sets invalid parameters, which only `fit` may refuse.
    script = SCRIPT.format(name=name, arguments=CHECKED[name])
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    results = json.loads(process.stdout)
    assert [result for result in results if result[1] not in ("passed", "skipped")] == []
    assert {check for check, status, _why in results if status == "skipped"} <= SKIPPED.keys()
    assert sum(status == "passed" for _check, status, _why in results) > 45


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
