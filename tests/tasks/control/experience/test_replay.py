"""The replay memory: transitions of several steps computed by hand, the ring, draws by priority, the saved state."""

import pytest
import torch

from axone.tasks.control.experience.replay import Replay, Transitions, make_transitions
from axone.tasks.control.experience.rollouts import Rollout


def make_rollout(rewards, terminated=(), truncated=()):
    """Return a rollout of one member and one copy, whose observation is the number of the step."""
    count = len(rewards)
    numbers = torch.arange(count).float().view(count, 1, 1)
    flags = torch.zeros(2, count, 1, 1, dtype=torch.bool)
    flags[0, list(terminated)], flags[1, list(truncated)] = True, True
    zeros = torch.zeros(count, 1, 1)
    return Rollout(
        numbers[..., None], numbers.long(), zeros, zeros, zeros, torch.tensor(rewards).view(count, 1, 1).float(),
        flags[0], flags[1], {}, torch.empty(0),
    )  # fmt: skip


def read(rollout, gamma, steps):
    transitions, valid = make_transitions(rollout, gamma, steps)
    columns = (
        transitions.observations.flatten(), transitions.rewards.flatten(), transitions.discounts.flatten(),
        transitions.following.flatten(),
    )  # fmt: skip
    return [
        tuple(round(float(column[number]), 6) for column in columns)
        for number in valid.flatten().nonzero().flatten().tolist()
    ]


def test_transitions_of_one_step():
    # The step 1 terminates; the last step leads out of the rollout.
    assert read(make_rollout([1, 2, 4, 8], terminated=[1]), 0.5, 1) == [(0, 1, 0.5, 1), (1, 2, 0, 1), (2, 4, 0.5, 3)]


def test_transitions_of_three_steps_end_with_the_episode_and_before_a_time_limit():
    rollout = make_rollout([1, 2, 4, 8, 16, 32], terminated=[2], truncated=[4])
    assert read(rollout, 0.5, 3) == [
        (0, 1 + 1 + 1, 0, 2),  # 1 + 2 / 2 + 4 / 4: the episode terminated
        (1, 2 + 2, 0, 2),
        (2, 4, 0, 2),
        (3, 8, 0.5, 4),  # the step 4 is ended by a time limit: neither it nor what follows is part of a transition
    ]
    assert read(make_rollout([1, 2, 4, 8]), 0.5, 3) == [(0, 3, 0.125, 3), (1, 4, 0.25, 3), (2, 4, 0.5, 3)]


def make_numbers(*numbers):
    """Return transitions of one member that are distinguished by their reward."""
    rewards = torch.tensor([numbers]).float()
    return Transitions(rewards[..., None], rewards.long(), rewards, rewards, rewards[..., None])


def test_the_oldest_transitions_are_replaced():
    replay = Replay(1, 4, [1])
    replay.add(make_numbers(1, 2, 3), torch.tensor([[True, False, True]]))
    assert replay.count.tolist() == [2] and replay.stored.rewards[0].tolist() == [1, 3, 0, 0]
    replay.add(make_numbers(4, 5, 6), torch.ones(1, 3, dtype=torch.bool))
    assert replay.count.tolist() == [4] and replay.stored.rewards[0].tolist() == [6, 3, 4, 5]
    places, weights = replay.draw(200, 0.4)
    assert set(replay.read(places).rewards[0].tolist()) == {3, 4, 5, 6} and weights.eq(1).all()


@pytest.mark.parametrize("exponent", [0.5, 1.0])
def test_transitions_are_drawn_in_proportion_to_their_priorities(exponent):
    torch.manual_seed(0)
    replay = Replay(2, 10, [1], exponent)
    numbers = make_numbers(1, 2, 3)
    twice = Transitions(*(values.repeat(2, *[1] * (values.ndim - 1)) for values in numbers.fields().values()))
    replay.add(twice, torch.tensor([[True] * 3, [True, True, False]]))
    replay.update(torch.tensor([[0, 1, 2], [0, 1, 1]]), torch.tensor([[1.0, -4.0, 0.0], [9.0, 9.0, 9.0]]))
    places, weights = replay.draw(20_000, beta=1.0)
    share = torch.bincount(places[0], minlength=3) / 20_000
    ratio = 4.0**exponent
    assert float(share[1] / share[0]) == pytest.approx(ratio, rel=0.08) and float(share[2]) < 0.02
    assert set(places[1].tolist()) == {0, 1}  # never an empty place
    # The weights undo the frequencies, up to the largest weight.
    first, second = weights[0][places[0] == 0][0], weights[0][places[0] == 1][0]
    assert float(first / second) == pytest.approx(ratio, rel=0.01)


def test_new_transitions_have_the_highest_priority():
    replay = Replay(1, 4, [1], 1.0)
    replay.add(make_numbers(1, 2), torch.ones(1, 2, dtype=torch.bool))
    replay.update(torch.tensor([[0, 1]]), torch.tensor([[5.0, 0.5]]))
    replay.add(make_numbers(3), torch.ones(1, 1, dtype=torch.bool))
    assert replay.priorities[0].tolist() == pytest.approx([5.0, 0.5, 5.0, 0.0], abs=1e-3)


def test_the_state_is_restored():
    replay, again = Replay(1, 4, [1], 0.6), Replay(1, 4, [1], 0.6)
    replay.add(make_numbers(1, 2, 3), torch.ones(1, 3, dtype=torch.bool))
    again.load_state_dict(replay.state_dict())
    for one in (replay, again):
        one.add(make_numbers(4, 5), torch.ones(1, 2, dtype=torch.bool))
    assert again.stored.rewards.tolist() == replay.stored.rewards.tolist() == [[5, 2, 3, 4]]
    assert torch.equal(again.priorities, replay.priorities) and again.count.tolist() == [4]
