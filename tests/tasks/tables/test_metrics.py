"""Curves and metrics against those of scikit-learn."""

import numpy as np
import pytest

from axone.tasks.tables.metrics import (
    best_threshold,
    calibration_curve,
    permutation_importance,
    precision_recall_curve,
    r2_score,
    roc_curve,
    threshold_metrics,
)
from sklearn import calibration, inspection, linear_model, metrics


@pytest.fixture(params=[0, 1])
def scored(request):
    rng = np.random.default_rng(request.param)
    labels = rng.random(400) < 0.3
    scores = np.clip(rng.normal(0.35 + 0.3 * labels, 0.2), 0, 1)
    return labels, scores.round(2) if request.param else scores  # with and without ties


def test_areas_are_those_of_scikit_learn(scored):
    labels, scores = scored
    assert roc_curve(labels, scores).area == pytest.approx(metrics.roc_auc_score(labels, scores))
    assert precision_recall_curve(labels, scores).area == pytest.approx(metrics.average_precision_score(labels, scores))


def test_points_are_those_of_scikit_learn(scored):
    labels, scores = scored
    x, y, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False)
    result = roc_curve(labels, scores)
    np.testing.assert_allclose((result.x, result.y), (x, y))
    np.testing.assert_allclose(result.thresholds[1:], thresholds[1:])


def test_calibration_bins_are_those_of_scikit_learn(scored):
    labels, scores = scored
    scores = scores * 0.999  # a probability of exactly one tenth lies on the border of two bins
    true, predicted = calibration.calibration_curve(labels, scores, n_bins=10)
    result = calibration_curve(labels, scores)
    np.testing.assert_allclose((result.fraction_positive, result.mean_predicted), (true, predicted))
    assert result.rows.sum() == 400


@pytest.mark.parametrize("rule", ["f1", "balanced"])
def test_no_threshold_has_a_better_metric(scored, rule):
    labels, scores = scored
    metric = {"f1": metrics.f1_score, "balanced": metrics.balanced_accuracy_score}[rule]
    best = metric(labels, scores >= best_threshold(labels, scores, rule))
    assert best == pytest.approx(max(metric(labels, scores >= threshold) for threshold in np.unique(scores)))


def test_an_unknown_rule_is_refused(scored):
    with pytest.raises(ValueError, match="unknown rule"):
        best_threshold(*scored, "profit")


def test_metrics_at_a_threshold(scored):
    labels, scores = scored
    result = threshold_metrics(labels, scores, 0.5)
    expected = metrics.precision_recall_fscore_support(labels, scores >= 0.5, average="binary")[:3]
    np.testing.assert_allclose((result["precision"], result["recall"], result["f1"]), expected)
    assert result["accuracy"] == pytest.approx(metrics.accuracy_score(labels, scores >= 0.5))
    assert threshold_metrics(labels, scores, 2.0)["f1"] == 0


def test_permutation_importance_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((500, 3))
    y = 3 * X[:, 0] + X[:, 1] + 0.1 * rng.standard_normal(500)
    model = linear_model.LinearRegression().fit(X, y)

    def score(column, order):
        permuted = X.copy()
        if column is not None:
            permuted[:, column] = X[order, column]
        return metrics.r2_score(y, model.predict(permuted))

    result = permutation_importance(score, 3, 500, repeats=20)
    expected = inspection.permutation_importance(model, X, y, n_repeats=20, random_state=0).importances_mean
    np.testing.assert_allclose(result.mean(1), expected, rtol=0.1, atol=1e-3)
    assert np.array_equal(result, permutation_importance(score, 3, 500, repeats=20))


def test_a_single_class_gives_finite_areas():
    for labels in (np.zeros(5, bool), np.ones(5, bool)):
        assert np.isfinite(roc_curve(labels, np.linspace(0, 1, 5)).area)
        assert np.isfinite(precision_recall_curve(labels, np.linspace(0, 1, 5)).area)


def test_r2_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    targets = rng.standard_normal((50, 2))
    values = targets + 0.3 * rng.standard_normal((50, 2))
    assert r2_score(targets, values) == pytest.approx(metrics.r2_score(targets, values))
    assert r2_score(np.ones((5, 1)), np.zeros((5, 1))) == 0
