"""Classify texts: from texts to probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.tokens.encoder import UNKNOWN, EncodedTexts, TextEncoder
from axone.data.tokens.stream import gather_texts
from axone.errors import DataError
from axone.graph import Model
from axone.messages import _
from axone.numbers import format_number, format_percent
from axone.tasks.answers import NotebookAnswer, Prediction, with_note
from axone.tasks.batched import answer_in_batches
from axone.tasks.text.data import EVALUATION_BATCH
from axone.tasks.text.inputs import Item, read_item


@dataclass(frozen=True)
class LabelsPrediction(NotebookAnswer):
    """The labels of one input that may have several: those with a probability of at least one half."""

    labels: tuple[str, ...]
    probabilities: dict[str, float]  # label -> probability, the most probable first
    note: str = ""
    ranked: int = field(default=1, kw_only=True, repr=False, compare=False)

    @property
    def label(self) -> str:
        """The labels as one text."""
        return ", ".join(self.labels)

    def top(self, count: int) -> list[tuple[str, float]]:
        """Return the `count` most probable labels, and at least all that the input has."""
        return list(self.probabilities.items())[: max(count, len(self.labels))]

    def with_top(self, count: int) -> LabelsPrediction:
        """Return this prediction with its `count` most probable labels in `text` and `to_json`."""
        return replace(self, ranked=count)

    def text(self) -> str:
        """Return the labels with their probabilities, or that there is none, and the note."""
        listed = ", ".join(f"{name} {format_percent(share, 1)}" for name, share in self.top(self.ranked))
        if not self.labels:
            listed = _("no label (most probable: {labels})", labels=listed)
        return with_note(listed, self.note)

    def to_json(self) -> dict[str, Any]:
        """Return the labels, the ranking, and the note where there is one."""
        answer: dict[str, Any] = {"label": self.label, "labels": list(self.labels), "top": self.top(self.ranked)}
        return {**answer, "note": self.note} if self.note else answer


class TextAnswering(nn.Module):
    """A network together with what turns its outputs into probabilities.

    Args:
        network: A network as `TextLearner` trains it.
        facts: `several_labels`.
    """

    def __init__(self, network: Model, facts: Mapping[str, Any]) -> None:
        super().__init__()
        self.network, self.has_several_labels = network, bool(facts["several_labels"])
        self.eval()

    def forward(
        self,
        tokens: Int64[Tensor, "batch steps"],
        pieces: Int64[Tensor, "batch steps pieces"],
        lengths: Int64[Tensor, " batch"],
        word_ngrams: Int64[Tensor, "batch words"],
        character_ngrams: Int64[Tensor, "batch characters"],
    ) -> Float[Tensor, "batch classes"]:
        """Return the probability of each class; with several labels, that of each label."""
        inputs = {
            "tokens": tokens, "pieces": pieces, "lengths": lengths, "word_ngrams": word_ngrams,
            "character_ngrams": character_ngrams,
        }  # fmt: skip
        logits = self.network({name: inputs[name] for name in self.network.input_names})["logits"].float().mean(1)
        return logits.sigmoid() if self.has_several_labels else logits.softmax(1)


@torch.inference_mode()
def compute_probabilities(
    network: Model, facts: Mapping[str, Any], encoded: EncodedTexts, rows: Int64[Tensor, " rows"]
) -> Float[Tensor, "rows classes"]:
    """Return the probabilities of some texts in their order, on the CPU. Texts of similar length share a batch."""
    module = TextAnswering(network, facts)
    device = next(network.parameters()).device
    order = encoded.tokens.lengths[rows].argsort(stable=True)
    outputs = torch.zeros(len(rows), len(facts["classes"]))
    for places in order.split(EVALUATION_BATCH):
        inputs = gather_texts(encoded, rows[places])
        outputs[places] = module(**{name: part.to(device) for name, part in inputs.items()}).float().cpu()
    return outputs


def predict(
    network: Model, facts: Mapping[str, Any], inputs: Sequence[Item]
) -> list[Prediction | LabelsPrediction | DataError]:
    """Answer about each text; one that cannot be answered gets its error instead."""
    encoder = TextEncoder.from_facts(facts)

    def answer(texts: list[str]) -> list[Prediction | LabelsPrediction]:
        encoded = encoder.encode(texts)
        probabilities = compute_probabilities(network, facts, encoded, torch.arange(len(texts)))
        notes = [describe_text(encoder, encoded, row) for row in range(len(texts))]
        return [make_prediction(row, facts, note) for row, note in zip(probabilities.tolist(), notes, strict=True)]

    return answer_in_batches(inputs, lambda item: read_item(item, facts), answer, 16 * EVALUATION_BATCH)


def make_prediction(
    probabilities: Sequence[float], facts: Mapping[str, Any], note: str = ""
) -> Prediction | LabelsPrediction:
    """Return the answer for the probabilities of a text."""
    order = sorted(range(len(probabilities)), key=lambda k: -probabilities[k])
    ranked = {facts["classes"][k]: probabilities[k] for k in order}
    if facts["several_labels"]:
        return LabelsPrediction(tuple(name for name, share in ranked.items() if share >= 0.5), ranked, note)
    label = next(iter(ranked))
    return Prediction(label, ranked[label], ranked, note)


def describe_text(encoder: TextEncoder, encoded: EncodedTexts, row: int) -> str:
    """Return what people should know of a text: words that training never saw, and whether its sequence was cut."""
    tokens, notes = encoded.tokens[row], []
    unknown = int((tokens == UNKNOWN).sum())
    if encoder.unit == "words" and unknown == len(tokens):
        notes.append(_("no word of it is in the vocabulary"))
    if len(tokens) >= encoder.longest:
        notes.append(_("its sequence ends after {limit} steps", limit=format_number(encoder.longest)))
    return "; ".join(notes)
