"""An autoencoder as a module that answers about raw values: `predict`, evaluation and exports compute the same."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

from jaxtyping import Bool, Float, Int64, UInt8
from torch import Tensor, nn

from axone.data.images.normalize import Normalize
from axone.tasks.answers import quantize
from axone.tasks.reconstruction.latent_network import LatentNetwork, reconstruct
from axone.tasks.reconstruction.row_vectors import RowVectorDecoder, RowVectorEncoder
from axone.tasks.reconstruction.settings import ReconstructionSettings


class Anomalies(NamedTuple):
    """How anomalous the inputs of a batch are."""

    scores: Float[Tensor, " batch"]  # mean squared reconstruction error
    above_threshold: Bool[Tensor, " batch"]  # False where no threshold was fitted
    ranks: Float[Tensor, " batch"]  # share of the held-out examples with a lower score
    latents: Float[Tensor, "batch latent"]


class ImageAnswering(nn.Module):
    """Raw images -> reconstructions and anomaly scores.

    Args:
        network: A trained autoencoder of images.
        facts: `input` (channels, height, width), `mean` and `std` of each channel.
    """

    def __init__(self, network: LatentNetwork, facts: Mapping[str, Any]) -> None:
        super().__init__()
        channels, height, width = facts["input"]
        self.network = network
        self.normalize = Normalize((height, width, channels), facts["mean"], facts["std"])
        self.to(network.threshold.device)
        self.eval()

    def forward(
        self, images: UInt8[Tensor, "batch height width channels"]
    ) -> tuple[UInt8[Tensor, "batch height width channels"], Anomalies]:
        """Return the reconstructed images, and how anomalous each image is."""
        inputs = self.normalize(images)  # [B, C, H, W]
        latents, outputs, scores = reconstruct(self.network, inputs)
        return quantize(outputs), rank_anomalies(self.network, latents, scores)


class RowAnswering(nn.Module):
    """Raw values of rows -> reconstructions and anomaly scores.

    Args:
        network: A trained autoencoder of row vectors.
        facts: `columns`.
    """

    def __init__(self, network: LatentNetwork, facts: Mapping[str, Any]) -> None:
        super().__init__()
        self.network = network
        self.encoder, self.decoder = RowVectorEncoder(facts["columns"]), RowVectorDecoder(facts["columns"])
        self.to(network.threshold.device)
        self.eval()

    def forward(
        self, numbers: Float[Tensor, "batch numbers"], categories: Int64[Tensor, "batch categories"]
    ) -> tuple[
        Float[Tensor, "batch numbers"], Int64[Tensor, "batch categories"], Anomalies, Float[Tensor, "batch width"]
    ]:
        """Reconstruct rows.

        Args:
            numbers: Numbers and dates in the table's own units, float64; NaN where missing.
            categories: Indices of categories, as `ColumnEncoder` takes them.

        Returns:
            The reconstructed numbers and categories, how anomalous each row is, and the squared error of each position
            of its vector.
        """
        vectors = self.encoder(numbers, categories)  # [B, W]
        latents, outputs, scores = reconstruct(self.network, vectors)
        anomalies = rank_anomalies(self.network, latents, scores)
        return *self.decoder(outputs), anomalies, (outputs - vectors).square()


def answering(
    network: LatentNetwork, settings: ReconstructionSettings, facts: Mapping[str, Any]
) -> ImageAnswering | RowAnswering:
    """Return the module that answers about raw images, or about raw values of rows."""
    if "columns" not in facts:
        return ImageAnswering(network, facts)
    if network.threshold.device.type == "mps":  # Metal has no float64, which the values of rows need
        network = copy.deepcopy(network).cpu()
    return RowAnswering(network, facts)


def rank_anomalies(
    network: LatentNetwork, latents: Float[Tensor, "batch latent"], scores: Float[Tensor, " batch"]
) -> Anomalies:
    """Compare anomaly scores with the threshold and with the errors of the held-out examples."""
    above = (scores > network.threshold) & (network.threshold > 0)
    return Anomalies(scores, above, network.rank(scores), latents.float())
