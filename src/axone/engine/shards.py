"""Shards: each batch is cut into parts whose gradients are added in a fixed order.

The batch is drawn and augmented whole. Each shard then goes through the learner's `train_step` by itself, with norms
over the shard alone and with random numbers seeded by (seed, epoch, batch, shard). At each optimizer step the
gradients of all shards are added as a binary tree, and the weights change once. So K processes with one shard each
compute the same bits as one process with K shards, one after another.

A learner may take several optimizer steps per batch, and the second depends on the weights after the first. So in
one process the shards run as threads that take turns: a thread that reaches an optimizer step waits until all shards
have reached it. Only one thread runs at any time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch
from torch import Tensor

from axone.engine.group import Group
from axone.engine.learner import Learner
from axone.engine.machine.seeds import preserve_torch_random_state, shard_seed
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Gradients, Optimizer
from axone.errors import SettingsError
from axone.messages import _


class ShardedStep:
    """Runs `learner.train_step` on the shards of a batch.

    Args:
        learner: A prepared learner; its optimizers exchange gradients through this object from now on.
        shards: The number of shards of each batch, over all processes.
        group: The processes that train together.
        seed: The seed of the training.

    Raises:
        SettingsError: The learner carries a state from batch to batch, which shards would overwrite for each other.
    """

    def __init__(self, learner: Learner, shards: int, group: Group, seed: int) -> None:
        if learner.carried_states:
            raise SettingsError(
                _("--shards cannot be used with a state that is carried from batch to batch."), hint="--shards 1"
            )
        self.learner, self.shards, self.group, self.seed = learner, shards, group, seed
        own = shards // group.size
        self.own = range(group.rank * own, (group.rank + 1) * own)  # the shards of this process
        for optimizer in learner.optimizers.values():
            optimizer.exchange = self._exchange

    def run(self, batch: Any, epoch: int, number: int) -> Metrics:
        """Learn from one batch; return the mean of each metric over all shards.

        Args:
            batch: The whole batch.
            epoch: The epoch, from 1.
            number: The batch's number in the epoch, from 0.
        """
        samples = self.learner.size(batch)
        if samples < self.shards:
            # The last batch of an epoch may be the smaller one; its shards would be empty.
            raise SettingsError(
                _("{name} cannot be '{value}'.", name="shards", value=self.shards),
                expected=_("expected at most {most}", most=samples),
            )
        parts = split_batch(batch, samples, self.shards)
        updates = {optimizer: optimizer.updates for optimizer in self.learner.optimizers.values()}
        threads = [
            _ShardThread(
                self.learner, parts[k], shard_seed(self.seed, epoch, number, k), self.learner.size(parts[k]) / samples
            )
            for k in self.own
        ]
        buffers = self._buffers()
        initial = [value.clone() for value in buffers]
        for thread in threads:
            thread.buffers = initial
        try:
            with preserve_torch_random_state(self.learner.context.device):
                while not self._run_to_next_step(threads, buffers):
                    self._update(threads)
        finally:
            for thread in threads:  # after an error, no thread waits without end
                thread.abandon()
        self._merge_buffers(threads, buffers)
        for optimizer, before in updates.items():
            if optimizer.updates > before:
                optimizer.update_averages()
        return self._merge_metrics(threads)

    def _run_to_next_step(self, threads: list[_ShardThread], buffers: list[Tensor]) -> bool:
        """Run each shard until its next optimizer step or its end; return whether all have ended."""
        for thread in threads:
            for live, value in zip(buffers, thread.buffers, strict=True):
                # Through `data`, because a waiting shard may still need a graph that refers to these buffers: norms
                # in training mode do not use their running statistics in the backward pass.
                live.data.copy_(value)
            thread.run_until_step()
            thread.buffers = [value.clone() for value in buffers]
        ended = {thread.request is None for thread in threads}
        if len(ended) != 1:
            raise RuntimeError("the shards of a batch took different numbers of optimizer steps")
        return ended.pop()

    def _update(self, threads: list[_ShardThread]) -> None:
        """Add the gradients of all shards and update the weights once."""
        requests = [thread.request for thread in threads if thread.request is not None]
        optimizer, own_gradients, _loss = requests[0]
        if any(request[0] is not optimizer for request in requests):
            raise RuntimeError("the shards of a batch reached the steps of different optimizers")
        has_gradient = [gradient is not None for gradient in own_gradients]
        values = [
            [*(gradient for gradient in gradients if gradient is not None), loss.detach().float() * thread.weight]
            for thread, (_optimizer, gradients, loss) in zip(threads, requests, strict=True)
        ]
        *summed, loss = self.group.sum(values)
        remaining = iter(summed)
        optimizer.add_gradients([next(remaining) if present else None for present in has_gradient])
        optimizer.apply_gradients(loss)

    def _exchange(self, optimizer: Optimizer, loss: Tensor) -> None:
        """Take the place of an optimizer's step: hand the gradients of this shard over and wait."""
        thread = threading.current_thread()
        assert isinstance(thread, _ShardThread), "a sharded learner steps within `train_step` only"
        thread.wait_for_update(optimizer, optimizer.compute_gradients(loss, thread.weight), loss)

    def _buffers(self) -> list[Tensor]:
        return [buffer for network in self.learner.networks.values() for buffer in network.buffers()]

    def _merge_buffers(self, threads: list[_ShardThread], buffers: list[Tensor]) -> None:
        """Set running statistics to the mean over the shards; counters advance as for one batch."""
        places = [place for place, buffer in enumerate(buffers) if buffer.is_floating_point()]
        with torch.no_grad():
            for live, value in zip(buffers, threads[0].buffers, strict=True):
                live.copy_(value)
            if places:
                shares = [[thread.buffers[place] * (1 / self.shards) for place in places] for thread in threads]
                for place, value in zip(places, self.group.sum(shares)):
                    buffers[place].copy_(value)

    def _merge_metrics(self, threads: list[_ShardThread]) -> Metrics:
        names = list(threads[0].metrics)
        if not names:
            return {}
        weighted = [
            [torch.stack([thread.metrics[name].detach().float() * thread.weight for name in names])]
            for thread in threads
        ]
        (values,) = self.group.sum(weighted)
        return dict(zip(names, values))


