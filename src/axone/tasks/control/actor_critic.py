"""How policies with values act and answer, step by step and for whole sequences, with or without a memory."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from axone.graph import RECURRENT_LAYERS
from axone.play.spaces import Continuous, Discrete
from axone.tasks.control.experience.rollouts import Decision
from axone.tasks.control.experience.sequences import cut_at_ends
from axone.tasks.control.learner import ControlLearner
from axone.tasks.control.networks.distributions import Distribution, make_distribution
from axone.tasks.control.networks.network import ControlNetwork, Memory


class ActorCriticLearner(ControlLearner):
    """A learner whose networks return "policy" and "value". A system's own adds how they learn.

    Args:
        network: The networks of all members.
        space: The space of one action.
        solved: The mean return at which the world counts as solved; None: it has none.
        cell: The kind of the recurrent layer: a name of `axone.graph.RECURRENT_LAYERS`; "none": there is none.
        hidden: The units of the recurrent layer.
    """

    def __init__(
        self, network: ControlNetwork, space: Discrete | Continuous, solved: float | None, cell: str, hidden: int
    ) -> None:
        super().__init__(network, space, solved)
        self.state_parts = () if cell == "none" else RECURRENT_LAYERS[cell].state_parts
        self.hidden = hidden

    def initial_memory(self, copies: int) -> Memory:
        """Return zeros for each part of the state of the recurrent layer."""
        shape = (self.network.size, copies, 1, self.hidden)
        return {part: torch.zeros(shape, device=self.network.best.device) for part in self.state_parts}

    def respond(
        self, observations: Float[Tensor, "members copies ..."], memory: Memory
    ) -> tuple[Distribution, Float[Tensor, "members copies"], Memory]:
        """Return the distributions of the actions, the values, and the memory after one step."""
        if not self.state_parts:
            outputs = self.network(observations)
            return self._distribution(outputs), outputs["value"].squeeze(-1), memory
        lengths = torch.ones(observations.shape[:2], dtype=torch.int64, device=observations.device)
        outputs = self.network(observations[:, :, None], {"lengths": lengths, **memory})
        now = {name: outputs[name][:, :, 0] for name in ("policy", "value")}
        return self._distribution(now), now["value"].squeeze(-1), {part: outputs[part] for part in self.state_parts}

    def respond_to_sequences(
        self, observations: Float[Tensor, "members copies steps ..."],
        ended: Bool[Tensor, "members copies steps"], memory: Memory,
    ) -> tuple[Distribution, Float[Tensor, "members copies steps"]]:  # fmt: skip
        """Return distributions and values at each step of sequences, in which episodes may end."""
        segments = cut_at_ends(ended)
        outputs = self.network(
            segments.scatter(observations), {"lengths": segments.lengths(), **segments.place_memory(memory)}
        )
        each = {name: segments.gather(outputs[name]) for name in ("policy", "value")}
        return self._distribution(each), each["value"].squeeze(-1)

    def respond_to_minibatch(self, batch: dict[str, Tensor]) -> tuple[Distribution, Tensor]:
        """Return distributions and values for single steps, or for sequences where there is a memory.

        Args:
            batch: "observations"; for sequences also "ended" and the parts of the memory.
        """
        if not self.state_parts:
            return self.respond(batch["observations"], {})[:2]
        memory = {part: batch[part] for part in self.state_parts}
        return self.respond_to_sequences(batch["observations"], batch["ended"], memory)

    def explore(self, observations: Float[Tensor, "members copies ..."], memory: Memory) -> Decision:
        """Draw actions from the policies."""
        distribution, values, memory = self.respond(observations, memory)
        actions = distribution.sample()
        return Decision(actions, distribution.log_probability(actions), values, memory)

    def exploit(self, observations: Float[Tensor, "members copies ..."], memory: Memory) -> tuple[Tensor, Memory]:
        """Return the most probable actions."""
        distribution, _values, memory = self.respond(observations, memory)
        return distribution.mode(), memory

    def estimate_values(
        self, observations: Float[Tensor, "members copies ..."], memory: Memory
    ) -> Float[Tensor, "members copies"]:
        """Return V(s)."""
        return self.respond(observations, memory)[1]

    def _distribution(self, outputs: dict[str, Tensor]) -> Distribution:
        return make_distribution(self.space, outputs, self.network.log_deviation)
