"""An encoder and a decoder as one network, with the distribution of reconstruction errors that anomaly scores need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.graph import Input, Model, Node

QUANTILES = 100  # intervals between the quantiles of held-out errors that are stored

Inputs = Float[Tensor, "batch ..."]
Latents = Float[Tensor, "batch latent"]


class LatentNetwork(nn.Module):
    """An autoencoder: the encoder maps an input to a latent vector, the decoder maps it back.

    The encoder of a variational autoencoder returns two tensors: mean and log-variance of a normal distribution.

    `graph` is the whole network. Encoder and decoder are the same modules once more, under their own names, so that
    either can be called or exported alone; the state dict has their weights once, under `graph`.

    Args:
        encoder: Maps a batch of inputs to latents, [B, ...] -> [B, L], or to (mean, log-variance). Its name is
            "encoder".
        decoder: Maps latents to a batch of inputs, [B, L] -> [B, ...]. Its name is "decoder".
    """

    threshold: Tensor  # anomaly score above which an input is anomalous; 0 until `fit_threshold`
    error_quantiles: Float[Tensor, " quantiles"]  # of held-out examples, from the minimum to the maximum

    def __init__(self, encoder: Model, decoder: Model) -> None:
        super().__init__()
        x = Input(*encoder.input_shapes[0])
        code = encoder(x)
        codes = cast(tuple[Node, ...], code if isinstance(code, tuple) else (code,))
        self.graph = Model(x, (cast(Node, decoder(codes[0])), *codes))
        self.encoder, self.decoder = encoder, decoder
        self.register_buffer("threshold", torch.zeros(()))
        self.register_buffer("error_quantiles", torch.zeros(QUANTILES + 1))
        self.register_state_dict_post_hook(_drop_copies)
        self.register_load_state_dict_post_hook(_ignore_missing_copies)

    @property
    def latent(self) -> int:
        """The size of a latent vector."""
        return self.decoder.input_shapes[0][0]

    @property
    def variational(self) -> bool:
        """Whether the encoder returns distributions, from which new latents can be sampled."""
        return self.encoder.returns_tuple

    def distribution(self, inputs: Inputs) -> tuple[Latents, Latents | None]:
        """Return the mean of the latents and their log-variance, which is None unless the network is variational."""
        code = self.encoder(inputs)
        return cast(tuple[Tensor, Tensor], code) if isinstance(code, tuple) else (cast(Tensor, code), None)

    def encode(self, inputs: Inputs) -> Latents:
        """Return the latents of inputs; of a distribution its mean."""
        return self.distribution(inputs)[0]

    def decode(self, latents: Latents) -> Inputs:
        """Return the reconstructions from latents."""
        return cast(Tensor, self.decoder(latents))

    def forward(self, inputs: Inputs) -> Inputs:
        """Return the reconstructions of inputs."""
        return self.decode(self.encode(inputs))

    def fit_threshold(self, errors: Float[Tensor, " examples"], quantile: float) -> None:
        """Store the quantiles of the errors of held-out examples, and one of them as the threshold."""
        shares = torch.linspace(0, 1, QUANTILES + 1, dtype=torch.float64)
        errors = errors.double().cpu()
        self.error_quantiles.copy_(torch.quantile(errors, shares))
        self.threshold.copy_(torch.quantile(errors, quantile))

    def rank(self, errors: Float[Tensor, " batch"]) -> Float[Tensor, " batch"]:
        """Return the share of held-out examples with a smaller error, in steps of 0.01."""
        interval = torch.searchsorted(self.error_quantiles, errors.to(self.error_quantiles)) - 1
        return interval.clamp_min(0) / QUANTILES


class ReconstructedBatch(NamedTuple):
    """The output of the network for a batch of inputs."""

    latents: Latents
    outputs: Inputs
    errors: Float[Tensor, " batch"]  # mean squared error of each input: its anomaly score


def reconstruct(network: LatentNetwork, inputs: Inputs) -> ReconstructedBatch:
    """Encode and decode a batch of normalized inputs, at the mean of a latent distribution, in float32."""
    latents = network.encode(inputs)
    outputs = network.decode(latents)
    return ReconstructedBatch(latents, outputs, reconstruction_errors(inputs, outputs))


def reconstruction_errors(inputs: Inputs, outputs: Inputs) -> Float[Tensor, " batch"]:
    """Return the mean squared error of each input."""
    return (outputs.float() - inputs.float()).square().flatten(1).mean(1)


def _drop_copies(_network: nn.Module, state: dict[str, Any], prefix: str, _metadata: Mapping[str, Any]) -> None:
    for key in [key for key in state if key.startswith((f"{prefix}encoder.", f"{prefix}decoder."))]:
        del state[key]


def _ignore_missing_copies(_network: nn.Module, incompatible: Any) -> None:
    missing: list[str] = incompatible.missing_keys
    missing[:] = [key for key in missing if not key.startswith(("encoder.", "decoder."))]
