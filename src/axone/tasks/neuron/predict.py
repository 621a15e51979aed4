"""Predict classes with neurons: from the raw values of a row, or the bytes of an image, to answers from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from axone.data.images.normalize import Normalize
from axone.errors import DataError
from axone.graph import Model
from axone.messages import _
from axone.tasks.answers import Prediction
from axone.tasks.batched import answer_in_batches
from axone.tasks.images.inputs import load_image
from axone.tasks.neuron.data import standardize
from axone.tasks.neuron.functions import FunctionSettings, Sums, compute_answers
from axone.tasks.neuron.numeric_table import known_facts
from axone.tasks.neuron.step_text import fixed, signed
from axone.tasks.tables.known_rows import read_known_rows


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

    @torch.inference_mode()
    def answer(values: list[tuple[np.ndarray, str]]) -> list[Prediction]:
        inputs, notes = zip(*values)
        sums = module.sums(torch.from_numpy(np.stack(inputs)).to(device))  # [B, N]
        answers = compute_answers(sums, settings)
        numbers = zip(sums.float().cpu(), answers.float().cpu(), strict=True)
        return [name_class(*each, facts["classes"], note) for each, note in zip(numbers, notes, strict=True)]

    # One at a time: in a batch, the last bit of a sum would depend on the other inputs.
    if "columns" not in facts:
        return answer_in_batches(inputs, lambda source: load_image(source, facts), answer, 1)
    rows = read_known_rows(inputs, known_facts(facts))
    values = rows.frame.select(facts["columns"]).to_numpy().astype(np.float64)
    return rows.merge([answer([(row, note)])[0] for row, note in zip(values, rows.notes)])


def name_class(
    sums: Float[Tensor, " neurons"], answers: Float[Tensor, " neurons"], classes: Sequence[str], note: str = ""
) -> Prediction:
    """Return the class with the largest answer. The answer of one unbounded neuron is clamped to a probability.

    `note` is a note on the input.
    """
    if len(answers) == 1:
        answer = float(answers[0])
        positive = min(max(answer, 0.0), 1.0)
        probabilities = [1 - positive, positive]
        numbers = _("sum {sum}, answer {answer}", sum=signed(float(sums[0]), 2), answer=fixed(answer, 2))
        note = "; ".join(filter(None, [numbers, note]))
    else:
        probabilities = answers.tolist()
    order = sorted(range(len(probabilities)), key=lambda k: -probabilities[k])
    ranked = {classes[k]: probabilities[k] for k in order}
    label = classes[order[0]]
    return Prediction(label, ranked[label], ranked, note)
