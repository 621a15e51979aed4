"""Anomaly detection: which classes training never saw, and how well anomaly scores separate them from the others.

The usual layout of such data is train/good, and test/good next to test/crack and test/dirt (Bergmann and others 2019,
"MVTec AD"). A class that is left out with `--exclude-class` is measured in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int64

from axone.messages import _
from axone.metrics import PART
from axone.numbers import format_number
from axone.tasks.tables.metrics import roc_curve

USUAL_NAMES = ("good", "normal", "ok")  # of examples without a fault


def find_anomalies(classes: Sequence[str], known: Mapping[str, Any] | None, unseen: Sequence[str]) -> list[str]:
    """Return the classes that training does not see.

    Args:
        classes: The names of all classes of the data.
        known: The facts of the run that is evaluated; None: these are the data of a training.
        unseen: For a training: the classes that its training examples lack.
    """
    if known is None:
        return [name for name in classes if name in unseen]
    trained = known.get("trained_classes") or [name for name in USUAL_NAMES if name in classes]
    return [name for name in classes if name not in trained] if trained else []


def describe_anomalies(anomalies: Sequence[str], counts: Mapping[str, int]) -> str:
    """Say which classes are tested and not trained on."""
    listed = ", ".join(f"{name} ({format_number(counts.get(name, 0))})" for name in anomalies)
    return _("Only tested, as anomalies that training never sees: {names}.", names=listed)


def measure_anomalies(
    scores: Float[np.ndarray, " examples"],
    labels: Int64[np.ndarray, " examples"],
    classes: Sequence[str],
    anomalies: Sequence[str],
) -> dict[str, float]:
    """Return areas under the ROC curve: of all anomalies against the normal examples, and of each kind of them.

    Args:
        scores: Higher for what is more anomalous.
        labels: The class of each example.
        classes: The names of the classes.
        anomalies: The names of those that are anomalies.

    Returns:
        "auc", and "auc:NAME" for each kind that occurs; nothing without anomalies or without normal examples.
    """
    numbers = {name: list(classes).index(name) for name in anomalies}
    is_anomaly = np.isin(labels, list(numbers.values()))
    if not is_anomaly.any() or is_anomaly.all():
        return {}
    areas = {"auc": roc_curve(is_anomaly, scores).area}
    for name, number in numbers.items():
        chosen = ~is_anomaly | (labels == number)
        if (labels == number).any():
            areas[f"auc{PART}{name}"] = roc_curve(is_anomaly[chosen], scores[chosen]).area
    return areas
