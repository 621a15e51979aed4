"""Fewer numbers for each row, as an estimator: `AutoencoderTransformer`, over the system `autoencoder`."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, ClassVar, cast

import numpy as np
import polars
import torch
from jaxtyping import Float
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin  # type: ignore[import-untyped]
from sklearn.utils.validation import check_array, check_is_fitted, validate_data  # type: ignore[import-untyped]

from axone.data.tables.columns import encode
from axone.data.tables.load import Table
from axone.data.tables.types import infer_column
from axone.sklearn.base import SystemEstimator
from axone.tasks.reconstruction.latent_network import LatentNetwork
from axone.tasks.tables.row_vectors import as_vectors, rows_of


class AutoencoderTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, SystemEstimator):
    """What PCA does, along curves: rows of numbers become `n_components` latents each, and come back.

    As PCA, it makes the squared error of what comes back small, in the units of X: where columns have different ones,
    put a StandardScaler in front. All rows are learned from unless `validation_fraction` holds some out, by which the
    best epoch is chosen then.
    """

    SYSTEM = "autoencoder"
    OTHER: ClassVar[dict[str, str]] = SystemEstimator.OTHER | {"n_components": "latent"}

    def __init__(
        self,
        n_components: int = 2,
        *,
        dense: Sequence[int] | None = None,
        activation: str | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        validation_fraction: float = 0.0,
        random_state: Any = None,
        settings: dict[str, Any] | None = None,
    ) -> None:
        """Take settings of the system `autoencoder`; None leaves its own choice for tables."""
        self.n_components = n_components
        self.dense = dense
        self.activation = activation
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.settings = settings

    def fit(self, X: Any, y: Any = None) -> AutoencoderTransformer:
        """Learn from rows X of numbers; y is not looked at."""
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        if not 1 <= self.n_components <= X.shape[1]:
            raise ValueError(
                f"n_components={self.n_components} must be from 1 to the number of columns, n_features={X.shape[1]}."
            )
        if X.shape[1] < 2:
            raise ValueError(f"X has n_features={X.shape[1]}: one number is not told in fewer; expected 2 at least.")
        self._train(_table(X), preset="table", test=0.0, scaling="all")
        return self

    def transform(self, X: Any) -> Float[np.ndarray, "rows components"]:
        """Return the latents of rows."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        columns = self.facts_["columns"]
        rows = encode(polars.DataFrame({str(place): X[:, place] for place in range(X.shape[1])}), columns)
        with torch.inference_mode():
            latents = self._exact().encode(as_vectors(rows, columns).double())
        return np.asarray(latents.numpy())

    def inverse_transform(self, X: Any) -> Float[np.ndarray, "rows columns"]:
        """Return the rows that latents stand for, in the units of what was learned from."""
        check_is_fitted(self)
        latents = check_array(X, dtype=np.float64)
        if latents.shape[1] != self._n_features_out:
            raise ValueError(f"X has {latents.shape[1]} columns; expected {self._n_features_out} latents a row.")
        with torch.inference_mode():
            made = self._exact().decode(torch.from_numpy(latents))
        return np.array([list(row.values.values()) for row in rows_of(made, self.facts_)], dtype=np.float64)

    @property
    def _n_features_out(self) -> int:
        return cast(LatentNetwork, self.network_).latent

    def _asked(self) -> dict[str, Any]:
        return {name: tuple(value) if name == "dense" else value for name, value in super()._asked().items()}

    def _exact(self) -> LatentNetwork:
        """Return the network in float64: then a row's latents do not depend on the rows beside it."""
        return copy.deepcopy(cast(LatentNetwork, self.network_)).cpu().double()

    def _restore(self) -> None:
        self.n_features_in_ = len(self.facts_["columns"])


def _table(X: Float[np.ndarray, "rows columns"]) -> Table:
    """Return rows of numbers as a table of Axone's, of which nothing is to be predicted."""
    found = [infer_column(polars.Series(str(place), X[:, place]), "number") for place in range(X.shape[1])]
    nothing = torch.zeros(len(X), dtype=torch.int64)
    frame = polars.DataFrame([values for _column, values in found])
    return Table("X", "from Python", (), "none", (), nothing, frame, tuple(column for column, _values in found))
