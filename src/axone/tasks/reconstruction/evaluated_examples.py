"""What the figures of an autoencoder draw: a network with the examples that it is evaluated on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float64, Int64, UInt8
from torch import Tensor

from axone.engine.experiment import Experiment, Stream
from axone.tasks.answers import to_uint8
from axone.tasks.reconstruction.latent_network import LatentNetwork, ReconstructedBatch, reconstruct
from axone.tasks.reconstruction.pca import PrincipalComponents, fit_plane

SOME_INPUTS = 24  # of the images that are drawn at each evaluation
DECODE_BATCH = 500


@dataclass(frozen=True)
class EvaluatedExamples:
    """The outputs of the network for every example."""

    latents: Float64[Tensor, "examples latent"]
    scores: Float64[np.ndarray, " examples"]  # mean squared errors
    labels: Int64[np.ndarray, " examples"]
    plane: PrincipalComponents  # in which the latents are drawn


class Reconstructor:
    """A trained autoencoder and the data to evaluate it on: the test set, or else the validation or the training set.

    It computes on the device of the network and without gradients, as the loop calls `make_figures`.
    """

    def __init__(self, experiment: Experiment) -> None:
        network = experiment.learner.networks["network"]
        assert isinstance(network, LatentNetwork)
        network.eval()
        self.network, self.facts, self.train = network, experiment.facts, experiment.train
        streams = (experiment.test, experiment.validation, experiment.train)
        self.stream: Stream = next(stream for stream in streams if stream is not None)
        self.classes: list[str] = self.facts["labels"]
        self.anomalies: list[str] = self.facts["anomalies"]  # classes that training does not see
        count = min(SOME_INPUTS, self.stream.samples)
        self.some_inputs = self.inputs_at(np.linspace(0, self.stream.samples - 1, count).astype(int))

    @property
    def is_image(self) -> bool:
        """Whether the inputs are images, not rows of a table."""
        return len(self.facts["input"]) == 3

    def reconstruct(self, inputs: Float[Tensor, "batch ..."]) -> ReconstructedBatch:
        """Return latents, outputs and errors of a batch."""
        return reconstruct(self.network, inputs)

    def decode(self, latents: Float[Tensor, "batch latent"]) -> UInt8[np.ndarray, "batch height width channels"]:
        """Return the images decoded from latents."""
        batches = latents.float().to(self.network.threshold.device).split(DECODE_BATCH)
        return torch.cat([to_uint8(self.network.decode(batch)) for batch in batches]).numpy()

    def batches(self, stream: Stream) -> Iterator[Any]:
        """Yield the batches of a stream on the network's device."""
        yield from stream.to(self.network.threshold.device).batches(1)

    def inputs_at(self, positions: Int64[np.ndarray, " positions"]) -> Tensor:
        """Return the inputs at ascending positions in the stream."""
        inputs, start = [], 0
        for batch in self.batches(self.stream):
            inside = positions[(positions >= start) & (positions < start + len(batch.inputs))] - start
            inputs.append(batch.inputs[torch.from_numpy(inside).to(batch.inputs.device)])
            start += len(batch.inputs)
        return torch.cat(inputs)

    def evaluate(self) -> EvaluatedExamples:
        """Return the outputs for every example of the stream."""
        latents, scores, labels = [], [], []
        for batch in self.batches(self.stream):
            reconstructed = self.reconstruct(batch.inputs)
            latents.append(reconstructed.latents.cpu())
            scores.append(reconstructed.errors.cpu())
            labels.append(batch.targets.cpu())
        all_latents = torch.cat(latents).double()
        return EvaluatedExamples(
            latents=all_latents,
            scores=torch.cat(scores).double().numpy(),
            labels=torch.cat(labels).numpy(),
            plane=fit_plane(all_latents),
        )
