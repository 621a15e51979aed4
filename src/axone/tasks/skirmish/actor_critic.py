"""How units act and what values are estimated, step by step and for whole sequences, with or without a memory."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from axone.graph import Model
from axone.play.skirmish.battles import Situation
from axone.tasks.control.experience.sequences import cut_at_ends
from axone.tasks.control.networks.distributions import Categorical
from axone.tasks.skirmish.learner import BattleLearner
from axone.tasks.skirmish.policy import Memory, initial_memory, masked, respond
from axone.tasks.skirmish.rollouts import Decision


class BattleActorCritic(BattleLearner):
    """A learner with a policy of the units, and values of the units or of their teams.

    Args:
        network: The network of the units, which a run is used for.
        critic: The centralized critic; None: the network of the units estimates values, too.
        signs: For each unit, the factor that makes its team's reward of the first team's: 1 or -1.

    Attributes:
        value_signs: The factor of each value: of each unit, or of each team with a centralized critic.
        team_of_agent: The number of the team of each unit.
    """

    def __init__(self, network: Model, critic: Model | None, signs: tuple[float, ...]) -> None:
        super().__init__(network)
        self.critic, self.agents = critic, len(signs)
        self.team_of_agent = torch.tensor([int(sign < 0) for sign in signs])
        self.value_signs = torch.tensor(signs if critic is None else sorted(set(signs), reverse=True))

    def initial_memory(self, copies: int) -> Memory:
        """Return zeros for each part of the state of the recurrent layer."""
        return initial_memory(self.network, copies, self.agents)

    def respond(
        self, situation: Situation, memory: Memory
    ) -> tuple[Categorical, Float[Tensor, "copies values"], Memory]:
        """Return the policy of each unit, the values, and the memory after one step."""
        outputs, memory = respond(self.network, situation.observations, memory)
        values = outputs["value"] if self.critic is None else self.critic(situation.battle)
        return masked(outputs["policy"], situation.legal), values.squeeze(-1), memory

    def explore(self, situation: Situation, memory: Memory) -> Decision:
        """Draw actions from the policies."""
        policy, values, memory = self.respond(situation, memory)
        actions = policy.sample()
        return Decision(actions, policy.log_probability(actions), values, memory)

    def estimate_values(self, situation: Situation, memory: Memory) -> Float[Tensor, "copies values"]:
        """Return V(s)."""
        return self.respond(situation, memory)[1]

    def respond_to_minibatch(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the outputs of the network of the units for single steps, or for sequences where there is a memory."""
        return self.respond_to_sequences(batch) if "ended" in batch else self.network(
            {"observation": batch["observations"]})  # fmt: skip

    def respond_to_sequences(self, batch: dict[str, Tensor]) -> dict[str, Float[Tensor, "copies steps agents _"]]:
        """Return the outputs of a network with memory for sequences of steps, in which battles may end."""
        observations = batch["observations"].transpose(1, 2).flatten(0, 1)[None]  # [1, N x A, T, F]
        ended = batch["ended"][:, None].expand(-1, self.agents, -1).flatten(0, 1)[None]
        memory = {part: batch[part].flatten(0, 1)[None] for part in initial_memory(self.network, 1, 1)}
        segments = cut_at_ends(ended)
        inputs = {
            "observation": segments.scatter(observations), "lengths": segments.lengths(),
            **segments.place_memory(memory),
        }  # fmt: skip
        outputs = self.network({name: part[0] for name, part in inputs.items()})
        each = {name: segments.gather(outputs[name][None])[0] for name in outputs.keys() - memory.keys()}
        return {name: part.unflatten(0, (-1, self.agents)).transpose(1, 2) for name, part in each.items()}
