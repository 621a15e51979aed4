"""Predict classes with neurons: from the raw values of a row, or the bytes of an image, to answers from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from axone.data.images.normalize import Normalize
from axone.errors import DataError, closest
from axone.graph import Model
from axone.messages import _
from axone.tasks.answers import Prediction
from axone.tasks.batched import answer_in_batches
from axone.tasks.images.inputs import load_pixels
from axone.tasks.neuron.data import standardize
from axone.tasks.neuron.functions import FunctionSettings, Sums, compute_answers
from axone.tasks.neuron.step_text import fixed, signed
from axone.tasks.tables.inputs import Row


class Standardize(nn.Module):
    """The function `standardize` as a module, with the mean and the standard deviation of each column."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float64), persistent=False)
        self.register_buffer("std", torch.tensor(std, dtype=torch.float64), persistent=False)

    def forward(self, values: Float[Tensor, "batch columns"]) -> Float[Tensor, "batch columns"]:
        """Return standardized values, float32; 0 where missing."""
        return standardize(values, self.mean, self.std)


class NeuronAnswering(nn.Module):
    """Neurons together with the scaling of their inputs and the rescaling of their outputs.

    Args:
        network: A network with a layer "sum".
        settings: The activation function and the loss function.
        facts: `mean` and `std`; `columns` for the rows of a table.
    """

    def __init__(self, network: Model, settings: FunctionSettings, facts: Mapping[str, Any]) -> None:
        super().__init__()
        self.network, self.settings = network, settings
        if "columns" in facts:
            self.scaling: nn.Module = Standardize(facts["mean"], facts["std"])
        else:
            channels, height, width = facts["input"]
            self.scaling = Normalize((height, width, channels), facts["mean"], facts["std"])
        self.to(next(network.parameters()).device)
        self.eval()

    def sums(self, inputs: Shaped[Tensor, "batch ..."]) -> Sums:
        """Return the weighted sums [B, N] of raw inputs."""
        scaled = self.scaling(inputs)  # [B, C], or [B, H, W, C] -> [B, C, H, W]
        sums = self.network.activations(scaled, "sum")
        assert isinstance(sums, Tensor)
        return sums

    def forward(self, inputs: Shaped[Tensor, "batch ..."]) -> Sums:
        """Answer about raw inputs.

        Args:
            inputs: Rows [B, C], float64, in the table's own units, NaN where missing; or images [B, H, W, C], uint8.

        Returns:
            Answers [B, N], float32: of one neuron, for class 1; of several, the probabilities of the classes.
        """
        return compute_answers(self.sums(inputs), self.settings)


def answering(network: Model, settings: FunctionSettings, facts: Mapping[str, Any]) -> NeuronAnswering:
    """Return the module that answers about raw rows or images."""
    return NeuronAnswering(network, settings, facts)


def predict(
    network: Model, settings: FunctionSettings, facts: Mapping[str, Any], inputs: Sequence[Any]
) -> list[Prediction | DataError]:
    """Answer about each row or image; one that cannot be used gets its error instead."""
    module = answering(network, settings, facts)
    device = next(network.parameters()).device
    read = read_row if "columns" in facts else load_pixels

    @torch.inference_mode()
    def answer(values: list[np.ndarray]) -> list[Prediction]:
        sums = module.sums(torch.from_numpy(np.stack(values)).to(device))  # [B, N]
        answers = compute_answers(sums, settings)
        return [name_class(*numbers, facts["classes"]) for numbers in zip(sums.float().cpu(), answers.float().cpu())]

    # One at a time: in a batch, the last bit of a sum would depend on the other inputs.
    return answer_in_batches(inputs, lambda source: read(source, facts), answer, 1)


def read_row(row: Row, facts: Mapping[str, Any]) -> Float[np.ndarray, " columns"]:
    """Return the values of a row in the order of the columns, float64, NaN where missing.

    Raises DataError that names a column which the row does not have, or whose value is not a number.
    """
    values = []
    for name in facts["columns"]:
        if name not in row:
            near = closest(name, [str(key) for key in row])
            raise DataError(
                _("The row has no column '{name}'.", name=name)
                + (" " + _("Is it '{near}'?", near=near) if near else ""),
                expected=_("expected {what}", what=",".join(f"{column}=..." for column in facts["columns"][:20])),
            )
        values.append(_read_number(row[name], name))
    return np.array(values, dtype=np.float64)


def _read_number(value: Any, name: str) -> float:
    """Return a value as a number, NaN for a missing one."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return float("nan")
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("inf")
    if abs(number) == float("inf"):
        raise DataError(_("{name} cannot be '{value}'.", name=name, value=str(value)[:80]), expected=_("a number"))
    return number


def name_class(
    sums: Float[Tensor, " neurons"], answers: Float[Tensor, " neurons"], classes: Sequence[str]
) -> Prediction:
    """Return the class with the largest answer. The answer of one unbounded neuron is clamped to a probability."""
    if len(answers) == 1:
        answer = float(answers[0])
        positive = min(max(answer, 0.0), 1.0)
        probabilities = [1 - positive, positive]
        note = _("sum {sum}, answer {answer}", sum=signed(float(sums[0]), 2), answer=fixed(answer, 2))
    else:
        probabilities = answers.tolist()
        note = ""
    order = sorted(range(len(probabilities)), key=lambda k: -probabilities[k])
    ranked = {classes[k]: probabilities[k] for k in order}
    label = classes[order[0]]
    return Prediction(label, ranked[label], ranked, note)
