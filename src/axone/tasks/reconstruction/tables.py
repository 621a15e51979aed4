"""The tables of an autoencoder's report: principal components as a baseline, errors by class and by column."""

from __future__ import annotations

import math

import numpy as np
import torch

from axone.figures.figure import Table
from axone.messages import _
from axone.metrics import PART
from axone.numbers import format_number, format_percent
from axone.tasks.reconstruction.anomalies import measure_anomalies
from axone.tasks.reconstruction.evaluated_examples import EvaluatedExamples, Reconstructor
from axone.tasks.reconstruction.latent_network import reconstruction_errors
from axone.tasks.reconstruction.pca import fit_pca
from axone.tasks.reconstruction.row_vectors import sum_by_column

MAX_PCA_EXAMPLES = 10_000  # training examples to which the components are fitted
MAX_PCA_NUMBERS = 50_000_000  # values of these examples that are held in memory


def compare_with_pca(model: Reconstructor, examples: EvaluatedExamples) -> Table:
    """Compare the mean squared error with that of as many principal components, fitted to training examples."""
    inputs, count = [], 0
    width = math.prod(model.facts["input"])
    for batch in model.batches(model.train):
        inputs.append(batch.inputs.flatten(1).cpu())
        count += len(batch.inputs)
        if count >= MAX_PCA_EXAMPLES or count * width > MAX_PCA_NUMBERS:
            break
    pca = fit_pca(torch.cat(inputs), model.network.latent)
    pca_error, mean_error = 0.0, 0.0
    for batch in model.batches(model.stream):
        flat = batch.inputs.flatten(1).cpu()
        projected = pca.inverse_transform(pca.transform(flat))
        pca_error += float(reconstruction_errors(flat, projected).double().sum())
        mean_error += float(reconstruction_errors(flat, pca.mean.expand_as(flat)).double().sum())
    total = len(examples.scores)
    rows = [
        [_("autoencoder"), model.network.latent, format_number(float(examples.scores.mean()))],
        [_("principal components of {count} training examples", count=format_number(count)), len(pca.components),
         format_number(pca_error / total)],
        [_("mean of the training examples"), 0, format_number(mean_error / total)],
    ]  # fmt: skip
    columns = [_("method"), _("numbers per example"), _("mean squared error")]
    return Table("components", _("Comparison with principal component analysis"), columns, rows)


def measure_classes(model: Reconstructor, examples: EvaluatedExamples) -> Table:
    """Measure the anomaly scores of each class; for a class that training does not see also how they separate it."""
    columns = [_("class"), _("examples"), _("mean anomaly score"), _("above the threshold")]
    if model.anomalies:
        columns.append(_("area under the ROC curve"))
    areas = measure_anomalies(examples.scores, examples.labels, model.classes, model.anomalies)
    above = examples.scores > float(model.network.threshold)
    rows = []
    for k, name in enumerate(model.classes):
        of_class = examples.labels == k
        if not of_class.any():
            continue
        scores = examples.scores[of_class]
        row = [
            name,
            int(of_class.sum()),
            format_number(float(scores.mean())),
            format_percent(float(above[of_class].mean()), 1),
        ]
        if model.anomalies:
            area = areas.get(f"auc{PART}{name}")
            row.append("" if area is None else format_number(round(area, 4)))
        rows.append(row)
    if len(model.anomalies) > 1 and areas:
        of_anomalies = np.isin(examples.labels, [model.classes.index(name) for name in model.anomalies])
        scores = examples.scores[of_anomalies]
        rows.append([
            _("all anomalies"), len(scores), format_number(float(scores.mean())),
            format_percent(float(above[of_anomalies].mean()), 1), format_number(round(areas["auc"], 4)),
        ])  # fmt: skip
    return Table("classes", _("Anomaly scores by class"), columns, rows)


def measure_columns(model: Reconstructor) -> Table:
    """Measure the share of each column's variance that the reconstruction loses."""
    parts = [
        (batch.inputs.cpu(), model.reconstruct(batch.inputs).outputs.cpu()) for batch in model.batches(model.stream)
    ]
    inputs, outputs = (torch.cat(part).double() for part in zip(*parts))
    errors = sum_by_column((outputs - inputs).square(), model.facts["columns"])
    deviations = sum_by_column((inputs - inputs.mean(0)).square(), model.facts["columns"])
    shares = {name: float(errors[name].sum() / deviations[name].sum().clamp_min(1e-12)) for name in errors}
    rows = [[name, format_percent(share, 1)] for name, share in sorted(shares.items(), key=lambda item: -item[1])]
    return Table("columns", _("Reconstruction error by column"), [_("column"), _("share of its variance")], rows)
