"""The system `mlp` on tables as estimators: `MLPClassifier` and `MLPRegressor`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from sklearn.base import RegressorMixin  # type: ignore[import-untyped]
from sklearn.utils import column_or_1d  # type: ignore[import-untyped]
from sklearn.utils.validation import (  # type: ignore[import-untyped]
    _check_feature_names,
    _check_n_features,
    check_array,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)
from torch import Tensor

from axone.data.tables.files import TableContent, read_content
from axone.data.tables.known_columns import read_known_columns, warn_of
from axone.data.tables.table import Table
from axone.data.tables.values.column import Column
from axone.data.tables.values.infer import infer_columns
from axone.engine.experiment import Experiment
from axone.errors import DataError
from axone.sklearn.arrays import TARGET, to_tensor
from axone.sklearn.base import SystemClassifier, SystemEstimator, as_value_error, combine_weights
from axone.tasks.tables.predict import answer_frame


class TableEstimator(SystemEstimator):
    """The base of classifier and regressor: their parameters, reading X, and answers of the network."""

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
        validation_fraction: float = 0.1,
        random_state: Any = None,
        verbose: bool = False,
        settings: dict[str, Any] | None = None,
    ) -> None:
        """Set parameters, which are settings of the system `mlp`; None: its default for this table.

        `validation_fraction` of the rows select the best epoch; 0: all rows are used for training. `settings` holds
        further settings by name, as `axone train mlp --help` lists them.
        """
        self._set_parameters(locals())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = False  # arrays contain numbers; only frames have columns of strings
        return tags

    def _given_settings(self) -> dict[str, Any]:
        values = super()._given_settings()
        return values | ({"units": tuple(values["units"])} if "units" in values else {}) | {"test": 0.0}

    def _read_frame(self, X: Any, *, reset: bool) -> Any:
        """Return X as a polars frame with the columns' names in training; without names they are numbered."""
        frame = self._convert_frame(X, reset=reset)
        if reset:
            self._column_names = list(frame.columns)
        # Where one of fit and predict had names and the other one none, scikit-learn warns and goes by position.
        return frame.rename(dict(zip(frame.columns, self._column_names)))

    def _extend_facts(self, experiment: Experiment) -> dict[str, Any]:
        return {**super()._extend_facts(experiment), "column_names": self._column_names}

    def _convert_frame(self, X: Any, *, reset: bool) -> Any:
        if hasattr(X, "columns") and not hasattr(X, "sparse_check"):
            _check_feature_names(self, X, reset=reset)
            _check_n_features(self, X, reset=reset)
            with as_value_error():
                frame = read_content(X).frame
            _require_finite(frame)
            if frame.height == 0:
                raise ValueError(
                    f"Found array with 0 sample(s) (shape={frame.shape}) while a minimum of 1 is required."
                )
            return frame
        values = validate_data(self, X, reset=reset, dtype="numeric", ensure_all_finite="allow-nan")
        with as_value_error():
            return read_content(np.asarray(values, dtype=np.float64)).frame

    def _answer(self, X: Any) -> tuple[Float[Tensor, "rows outputs"], Int64[Tensor, " rows"] | None]:
        """Return probabilities and class indices of rows; for a regression, values and None."""
        check_is_fitted(self)
        frame = self._read_frame(X, reset=False)
        facts = self.facts_
        with as_value_error():
            content = TableContent(frame, "X", "")
            rows = read_known_columns(content, facts)
            if rows.errors:
                row = min(rows.errors)
                raise DataError(f"{content.locate(row)}: {rows.errors[row]}")
            warn_of((*rows.notes, *rows.unreadable_notes))
            return answer_frame(self.network_, facts, rows.frame, exact=True)

    def _restore(self) -> None:
        self._column_names = self.facts_["column_names"]
        self.n_features_in_ = len(self._column_names)


class MLPClassifier(SystemClassifier, TableEstimator):
    """Dense networks that predict classes: an ensemble with periodic features, see `axone.systems.mlp`."""

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
        class_weight: Any = None,
        validation_fraction: float = 0.0,
        random_state: Any = None,
        verbose: bool = False,
        settings: dict[str, Any] | None = None,
    ) -> None:
        """Set parameters as in `TableEstimator`; `class_weight` is None, "balanced", or a dict of weights."""
        self._set_parameters(locals())

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPClassifier:
        """Train on rows X (an array, or a frame with categories and missing values) and their classes y.

        `sample_weight` is the weight of each row's loss.
        """
        frame = self._read_frame(X, reset=True)
        labels = _read_labels(y)
        check_consistent_length(frame, labels)
        weights = self._combine_weights(sample_weight, labels, labels)
        targets = torch.from_numpy(self._encode_labels(labels))
        self._train(_make_table(frame, "classification", self._class_names, targets, [TARGET], weights))
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, in the order of `classes_`: (rows, classes)."""
        probabilities, _labels = self._answer(X)
        return np.asarray(probabilities.numpy())

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each row; for two classes, by the decision threshold."""
        _probabilities, labels = self._answer(X)
        assert labels is not None
        return np.asarray(self.classes_[labels.numpy()])


class MLPRegressor(RegressorMixin, TableEstimator):
    """Dense networks that predict one or several numbers: an ensemble with periodic features."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """Train on rows X (an array, or a frame with categories and missing values) and y: (rows,) or (rows, k).

        `sample_weight` is the weight of each row's squared error.
        """
        frame = self._read_frame(X, reset=True)
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        values = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        if values.ndim == 2 and values.shape[1] == 1:
            values = column_or_1d(values, warn=True)
        check_consistent_length(frame, values)
        self._is_single = values.ndim == 1
        targets = torch.from_numpy(np.array(values.reshape(len(values), -1)))  # a copy, which torch may write to
        names = [TARGET] if self._is_single else [f"(target {k})" for k in range(targets.shape[1])]
        weights = combine_weights(sample_weight, values)
        self._train(_make_table(frame, "regression", (), targets, names, weights))
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the predicted numbers: (rows,) or (rows, k)."""
        values = self._answer(X)[0].numpy()
        return np.asarray(values[:, 0] if self._is_single else values)

    def _restore(self) -> None:
        super()._restore()
        self._is_single = [target["name"] for target in self.facts_["targets"]] == [TARGET]


def _make_table(
    frame: Any,
    task: str,
    classes: Sequence[str],
    targets: Tensor,
    names: Sequence[str],
    weights: Float[np.ndarray, " rows"] | None,
) -> Table:
    """Return X and y as a table of Axone. Raises ValueError."""
    import polars

    kinds = {column: "number" for column in frame.columns if frame[column].dtype.is_numeric()}
    columns: list[Column] = []
    dropped: list[Column] = []
    features = []
    with as_value_error():
        for column, values in infer_columns(frame, kinds):
            (dropped if column.kind == "drop" else columns).append(column)
            features += [] if column.kind == "drop" else [values]
    if not columns:
        raise ValueError("X has no usable column.")
    return Table(
        "X", "from Python", tuple(names), task, tuple(classes), targets, polars.DataFrame(features),
        tuple(columns), tuple(dropped), weights=to_tensor(weights),
    )  # fmt: skip


def _read_labels(y: Any) -> np.ndarray:
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
