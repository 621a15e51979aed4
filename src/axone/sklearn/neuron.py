"""One neuron as an estimator: `PerceptronClassifier`, over the system `perceptron`."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import polars
import torch
from sklearn.base import ClassifierMixin  # type: ignore[import-untyped]
from sklearn.utils.multiclass import check_classification_targets  # type: ignore[import-untyped]
from sklearn.utils.validation import check_is_fitted, validate_data  # type: ignore[import-untyped]

from axone.data.tables.load import Table
from axone.data.tables.types import infer_column
from axone.sklearn.base import SystemEstimator
from axone.systems.perceptron import Settings, answer


class PerceptronClassifier(ClassifierMixin, SystemEstimator):
    """One neuron for two classes, one each for more, taught by gradient descent; columns of numbers only.

    As in the system, a fifth of the rows is held out to test on, and a share to choose the best epoch by
    (`validation_fraction`).
    """

    SYSTEM = "perceptron"

    def __init__(
        self,
        *,
        activation: str | None = None,
        loss: str | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        validation_fraction: float | None = 0.0,
        random_state: Any = None,
        settings: dict[str, Any] | None = None,
    ) -> None:
        """Take settings of the system `perceptron`; None leaves its own choice."""
        self.activation = activation
        self.loss = loss
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.settings = settings

    def fit(self, X: Any, y: Any) -> PerceptronClassifier:
        """Learn from rows X of numbers and their classes y."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"{type(self).__name__} needs at least 2 classes; y has 1 class.")
        found = [infer_column(polars.Series(str(place), X[:, place]), "number") for place in range(X.shape[1])]
        table = Table(
            "X", "from Python", ("(target)",), "classification", tuple(str(label) for label in self.classes_),
            torch.from_numpy(codes.astype(np.int64)), polars.DataFrame([values for _column, values in found]),
            tuple(column for column, _values in found),
        )  # fmt: skip
        self._train(table)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return how much the neuron says for each class, in the order of `classes_`, between 0 and 1."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        mean, std = (np.asarray(self.facts_[name]) for name in ("mean", "std"))
        inputs = torch.from_numpy((X - mean) / std).float().to(next(self.network_.parameters()).device)
        with torch.inference_mode():
            sums = self.network_.activations(inputs, "sum").float()  # type: ignore[operator]
            shares = answer(sums, cast(Settings, self.settings_)).cpu().double().numpy()
        if shares.shape[1] == 1:
            yes = shares.clip(0, 1)
            shares = np.concatenate([1 - yes, yes], axis=1)
        names = self.facts_["classes"]
        chances = shares[:, [names.index(str(label)) for label in self.classes_]]
        return np.asarray(chances / chances.sum(axis=1, keepdims=True).clip(1e-12))

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each row."""
        answers = self.predict_proba(X).argmax(1)
        return np.asarray(self.classes_[answers])

    def _restore(self) -> None:
        self.n_features_in_ = len(self.facts_["columns"])
