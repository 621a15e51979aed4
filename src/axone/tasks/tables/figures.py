"""The figures of a report on a model of tables.

All are computed on rows that the model was not trained on: the test set, otherwise the validation set. What depends on
single columns (importance, partial dependence, decision boundary) is in `column_figures.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from jaxtyping import Float

from axone.engine.experiment import Experiment
from axone.figures.confusion import draw_confusion
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import format_number, format_percent
from axone.tasks.classification.metrics import confusion_counts, tabulate_classes
from axone.tasks.tables import charts, metrics
from axone.tasks.tables.column_figures import boundary_figure, column_figures, has_boundary
from axone.tasks.tables.evaluated_rows import EvaluatedRows


def make_figures(experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
    """Yield the decision boundary of two numbers after each epoch, and at the end (`final`) all figures."""
    evaluated = EvaluatedRows.of(experiment)
    if has_boundary(experiment.facts):
        yield boundary_figure(evaluated)
    if not final:
        return
    outputs = evaluated.outputs(evaluated.rows)
    if evaluated.classes:
        yield from _classification_figures(evaluated, outputs)
        if len(evaluated.classes) == 2:
            yield _threshold_table(evaluated, outputs)
    else:
        yield from _regression_figures(evaluated, outputs)
    yield from column_figures(evaluated)


def _classification_figures(
    evaluated: EvaluatedRows, probabilities: Float[np.ndarray, "rows classes"]
) -> Iterator[Figure | Table]:
    """Yield the confusion matrix, and the ROC, precision-recall and calibration curves."""
    classes, labels = evaluated.classes, evaluated.targets.numpy()
    counts = confusion_counts(evaluated.targets, torch.from_numpy(probabilities.argmax(1)), len(classes))
    yield Figure(
        "confusion", _("Confusion matrix"), draw_confusion(counts.numpy(), classes),
        _("Rows: true classes; columns: predicted classes."),
    )  # fmt: skip
    yield tabulate_classes(counts, classes, _("rows"))
    # One class against the others: the second of two, each that occurs of more.
    positive = [1] if len(classes) == 2 else [k for k in range(len(classes)) if (labels == k).any()][: charts.MAX_LINES]
    positive = [k for k in positive if 0 < (labels == k).sum() < len(labels)]
    if not positive:
        return
    curves = [metrics.roc_curve(labels == k, probabilities[:, k]) for k in positive]
    yield Figure(
        "roc", _("ROC curve"),
        charts.curves(_named(curves, classes, positive), _("false positive rate"), _("true positive rate"),
                      diagonal=True),
        _("Each point is a decision threshold. The number is the area under the curve; random guesses give 0.5."),
    )  # fmt: skip
    curves = [metrics.precision_recall_curve(labels == k, probabilities[:, k]) for k in positive]
    yield Figure(
        "precision-recall", _("Precision-recall curve"),
        charts.curves(_named(curves, classes, positive), _("recall"), _("precision")),
        _("Precision: the fraction of predicted positives that are correct. Recall: the fraction of actual positives "
          "that are predicted. The number is the average precision."),
    )  # fmt: skip
    if len(classes) == 2:
        bins = metrics.calibration_curve(labels == 1, probabilities[:, 1])
    else:
        bins = metrics.calibration_curve(probabilities.argmax(1) == labels, probabilities.max(1))
    yield Figure(
        "calibration", _("Calibration curve"),
        charts.curves([("", bins.mean_predicted, bins.fraction_positive)], _("predicted probability"),
                      _("observed frequency"), diagonal=True, markers=True),
        _("On the dashed line the probabilities are calibrated: 80 % of the rows with a predicted probability of 80 % "
          "belong to the class. Below the line the model is overconfident."),
    )  # fmt: skip


def _named(curves: list[metrics.Curve], classes: list[str], positive: list[int]) -> list[charts.Line]:
    return [
        (f"{classes[k]}: {format_number(round(curve.area, 4))}", curve.x, curve.y) for k, curve in zip(positive, curves)
    ]


def _threshold_table(evaluated: EvaluatedRows, probabilities: Float[np.ndarray, "rows classes"]) -> Table:
    """Return precision, recall, F1 and accuracy at several decision thresholds."""
    labels, scores = evaluated.targets.numpy() == 1, probabilities[:, 1]
    used = float(evaluated.network.get_buffer("threshold"))
    thresholds = {
        _("one half"): 0.5,
        _("best F1 score on these rows"): metrics.best_threshold(labels, scores, "f1"),
        _("best balanced accuracy on these rows"): metrics.best_threshold(labels, scores, "balanced"),
    }
    if used != 0.5:
        thresholds = {_("used by this run"): used, **thresholds}
    rows = []
    for name, threshold in thresholds.items():
        values = metrics.threshold_metrics(labels, scores, threshold)
        percentages = [format_percent(values[key]) for key in ("precision", "recall", "f1", "accuracy")]
        rows.append([name, round(threshold, 4), *percentages])
    columns = [_("threshold"), _("probability of '{name}'", name=evaluated.classes[1]), _("precision"), _("recall"),
               "F1", _("accuracy")]  # fmt: skip
    return Table("thresholds", _("Decision thresholds"), columns, rows)


def _regression_figures(
    evaluated: EvaluatedRows, outputs: Float[np.ndarray, "rows targets"]
) -> Iterator[Figure | Table]:
    """Yield predicted values and residuals of each target, and the table of its errors."""
    targets, rows = evaluated.targets.double().numpy(), []
    for k, target in enumerate(evaluated.facts["targets"]):
        name, mean, std = target["name"], target["mean"], target["std"]
        true, predicted = targets[:, k] * std + mean, outputs[:, k] * std + mean
        residual = predicted - true
        r2 = metrics.r2_score(true[:, None], predicted[:, None])
        absolute, squared = float(np.abs(residual).mean()), float(np.sqrt((residual**2).mean()))
        rows.append([name, round(r2, 4), format_number(absolute), format_number(squared)])
        suffix = "" if k == 0 else f"-{k + 1}"
        yield Figure(
            f"predicted{suffix}", _("Predicted and true values: {name}", name=name),
            charts.scatter(true, predicted, _("true"), _("predicted")),
        )  # fmt: skip
        yield Figure(
            f"residuals{suffix}", _("Residuals: {name}", name=name),
            charts.scatter(predicted, residual, _("predicted"), _("predicted - true"), horizontal=True),
            _("A visible pattern means that the target depends on the columns in a way the model has not learned."),
        )  # fmt: skip
    columns = [_("target"), "R²", _("mean absolute error"), _("root mean squared error")]
    yield Table("errors", _("Prediction errors"), columns, rows)
