"""The image classifiers as an estimator: `ImageClassifier`, with the name of the system as a parameter."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from sklearn.utils import column_or_1d  # type: ignore[import-untyped]
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted  # type: ignore[import-untyped]

from axone import catalogue
from axone.data.images.in_memory.collection import InMemoryImages, are_images, to_byte_images
from axone.sklearn.base import SystemClassifier, as_value_error
from axone.tasks.answers import Prediction
from axone.tasks.classification.predict import predict as predict_images
from axone.tasks.classification.settings import ImageClassificationSettings


class ImageClassifier(SystemClassifier):
    """Any image classifier of Axone; `system` is its name.

    X contains images: (images, height, width), (images, height, width, channels) or (images, channels, height, width),
    with values of any type, or a list of arrays and images of Pillow. Bytes are used as they are; other values have one
    scale, which `fit` finds. With `image_shape`, X may contain flattened images, as tools of scikit-learn pass them.
    """

    def __init__(
        self,
        *,
        system: str = "cnn",
        image_shape: Sequence[int] | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        augment: str | None = None,
        validation_fraction: float | None = None,
        class_weight: Any = None,
        random_state: Any = None,
        verbose: bool = False,
        settings: dict[str, Any] | None = None,
    ) -> None:
        """Set parameters, which are settings of the system; None: its default."""
        self._set_parameters(locals())

    @property
    def SYSTEM(self) -> str:  # type: ignore[override]  # noqa: N802 - a constant of the other estimators
        """The name of the system."""
        return self.system

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        return tags

    def _given_settings(self) -> dict[str, Any]:
        values = super()._given_settings()
        return {name: value for name, value in values.items() if name not in ("system", "image_shape")}

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> ImageClassifier:
        """Train on images X and their classes y; `sample_weight` says how often each is drawn, relative to others."""
        catalogue.find_builtin(self.system)
        X, labels = self._check_images(X), column_or_1d(y, warn=True)
        check_consistent_length(X, labels)
        weights = self._combine_weights(sample_weight, labels, labels)
        indices = self._encode_labels(labels)
        with as_value_error():
            images, scale, _notes = to_byte_images(X)
        self._train(InMemoryImages(images, indices, self._class_names, scale, is_whole=False, weights=weights))
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, in the order of `classes_`: (images, classes)."""
        check_is_fitted(self)
        settings = cast(ImageClassificationSettings, self.settings_)
        rows: list[list[float]] = []
        notes: dict[str, None] = {}  # a set in the order of the images
        with as_value_error(), torch.inference_mode():
            for answer in predict_images(self.network_, settings, self.facts_, list(self._check_images(X))):
                if not isinstance(answer, Prediction):
                    raise answer
                rows.append([answer.probabilities[name] for name in self._class_names])
                notes[answer.note] = None
        for note in filter(None, notes):
            warnings.warn(f"ImageClassifier: {note}", UserWarning, stacklevel=2)
            break  # one is enough: those of other images differ in a percentage
        return np.array(rows)

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each image."""
        indices = self.predict_proba(X).argmax(1)
        return np.asarray(self.classes_[indices])

    def _check_images(self, X: Any) -> Any:
        """Return X as an array of images; a list of images is returned as it is. Raises ValueError."""
        if isinstance(X, list) and are_images(X):
            return X
        values = check_array(X, allow_nd=True, ensure_2d=False, dtype="numeric")
        if values.ndim == 2 and self.image_shape is not None:
            values = values.reshape(len(values), *self.image_shape)
        if values.ndim not in (3, 4):
            raise ValueError(
                f"X has shape {values.shape}; expected (images, height, width[, channels]), "
                "or flattened images together with image_shape=(height, width[, channels])."
            )
        return values
