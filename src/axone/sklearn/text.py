"""The system `text_classifier` as an estimator: `TextClassifier`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from sklearn.utils.validation import check_consistent_length, check_is_fitted  # type: ignore[import-untyped]

from axone.data.labeled_texts.collection import LabeledTexts
from axone.data.tokens.encoder import TextEncoder
from axone.sklearn.arrays import to_tensor
from axone.sklearn.base import SystemClassifier
from axone.tasks.text.predict import compute_probabilities


class TextClassifier(SystemClassifier):
    """A BiLSTM with attention, and linear members on n-grams, for texts; see `axone.systems.text_classifier`.

    X is a list, an array or a series of texts. Each has one class; for several labels, use `axone.train`.
    """

    SYSTEM = "text_classifier"

    def __init__(
        self,
        *,
        cell: str | None = None,
        units: int | None = None,
        members: int | None = None,
        unit: str | None = None,
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
        """Set parameters, which are settings of the system `text_classifier`; None: its default.

        `validation_fraction` of the texts select the best epoch; 0: all texts are used for training. `settings` holds
        further settings by name, as `axone train text_classifier --help` lists them.
        """
        self._set_parameters(locals())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags

    def _given_settings(self) -> dict[str, Any]:
        return {**super()._given_settings(), "test": 0.0}

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> TextClassifier:
        """Train on texts X and their classes y; `sample_weight` is the weight of each text's loss."""
        texts = read_texts(X)
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        labels = np.asarray(y)
        check_consistent_length(texts, labels)
        weights = self._combine_weights(sample_weight, labels, labels)
        targets = torch.from_numpy(self._encode_labels(labels))
        self._train(
            LabeledTexts("X", "from Python", texts, self._class_names, targets, weights=to_tensor(weights)),
        )
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, in the order of `classes_`: (texts, classes)."""
        check_is_fitted(self)
        encoded = TextEncoder.from_facts(self.facts_).encode(read_texts(X))
        rows = torch.arange(len(encoded))
        probabilities = compute_probabilities(self.network_, self.facts_, encoded, rows)  # type: ignore[arg-type]
        return probabilities.double().numpy()

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each text."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(1)])


def read_texts(X: Any) -> list[str]:
    """Return a list of texts. Raises ValueError for what is not a sequence of texts."""
    if isinstance(X, str) or not isinstance(X, Iterable):
        raise ValueError(f"Iterable over texts expected, {type(X).__name__} received.")
    if (dimensions := getattr(X, "ndim", 1)) != 1:
        raise ValueError(f"Expected a sequence of texts, got an array of {dimensions} dimensions.")
    texts = list(X)
    if not texts:
        raise ValueError("Found 0 texts while a minimum of 1 is required.")
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"X[{number}] is a {type(text).__name__}, not a text.")
    return [str(text) for text in texts]
