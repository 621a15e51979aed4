"""Dense networks on tables as estimators: `MLPClassifier` and `MLPRegressor`, over the system `mlp`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sklearn.base import ClassifierMixin, RegressorMixin  # type: ignore[import-untyped]
from sklearn.utils import column_or_1d  # type: ignore[import-untyped]
from sklearn.utils.multiclass import check_classification_targets  # type: ignore[import-untyped]
from sklearn.utils.validation import (  # type: ignore[import-untyped]
    _check_feature_names,
    _check_n_features,
    check_array,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from axone.data.tables.columns import select_columns
from axone.data.tables.files import read_content
from axone.data.tables.load import Table
from axone.data.tables.types import Column, infer_column
from axone.sklearn.base import SystemEstimator, told_as_value_error
from axone.tasks.tables.tabular import predicted

TARGET = "(target)"


class _Tabular(SystemEstimator):
    """What classifier and regressor share: parameters, reading of X, and asking the network."""

    SYSTEM = "mlp"

    def __init__(
        self,
        *,
        network: str | None = None,
        units: Sequence[int] | None = None,
        members: int | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        dropout: float | None = None,
        validation_fraction: float = 0.0,
        random_state: Any = None,
        settings: dict[str, Any] | None = None,
    ) -> None:
        """Take settings of the system `mlp`; None leaves its own choice for the table at hand.

        `validation_fraction` of the rows choose the best epoch; 0: the whole table is learned from. `settings` are
        further ones by name, as `axone train mlp --help` lists them.
        """
        self.network = network
        self.units = units
        self.members = members
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.dropout = dropout
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.settings = settings

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = False  # arrays hold numbers; words stand in frames
        return tags

    def _asked(self) -> dict[str, Any]:
        found = super()._asked()
        return {name: tuple(value) if name == "units" else value for name, value in found.items()} | {"test": 0.0}

    def _features(self, X: Any, *, reset: bool) -> Any:
        """Return X as a polars frame, its columns called by name, or by number where they have none."""
        if hasattr(X, "columns") and not hasattr(X, "sparse_check"):
            _check_feature_names(self, X, reset=reset)
            _check_n_features(self, X, reset=reset)
            with told_as_value_error():
                frame = read_content(X).frame
            _require_finite(frame)
            if frame.height == 0:
                raise ValueError(
                    f"Found array with 0 sample(s) (shape={frame.shape}) while a minimum of 1 is required."
                )
            return frame
        values = validate_data(self, X, reset=reset, dtype="numeric", ensure_all_finite="allow-nan")
        with told_as_value_error():
            return read_content(np.asarray(values, dtype=np.float64)).frame

    def _table(
        self, frame: Any, task: str, classes: Sequence[str], targets: torch.Tensor, names: Sequence[str]
    ) -> Table:
        """Return X and y as a table of Axone's, ready to be learned from."""
        kinds = {column: "number" for column in frame.columns if frame[column].dtype.is_numeric()}
        columns: list[Column] = []
        dropped: list[Column] = []
        kept = []
        with told_as_value_error():
            for series in frame.iter_columns():
                column, values = infer_column(series, kinds.get(series.name))
                (dropped if column.kind == "drop" else columns).append(column)
                kept += [] if column.kind == "drop" else [values]
        if not columns:
            raise ValueError("X has no column to learn from.")
        import polars

        return Table(
            "X", "from Python", tuple(names), task, tuple(classes), targets, polars.DataFrame(kept),
            tuple(columns), tuple(dropped),
        )  # fmt: skip

    def _answers(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        frame = self._features(X, reset=False)
        facts = self.facts_
        with told_as_value_error():
            rows = select_columns(frame, facts["columns"], facts["not_used"], name="X")
            return np.asarray(predicted(self.network_, facts, rows, exact=True).numpy())

    def _restore(self) -> None:
        names = self.facts_["feature_names"]
        self.n_features_in_ = len(names) or len(self.facts_["columns"]) + len(self.facts_["not_used"])


class MLPClassifier(ClassifierMixin, _Tabular):
    """Dense layers that name the class of a row: an ensemble with periodic features, see `axone.systems.mlp`."""

    def fit(self, X: Any, y: Any) -> MLPClassifier:
        """Learn from rows X (an array, or a frame with words and gaps) and their classes y."""
        frame = self._features(X, reset=True)
        labels = _labels(y)
        check_consistent_length(frame, labels)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"{type(self).__name__} needs at least 2 classes; y has 1 class.")
        names = [str(label) for label in self.classes_]
        targets = torch.from_numpy(codes.astype(np.int64))
        self._train(self._table(frame, "classification", names, targets, [TARGET]))
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, in the order of `classes_`: (rows, classes)."""
        return self._answers(X)

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each row."""
        chances = self.predict_proba(X)
        answers = chances.argmax(1)
        if len(self.classes_) == 2 and (threshold := float(self.network_.get_buffer("threshold"))) != 0.5:
            answers = (chances[:, 1] >= threshold).astype(int)
        return np.asarray(self.classes_[answers])


class MLPRegressor(RegressorMixin, _Tabular):
    """Dense layers that predict one number a row or several: an ensemble with periodic features."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any) -> MLPRegressor:
        """Learn from rows X (an array, or a frame with words and gaps) and their numbers y: (rows,) or (rows, k)."""
        frame = self._features(X, reset=True)
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        values = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        if values.ndim == 2 and values.shape[1] == 1:
            values = column_or_1d(values, warn=True)
        check_consistent_length(frame, values)
        self._one = values.ndim == 1
        targets = torch.from_numpy(np.ascontiguousarray(values.reshape(len(values), -1)))
        names = [TARGET] if self._one else [f"(target {place})" for place in range(targets.shape[1])]
        self._train(self._table(frame, "regression", (), targets, names))
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the number of each row, or the numbers: (rows,) or (rows, k)."""
        values = self._answers(X)
        return values[:, 0] if self._one else values

    def _restore(self) -> None:
        super()._restore()
        self._one = [target["name"] for target in self.facts_["targets"]] == [TARGET]


def _labels(y: Any) -> np.ndarray:
    if y is None:
        raise ValueError("This classifier requires y to be passed, but the target y is None.")
    labels = column_or_1d(y, warn=True)
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise ValueError("Input y contains NaN or infinity.")
    return np.asarray(labels)


def _require_finite(frame: Any) -> None:
    for column in frame.iter_columns():
        if column.dtype.is_float() and bool(column.is_infinite().any()):
            raise ValueError(f"Input X contains infinity (column {column.name!r}).")
