"""The classes of images in memory: strings, whole numbers or truth values, in a list, an array, a tensor, a Series."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Int64
from torch import Tensor

from axone.errors import DataError
from axone.messages import _, plural


def encode_labels(y: Any, count: int) -> tuple[Int64[np.ndarray, " samples"], tuple[str, ...]]:
    """Return the number of the class of each image, and the names of the classes in the order of their numbers.

    Numbers are in numerical order, texts in alphabetical order.

    Args:
        y: The class of each image.
        count: The number of images.

    Raises:
        DataError: Another number of classes than images, missing or fractional values, or one value for several
            columns.
    """
    labels = np.asarray(y.detach().cpu().numpy() if isinstance(y, Tensor) else y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise DataError(
            _("y has shape {shape}.", shape=labels.shape),
            expected=_("expected one class for each image: shape ({count},)", count=count),
            hint=_("for one column per class, pass y.argmax(1)") if labels.ndim == 2 else None,
        )
    if len(labels) != count:
        raise DataError(
            plural("X has {count} image, but y has {labels} classes.", "X has {count} images, but y has {labels} "
                   "classes.", count, labels=len(labels)),
            expected=_("expected one class for each image"),
        )  # fmt: skip
    _require_present(labels)
    if labels.dtype.kind == "f":
        labels = _to_integers(labels)
    if labels.dtype.kind == "O":  # strings of pandas, or values of several types
        labels = np.array([str(value) for value in labels.tolist()])
    values, indices = np.unique(labels, return_inverse=True)
    return indices.reshape(-1).astype(np.int64), tuple(str(value) for value in values.tolist())


def _require_present(labels: np.ndarray) -> None:
    """Raise DataError when a class is missing: None, NaN or an empty text."""
    values = labels.tolist()
    missing = [row for row, value in enumerate(values) if value is None or value != value or str(value) == ""]
    if missing:
        raise DataError(
            plural("The class of {count} image is missing, first of image {first} (counted from 0).",
                   "The classes of {count} images are missing, first of image {first} (counted from 0).",
                   len(missing), first=missing[0]),
            hint=_("leave these images out of X and y"),
        )  # fmt: skip


def _to_integers(labels: np.ndarray) -> np.ndarray:
    fractional = labels[labels != np.rint(labels)]
    if len(fractional):
        raise DataError(
            _("y contains fractional numbers, for example {value}.", value=fractional[0]),
            expected=_("expected classes: texts or whole numbers"),
        )
    return labels.astype(np.int64)
