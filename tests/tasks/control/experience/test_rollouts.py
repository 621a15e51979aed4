"""Rollouts: values at time limits, memory at the ends of episodes, and resuming in the middle of them."""

from contextlib import nullcontext

import pytest
import torch

from axone.errors import DataError
from axone.tasks.control.experience.rollouts import Decision, Rollouts
from axone.tasks.control.worlds.member_worlds import MemberWorlds
from tests.helpers.control_worlds import Broken, Corridor, make_copies


class Walker:
    """Draws actions; the value of an observation is the cell, and the memory counts steps."""

    def acting(self):
        return nullcontext()

    def initial_memory(self, copies):
        return {"count": torch.zeros(2, copies, 1, 1)}

    def explore(self, observations, memory):
        actions = torch.randint(2, observations.shape[:2])
        return Decision(
            actions, torch.zeros(actions.shape), 4 * observations[..., 0], {"count": memory["count"] + 1}
        )  # fmt: skip

    def estimate_values(self, observations, memory):
        return 4 * observations[..., 0]


def make(world=None, seed=0):
    return Rollouts(MemberWorlds(make_copies(world or Corridor(), 2 * 3, seed), 2), Walker(), 10, 2)


def test_what_follows_a_time_limit_has_a_value():
    stream = make()
    rollout = next(stream.batches(1))
    assert rollout.observations.shape == (10, 2, 3, 2) and rollout.rewards.shape == (10, 2, 3)
    assert rollout.truncated.any() and rollout.terminated.any()
    cells = 4 * rollout.observations[..., 0]
    moved = (cells + 2 * rollout.actions - 1).clamp(0, 4)
    assert torch.equal(rollout.values, cells)
    # Of the cell that the step led to, not of the first cell of the next episode.
    assert torch.equal(rollout.next_values[~rollout.terminated], moved[~rollout.terminated])
    assert torch.equal(rollout.rewards, rollout.terminated.float())
    assert len(rollout.episode_returns) == int(rollout.ended.sum())
    assert float(rollout.episode_returns.sum()) == float(rollout.rewards.sum())


def test_memory_begins_anew_with_an_episode():
    stream = make()
    rollout = next(stream.batches(1))
    ended = rollout.ended
    since = torch.zeros(2, 3)
    for step in range(10):
        since = torch.where(ended[step], 0, since + 1)
    assert torch.equal(stream.memory["count"][..., 0, 0], since)


def test_a_stream_continues_in_the_middle_of_episodes():
    whole, part = make(), make()
    torch.manual_seed(1)
    expected = [rollout for _epoch in range(2) for rollout in whole.batches(1)]
    torch.manual_seed(1)
    begun = part.batches(1)
    next(begun)
    saved, random = part.state_dict(), torch.get_rng_state()
    assert int(part.worlds.episode_lengths.max()) > 0
    list(begun)  # what is played after the checkpoint is lost
    resumed = make(seed=5)
    resumed.load_state_dict(saved)
    torch.set_rng_state(random)
    again = [*resumed.batches(1, start=1), *resumed.batches(2)]
    for one, other in zip(expected[1:], again, strict=True):
        assert torch.equal(one.observations, other.observations) and torch.equal(one.actions, other.actions)
        assert torch.equal(one.next_values, other.next_values)
        assert torch.equal(one.episode_returns, other.episode_returns)


def test_a_reward_that_is_not_a_number_names_copy_and_step():
    with pytest.raises(DataError, match="'broken' returned a reward that is not finite, in copy 0 after 3 steps"):
        next(make(Broken()).batches(1))
