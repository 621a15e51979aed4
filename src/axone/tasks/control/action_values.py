"""How networks of action values act: greedily, and at random with a probability that falls during the training."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from axone.play.spaces import Discrete
from axone.tasks.control.experience.replay import Replay
from axone.tasks.control.experience.rollouts import Decision
from axone.tasks.control.learner import ControlLearner
from axone.tasks.control.networks.answering import join_heads
from axone.tasks.control.networks.network import ControlNetwork, Memory
from axone.tasks.control.networks.target import TargetNetwork


class ActionValueLearner(ControlLearner):
    """A learner whose networks return Q(s, a). A system's own adds how they learn.

    Args:
        network: The networks of all members.
        space: The space of one action.
        solved: The mean return at which the world counts as solved; None: it has none.
        exploration: The share of the training in which the probability of a random action falls.
        final_epsilon: This probability in the end; it is 1 at the start.
        replay: The replay memory, which is part of the learner's state; None: there is none.
    """

    def __init__(
        self, network: ControlNetwork, space: Discrete, solved: float | None, exploration: float, final_epsilon: float,
        replay: Replay | None = None,
    ) -> None:  # fmt: skip
        # Q-learning loses a policy again that it had, each network at another moment.
        super().__init__(network, space, solved, own_epochs=True)
        self.replay = replay
        self.choices, self.exploration, self.final_epsilon = space.count, exploration, final_epsilon

    def q_values(
        self, network: ControlNetwork | TargetNetwork, observations: Float[Tensor, "members batch ..."]
    ) -> Float[Tensor, "members batch choices"]:
        """Return Q(s, a) of every action."""
        return join_heads(network(observations))

    @property
    def progress(self) -> float:
        """The share of the training that is done, from 0 to 1."""
        return min(1.0, self.batches_seen / max(1, self.context.batches))

    @property
    def epsilon(self) -> float:
        """The probability of a random action now."""
        share = min(1.0, self.progress / self.exploration) if self.exploration else 1.0
        return 1 + share * (self.final_epsilon - 1)

    def explore(self, observations: Float[Tensor, "members copies ..."], memory: Memory) -> Decision:
        """Choose the actions with the highest values, but some of them at random."""
        values, best = self.q_values(self.network, observations).max(-1)
        drawn = torch.randint(self.choices, best.shape, device=best.device)
        actions = torch.where(torch.rand(best.shape, device=best.device) < self.epsilon, drawn, best)
        return Decision(actions, torch.zeros_like(values), values, memory)

    def exploit(self, observations: Float[Tensor, "members copies ..."], memory: Memory) -> tuple[Tensor, Memory]:
        """Return the actions with the highest values."""
        return self.q_values(self.network, observations).argmax(-1), memory

    def estimate_values(
        self, observations: Float[Tensor, "members copies ..."], memory: Memory
    ) -> Float[Tensor, "members copies"]:
        """Return max_a Q(s, a)."""
        return self.q_values(self.network, observations).amax(-1)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the optimizer, the history, and the replay memory."""
        replay = {} if self.replay is None else {"replay": self.replay.state_dict()}
        return {**super().state_dict(), **replay}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        super().load_state_dict(state)
        if self.replay is not None:
            self.replay.load_state_dict(state["replay"])
