"""The optimizer of one network: from a loss to changed weights, with everything that training adds to it.

Learning-rate schedule, gradient accumulation, clipping, skipping of losses that are not finite and averaged weights
are written once, here, so that a learner reads `self.optimizer.step(loss)`. A learner with two networks that are
trained against each other has two optimizers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from axone.engine.optimization.layer_groups import LayerGroups
from axone.engine.optimization.schedules import factor
from axone.engine.optimization.torch_optimizers import make_torch_optimizers, set_learning_rate, take_step
from axone.settings import Settings

Gradients = list[Tensor | None]


class Optimizer:
    """Gradient descent of one network on the losses that `step` receives.

    Any number of steps per batch works, also none: the schedule follows `batches_seen`, the progress of the training,
    and not the number of calls.

    Args:
        network: The network whose trainable parameters are changed.
        settings: The optimizer, learning rate, schedule, weight decay, clipping, accumulation and averaging.
        learning_rate: Replaces the setting.
        layer_groups: Which parts of the network learn how fast, and from which epoch on.
        tensor_learning_rate: Keep the learning rate in a tensor, for a step that is captured or compiled.
        **options: Passed to the torch optimizer, for example betas=(0.5, 0.999).

    The torch optimizers are created by `prepare`, when device and length of the training are known.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: Settings,
        *,
        learning_rate: float | None = None,
        layer_groups: LayerGroups | None = None,
        tensor_learning_rate: bool = False,
        **options: Any,
    ) -> None:
        self.network = network
        self.settings = settings
        self.layer_groups = layer_groups
        self.epoch = 1
        self.learning_rate = learning_rate or settings.learning_rate
        self.tensor_learning_rate = tensor_learning_rate
        self.options = options
        self.rate_scale = 1.0  # halved by each rollback
        self.batches_seen = 0  # set by the training loop before each batch
        self.calls = 0  # losses received
        self.updates = 0  # changes of the weights
        self.total_batches = 1
        self.skipped = torch.zeros(())  # losses or gradients in a row that were not finite
        self.skipped_total = torch.zeros(())  # all of them
        self.no_skips = torch.zeros(())
        self.averages: list[Tensor] = []
        self.exchange: Callable[[Optimizer, Tensor], None] | None = None  # see `axone.engine.shards`
        self.reads_norm = True  # whether the gradient norm is read at each step, which is free on the CPU alone

    def prepare(self, device: torch.device, batches: int) -> None:
        """Create the torch optimizers on a device, for a training of `batches` batches."""
        settings, layer_groups = self.settings, self.layer_groups
        self.total_batches = max(1, batches)
        # Fused optimizers on a GPU can skip a step by themselves; everywhere else, a number is read at each step.
        self.reads_norm = device.type != "cuda"
        if layer_groups:
            self.network.requires_grad_(True)  # groups that join later are parameters of the optimizers as well
        self.torch_optimizers = make_torch_optimizers(
            self.network,
            settings.optimizer,
            self.learning_rate,
            settings.weight_decay,
            device,
            layer_groups,
            tensor_learning_rate=self.tensor_learning_rate,
            **self.options,
        )
        self.parameters = [p for p in self.network.parameters() if p.requires_grad]
        self.begin_epoch(self.epoch)
        self.skipped, self.skipped_total = torch.zeros((), device=device), torch.zeros((), device=device)
        self._good, self.no_skips = torch.tensor(False), torch.zeros(())  # of a step on the CPU
        if settings.ema:
            self.averages = [value.detach().clone() for value in self._averaged_tensors()]

    def begin_epoch(self, epoch: int) -> None:
        """Let the layer groups learn that are unfrozen in this epoch (counted from 1)."""
        self.epoch = epoch
        if self.layer_groups:
            self.layer_groups.begin_epoch(self.network, epoch)
        self.trainable = [parameter for parameter in self.parameters if parameter.requires_grad]

    def freeze_statistics(self) -> None:
        """Put the frozen layer groups in evaluation mode, in a network that is otherwise in training mode."""
        if self.layer_groups:
            self.layer_groups.freeze_statistics(self.network, self.epoch)

    def step(self, loss: Tensor) -> None:
        """Compute the gradients of a loss and, every `accumulate` calls, update the weights once."""
        if self.exchange is not None:
            self.exchange(self, loss)
            return
        # The gradients of this network alone: a generator's loss, which passes through the discriminator, leaves
        # nothing there that the discriminator's next step (or a resumed run, which has none) would find.
        (loss / self.settings.accumulate if self.settings.accumulate > 1 else loss).backward(inputs=self.trainable)
        self.apply_gradients(loss)

    def compute_gradients(self, loss: Tensor, weight: float) -> Gradients:
        """Return the gradients of `weight` times a loss, leaving those in `grad` as they are."""
        pending = [parameter.grad for parameter in self.parameters]
        self._clear_gradients()
        (loss * (weight / self.settings.accumulate)).backward(inputs=self.trainable)
        gradients = [parameter.grad for parameter in self.parameters]
        for parameter, gradient in zip(self.parameters, pending):
            parameter.grad = gradient
        return gradients

    def add_gradients(self, gradients: Gradients) -> None:
        """Add gradients to those in `grad`."""
        for parameter, gradient in zip(self.parameters, gradients):
            if gradient is not None:
                parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient

    def apply_gradients(self, loss: Tensor, finite_probe: list[Tensor] | None = None) -> None:
        """Update the weights, every `accumulate` calls, by the gradients in `grad`.

        Args:
            loss: The loss that the gradients belong to; an update with a loss that is not finite is skipped.
            finite_probe: A cheap subset that is not finite whenever any gradient is not; checked in place of all
                gradients, unless they are clipped.
        """
        settings = self.settings
        self.calls += 1
        if self.calls % settings.accumulate:
            return
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        checked = gradients if finite_probe is None or settings.gradient_clip else finite_probe
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(checked)))
        if self.reads_norm:
            # Reading a number on the CPU costs nothing, so that a bad step is simply not taken.
            is_bad = not math.isfinite(norm.item() + loss.item())
            bad = torch.tensor(is_bad) if is_bad else self._good
            if is_bad:
                self._count(bad)
                self._clear_gradients()
                return
        else:
            # On an accelerator, reading would wait for the queue: the step itself does nothing where `bad` is true.
            bad = ~torch.isfinite(norm + loss.detach())
            norm = torch.where(bad, torch.ones_like(norm), norm)
        if settings.gradient_clip:
            self.clip_gradients(norm)
        scale = self.rate_scale * self.schedule_factor
        for torch_optimizer in self.torch_optimizers:
            for group in torch_optimizer.param_groups:
                set_learning_rate(group, group["base_rate"] * scale)
            take_step(torch_optimizer, None if self.reads_norm else bad.float())
        self.updates += 1
        self._count(bad)
        self._clear_gradients()
        if settings.ema and self.exchange is None:
            self.update_averages(bad)

    def clip_gradients(self, norm: Tensor) -> None:
        """Scale the gradients in `grad` where their norm, which is that of all together, exceeds the setting."""
        torch.nn.utils.clip_grads_with_norm_(self.parameters, self.settings.gradient_clip, norm)

    @property
    def schedule_factor(self) -> float:
        """The share of the highest learning rate, from 0 to 1, at this point of the training."""
        accumulate = self.settings.accumulate
        return factor(self.settings.schedule, self.batches_seen // accumulate, max(1, self.total_batches // accumulate))

    @property
    def rate(self) -> float:
        """The learning rate at this point of the training."""
        return self.learning_rate * self.rate_scale * self.schedule_factor

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Replace the trained weights by the averaged ones within a `with` block."""
        if not self.averages:
            yield
            return
        live = self._averaged_tensors()
        trained = [value.detach().clone() for value in live]
        self._copy(self.averages, live)
        try:
            yield
        finally:
            self._copy(trained, live)

    @torch.no_grad()
    def update_averages(self, bad: Tensor | None = None) -> None:
        """Move the averaged weights towards the trained ones; not after a `bad` step, which changed nothing."""
        if not self.averages:
            return
        # A long memory would hold the random initial weights at first, so the decay grows with the updates.
        decay = min(self.settings.ema, (1 + self.updates) / (10 + self.updates))
        live = [t.detach() for t in self._averaged_tensors()]
        if bad is None or self.reads_norm:
            torch._foreach_lerp_(self.averages, live, 1 - decay)
        else:
            share = torch.where(bad, 0.0, 1 - decay)
            for average, value in zip(self.averages, live):
                average.lerp_(value, share.to(average.dtype))

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the torch optimizers, the averages and the counters."""
        return {
            "torch_optimizers": [torch_optimizer.state_dict() for torch_optimizer in self.torch_optimizers],
            "averages": list(self.averages),
            "calls": self.calls,
            "updates": self.updates,
            "batches_seen": self.batches_seen,
            "rate_scale": self.rate_scale,
            "skipped": self.skipped,
            "skipped_total": self.skipped_total,
            "gradients": self._pending_gradients(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned; the length of the training stays that of `prepare`."""
        for torch_optimizer, saved in zip(self.torch_optimizers, state["torch_optimizers"], strict=True):
            torch_optimizer.load_state_dict(saved)
            for group in torch_optimizer.param_groups:
                if self.tensor_learning_rate:
                    group["lr"] = torch.as_tensor(group["lr"], dtype=torch.float32, device=self.skipped.device)
            for parameter, values in torch_optimizer.state.items():
                for name, value in values.items():
                    # Fused steps walk memory in order, so that a moment needs the strides of its parameter.
                    if value.shape == parameter.shape:
                        values[name] = torch.empty_like(parameter).copy_(value)
        if self.averages:
            self._copy(state["averages"], self.averages)
        self.calls, self.updates, self.batches_seen = state["calls"], state["updates"], state["batches_seen"]
        self.rate_scale = state["rate_scale"]
        self.skipped = state["skipped"].to(self.skipped.device)
        self.skipped_total = state["skipped_total"].to(self.skipped.device)
        for parameter, gradient in zip(self.parameters, state["gradients"] or [None] * len(self.parameters)):
            parameter.grad = None if gradient is None else gradient.to(parameter.device)

    def _count(self, bad: Tensor) -> None:
        # `skipped` counts in a row: one good step resets it.
        if bad is self._good:
            self.skipped = self.no_skips
        else:
            self.skipped = (self.skipped + bad) * bad
            self.skipped_total = self.skipped_total + bad

    def _clear_gradients(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    def _pending_gradients(self) -> Gradients:
        """Return the gradients accumulated so far, for a checkpoint between two updates."""
        return [p.grad for p in self.parameters] if self.calls % self.settings.accumulate else []

    def _averaged_tensors(self) -> list[Tensor]:
        buffers = [buffer for buffer in self.network.buffers() if buffer.is_floating_point()]
        return [*self.network.parameters(), *buffers]

    @staticmethod
    @torch.no_grad()
    def _copy(source: list[Tensor], target: list[Tensor]) -> None:
        for value, live in zip(source, target, strict=True):
            live.copy_(value)
