"""Breakout: the first steps worked out by hand, each rule by itself, and MinAtar's own steps where it is installed."""

import pytest
import torch

from axone.play.random import make_keys
from axone.play.worlds.breakout import Breakout
from axone.play.worlds.breakout_layout import ALL_BLOCKS

STAY, LEFT, RIGHT = range(3)


def start(**values):
    world = Breakout(sticky=0.0)
    state = world.reset(make_keys(0, 1))
    return world, {**state, **{name: torch.tensor([value]) for name, value in values.items()}}


def step(world, state, action=STAY):
    state, outcome = world.step(state, torch.tensor([action]))
    return state, outcome


def ball(state):
    return tuple(int(state[name]) for name in ("ball_x", "ball_y", "move_x", "move_y"))


def test_the_ball_falls_from_the_left_and_is_lost_without_a_move():
    world, state = start(ball_x=0, ball_y=3, move_x=1, move_y=1)
    for count in range(1, 6):
        state, outcome = step(world, state)
        assert ball(state) == (count, 3 + count, 1, 1) and not outcome.terminated
    state, outcome = step(world, state)
    assert outcome.terminated and not outcome.truncated and float(outcome.rewards) == 0
    assert ball(state) == (6, 9, 1, 1)


def test_the_paddle_reflects_in_the_ball_s_column_and_returns_in_the_next():
    world, state = start(ball_x=4, ball_y=8, move_x=1, move_y=1)
    assert ball(step(world, state)[0]) == (5, 8, 1, -1)  # the paddle is in column 4
    assert ball(step(world, state, RIGHT)[0]) == (5, 8, -1, -1)
    assert step(world, state, LEFT)[1].terminated


def test_a_side_mirrors_the_ball_and_the_top_too():
    world, state = start(ball_x=9, ball_y=5, move_x=1, move_y=-1, blocks=0)
    assert ball(step(world, state)[0]) == (9, 4, -1, -1)
    world, state = start(ball_x=5, ball_y=0, move_x=-1, move_y=-1, blocks=0)
    assert ball(step(world, state)[0]) == (4, 0, -1, 1)


def test_a_block_breaks_once_and_the_next_one_is_passed():
    world, state = start(ball_x=3, ball_y=4, move_x=1, move_y=-1)
    state, outcome = step(world, state)
    assert float(outcome.rewards) == 1 and ball(state) == (4, 4, 1, 1)
    assert int(state["blocks"]) == ALL_BLOCKS & ~(1 << 24) and bool(state["struck"])
    # A ball that moves up within the blocks right after it broke one does not break another.
    world, state = start(ball_x=3, ball_y=3, move_x=1, move_y=-1, struck=True)
    state, outcome = step(world, state)
    assert float(outcome.rewards) == 0 and ball(state) == (4, 2, 1, -1) and bool(state["struck"])


def test_new_blocks_come_when_the_ball_is_at_the_bottom():
    world, state = start(ball_x=4, ball_y=8, move_x=1, move_y=1, blocks=0)
    assert int(step(world, state)[0]["blocks"]) == ALL_BLOCKS


def test_an_action_sticks_with_its_probability():
    world = Breakout(sticky=0.25)
    state = world.reset(make_keys(0, 20000))
    state, _outcome = world.step(state, torch.full((20000,), RIGHT))
    assert float((state["paddle"] == 4).float().mean()) == pytest.approx(0.25, abs=0.02)
    assert torch.equal(state["last_action"] == STAY, state["paddle"] == 4)


def test_both_sides_begin_as_often_and_the_time_limit_truncates():
    world = Breakout(sticky=0.0, max_steps=2)
    state = world.reset(make_keys(0, 4000))
    assert set(state["ball_x"].tolist()) == {0, 9}
    assert float((state["ball_x"] == 0).float().mean()) == pytest.approx(0.5, abs=0.03)
    for expected in (False, True):
        state, outcome = world.step(state, torch.zeros(4000, dtype=torch.int64))
        assert outcome.truncated.all() == expected and not outcome.terminated.any()


def test_renderings():
    world, state = start(ball_x=0, ball_y=3, move_x=1, move_y=1)
    state, _outcome = step(world, state)
    planes = world.observe(state)[0]
    assert planes.shape == (4, 10, 10) and planes.dtype == torch.float32
    assert [plane.nonzero().tolist() for plane in planes[:3]] == [[[9, 4]], [[4, 1]], [[3, 0]]]
    assert planes[3].sum() == 30 and planes[3, 1:4].all()
    assert world.render_text(state).splitlines()[3:5] == ["##########", ".o........"]
    image = world.render_image(state)
    assert image.shape == (160, 160, 3) and image[72, 24].tolist() == [255, 255, 255]


@pytest.mark.long
def test_steps_are_those_of_minatar():
    breakout = pytest.importorskip("minatar.environments.breakout")
    world, other = Breakout(sticky=0.0, max_steps=10**9), breakout.Env()
    state, restart = None, True
    numbers = torch.rand(20000, generator=torch.Generator().manual_seed(0)).tolist()
    for count, number in enumerate(numbers):
        if restart:
            state = world.reset(make_keys(count, 1))
            other.reset()
            other.ball_x = other.last_x = int(state["ball_x"])
            other.ball_dir = 2 if int(state["ball_x"]) == 0 else 3
        target = int((state["ball_x"] + state["move_x"]).clamp(0, 9)) - int(state["paddle"])
        action = (target > 0) * RIGHT + (target < 0) * LEFT if number < 0.98 else count % 3
        state, outcome = step(world, state, action)
        reward, restart = other.act([0, 1, 3][action])
        assert (reward, restart) == (float(outcome.rewards), bool(outcome.terminated))
        if not restart:
            assert torch.equal(torch.tensor(other.state()).permute(2, 0, 1).float(), world.observe(state)[0])
