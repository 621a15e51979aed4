"""From recordings to answers: the module that computes them from samples, and `predict`, which reads files for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from axone.data.audio.features import STEP, LogMel
from axone.errors import DataError
from axone.messages import _
from axone.tasks.answers import Prediction
from axone.tasks.batched import answer_in_batches
from axone.tasks.classification.predict import rank_classes
from axone.tasks.speech.answers import Transcript
from axone.tasks.speech.data import CLASSES
from axone.tasks.speech.inputs import load_sound
from axone.tasks.speech.settings import SpeechPredictOptions
from axone.tasks.speech.transcripts.decode import LanguageScores, decode_greedily, decode_with_beam
from axone.tasks.speech.transcripts.symbols import decode_symbols

BATCH = 16  # recordings


class RecordingAnswering(nn.Module):
    """Samples in, the answer out: features, network, softmax.

    Args:
        network: Maps features and frames to logits; for symbols, to logits at each step and the number of steps.
        facts: The facts of the run.
    """

    def __init__(self, network: nn.Module, facts: Mapping[str, Any]) -> None:
        super().__init__()
        self.features = LogMel(facts["rate"], facts["bands"])
        self.network = network
        self.has_classes = facts["task"] == CLASSES

    def forward(self, samples: Float[Tensor, "batch samples"], lengths: Int64[Tensor, " batch"]) -> Any:
        """Return the probability of each class; or the log probability of each symbol at each step, and the steps.

        Args:
            samples: The samples of recordings at the rate of the run, right-padded.
            lengths: The number of samples of each.
        """
        features, frames = self.features(samples, lengths)
        if self.has_classes:
            return self.network(features, frames).float().softmax(1)
        logits, steps = self.network(features, frames)
        return logits.float().log_softmax(2), steps


def answering(network: nn.Module, facts: Mapping[str, Any]) -> RecordingAnswering:
    """Return the module that answers for a trained network, on its device and in evaluation mode."""
    return RecordingAnswering(network, facts).to(next(network.parameters()).device).eval()


def predict(
    network: nn.Module, facts: Mapping[str, Any], inputs: Sequence[Any], options: SpeechPredictOptions
) -> list[Prediction | Transcript | DataError]:
    """Answer about each recording. One that cannot be read gets its error, in its place.

    Raises UsageError for a language model that does not fit, RunError for a damaged one.
    """
    module = answering(network, facts)
    device = next(network.parameters()).device
    language = None
    if options.language_model and facts["task"] != CLASSES:
        from axone.tasks.speech.transcripts.language_scores import read_language_model

        language = read_language_model(options.language_model, facts["symbols"])

    def answer(recordings: list[Float[Tensor, " _"]]) -> Iterator[Prediction | Transcript]:
        lengths = torch.tensor([len(samples) for samples in recordings], device=device)
        with torch.inference_mode():
            outputs = module(pad_sequence(recordings, batch_first=True).to(device), lengths)
        if facts["task"] == CLASSES:
            return (rank_classes(row, facts["classes"]) for row in outputs.cpu())
        rows = zip(outputs[0].cpu().numpy(), outputs[1].tolist(), strict=True)
        return (transcribe(row[:steps], facts, options, language) for row, steps in rows)

    return answer_in_batches(inputs, lambda source: load_sound(source, facts["rate"]), answer, BATCH)


def transcribe(
    log_probabilities: Float[np.ndarray, "steps symbols"],
    facts: Mapping[str, Any],
    options: SpeechPredictOptions,
    language: LanguageScores | None = None,
) -> Transcript:
    """Return the transcript of one recording from the log probabilities of its symbols at each step."""
    greedy, spikes = decode_greedily(log_probabilities)
    transcripts = [greedy]
    if options.beam > 1 or language is not None:
        transcripts = decode_with_beam(
            log_probabilities, options.beam, language, options.language_weight, options.symbol_bonus
        )
    scores = np.array([each.score for each in transcripts])
    shares = np.exp(scores - np.logaddexp.reduce(scores)) if len(transcripts) > 1 else np.exp(scores)
    texts = [decode_symbols(each.symbols, facts["symbols"]) for each in transcripts]
    seconds = [round(float(spike) * facts["stride"] * STEP, 3) for spike in spikes]
    times = seconds if transcripts[0].symbols == greedy.symbols else ()
    note = "" if greedy.symbols else _("the network answers the blank at every step")
    return Transcript(texts[0], float(shares[0]), times, list(zip(texts, shares.tolist(), strict=True)), note)
