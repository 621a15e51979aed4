"""The maze: moves, exits, slippery floors with the published values of the textbook, and the two renderings."""

import pytest
import torch

from axone.play.random import make_keys
from axone.play.worlds.maze import MOVES, Maze

UP, RIGHT, DOWN, LEFT = range(4)


def play(world, actions, copies=1):
    state = world.reset(make_keys(0, copies))
    outcomes = []
    for action in actions:
        state, outcome = world.step(state, torch.full((copies,), action))
        outcomes.append(outcome)
    return state, outcomes


def test_the_way_to_the_goal_of_the_small_map():
    world = Maze()
    state, outcomes = play(world, [UP, UP, RIGHT, RIGHT, RIGHT])
    assert [float(outcome.rewards) for outcome in outcomes] == [0, 0, 0, 0, 1]
    assert [bool(outcome.terminated) for outcome in outcomes] == [False] * 4 + [True]
    assert not any(bool(outcome.truncated) for outcome in outcomes)
    assert world.observe(state).tolist() == [[0, 0, 0, 1] + [0] * 8]


def test_walls_and_borders_hold_and_a_pit_costs_1():
    world = Maze()
    state, outcomes = play(world, [LEFT, DOWN, RIGHT, UP])  # the wall in the middle
    assert state["cell"].tolist() == [9]
    state, outcomes = play(world, [RIGHT, RIGHT, RIGHT, UP])
    assert float(outcomes[-1].rewards) == -1 and bool(outcomes[-1].terminated)


def test_the_time_limit_truncates():
    world = Maze("S.G\nmax_steps = 3\nstep_reward = -0.5")
    _state, outcomes = play(world, [LEFT, LEFT, LEFT])
    assert [bool(outcome.truncated) for outcome in outcomes] == [False, False, True]
    assert float(outcomes[0].rewards) == -0.5
    _state, outcomes = play(world, [LEFT, RIGHT, RIGHT])
    assert bool(outcomes[-1].terminated) and not bool(outcomes[-1].truncated)
    assert float(outcomes[-1].rewards) == 0.5


def test_each_of_several_starts_is_drawn_as_often():
    cells = Maze("SSG\nS..").reset(make_keys(1, 3000))["cell"]
    assert sorted(set(cells.tolist())) == [0, 1, 3]
    assert all(abs((cells == cell).float().mean() - 1 / 3) < 0.03 for cell in (0, 1, 3))


def test_slipping_goes_to_both_sides_with_half_of_the_probability():
    world = Maze("...\n.S.\nG..", slip=0.3)
    state, _outcomes = play(world, [UP], copies=20000)
    shares = {cell: float((state["cell"] == cell).float().mean()) for cell in (1, 3, 5)}
    assert shares[1] == pytest.approx(0.7, abs=0.01)
    assert shares[3] == pytest.approx(0.15, abs=0.01) and shares[5] == pytest.approx(0.15, abs=0.01)


def test_the_values_of_the_small_map_are_those_of_the_textbook():
    # Russell and Norvig, figure "utilities of the states" of the 4 x 3 world: slip 0.2, step reward -0.04, no discount.
    world = Maze(slip=0.2, step_reward=-0.04)
    values = torch.zeros(12)
    for _ in range(200):
        gains = world.rewards + values * ~world.exits  # of entering a cell
        straight = gains[world.targets]  # [cell, action]
        sides = straight.roll(1, 1) + straight.roll(-1, 1)
        values = ((1 - world.slip) * straight + world.slip / 2 * sides).amax(1)
    # The book's utilities include the reward of the cell itself, ours the rewards of what follows: one step more.
    book = [0.812, 0.868, 0.918, 0.762, 0.660, 0.705, 0.655, 0.611, 0.388]
    cells = [0, 1, 2, 4, 6, 8, 9, 10, 11]
    assert (values[cells]).tolist() == pytest.approx(book, abs=6e-4)


def test_renderings():
    world = Maze()
    state = world.reset(make_keys(0, 2))
    assert world.render_text(state, 1) == "...G\n.#.P\n@..."
    image = world.render_image(state, 1)
    assert image.dtype == torch.uint8 and image.shape == (97, 129, 3)
    assert image[80, 16].tolist() == [40, 110, 200] and image[16, 100].tolist() == [70, 160, 90]


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="slip"):
        Maze(slip=1.5)


def test_the_order_of_moves_is_clockwise_as_slipping_assumes():
    assert MOVES == ((-1, 0), (0, 1), (1, 0), (0, -1))
