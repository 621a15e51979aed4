"""Copies that begin new episodes by themselves: the mode of automatic reset, and resuming in the middle of episodes."""

import pytest
import torch

from axone.errors import DataError
from axone.play.batch import Worlds, random_actions
from axone.play.worlds.cart_pole import CartPole
from axone.play.worlds.pendulum import Pendulum


def make_actions(steps, copies):
    return torch.randint(2, (steps, copies), generator=torch.Generator().manual_seed(1))


def make(copies=5, seed=0, **options):
    return Worlds(CartPole(), copies, seed=seed, **options)


@pytest.mark.parametrize("body", ["torch", "numba"])
def test_the_step_that_ends_an_episode_begins_the_next_one(body):
    worlds = make(body=body)
    assert torch.equal(worlds.final_state["angle"], worlds.state["angle"])
    ended = 0
    for actions in make_actions(60, 5):
        expected, outcome = worlds.world.step(worlds.state, actions)
        step = worlds.step(actions)
        finished = step.terminated | step.truncated
        ended += int(finished.sum())
        assert torch.equal(step.terminated, outcome.terminated) and torch.equal(step.rewards, outcome.rewards)
        assert torch.equal(step.final_observations, worlds.world.observe(expected))
        assert all(torch.equal(values, expected[part]) for part, values in worlds.final_state.items())
        assert torch.equal(step.observations, worlds.world.observe(worlds.state))
        assert torch.equal(step.observations[~finished], step.final_observations[~finished])
        assert (step.observations[finished].abs() <= 0.05).all()
        assert torch.equal(worlds.state["steps"] == 0, finished)
    assert ended > 5 and torch.equal(worlds.episodes.sum(), torch.tensor(ended))


def test_each_episode_and_each_copy_begins_elsewhere():
    worlds = make()
    starts = [tuple(row) for row in worlds.observations.tolist()]
    for actions in make_actions(200, 5):
        step = worlds.step(actions)
        starts += [tuple(row) for row in step.observations[step.terminated].tolist()]
    assert len(starts) == len(set(starts)) > 20


def test_a_resumed_batch_continues_to_the_bit_in_the_middle_of_episodes():
    actions = make_actions(120, 5)
    worlds = make()
    for row in actions[:50]:
        worlds.step(row)
    saved = worlds.state_dict()
    expected = [worlds.step(row) for row in actions[50:]]
    resumed = make(seed=9)
    resumed.load_state_dict(saved)
    for row, step in zip(actions[50:], expected):
        assert all(torch.equal(one, other) for one, other in zip(resumed.step(row), step))


def test_what_was_returned_is_not_changed_by_later_steps():
    worlds = make()
    before = worlds.observations
    steps = [worlds.step(row) for row in make_actions(40, 5)]
    copies = [[values.clone() for values in step] for step in steps]
    first = before.clone()
    for row in make_actions(40, 5):
        worlds.step(row)
    assert torch.equal(before, first)
    for step, copy in zip(steps, copies):
        assert all(torch.equal(one, other) for one, other in zip(step, copy))


def test_a_state_of_other_copies_is_refused():
    with pytest.raises(DataError, match="5 copies"):
        make(4).load_state_dict(make().state_dict())
    with pytest.raises(DataError, match="other"):
        make().load_state_dict({**make().state_dict(), "world": "other"})


def test_all_actions_are_legal_and_a_copy_can_be_seen():
    worlds = make()
    assert worlds.legal_actions().shape == (5, 2) and worlds.legal_actions().all()
    assert worlds.render_image(3).shape == (133, 400, 3)
    assert len(worlds.render_text(3).splitlines()) > 5


def test_actions_of_the_random_policy():
    actions = random_actions(make(), 500)
    assert actions.shape == (500, 5) and abs(actions.double().mean() - 0.5) < 0.05
    assert torch.equal(actions[:10], random_actions(make(), 10))
    assert not torch.equal(actions, random_actions(make(), 500, seed=1))
    torques = random_actions(Worlds(Pendulum(), 3), 400)
    assert torques.shape == (400, 3, 1) and torques.dtype == torch.float32
    assert -2 <= torques.min() < -1.98 and 1.98 < torques.max() <= 2 and abs(torques.mean()) < 0.1


def test_several_steps_in_one_call_are_the_steps_one_by_one():
    actions = make_actions(50, 5)
    together, single = make(), make()
    steps = together.play(actions)
    for number, row in enumerate(actions):
        assert all(torch.equal(all_values[number], values) for all_values, values in zip(steps, single.step(row)))
    assert torch.equal(together.observations, single.observations)


@pytest.mark.parametrize("body", ["torch", "numba"])
def test_actions_of_another_shape_are_refused(body):
    worlds = make(body=body)
    wrong = [torch.zeros(4).long(), torch.zeros(1).long()]
    for actions in wrong if body == "torch" else [*wrong, torch.zeros(5, 1).long()]:
        with pytest.raises(ValueError, match="must have the shape"):
            worlds.step(actions)
    with pytest.raises(ValueError, match="must have the shape"):
        worlds.play(torch.zeros(3, 4).long())
    with pytest.raises(ValueError, match="at least one"):
        worlds.play(torch.zeros(0, 5).long())
    torques = Worlds(Pendulum(), 3, body=body)
    with pytest.raises(ValueError, match="not \\(3,\\)"):
        torques.step(torch.zeros(3))
