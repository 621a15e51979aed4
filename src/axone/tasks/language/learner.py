"""The training step of a language model, its evaluation, and dynamic evaluation.

Metrics: `loss` is the mean of -ln p(symbol | symbols before it), in nats per symbol; `bits_per_character` is the same
in bits per character of the text, which can be compared between models of characters and of pieces.

Dynamic evaluation: after each window of the measured text, one gradient step adapts the weights to it, and they decay
back to the trained ones; nothing is adapted to what is still to be measured (Krause, Kahembwe, Murray and Renals 2017,
"Dynamic evaluation of neural sequence models", arXiv:1709.07432, equation 11). Differences: the mean squared gradients
are measured on 64 training batches, and one learning rate and one decay serve all models.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from axone.data.text.windows import TrainingWindows, Window
from axone.engine.carried_state import CarriedState
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.settings import Settings

DYNAMIC_RATE, DYNAMIC_DECAY = 1e-4, 5e-3
DYNAMIC_STEPS = 20  # symbols of a window (the paper's choice for characters)
PRIOR_BATCHES = 64  # whose gradients say how far each weight may move
EPSILON = 1.0  # relative to the mean root of the squared gradients


def compute_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy in nats per symbol; targets of -100 do not count."""
    return cross_entropy(logits.flatten(0, 1).float(), targets.flatten())


class LanguageLearner(Learner):
    """Trains a language model on consecutive windows; the state after one is the state before the next.

    Args:
        network: Symbols (batch, steps) and the parts of a state in; logits (batch, steps, symbols) and the parts out.
        settings: Those of the optimizer.
        state_shapes: The shape of each part of the state for one sequence.
        characters_per_symbol: Of the text that is measured.
        dynamic: The training windows whose gradients dynamic evaluation needs; None: evaluation with fixed weights.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: Settings,
        state_shapes: Sequence[Sequence[int]],
        characters_per_symbol: float = 1.0,
        dynamic: Callable[[], TrainingWindows] | None = None,
    ) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings, betas=(0.9, 0.99))
        self.carried = CarriedState(*state_shapes)
        self.characters_per_symbol = characters_per_symbol
        self.dynamic = dynamic
        self._trained: list[Tensor] = []  # the weights before a dynamic evaluation
        self._scale: list[Tensor] = []  # the usual size of the gradient of each weight
        self._mean_scale = 1.0

    def train_step(self, batch: Window) -> Metrics:
        """Take one step on a window of each row, and carry the state on."""
        state = self.carried.read(len(batch.inputs), batch.inputs.device)
        with self.casting():
            logits, *state = self.network(batch.inputs, *state)
            loss = compute_loss(logits, batch.targets)
        self.carried.keep([part.float() for part in state])
        self.optimizer.step(loss)
        return {"loss": loss.detach()}

    def begin_evaluation(self, stream: Any) -> None:
        """Begin without context, and prepare a dynamic evaluation if one was asked for."""
        self.carried.reset()
        if self.dynamic is None:
            return
        with torch.inference_mode(False), torch.enable_grad():
            self._restore()
            self._trained = [parameter.detach().clone() for parameter in self.network.parameters()]
            self._scale = self._scale or self._measure_scale(self.dynamic())

    def eval_step(self, batch: Window) -> Metrics:
        """Measure one window of each row; in a dynamic evaluation, then adapt the weights to it."""
        if self.dynamic is not None:
            with torch.inference_mode(False), torch.enable_grad():
                loss = self._measure_and_adapt(Window(*(part.clone() for part in batch)))
        else:
            logits, *state = self.network(batch.inputs, *self.carried.read(len(batch.inputs), batch.inputs.device))
            self.carried.keep(state)
            loss = compute_loss(logits, batch.targets)
        return {"loss": loss, "bits_per_character": loss / (math.log(2) * self.characters_per_symbol)}

    def end_evaluation(self) -> dict[str, float]:
        """Return to the trained weights."""
        with torch.inference_mode(False):
            self._restore()
        return {}

    def size(self, batch: Window) -> int:
        """Return the number of symbols that are predicted."""
        return int((batch.targets >= 0).sum())

    def _measure_and_adapt(self, batch: Window) -> Tensor:
        state = [part.clone() for part in self.carried.read(len(batch.inputs), batch.inputs.device)]
        logits, *state = self.network(batch.inputs, *state)
        self.carried.keep(state)
        loss = compute_loss(logits, batch.targets)
        parameters = list(self.network.parameters())
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient, scale, trained in zip(parameters, gradients, self._scale, self._trained):
                parameter.addcdiv_(gradient, scale, value=-DYNAMIC_RATE)
                parameter.lerp_(trained, (scale * (DYNAMIC_DECAY / self._mean_scale)).clamp(max=1))
        return loss.detach()

    def _measure_scale(self, windows: TrainingWindows) -> list[Tensor]:
        """Return the root of the mean squared gradient of each weight on training batches, with a small addition."""
        parameters = list(self.network.parameters())
        sums = [torch.zeros_like(parameter) for parameter in parameters]
        device = parameters[0].device
        state: Sequence[Tensor] = [torch.zeros(windows.rows, *shape, device=device) for shape in self.carried.shapes]
        count = 0
        for batch in islice(windows.to(device).batches(1), PRIOR_BATCHES):
            logits, *state = self.network(batch.inputs, *state)
            state = [part.detach() for part in state]
            for total, gradient in zip(sums, torch.autograd.grad(compute_loss(logits, batch.targets), parameters)):
                total += gradient.square()
            count += 1
        roots = [(total / max(1, count)).sqrt() for total in sums]
        mean = sum(float(root.sum()) for root in roots) / sum(root.numel() for root in roots)
        self._mean_scale = max(mean * (1 + EPSILON), 1e-30)
        return [root + max(EPSILON * mean, 1e-30) for root in roots]

    @torch.no_grad()
    def _restore(self) -> None:
        for parameter, trained in zip(self.network.parameters(), self._trained):
            parameter.copy_(trained)
        self._trained = []
