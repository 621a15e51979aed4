"""The training steps: cross-entropy for classes, connectionist temporal classification (CTC) for symbols.

CTC is computed on the CPU in float32, where it is reproducible. A target that is longer than its steps would have an
infinite loss: such recordings are refused before training, and one that becomes too short in augmentation counts 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch.nn.functional as functional
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.audio.stream import AudioBatch
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.messages import _
from axone.settings import Settings
from axone.tasks.speech.transcripts.decode import BLANK, decode_greedily
from axone.tasks.speech.transcripts.error_rates import symbol_error_rate, word_error_rate
from axone.tasks.speech.transcripts.symbols import decode_symbols


class RecordingClassifier(Learner):
    """Trains a network that maps features and their lengths to one logit per class."""

    def __init__(self, network: nn.Module, settings: Settings) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings)
        self.label_smoothing = settings.label_smoothing

    def train_step(self, batch: AudioBatch) -> Metrics:
        """Take one optimizer step on the cross-entropy of a batch."""
        with self.casting():
            logits = self.network(batch.inputs, batch.lengths)
        logits = logits.float()
        loss = functional.cross_entropy(logits, batch.targets, label_smoothing=self.label_smoothing)
        self.optimizer.step(loss)
        return {"loss": loss.detach(), "accuracy": measure_accuracy(logits.detach(), batch.targets)}

    def eval_step(self, batch: AudioBatch) -> Metrics:
        """Compute cross-entropy (without label smoothing) and accuracy of a batch."""
        logits = self.network(batch.inputs, batch.lengths).float()
        return {
            "loss": functional.cross_entropy(logits, batch.targets),
            "accuracy": measure_accuracy(logits, batch.targets),
        }


def measure_accuracy(logits: Float[Tensor, "batch classes"], targets: Int64[Tensor, " batch"]) -> Float[Tensor, ""]:
    """Return the fraction of a batch whose largest logit is the true class's."""
    return (logits.argmax(1) == targets).float().mean()


class Transcribed(NamedTuple):
    """The transcripts of an evaluation."""

    references: list[str]
    hypotheses: list[str]

    @property
    def are_blank(self) -> bool:
        """Whether nothing at all was recognized."""
        return bool(self.references) and not any(self.hypotheses)


class Transcriber(Learner):
    """Trains a network that maps features and their lengths to logits of symbols at each step, and steps.

    Args:
        network: Its outputs are (batch, steps, symbols), of which the first is the blank, and the number of steps of
            each recording.
        settings: Those of the optimizer.
        symbols: The text of each symbol but the blank.
        transcripts: The true transcript of each recording of the data set.
    """

    def __init__(
        self, network: nn.Module, settings: Settings, symbols: Sequence[str], transcripts: Sequence[str]
    ) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings)
        self.symbols, self.transcripts = symbols, transcripts
        self._transcribed = Transcribed([], [])
        self._said_blank = False

    def train_step(self, batch: AudioBatch) -> Metrics:
        """Take one optimizer step on the CTC loss of a batch."""
        with self.casting():
            logits, steps = self.network(batch.inputs, batch.lengths)
        loss = compute_ctc(logits, steps, batch)
        self.optimizer.step(loss)
        return {"loss": loss.detach()}

    def begin_evaluation(self, stream: Any) -> None:
        """Forget the transcripts of the evaluation before."""
        self._transcribed = Transcribed([], [])

    def eval_step(self, batch: AudioBatch) -> Metrics:
        """Compute the CTC loss of a batch, and decode it greedily."""
        logits, steps = self.network(batch.inputs, batch.lengths)
        rows = logits.float().log_softmax(2).cpu().numpy()
        for row, count, index in zip(rows, steps.tolist(), batch.index.tolist(), strict=True):
            decoded, _spikes = decode_greedily(row[:count])
            self._transcribed.references.append(self.transcripts[index])
            self._transcribed.hypotheses.append(decode_symbols(decoded.symbols, self.symbols))
        return {"loss": compute_ctc(logits, steps, batch)}

    def end_evaluation(self) -> dict[str, float]:
        """Return the error rates of all transcripts; say once when nothing is recognized."""
        references, hypotheses = self._transcribed
        if self._transcribed.are_blank and not self._said_blank:
            self._said_blank = True
            self.context.log_text(
                _("The network answers the blank at every step, so that every transcript is empty. That is usual in "
                  "the first epochs; if it stays so, lower --learning-rate, train longer, or check the transcripts.")
            )  # fmt: skip
        rates = {"symbol_error_rate": symbol_error_rate(references, hypotheses)}
        if " " in self.symbols:
            rates["word_error_rate"] = word_error_rate(references, hypotheses)
        return rates


def compute_ctc(
    logits: Float[Tensor, "batch steps symbols"], steps: Int64[Tensor, " batch"], batch: AudioBatch
) -> Float[Tensor, ""]:
    """Return the mean CTC loss of a batch in nats per symbol, on the CPU in float32."""
    log_probabilities = logits.float().log_softmax(2).cpu().transpose(0, 1)
    loss = functional.ctc_loss(
        log_probabilities,
        batch.targets.cpu(),
        steps.cpu(),
        batch.target_lengths.cpu(),
        blank=BLANK,
        zero_infinity=True,
    )
    return loss.to(logits.device)
