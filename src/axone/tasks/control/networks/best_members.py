"""The weights with which each member was best: members are separate trainings, and each has its own best epoch."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from axone.tasks.control.networks.network import ControlNetwork


class BestMembers:
    """Stores the weights of each member from the evaluation in which its mean return was highest.

    An ensemble trains each seed as if it were alone. A best epoch of all members together would be chosen by their mean
    return, although policies that bootstrap from their own values may become worse at any epoch, each at another one.
    Of epochs with the same return, the last one counts.

    Args:
        network: The networks of all members.

    Attributes:
        returns: The highest mean return of each member, [members]; the smallest number before the first evaluation.
        weights: Its weights at that moment by name, stacked as in the network.
    """

    def __init__(self, network: ControlNetwork) -> None:
        self.network = network
        self.returns = torch.full((network.size,), torch.finfo().min)
        self.weights: dict[str, Tensor] = {}

    def note(self, returns: Float[Tensor, " members"]) -> None:
        """Store the present weights of the members whose mean return is at least as high as any before."""
        is_best = (returns.to(self.returns.device) >= self.returns).to(returns.device)
        for name, values in self._stacked().items():
            before = self.weights.get(name, values)
            chosen = is_best.to(values.device).view(-1, *[1] * (values.ndim - 1))
            self.weights[name] = torch.where(chosen, values, before)
        self.returns = torch.maximum(self.returns, returns.to(self.returns.device))

    def restore(self) -> None:
        """Load the best weights of each member, and note the best member."""
        if not self.weights:
            return
        for name, values in self._stacked().items():
            values.copy_(self.weights[name])
        self.network.best.fill_(int(self.returns.argmax()))

    def _stacked(self) -> dict[str, Tensor]:
        # Parameters and the moments of observations have the member as their first dimension; counts have none.
        return {name: values for name, values in self.network.state_dict().items() if values.ndim}

    def state_dict(self) -> dict[str, Any]:
        """Return the returns and the weights."""
        return {"returns": self.returns, "weights": dict(self.weights)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.returns = state["returns"].to("cpu")
        device = self.network.best.device
        self.weights = {name: values.to(device) for name, values in state["weights"].items()}
