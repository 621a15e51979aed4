"""A trained network together with the rows on which the figures of a report evaluate it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from axone.data.tables.columns import Encoded
from axone.data.tables.stream import TableStream
from axone.engine.experiment import Experiment
from axone.tasks.tables.learner import compute_outputs
from axone.tasks.tables.metrics import r2_score


@dataclass(frozen=True)
class EvaluatedRows:
    """A network and the rows on which it is evaluated."""

    network: nn.Module
    facts: dict[str, Any]
    rows: Encoded
    targets: Shaped[Tensor, "rows ..."]  # class indices [rows], or standardized values [rows, targets]

    @classmethod
    def of(cls, experiment: Experiment) -> EvaluatedRows:
        """Return the network of an experiment with its test rows, otherwise validation or training rows."""
        stream = experiment.test or experiment.validation or experiment.train
        assert isinstance(stream, TableStream)
        index = stream.indices.to(stream.numbers.device)
        rows = Encoded(stream.numbers[index].cpu(), stream.categories[index].cpu())
        return cls(experiment.learner.networks["network"], experiment.facts, rows, stream.targets[index].cpu())

    @property
    def classes(self) -> list[str]:
        """The names of the classes; empty for a regression."""
        classes: list[str] = self.facts["classes"]
        return classes

    def outputs(self, rows: Encoded) -> Float[np.ndarray, "rows outputs"]:
        """Return the probabilities of classes, or standardized values."""
        return compute_outputs(self.network, rows, bool(self.classes)).double().numpy()

    def sample(self, most: int) -> tuple[Encoded, Shaped[np.ndarray, "rows ..."]]:
        """Return every k-th row, at most `most` in all, and its target."""
        chosen = slice(None, None, -(-len(self.rows) // most))
        return Encoded(self.rows.numbers[chosen], self.rows.categories[chosen]), self.targets[chosen].numpy()

    def score(self, rows: Encoded, targets: Shaped[np.ndarray, "rows ..."]) -> float:
        """Return accuracy for classes, R² for numbers."""
        outputs = self.outputs(rows)
        if self.classes:
            return float((outputs.argmax(1) == targets).mean())
        return r2_score(targets, outputs)
