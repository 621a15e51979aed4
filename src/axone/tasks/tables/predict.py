"""Predict columns of a table: from raw values of rows to probabilities or numbers in the unit of the target."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.tables.columns import Encoded, raw_values
from axone.data.tables.encoder import ColumnEncoder
from axone.errors import DataError
from axone.numbers import format_number
from axone.tasks.answers import NotebookAnswer, Prediction, with_note
from axone.tasks.tables.inputs import Row
from axone.tasks.tables.known_rows import read_known_rows
from axone.tasks.tables.learner import EVALUATION_BATCH, average_members, network_inputs
from axone.tasks.tables.settings import TableSettings


@dataclass(frozen=True)
class Estimate(NotebookAnswer):
    """The numbers predicted for a row; `note` names values of the row that training never saw."""

    values: dict[str, float]  # target -> value, in the unit of the target
    note: str = ""

    @property
    def value(self) -> float:
        """The value of the first target."""
        return next(iter(self.values.values()))

    def text(self) -> str:
        """Return the targets with their values, and the note."""
        return with_note(", ".join(f"{name} {format_number(value)}" for name, value in self.values.items()), self.note)

    def to_json(self) -> dict[str, Any]:
        """Return the values by target, and the note where there is one."""
        return {"values": self.values} | ({"note": self.note} if self.note else {})


class TableAnswering(nn.Module):
    """A network together with the encoding of its columns and the decoding of its outputs.

    Encoding and decoding need float64, which Apple's Metal does not have: there, move the network to the CPU first.

    Args:
        network: A network as `TableLearner` trains it, in float32 or float64; with a buffer `threshold` if there are
            two classes.
        facts: `columns`, `classes` and `targets`.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, facts: Mapping[str, Any]) -> None:
        super().__init__()
        self.encoder = ColumnEncoder(facts["columns"])
        self.network = network
        self.classes = len(facts["classes"])
        self.dtype = next(network.parameters()).dtype
        mean, std = ([target[key] for target in facts["targets"]] for key in ("mean", "std"))
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float64), persistent=False)
        self.register_buffer("std", torch.tensor(std, dtype=torch.float64), persistent=False)
        self.to(next(network.parameters()).device)
        self.eval()

    def forward(
        self, numbers: Float[Tensor, "batch numbers"], categories: Int64[Tensor, "batch categories"]
    ) -> tuple[Float[Tensor, "batch outputs"], Int64[Tensor, " batch"]] | Float[Tensor, "batch outputs"]:
        """Answer about raw values.

        Args:
            numbers: Numbers and dates in the table's own units, float64; NaN where missing.
            categories: Indices of categories, as `ColumnEncoder` takes them.

        Returns:
            For classes: their probabilities, float64, and the index of the predicted class, which for two classes
            depends on the threshold. For numbers: the values in the units of the targets, float64.
        """
        numbers, categories = self.encoder(numbers, categories)
        rows = Encoded(numbers.to(self.dtype), categories)
        outputs = self.network(*network_inputs(rows))  # [B, K] or [B, M, K]
        outputs = average_members(outputs, self.classes > 0).double()  # [B, K]
        if not self.classes:
            return outputs * self.std + self.mean
        if self.classes == 2:
            return outputs, (outputs[:, 1] >= self.network.get_buffer("threshold")).long()
        return outputs, outputs.argmax(1)


def answering(network: nn.Module, settings: TableSettings, facts: Mapping[str, Any]) -> TableAnswering:
    """Return the module that answers about raw values of rows; it does not depend on the settings."""
    return TableAnswering(network, facts)


@torch.inference_mode()
def answer_frame(
    network: nn.Module, facts: Mapping[str, Any], frame: Any, *, exact: bool = False
) -> tuple[Float[Tensor, "rows outputs"], Int64[Tensor, " rows"] | None]:
    """Answer about each row of a prepared polars frame, on the CPU.

    With `exact` the network computes in float64, so that a row's answer does not depend on the other rows of a batch.

    Returns:
        Probabilities and class indices; for numbers, the values in the units of the targets and None.
    """
    device = next(network.parameters()).device
    if exact or device.type == "mps":  # Metal, which has no float64
        device = torch.device("cpu") if device.type == "mps" else device
        network = copy.deepcopy(network).to(device, torch.float64 if exact else torch.float32)
    module = TableAnswering(network, facts)
    outputs, labels = [], []
    for start in range(0, max(1, frame.height), EVALUATION_BATCH):
        numbers, categories = raw_values(frame.slice(start, EVALUATION_BATCH), facts["columns"])
        answer = module(numbers.to(device), categories.to(device))
        probabilities, label = answer if isinstance(answer, tuple) else (answer, None)
        outputs.append(probabilities.cpu())
        labels += [] if label is None else [label.cpu()]
    return torch.cat(outputs), torch.cat(labels) if labels else None


def predict(
    network: nn.Module, facts: Mapping[str, Any], inputs: Sequence[Row]
) -> list[Prediction | Estimate | DataError]:
    """Answer about each row; one that cannot be answered gets its error instead (see `known_rows`)."""
    rows = read_known_rows(inputs, facts)
    outputs, labels = answer_frame(network, facts, rows.frame)
    answers: list[Prediction | Estimate]
    if labels is None:
        names = [target["name"] for target in facts["targets"]]
        answers = [Estimate(dict(zip(names, row)), note) for row, note in zip(outputs.tolist(), rows.notes)]
    else:
        parts = zip(outputs.tolist(), labels.tolist(), rows.notes)
        answers = [rank_classes(row, label, facts["classes"], note) for row, label, note in parts]
    return rows.merge(answers)


def rank_classes(probabilities: Sequence[float], label: int, classes: Sequence[str], note: str = "") -> Prediction:
    """Return a prediction with its classes in descending order of probability, but the predicted class first."""
    order = sorted(range(len(classes)), key=lambda k: (k != label, -probabilities[k]))
    ranked = {classes[k]: probabilities[k] for k in order}
    return Prediction(classes[label], probabilities[label], ranked, note)
