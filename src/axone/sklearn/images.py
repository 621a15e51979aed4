"""Any image classifier as an estimator: `ImageClassifier`, over the system that it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sklearn.base import ClassifierMixin  # type: ignore[import-untyped]
from sklearn.utils import column_or_1d  # type: ignore[import-untyped]
from sklearn.utils.multiclass import check_classification_targets  # type: ignore[import-untyped]
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted  # type: ignore[import-untyped]

from axone import catalogue
from axone.data.images.load import InMemoryImages
from axone.sklearn.base import SystemEstimator, told_as_value_error
from axone.tasks.classification.predict import predict as predict_images


class ImageClassifier(ClassifierMixin, SystemEstimator):
    """A network that names what a picture shows; `system` is the name of any image classifier of Axone.

    X holds pictures: (pictures, height, width) or (pictures, height, width, channels), bytes or floats from 0 to 1.
    With `image_shape`, rows of pixels are taken too, as scikit-learn's own tools pass them on.
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
        validation_fraction: float = 0.1,
        random_state: Any = None,
        settings: dict[str, Any] | None = None,
    ) -> None:
        """Take settings of the system; None leaves its own choice. `settings` are further ones by name."""
        self.system = system
        self.image_shape = image_shape
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.augment = augment
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.settings = settings

    @property
    def SYSTEM(self) -> str:  # type: ignore[override]  # noqa: N802 - a constant of the other estimators
        """The system's name."""
        return self.system

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        return tags

    def _asked(self) -> dict[str, Any]:
        return {name: value for name, value in super()._asked().items() if name not in ("system", "image_shape")}

    def fit(self, X: Any, y: Any) -> ImageClassifier:
        """Learn from pictures X and their classes y."""
        catalogue.find_builtin(self.system)
        pixels, labels = self._pixels(X), column_or_1d(y, warn=True)
        check_consistent_length(pixels, labels)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"{type(self).__name__} needs at least 2 classes; y has 1 class.")
        handed = InMemoryImages(pixels, codes.astype(np.int64), tuple(str(label) for label in self.classes_))
        self._train(handed)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, in the order of `classes_`: (pictures, classes)."""
        check_is_fitted(self)
        with told_as_value_error(), torch.inference_mode():
            answers = predict_images(self.network_, self.settings_, self.facts_, list(self._pixels(X)))  # type: ignore[arg-type]
            for answer in answers:
                if isinstance(answer, Exception):
                    raise answer
        names = [str(label) for label in self.classes_]
        return np.array([[answer.probabilities[name] for name in names] for answer in answers])  # type: ignore[union-attr]

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each picture."""
        answers = self.predict_proba(X).argmax(1)
        return np.asarray(self.classes_[answers])

    def _pixels(self, X: Any) -> np.ndarray:
        """Return pictures as bytes (pictures, height, width, channels). Raises ValueError."""
        values = check_array(X, allow_nd=True, ensure_2d=False, dtype="numeric")
        if values.ndim == 2 and self.image_shape is not None:
            values = values.reshape(len(values), *self.image_shape)
        if values.ndim not in (3, 4):
            raise ValueError(
                f"X has shape {values.shape}; expected (pictures, height, width[, channels]), "
                "or rows of pixels together with image_shape=(height, width[, channels])."
            )
        values = values.reshape(*values.shape[:3], -1)
        if values.dtype != np.uint8:
            low, high = float(values.min()), float(values.max())
            whole = values.dtype.kind in "iu" and high > 1
            if low < 0 or high > (255 if whole else 1):
                raise ValueError(f"Pixels run from {low} to {high}; expected bytes, or floats from 0 to 1.")
            values = (values if whole else np.rint(values * 255)).astype(np.uint8)
        return np.ascontiguousarray(values)
