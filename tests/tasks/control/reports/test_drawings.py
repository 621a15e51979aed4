"""The drawings of a report on control: returns, maps of the state, cells of a maze, strips and films."""

import re

import pytest
import torch

from axone.figures.animation import encode_gif
from axone.play.batch import Worlds
from axone.play.worlds.maze import Maze
from axone.settings import resolve
from axone.systems import ppo
from axone.tasks.control.reports.charts import draw_returns
from axone.tasks.control.reports.films import LAST_FRAMES, animate, choose_steps, draw_strip
from axone.tasks.control.reports.maze_maps import draw_maze
from axone.tasks.control.reports.recording import EpisodeRecorder, make_restartable
from axone.tasks.control.reports.state_maps import SLICES, draw_maps
from axone.tasks.control.worlds.actions import describe_space
from tests.helpers.control_worlds import Corridor, make_copies


def make_policy(shape, actions):
    facts = {"input": list(shape), "actions": describe_space(actions)}
    settings = resolve(ppo.Settings, {"seeds": 1, "units": (4,)})
    return ppo.answering(ppo.model(settings, facts), settings, facts)


def test_returns_have_a_range_and_the_threshold():
    history = [
        {"batches": 2, "returns": [1.0, 3.0], "exploring": None},
        {"batches": 4, "returns": [2.0, 6.0], "exploring": 2.5},
    ]
    drawing = draw_returns(history, 100.0, 5.0)
    assert "solved: 5" in drawing and "mean of 2 policies" in drawing and 'fill="#c9dcee"' in drawing
    assert len(re.findall("<circle", drawing)) == 2
    assert draw_returns(history[:1], 100.0, None).startswith("<svg")


@pytest.mark.parametrize("world", ["cart_pole", "mountain_car", "pendulum", "acrobot"])
def test_a_map_projects_what_it_observes(world):
    known = SLICES[world]
    x, y = torch.linspace(known.x[1], known.x[2], 7)[1:-1], torch.linspace(known.y[1], known.y[2], 7)[1:-1]
    again = known.project(known.observe(x, y))
    torch.testing.assert_close(torch.stack(again), torch.stack([x, y]), rtol=1e-4, atol=1e-4)


def test_maps_are_drawn_with_the_path_of_an_episode():
    from axone.play.worlds.cart_pole import CartPole

    answering = make_policy((4,), CartPole.actions)
    recording = EpisodeRecorder(answering, make_restartable(Worlds(CartPole(), 1)), 20).play()
    drawing = draw_maps(answering, SLICES["cart_pole"], recording)
    assert drawing.count("<image") == 4 and ">left<" in drawing and ">right<" in drawing
    assert draw_maps(answering, SLICES["cart_pole"]).count("<path") < drawing.count("<path")


def test_a_maze_has_a_value_in_each_free_cell():
    maze = Maze("..G\n.#P\nS..")
    drawing = draw_maze(make_policy((9,), maze.actions), maze)
    assert ">+1<" in drawing and ">-1<" in drawing
    # Six free cells, each with a value and four moves of nearly the same probability.
    assert drawing.count('font-size="11"') == 6
    assert drawing.count("<path") == 6 * 4 * 2


def test_an_episode_is_drawn_as_it_was_played():
    answering = make_policy((2,), Corridor.actions)
    make_world = make_restartable(make_copies(Corridor(), 1))
    generator = torch.Generator().manual_seed(0)
    recording = EpisodeRecorder(answering, make_world, 50, generator).play()
    assert recording.ended in ("terminated", "truncated") and 2 <= len(recording) <= 6
    cells = [round(4 * float(seen[0])) for seen in recording.observations]
    film = animate(make_world, recording)
    drawn = [list(frame.convert("L").tobytes()).index(255) for frame in film.frames]
    # The last frame is the end of the episode, not the start of the next one, and stays for a while.
    end = max(0, cells[-1] + (1 if int(recording.actions[-1]) else -1))
    assert drawn == [*cells, *[end] * (1 + LAST_FRAMES)]
    assert encode_gif(film).startswith(b"GIF") and draw_strip(make_world, recording).height > 40


def test_chosen_steps_have_the_first_and_the_last():
    assert choose_steps(3, 6) == [0, 1, 2] and choose_steps(500, 6) == [0, 100, 200, 299, 399, 499]
