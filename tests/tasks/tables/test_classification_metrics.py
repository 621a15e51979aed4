"""Curves and figures against scikit-learn's."""

import numpy as np
import pytest
from sklearn import calibration, inspection, linear_model, metrics

from axone.tasks.tables.classification_metrics import at_threshold, best_threshold, importance, precision_recall, roc
from axone.tasks.tables.classification_metrics import calibration as binned


@pytest.fixture(params=[0, 1])
def scored(request):
    rng = np.random.default_rng(request.param)
    truth = rng.random(400) < 0.3
    scores = np.clip(rng.normal(0.35 + 0.3 * truth, 0.2), 0, 1)
    return truth, scores.round(2) if request.param else scores  # with and without ties


def test_areas_are_those_of_scikit_learn(scored):
    truth, scores = scored
    assert roc(truth, scores).area == pytest.approx(metrics.roc_auc_score(truth, scores))
    assert precision_recall(truth, scores).area == pytest.approx(metrics.average_precision_score(truth, scores))


def test_points_are_those_of_scikit_learn(scored):
    truth, scores = scored
    x, y, thresholds = metrics.roc_curve(truth, scores, drop_intermediate=False)
    found = roc(truth, scores)
    np.testing.assert_allclose((found.x, found.y), (x, y))
    np.testing.assert_allclose(found.thresholds[1:], thresholds[1:])


def test_bins_are_those_of_scikit_learn(scored):
    truth, scores = scored
    scores = scores * 0.999  # a probability of exactly one tenth lies on the border of two bins
    true, said = calibration.calibration_curve(truth, scores, n_bins=10)
    found = binned(truth, scores)
    np.testing.assert_allclose((found.true, found.said), (true, said))
    assert found.rows.sum() == 400


@pytest.mark.parametrize("rule", ["f1", "balanced"])
def test_no_threshold_is_better(scored, rule):
    truth, scores = scored
    worth = {"f1": metrics.f1_score, "balanced": metrics.balanced_accuracy_score}[rule]
    best = worth(truth, scores >= best_threshold(truth, scores, rule))
    assert best == pytest.approx(max(worth(truth, scores >= threshold) for threshold in np.unique(scores)))


def test_an_unknown_rule_is_refused(scored):
    with pytest.raises(ValueError, match="unknown rule"):
        best_threshold(*scored, "profit")


def test_figures_at_a_threshold(scored):
    truth, scores = scored
    found = at_threshold(truth, scores, 0.5)
    expected = metrics.precision_recall_fscore_support(truth, scores >= 0.5, average="binary")[:3]
    np.testing.assert_allclose((found["precision"], found["recall"], found["f1"]), expected)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(truth, scores >= 0.5))
    assert at_threshold(truth, scores, 2.0)["f1"] == 0


def test_importance_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((500, 3))
    y = 3 * X[:, 0] + X[:, 1] + 0.1 * rng.standard_normal(500)
    model = linear_model.LinearRegression().fit(X, y)

    def score(column, order):
        moved = X.copy()
        if column is not None:
            moved[:, column] = X[order, column]
        return metrics.r2_score(y, model.predict(moved))

    found = importance(score, 3, 500, repeats=20)
    expected = inspection.permutation_importance(model, X, y, n_repeats=20, random_state=0).importances_mean
    np.testing.assert_allclose(found.mean(1), expected, rtol=0.1, atol=1e-3)
    assert np.array_equal(found, importance(score, 3, 500, repeats=20))


def test_one_class_alone_divides_by_nothing():
    for truth in (np.zeros(5, bool), np.ones(5, bool)):
        assert np.isfinite(roc(truth, np.linspace(0, 1, 5)).area)
        assert np.isfinite(precision_recall(truth, np.linspace(0, 1, 5)).area)
