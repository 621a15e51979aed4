"""What a learner is: one step on one batch, and one check; the rest is found, not written.

    class Autoencoder(Learner):
        def __init__(self, network, settings):
            self.network = network
            self.optimizer = Optimizer(network, settings)

        def train_step(self, batch):
            loss = mse_loss(self.network(batch.inputs), batch.inputs)
            self.optimizer.step(loss)
            return {"loss": loss}

The engine finds the networks and the descents among a learner's attributes: two players are two networks and
two descents, written down in the system's own file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from axone.engine.metrics import Metrics
from axone.engine.optimizer import Optimizer
from axone.engine.precision import casting


@dataclass(frozen=True)
class TrainingContext:
    """How a training will run: known once the machine and the lengths are."""

    device: torch.device
    dtype: torch.dtype
    batches: int  # in the whole training
    tell: Callable[[str], None] = lambda text: None  # says some lines to whoever watches, and keeps them in the run


class Learner:
    """Something that learns from batches. A system's learner extends it with `train_step` and `eval_step`."""

    context = TrainingContext(torch.device("cpu"), torch.float32, 1)

    def train_step(self, batch: Any) -> Metrics:
        """Learn from one batch; return the mean of each metric over it as 0-d tensors, without reading them."""
        raise NotImplementedError

    def eval_step(self, batch: Any) -> Metrics:
        """Measure on one held-out batch; return the mean of each metric over it."""
        raise NotImplementedError

    def size(self, batch: Any) -> int:
        """Count the samples of a batch: the length of its first tensor, unless a system knows better."""
        first = batch if isinstance(batch, Tensor) else next(iter(batch))
        return len(first)

    @property
    def networks(self) -> dict[str, nn.Module]:
        """The networks by attribute name: what is saved as weights."""
        return {name: value for name, value in vars(self).items() if isinstance(value, nn.Module)}

    @property
    def optimizers(self) -> dict[str, Optimizer]:
        """The descents by attribute name: what moves the weights."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Optimizer)}

    def prepare(self, plan: TrainingContext) -> None:
        """Move the networks to the plan's device, lay images out channels last, make the optimizers."""
        self.context = plan
        for network in self.networks.values():
            network.to(plan.device)
            if any(parameter.ndim == 4 for parameter in network.parameters()):
                network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        for optimizer in self.optimizers.values():
            optimizer.prepare(plan.device, plan.batches)

    def begin_epoch(self, epoch: int) -> None:
        """Get ready for an epoch (counted from 1), before its first batch or wherever a resumed run enters it.

        Whatever depends on the epoch belongs here and nowhere else, so that a resumed run is in the same state.
        """
        for optimizer in self.optimizers.values():
            optimizer.begin_epoch(epoch)

    def casting(self) -> Any:
        """Return the context of a forward pass, in the chosen precision."""
        return casting(self.context.device, self.context.dtype)

    @contextmanager
    def training(self) -> Iterator[None]:
        """Set every network to learn (dropout on, norms following the batch), but for its frozen stages."""
        for network in self.networks.values():
            network.train()
        for optimizer in self.optimizers.values():
            optimizer.rest()
        yield

    @contextmanager
    def checking(self) -> Iterator[None]:
        """Set every network to be measured: averaged weights where there are some, and no gradients."""
        with ExitStack() as stack:
            for optimizer in self.optimizers.values():
                stack.enter_context(optimizer.averaged())
            for network in self.networks.values():
                network.eval()
            stack.enter_context(torch.inference_mode())
            yield

    def weights(self) -> dict[str, Tensor]:
        """Return every network's weights and buffers, named NETWORK.PARAMETER."""
        return {
            f"{name}.{key}": value.detach()
            for name, network in self.networks.items()
            for key, value in network.state_dict().items()
        }

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """Take weights named as `weights` names them. Raises RuntimeError where they do not fit."""
        for name, network in self.networks.items():
            prefix = name + "."
            network.load_state_dict({k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)})

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs beyond the weights."""
        return {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state[name])
