"""The system `perceptron` as an estimator: `PerceptronClassifier`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted, validate_data  # type: ignore[import-untyped]

from axone.sklearn.arrays import table_from_array
from axone.sklearn.base import SystemClassifier
from axone.tasks.neuron.predict import answering


class PerceptronClassifier(SystemClassifier):
    """One neuron for two classes, one per class for more, trained by gradient descent; columns of numbers only.

    As in the system, a fifth of the rows is held out as a test set. `validation_fraction` of the others select the
    best epoch.
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
        class_weight: Any = None,
        random_state: Any = None,
        verbose: bool = False,
        settings: dict[str, Any] | None = None,
    ) -> None:
        """Set parameters, which are settings of the system `perceptron`; None: its default."""
        self._set_parameters(locals())

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> PerceptronClassifier:
        """Train on rows X of numbers and their classes y; `sample_weight` is the weight of each row's error."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        weights = self._combine_weights(sample_weight, X, y)
        labels = self._encode_labels(y)
        self._train(table_from_array(X, labels, self._class_names, weights))
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the answer of the neuron for each class, from 0 to 1, in the order of `classes_`: (rows, classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        module = answering(self.network_, self.settings_, self.facts_)  # type: ignore[arg-type]
        with torch.inference_mode():
            answers = module(torch.from_numpy(X).to(next(self.network_.parameters()).device)).cpu().double().numpy()
        if answers.shape[1] == 1:
            positive = answers.clip(0, 1)
            answers = np.concatenate([1 - positive, positive], axis=1)
        names = self.facts_["classes"]
        probabilities = answers[:, [names.index(name) for name in self._class_names]]
        return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True).clip(1e-12))

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each row."""
        indices = self.predict_proba(X).argmax(1)
        return np.asarray(self.classes_[indices])

    def _restore(self) -> None:
        self.n_features_in_ = len(self.facts_["columns"])
