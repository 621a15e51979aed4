"""The policy that is used after the training, from the observations of a world to probabilities and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.play.spaces import Discrete
from axone.tasks.control.networks.network import ControlNetwork, MemberNetwork
from axone.tasks.control.worlds.actions import read_space, to_world_actions


class PolicyAnswering(nn.Module):
    """One policy: observations -> probabilities of the choices (or the actions themselves), and values.

    A recurrent policy takes the parts of its memory too, zeros at the start of an episode, and returns those after the
    step: `initial_memory` has their shapes.

    Args:
        network: The networks of a run, of which the best member is taken.
        facts: The facts of the run.
        memory: The shape of each part of the memory of a recurrent policy, by name.
    """

    def __init__(
        self, network: ControlNetwork, facts: Mapping[str, Any], memory: Mapping[str, Sequence[int]] | None = None
    ) -> None:
        super().__init__()
        self.member = MemberNetwork(network)
        self.space = read_space(facts["actions"])
        self.memory = {name: tuple(shape) for name, shape in (memory or {}).items()}
        deviation = network.log_deviation
        self.deviation = None if deviation is None else deviation[int(network.best)].detach().exp()

    def initial_memory(self, copies: int) -> tuple[Tensor, ...]:
        """Return the parts of the memory at the start of an episode."""
        device = next(self.member.parameters()).device
        return tuple(torch.zeros(copies, *shape, device=device) for shape in self.memory.values())

    def forward(self, observations: Float[Tensor, "copies ..."], *memory: Tensor) -> tuple[Tensor, ...]:
        """Return the probabilities of the choices, or the actions, then V(s), then the parts of the memory."""
        if not self.memory:
            outputs = self.member(observations)
            policy, values, parts = outputs["policy"], outputs["value"].squeeze(-1), ()
        else:
            lengths = torch.ones(observations.shape[0], dtype=torch.int64, device=observations.device)
            outputs = self.member(observations[:, None], lengths=lengths, **dict(zip(self.memory, memory)))
            policy, values = outputs["policy"][:, 0], outputs["value"][:, 0, 0]
            parts = tuple(outputs[name] for name in self.memory)
        if isinstance(self.space, Discrete):
            return policy.softmax(-1), values, *parts
        return to_world_actions(policy, self.space), values, *parts


class GreedyAnswering(PolicyAnswering):
    """The policy of action values: probability 1 for the choice of the highest value, which is that of the state."""

    def forward(self, observations: Float[Tensor, "copies ..."], *memory: Tensor) -> tuple[Tensor, ...]:
        """Return the probabilities of the choices, then V(s)."""
        values = join_heads(self.member(observations))
        return torch.nn.functional.one_hot(values.argmax(-1), values.shape[-1]).float(), values.amax(-1)


def join_heads(outputs: Mapping[str, Tensor]) -> Float[Tensor, "*batch choices"]:
    """Return the action values of a dueling network (Wang et al. 2016, equation 9).

    Q(s, a) = V(s) + A(s, a) - mean over a' of A(s, a')

    Args:
        outputs: "value", V(s) [*batch, 1], and "advantage", A(s, a) [*batch, choices]; or "action_values" alone.
    """
    if "action_values" in outputs:
        return outputs["action_values"]
    advantages = outputs["advantage"]
    return outputs["value"] + advantages - advantages.mean(-1, keepdim=True)


def choose(answering: PolicyAnswering, policy: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Return an action for each copy, as the world takes it.

    Args:
        answering: The policy.
        policy: The first of its outputs.
        generator: The random numbers of actions that are drawn; None: the most probable ones.
    """
    space = answering.space
    if isinstance(space, Discrete):
        return policy.argmax(-1) if generator is None else torch.multinomial(policy, 1, generator=generator)[:, 0]
    if generator is None or answering.deviation is None:
        return policy
    noise = torch.randn(policy.shape, generator=generator) * answering.deviation.view(policy.shape[1:])
    half = (space.high - space.low) / 2
    return (policy + noise * (half if half < float("inf") else 1.0)).clamp(space.low, space.high)
