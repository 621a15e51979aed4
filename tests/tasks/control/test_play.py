"""An episode in the terminal: its last situation, the lines below it, the pause between two steps."""

import pytest

from axone.play.batch import Worlds
from axone.play.spaces import Continuous, Discrete
from axone.play.worlds.maze import Maze
from axone.tasks.control.play import LONGEST_PAUSE, SHORTEST_PAUSE, EpisodeSession
from axone.tasks.control.reports.recording import make_restartable
from axone.tasks.control.worlds.actions import translate_action, write_space
from tests.tasks.control.reports.test_drawings import make_policy


def test_the_end_of_the_episode_is_shown_and_not_the_next_one():
    answering = make_policy((2,), Maze.actions)
    session = EpisodeSession(answering, make_restartable(Worlds(Maze("SG"), 1)), 50, seed=0, explores=True)
    assert "@G" in session.text() and "step 0, return 0" in session.text()
    while not session.finished:
        session.advance()
    assert session.to_json()["ended"] == "terminated"
    board, counted, action, end = session.text().splitlines()
    assert board == "S@" and counted.endswith("return 1") and "right" in action and end == "the episode has ended"
    assert all(len(line) < 80 for line in session.text().splitlines())


@pytest.mark.parametrize(("limit", "pause"), [(4, LONGEST_PAUSE), (40, 0.2), (5000, SHORTEST_PAUSE)])
def test_short_episodes_are_slower(limit, pause):
    world = Worlds(Maze("SG", max_steps=limit), 1)
    session = EpisodeSession(make_policy((2,), Maze.actions), make_restartable(world), 10_000)
    assert session.pause == pytest.approx(pause)


def test_actions_are_written_for_people():
    assert write_space(Discrete(2, ("left", "brake, left"))) == "left; brake, left"
    assert write_space(Continuous((2,), -1.0, 1.0)) == "2 numbers from -1 to 1"
    assert translate_action("brake, left") == "brake, left" and translate_action("my own") == "my own"
