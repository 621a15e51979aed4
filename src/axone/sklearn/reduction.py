"""The system `autoencoder` as an estimator: `AutoencoderTransformer`."""

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
from axone.sklearn.arrays import table_from_array
from axone.sklearn.base import SystemEstimator
from axone.tasks.reconstruction.latent_network import LatentNetwork
from axone.tasks.reconstruction.row_vectors import decode_vectors, encode_vectors


class AutoencoderTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, SystemEstimator):
    """Nonlinear dimensionality reduction by an autoencoder: rows of numbers to `n_components` latents, and back.

    Like PCA, it minimizes the squared error of the reconstruction in the units of X: standardize columns of different
    units first, with StandardScaler. `validation_fraction` of the rows select the best epoch; 0: all rows are used for
    training.
    """

    SYSTEM = "autoencoder"
    SETTING_NAMES: ClassVar[dict[str, str]] = SystemEstimator.SETTING_NAMES | {"n_components": "latent"}

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
        verbose: bool = False,
        settings: dict[str, Any] | None = None,
    ) -> None:
        """Set parameters, which are settings of the system `autoencoder`; None: its default for tables."""
        self._set_parameters(locals())

    def fit(self, X: Any, y: Any = None) -> AutoencoderTransformer:
        """Train on rows X of numbers; y is ignored."""
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        if not 1 <= self.n_components <= X.shape[1]:
            raise ValueError(
                f"n_components={self.n_components} must be from 1 to the number of columns, n_features={X.shape[1]}."
            )
        if X.shape[1] < 2:
            raise ValueError(
                f"X has n_features={X.shape[1]}; expected at least 2, because one column cannot be compressed."
            )
        self._train(table_from_array(X), preset="table", test=0.0, scaling="all")
        return self

    def transform(self, X: Any) -> Float[np.ndarray, "rows components"]:
        """Return the latents of rows."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        columns = self.facts_["columns"]
        rows = encode(polars.DataFrame({str(k): X[:, k] for k in range(X.shape[1])}), columns)
        with torch.inference_mode():
            latents = self._float64_network().encode(encode_vectors(rows, columns).double())
        return np.asarray(latents.numpy())

    def inverse_transform(self, X: Any) -> Float[np.ndarray, "rows columns"]:
        """Return the reconstructions of latents, in the units of the training rows."""
        check_is_fitted(self)
        latents = check_array(X, dtype=np.float64)
        if latents.shape[1] != self._n_features_out:
            raise ValueError(f"X has {latents.shape[1]} columns; expected {self._n_features_out} latents per row.")
        with torch.inference_mode():
            vectors = self._float64_network().decode(torch.from_numpy(latents))
        return np.array([list(row.values.values()) for row in decode_vectors(vectors, self.facts_)], dtype=np.float64)

    @property
    def _n_features_out(self) -> int:
        return cast(LatentNetwork, self.network_).latent

    def _given_settings(self) -> dict[str, Any]:
        values = super()._given_settings()
        return values | ({"dense": tuple(values["dense"])} if "dense" in values else {})

    def _float64_network(self) -> LatentNetwork:
        """Return the network in float64, so that the latents of a row do not depend on the other rows of a batch."""
        return copy.deepcopy(cast(LatentNetwork, self.network_)).cpu().double()

    def _restore(self) -> None:
        self.n_features_in_ = len(self.facts_["columns"])
