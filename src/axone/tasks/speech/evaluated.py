"""What a trained network answers about the recordings of a split that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.audio.features import LogMel
from axone.data.audio.stream import AudioStream
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner


@dataclass(frozen=True)
class EvaluatedRecordings:
    """The outputs of a network for recordings.

    Args:
        stream: The recordings of the split.
        indices: Those that were evaluated, in the order of `outputs`.
        outputs: The logits of each recording: (classes,), or (steps, symbols).
    """

    stream: AudioStream
    indices: Int64[Tensor, " recordings"]
    outputs: Sequence[Float[Tensor, ...]]

    @classmethod
    def of(cls, experiment: Experiment) -> EvaluatedRecordings | None:
        """Return the outputs for the test set, otherwise for the validation set; None where there is neither."""
        stream = experiment.validation if experiment.test is None else experiment.test
        if stream is None:
            return None
        assert isinstance(stream, AudioStream)
        return cls.compute(experiment.learner, stream)

    @classmethod
    def compute(cls, learner: Learner, stream: AudioStream) -> EvaluatedRecordings:
        """Return the outputs for the recordings of a stream."""
        network: Any = learner.networks["network"]
        indices: list[Tensor] = []
        outputs: list[Tensor] = []
        with learner.checking():
            for batch in stream.to(learner.context.device).batches(1):
                answer = network(batch.inputs, batch.lengths)
                if isinstance(answer, tuple):
                    logits, steps = answer
                    outputs += [row[:count] for row, count in zip(logits.float().cpu(), steps.tolist(), strict=True)]
                else:
                    outputs += list(answer.float().cpu())
                indices.append(batch.index.cpu())
        return cls(stream, torch.cat(indices), outputs)


def read_features(stream: AudioStream, indices: Int64[Tensor, " some"], *, normalize: bool = True) -> list[Tensor]:
    """Return the features of some recordings, each (frames, bands) without padding."""
    features = LogMel(stream.recordings.rate, stream.features.bands, normalize=normalize)
    rows_of_all: list[Tensor] = []
    for part in indices.split(64):
        rows, frames = features(*stream.recordings.read_batch(part))
        rows_of_all += [row[:count] for row, count in zip(rows, frames.tolist(), strict=True)]
    return rows_of_all
