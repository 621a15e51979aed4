"""What can be said of a classifier from its answers: confusion counts, metrics per class, the worst mistakes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.figures.figure import Table
from axone.messages import _


def confusion_counts(
    targets: Int64[Tensor, " samples"], predictions: Int64[Tensor, " samples"], classes: int
) -> Int64[Tensor, "classes classes"]:
    """Count the samples of each true class (row) with each predicted class (column)."""
    return torch.bincount(targets * classes + predictions, minlength=classes * classes).reshape(classes, classes)


def tabulate_classes(
    counts: Int64[Tensor, "classes classes"], classes: Sequence[str], samples_label: str = ""
) -> Table:
    """Tabulate precision, recall, F1 (their harmonic mean) and the number of samples of each class.

    Args:
        counts: Confusion counts.
        classes: The names of the classes.
        samples_label: The heading of the number of samples; "images" where it is empty.
    """
    correct = counts.diagonal().double()  # [classes]
    precision = correct / counts.sum(0).clamp_min(1)
    recall = correct / counts.sum(1).clamp_min(1)
    f1 = 2 * precision * recall / (precision + recall).clamp_min(1e-12)
    rows = [
        [name, round(float(p), 4), round(float(r), 4), round(float(f), 4), int(count)]
        for name, p, r, f, count in zip(classes, precision, recall, f1, counts.sum(1), strict=True)
    ]
    columns = [_("class"), _("precision"), _("recall"), "F1", samples_label or _("images")]
    return Table("classes", _("Precision and recall of each class"), columns, rows)


def find_worst_mistakes(
    targets: Int64[Tensor, " samples"], probabilities: Float[Tensor, "samples classes"], count: int
) -> Int64[Tensor, " mistakes"]:
    """Return the positions of the wrong predictions with the smallest probability of the true class, worst first."""
    of_true_class = probabilities.gather(1, targets[:, None]).squeeze(1)  # [samples]
    wrong = (probabilities.argmax(1) != targets).nonzero().squeeze(1)
    return wrong[of_true_class[wrong].argsort(stable=True)][:count]
