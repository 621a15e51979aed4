"""One player's descent: from a loss to changed weights, with everything that housekeeping adds to it.

Learning-rate schedule, accumulation, clipping, skipping of losses that are not numbers, averaged weights:
written once here, so that a learner reads `self.optimizer.step(loss)`. A system with two players has two of these.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from axone.engine.layer_groups import LayerGroups
from axone.engine.schedules import factor
from axone.engine.torch_optimizers import make_torch_optimizers, take_step
from axone.settings import Settings


class Optimizer:
    """Gradient descent of one network on the losses it is called with.

    `options` go to the optimizer (for example betas=(0.5, 0.999)); `learning_rate`, when given, replaces
    the setting; `layer_groups`, when given, say which parts of the network learn how fast, and from when on. The
    optimizers are made by `prepare`, when device and length are known.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: Settings,
        *,
        learning_rate: float | None = None,
        layer_groups: LayerGroups | None = None,
        **options: Any,
    ) -> None:
        self.network = network
        self.settings = settings
        self.layer_groups = layer_groups
        self.epoch = 1
        self.learning_rate = learning_rate or settings.learning_rate
        self.options = options
        self.rate_scale = 1.0  # halved by each rollback
        self.calls = 0  # losses seen
        self.updates = 0  # changes made to the weights
        self.total = 1
        self.skipped = torch.zeros(())  # losses or gradients in a row that were not numbers
        self.averages: list[Tensor] = []

    def prepare(self, device: torch.device, batches: int) -> None:
        """Make the optimizers on the device, for a training of so many batches."""
        settings, layer_groups = self.settings, self.layer_groups
        self.total = max(1, batches // settings.accumulate)
        if layer_groups:
            self.network.requires_grad_(True)  # the optimizers know every stage, also those that join later
        self.torch_optimizers = make_torch_optimizers(
            self.network,
            settings.optimizer,
            self.learning_rate,
            settings.weight_decay,
            device,
            layer_groups,
            **self.options,
        )
        self.parameters = [p for p in self.network.parameters() if p.requires_grad]
        self.begin_epoch(self.epoch)
        self.skipped = torch.zeros((), device=device)
        self._good, self._none = torch.tensor(False), torch.zeros(())  # of a step on the processor
        if settings.ema:
            self.averages = [value.detach().clone() for value in self._averaged_tensors()]

    def begin_epoch(self, epoch: int) -> None:
        """Let those stages learn whose turn it is in this epoch (counted from 1)."""
        self.epoch = epoch
        if self.layer_groups:
            self.layer_groups.begin_epoch(self.network, epoch)
        self.learning = [parameter for parameter in self.parameters if parameter.requires_grad]

    def rest(self) -> None:
        """Set what does not learn in this epoch to be used as it is, in a network that is otherwise set to learn."""
        if self.layer_groups:
            self.layer_groups.rest(self.network, self.epoch)

    def step(self, loss: Tensor) -> None:
        """Descend: gradients of the loss, and (every `accumulate` calls) one change of the weights."""
        settings = self.settings
        # Gradients for this player alone: a generator's loss, which passes through the discriminator, must leave
        # nothing there that the discriminator's next descent (or a resumed run, without it) would find.
        (loss / settings.accumulate if settings.accumulate > 1 else loss).backward(inputs=self.learning)
        self.apply(loss)

    def apply(self, loss: Tensor, witnesses: list[Tensor] | None = None) -> None:
        """Change the weights (every `accumulate` calls) by gradients of the loss that are there already.

        `witnesses`, fewer and smaller, are finite only when all gradients are: they are looked at in their place,
        unless the gradients are to be clipped.
        """
        settings = self.settings
        self.calls += 1
        if self.calls % settings.accumulate:
            return
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        looked_at = gradients if witnesses is None or settings.gradient_clip else witnesses
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(looked_at)))
        if norm.device.type == "cpu":
            # Reading a number on the processor costs nothing, so a bad step is simply not taken.
            is_bad = not math.isfinite(norm.item() + loss.item())
            bad = torch.tensor(is_bad) if is_bad else self._good
            if is_bad:
                self._clear_gradients(bad)
                return
        else:
            bad = ~torch.isfinite(norm + loss.detach())
            # On an accelerator reading would stop the queue: zero the gradients there instead. Their
            # momentum still moves the weights a little, which is harmless; NaN would not be.
            for gradient in gradients:
                gradient.nan_to_num_(0.0, 0.0, 0.0)
            norm = torch.where(bad, torch.ones_like(norm), norm)
        if settings.gradient_clip:
            torch.nn.utils.clip_grads_with_norm_(self.parameters, settings.gradient_clip, norm)
        rate = self.rate_scale * factor(settings.schedule, self.updates, self.total)
        for torch_optimizer in self.torch_optimizers:
            for group in torch_optimizer.param_groups:
                group["lr"] = group["base_rate"] * rate
            take_step(torch_optimizer)
        self.updates += 1
        self._clear_gradients(bad)
        if settings.ema:
            self._average()

    @property
    def rate(self) -> float:
        """The learning rate that the next update will use."""
        return self.learning_rate * self.rate_scale * factor(self.settings.schedule, self.updates, self.total)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Put the averaged weights in place of the trained ones for a while."""
        if not self.averages:
            yield
            return
        live = self._averaged_tensors()
        kept = [value.detach().clone() for value in live]
        self._copy(self.averages, live)
        try:
            yield
        finally:
            self._copy(kept, live)

    def state_dict(self) -> dict[str, Any]:
        """Return optimizers, averages and counters."""
        return {
            "optimizers": [torch_optimizer.state_dict() for torch_optimizer in self.torch_optimizers],
            "averages": list(self.averages),
            "calls": self.calls,
            "updates": self.updates,
            "total": self.total,
            "rate_scale": self.rate_scale,
            "skipped": self.skipped,
            "gradients": self._pending_gradients(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave; `total` stays the present plan's."""
        for torch_optimizer, kept in zip(self.torch_optimizers, state["optimizers"], strict=True):
            torch_optimizer.load_state_dict(kept)
            for parameter, values in torch_optimizer.state.items():
                for name, value in values.items():
                    # Fused steps walk memory in order, so a moment must lie as its parameter lies.
                    if value.shape == parameter.shape:
                        values[name] = torch.empty_like(parameter).copy_(value)
        if self.averages:
            self._copy(state["averages"], self.averages)
        self.calls, self.updates = state["calls"], state["updates"]
        self.rate_scale = state["rate_scale"]
        self.skipped = state["skipped"].to(self.skipped.device)
        for parameter, gradient in zip(self.parameters, state["gradients"] or [None] * len(self.parameters)):
            parameter.grad = None if gradient is None else gradient.to(parameter.device)

    def _clear_gradients(self, bad: Tensor) -> None:
        # Counts in a row: one good step sets it back to zero.
        self.skipped = self._none if bad is self._good else (self.skipped + bad) * bad
        for parameter in self.parameters:
            parameter.grad = None

    def _pending_gradients(self) -> list[Tensor | None]:
        """Gradients accumulated so far, for a checkpoint between two updates."""
        return [p.grad for p in self.parameters] if self.calls % self.settings.accumulate else []

    def _averaged_tensors(self) -> list[Tensor]:
        buffers = [buffer for buffer in self.network.buffers() if buffer.is_floating_point()]
        return [*self.network.parameters(), *buffers]

    @torch.no_grad()
    def _average(self) -> None:
        # Early on a long memory would remember the random start, so the decay grows with the updates.
        decay = min(self.settings.ema, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_(self.averages, [t.detach() for t in self._averaged_tensors()], 1 - decay)

    @staticmethod
    @torch.no_grad()
    def _copy(source: list[Tensor], target: list[Tensor]) -> None:
        for kept, live in zip(source, target, strict=True):
            live.copy_(kept)
