"""Known failures of self-play are said, once, when they begin."""

import pytest
import torch

from axone.tasks.games.self_play.monitor import SelfPlayMonitor, find_failures

GOOD = {"policy_entropy": 0.5, "repeated_games": 0.01, "first_player_wins": 0.55, "drawn_games": 0.1}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"policy_entropy": 0.001}, "Exploration has collapsed"),
        ({"repeated_games": 0.8}, "Games repeat: 80"),
        ({"first_player_wins": 1.0, "drawn_games": 0.0}, "The first player wins 100"),
        ({"first_player_wins": 0.0, "drawn_games": 0.0}, "The second player wins 100"),
    ],
)
def test_each_failure_is_said(change, text):
    assert find_failures(GOOD) == {}
    [sentence] = find_failures({**GOOD, **change}).values()
    assert text in sentence and "--" in sentence


def test_a_sentence_is_said_when_its_condition_begins():
    monitor = SelfPlayMonitor()
    said = []
    for repeated in (0.0, 0.9, 0.9, 0.0, 0.9):
        for share in (repeated, repeated):
            monitor.add({name: torch.tensor(value) for name, value in {**GOOD, "repeated_games": share}.items()})
        said.append(len(monitor.end_epoch()))
        copy = SelfPlayMonitor()
        copy.load_state_dict(monitor.state_dict())
        monitor = copy
    assert said == [0, 1, 0, 0, 1]


def test_games_that_have_not_ended_say_nothing():
    assert find_failures({"policy_entropy": 0.5}) == {}
