"""How a network commands units: logits of the legal actions, with the state of recurrent layers.

All units have one network. A step of N battles with A agents is one batch of N x A units.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from axone.errors import UsageError
from axone.graph import Model
from axone.messages import _
from axone.tasks.control.networks.distributions import Categorical

Memory = dict[str, Tensor]  # the state of recurrent layers, [copies, agents, layers, units]; empty without any
ILLEGAL = -1e9  # the logit of an action that is not allowed: its probability is exactly 0


def initial_memory(network: nn.Module, copies: int, agents: int) -> Memory:
    """Return zeros for each part of the state of the recurrent layers of a network of units."""
    assert isinstance(network, Model)
    device = next(network.parameters()).device
    shapes = dict(zip(network.input_names, network.input_shapes))
    return {
        name: torch.zeros(copies, agents, *shape, device=device)
        for name, shape in shapes.items()
        if name not in ("observation", "lengths")
    }


def respond(
    network: nn.Module, observations: Float[Tensor, "copies agents features"], memory: Memory
) -> tuple[dict[str, Float[Tensor, "copies agents _"]], Memory]:
    """Return the outputs of the network for each agent by name, and the memory after one step."""
    copies, agents = observations.shape[:2]
    flat = observations.flatten(0, 1)
    if not memory:
        outputs = network({"observation": flat})
        return {name: values.unflatten(0, (copies, agents)) for name, values in outputs.items()}, memory
    lengths = torch.ones(len(flat), dtype=torch.int64, device=flat.device)
    states = {name: part.flatten(0, 1) for name, part in memory.items()}
    outputs = network({"observation": flat[:, None], "lengths": lengths, **states})
    after = {name: outputs.pop(name).unflatten(0, (copies, agents)) for name in memory}
    return {name: values[:, 0].unflatten(0, (copies, agents)) for name, values in outputs.items()}, after


def masked(logits: Float[Tensor, "*batch actions"], legal: Bool[Tensor, "*batch actions"]) -> Categorical:
    """Return the policy over the legal actions."""
    return Categorical(logits.masked_fill(~legal, ILLEGAL))


def require_no_memory(cell: str) -> None:
    """Raise UsageError for a network with memory, whose answer depends on what the unit saw before.

    Args:
        cell: The kind of its recurrent layer, or "none".
    """
    if cell != "none":
        raise UsageError(
            _("This network has a memory ({cell}): it has no answer to a single observation.", cell=cell),
            hint=_("play battles: axone generate RUN, or axone play RUN"),
        )


class UnitPolicy(nn.Module):
    """From observations and masks to the probabilities of actions, for export; only for networks without memory.

    Args:
        network: The network of the units.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, observations: Float[Tensor, "batch features"], legal: Bool[Tensor, "batch actions"]
    ) -> Float[Tensor, "batch actions"]:
        """Return the probability of each action; 0 for those that are not legal."""
        logits: Tensor = self.network({"observation": observations})["policy"]
        return logits.masked_fill(~legal, ILLEGAL).softmax(-1)


def reset_where(ended: Bool[Tensor, " copies"], memory: Memory) -> Memory:
    """Return the memory with zeros where a battle ended."""
    return {name: part.masked_fill(ended[:, None, None, None], 0.0) for name, part in memory.items()}