class _AbandonedError(Exception):
    """Another shard of the batch failed."""


class _ShardThread(threading.Thread):
    """One shard of one batch, which runs until its next optimizer step and then waits."""

    def __init__(self, learner: Learner, part: Any, seed: int, weight: float) -> None:
        super().__init__(daemon=True)
        self.learner, self.part, self.weight = learner, part, weight
        self.buffers: list[Tensor] = []
        self.metrics: Metrics = {}
        self.request: tuple[Optimizer, Gradients, Tensor] | None = None
        self._device, self._seed = learner.context.device, seed
        self._random_state: Callable[[], None] | None = None
        self._error: BaseException | None = None
        self._may_run, self._has_paused = threading.Semaphore(0), threading.Semaphore(0)
        self._is_abandoned = False
        self._threads = torch.get_num_threads()

    def run_until_step(self) -> None:
        """Continue the shard until its next optimizer step or its end; raise what it raised."""
        self.request = None
        if self._random_state is None:
            torch.manual_seed(self._seed)
            self.start()
        else:
            self._random_state()
            self._may_run.release()
        self._has_paused.acquire()
        self._random_state = _save_random_state(self._device)
        if self._error is not None:
            raise self._error

    def wait_for_update(self, optimizer: Optimizer, gradients: Gradients, loss: Tensor) -> None:
        """Hand over the gradients and let the other shards run."""
        self.request = optimizer, gradients, loss
        self._has_paused.release()
        self._may_run.acquire()
        if self._is_abandoned:
            raise _AbandonedError

    def abandon(self) -> None:
        """End a thread that waits for an update which will not come."""
        self._is_abandoned = True
        self._may_run.release()

    def run(self) -> None:
        """Run the learner's step on the shard; called by `start`."""
        try:
            torch.set_num_threads(self._threads)  # the setting belongs to a thread
            self.metrics = self.learner.train_step(self.part)
        except BaseException as error:
            self._error = error
        finally:
            self._has_paused.release()


def _save_random_state(device: torch.device) -> Callable[[], None]:
    """Return a function that restores the present state of torch's generators."""
    state = torch.get_rng_state()
    on_device = torch.cuda.get_rng_state(device) if device.type == "cuda" else None

    def restore() -> None:
        torch.set_rng_state(state)
        if on_device is not None:
            torch.cuda.set_rng_state(on_device, device)

    return restore


def split_batch(batch: Any, samples: int, parts: int) -> list[Any]:
    """Cut a batch into parts of consecutive samples, as equal as possible.

    Tensors whose first dimension is the number of samples are cut, within tuples, named tuples, lists, dicts and
    dataclasses; everything else belongs to each part as it is.
    """
    if isinstance(batch, Tensor):
        return list(batch.tensor_split(parts)) if batch.ndim and len(batch) == samples else [batch] * parts
    if isinstance(batch, dict):
        columns = {name: split_batch(value, samples, parts) for name, value in batch.items()}
        return [{name: column[k] for name, column in columns.items()} for k in range(parts)]
    if isinstance(batch, tuple | list):
        members = [split_batch(member, samples, parts) for member in batch]
        rows = [[member[k] for member in members] for k in range(parts)]
        return [type(batch)(*row) if hasattr(batch, "_fields") else type(batch)(row) for row in rows]
    if is_dataclass(batch) and not isinstance(batch, type):
        columns = {field.name: split_batch(getattr(batch, field.name), samples, parts) for field in fields(batch)}
        return [replace(batch, **{name: column[k] for name, column in columns.items()}) for k in range(parts)]
    return [batch] * parts
