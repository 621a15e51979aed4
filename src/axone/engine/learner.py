"""A learner: one step on one training batch, and one on a validation batch.

    class Autoencoder(Learner):
        def __init__(self, network, settings):
            self.network = network
            self.optimizer = Optimizer(network, settings)

        def train_step(self, batch):
            loss = mse_loss(self.network(batch.inputs), batch.inputs)
            self.optimizer.step(loss)
            return {"loss": loss.detach()}

The engine finds the networks and the optimizers among a learner's attributes, also in lists, tuples and dicts (not
under private names): a GAN has two networks and two optimizers, and they are written in the system's own file. It finds
the states that recurrent networks carry from batch to batch in the same way (`carried_state.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from axone.engine.carried_state import CarriedState
from axone.engine.machine.precision import casting
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer

Found = TypeVar("Found")


@dataclass(frozen=True)
class TrainingContext:
    """How a training runs: known once the machine and the length are.

    Args:
        device: The device of the networks and batches.
        dtype: The floating-point precision of forward passes.
        batches: The number of batches in the whole training.
        log_text: Shows a text to the user and stores it in the run.
        shards: The number of parts of each batch whose gradients are added; see `axone.engine.shards`.
    """

    device: torch.device
    dtype: torch.dtype
    batches: int
    log_text: Callable[[str], None] = lambda text: None
    shards: int = 1


def use_channels_last(network: nn.Module) -> None:
    """Convert the weights of two-dimensional convolutions, and of no other layers, to channels-last memory."""
    for parameter in network.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


class Learner:
    """Something that learns from batches. A system's learner defines `train_step` and `eval_step`."""

    context = TrainingContext(torch.device("cpu"), torch.float32, 1)
    _optimizers: tuple[Optimizer, ...] = ()

    def train_step(self, batch: Any) -> Metrics:
        """Learn from one batch; return the batch mean of each metric as a scalar tensor, without reading it."""
        raise NotImplementedError

    def eval_step(self, batch: Any) -> Metrics:
        """Measure one validation or test batch; return the batch mean of each metric as a scalar tensor."""
        raise NotImplementedError

    def begin_evaluation(self, stream: Any) -> None:
        """Prepare for an evaluation on a stream, before its first batch."""

    def end_evaluation(self) -> dict[str, float]:
        """Return the metrics of a whole evaluation that are no means over its batches, such as an area under a curve.

        Called once, after the last `eval_step` of an evaluation that was not interrupted. By default there are none.
        """
        return {}

    def size(self, batch: Any) -> int:
        """Return the number of samples in a batch: by default, the length of its first tensor."""
        first = batch if isinstance(batch, Tensor) else next(iter(batch))
        return len(first)

    @property
    def networks(self) -> dict[str, nn.Module]:
        """The networks by attribute name (`critics.0` in a list, `critics.left` in a dict): saved as weights."""
        return self._find(nn.Module)

    @property
    def optimizers(self) -> dict[str, Optimizer]:
        """The optimizers by attribute name, found like the networks."""
        return self._find(Optimizer)

    @property
    def carried_states(self) -> dict[str, CarriedState]:
        """The states between batches by attribute name, found like the networks."""
        return self._find(CarriedState)

    def prepare(self, context: TrainingContext) -> None:
        """Move the networks to the device, use channels-last memory for images, create the torch optimizers."""
        self.context = context
        for network in self.networks.values():
            network.to(context.device)
            use_channels_last(network)
        self._optimizers = tuple(self.optimizers.values())
        for optimizer in self._optimizers:
            optimizer.prepare(context.device, context.batches)

    def begin_epoch(self, epoch: int) -> None:
        """Prepare for an epoch (counted from 1), before its first batch or wherever a resumed run enters it.

        Whatever depends on the epoch belongs here and nowhere else, so that a resumed run is in the same state.
        """
        for optimizer in self.optimizers.values():
            optimizer.begin_epoch(epoch)

    def begin_batch(self, batches_seen: int) -> None:
        """Set the progress of the training, which the learning rate schedules of the optimizers follow."""
        for optimizer in self._optimizers:
            optimizer.batches_seen = batches_seen

    def casting(self) -> Any:
        """Return the context manager of a forward pass in the chosen precision."""
        return casting(self.context.device, self.context.dtype)

    @contextmanager
    def training(self) -> Iterator[None]:
        """Put every network in training mode, except for frozen layer groups."""
        for network in self.networks.values():
            network.train()
        for optimizer in self.optimizers.values():
            optimizer.freeze_statistics()
        yield

    @contextmanager
    def checking(self) -> Iterator[None]:
        """Evaluate: every network in evaluation mode, with averaged weights if there are any, without gradients."""
        with ExitStack() as stack:
            for optimizer in self.optimizers.values():
                stack.enter_context(optimizer.averaged())
            stack.enter_context(self._evaluation_mode())
            stack.enter_context(self._states_aside())
            stack.enter_context(torch.inference_mode())
            yield

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Act in a world: every network in evaluation mode, with the weights of the moment, without gradients."""
        with self._evaluation_mode(), torch.no_grad():
            yield

    def weights(self) -> dict[str, Tensor]:
        """Return the weights and buffers of every network, named NETWORK.PARAMETER."""
        return {
            f"{name}.{key}": value.detach()
            for name, network in self.networks.items()
            for key, value in network.state_dict().items()
        }

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """Load weights named as by `weights`. Raises RuntimeError when they do not fit."""
        for name, network in self.networks.items():
            prefix = name + "."
            network.load_state_dict({k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)})

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs besides the weights."""
        return {name: part.state_dict() for name, part in (self.optimizers | self.carried_states).items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state[name])
        for name, carried in self.carried_states.items():
            carried.load_state_dict(state[name], self.context.device)

    @contextmanager
    def _states_aside(self) -> Iterator[None]:
        """Let the carried states of an evaluation begin with zeros, and return to those of the training after it."""
        states = self.carried_states.values()
        before = [carried.parts for carried in states]
        for carried in states:
            carried.reset()
        try:
            yield
        finally:
            for carried, parts in zip(states, before):
                carried.parts = parts

    @contextmanager
    def _evaluation_mode(self) -> Iterator[None]:
        modes = {module: module.training for network in self.networks.values() for module in network.modules()}
        for network in self.networks.values():
            network.eval()
        try:
            yield
        finally:
            for module, is_training in modes.items():
                module.training = is_training

    def _find(self, kind: type[Found]) -> dict[str, Found]:
        members_of_kind: dict[str, Found] = {}
        for name, value in vars(self).items():
            if name.startswith("_"):
                continue
            members: dict[str, Any] = {name: value}
            if isinstance(value, list | tuple):
                members = {f"{name}.{number}": member for number, member in enumerate(value)}
            elif isinstance(value, Mapping):
                members = {f"{name}.{key}": member for key, member in value.items()}
            members_of_kind.update({key: member for key, member in members.items() if isinstance(member, kind)})
        return members_of_kind
