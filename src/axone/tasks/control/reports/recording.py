"""One episode of a policy in one copy of a world, and images of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import UInt8
from torch import Tensor

from axone.play.batch import VectorWorlds, Worlds
from axone.tasks.control.networks.answering import PolicyAnswering, choose

MakeWorld = Callable[[], VectorWorlds]  # one copy, at its first situation: the same one at each call


def make_restartable(world: VectorWorlds) -> MakeWorld:
    """Return a function that returns the world in the situation in which it is now, each time."""
    first = world.state_dict()

    def restart() -> VectorWorlds:
        world.load_state_dict(first)
        return world

    return restart


@dataclass
class Recording:
    """What happened in one episode so far; a list has one entry for each step.

    Args:
        observations: What the policy saw before each step, [*shape].
        actions: What it did, as the world takes it: [], or [*shape].
        policies: The probabilities of the choices, or the actions.
        values: The values that it expected.
        rewards: The rewards.
        ended: "", or why the episode ended: "terminated", "truncated" or "cut off".
        draws_end: Whether the situation after the last step can be drawn. In copies of other worlds than ours, the next
            episode has begun by then.
    """

    observations: list[Tensor] = field(default_factory=list)
    actions: list[Tensor] = field(default_factory=list)
    policies: list[Tensor] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    ended: str = ""
    draws_end: bool = False

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.rewards)

    @property
    def situations(self) -> int:
        """The number of situations that can be drawn: that before each step, and the last one."""
        return len(self) + self.draws_end

    @property
    def total(self) -> float:
        """The return so far: the sum of the rewards."""
        return float(sum(self.rewards))


class EpisodeRecorder:
    """Plays one episode step by step.

    Args:
        answering: The policy.
        make_world: Makes one copy of the world.
        limit: The number of steps after which the episode is cut off.
        generator: The random numbers of actions that are drawn; None: the most probable ones.

    Attributes:
        recording: The episode so far.
        world: The copy of the world.
    """

    def __init__(
        self,
        answering: PolicyAnswering,
        make_world: MakeWorld,
        limit: int,
        generator: torch.Generator | None = None,
    ) -> None:
        self.answering, self.world, self.limit, self.generator = answering.eval(), make_world(), limit, generator
        self.recording = Recording(draws_end=isinstance(self.world, Worlds))
        self._memory = answering.initial_memory(1)

    @torch.no_grad()
    def step(self) -> None:
        """Play one step."""
        recording, observations = self.recording, self.world.observations
        policy, values, *memory = self.answering(observations, *self._memory)
        actions = choose(self.answering, policy, self.generator)
        step = self.world.step(actions)
        self._memory = tuple(memory)
        recording.observations.append(observations[0])
        recording.actions.append(actions[0])
        recording.policies.append(policy[0])
        recording.values.append(float(values))
        recording.rewards.append(float(step.rewards))
        if step.terminated.any():
            recording.ended = "terminated"
        elif step.truncated.any():
            recording.ended = "truncated"
        elif len(recording) >= self.limit:
            recording.ended = "cut off"

    def play(self) -> Recording:
        """Play to the end of the episode."""
        while not self.recording.ended:
            self.step()
        return self.recording


def render(make_world: MakeWorld, recording: Recording, steps: Sequence[int]) -> list[UInt8[Tensor, "height width 3"]]:
    """Return images of an episode, which is played again for it.

    Args:
        make_world: Makes the copy of the world that was played in.
        recording: The episode.
        steps: The numbers of steps after which an image is made, below `recording.situations`, in increasing order.
    """
    world, images, wanted = make_world(), [], set(steps)
    for number, action in enumerate(recording.actions):
        if number in wanted:
            images.append(world.render_image())
        world.step(action[None])
    if len(recording) in wanted:
        assert isinstance(world, Worlds)
        images.append(world.world.render_image(world.final_state))
    return images
