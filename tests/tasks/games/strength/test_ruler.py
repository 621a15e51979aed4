"""The ruler: the ladder of opponents, earlier networks, and what a measurement costs."""

import pytest
import torch

from axone.errors import UsageError
from axone.metrics import describe_part
from axone.play.games.registry import make_game
from axone.tasks.games.strength import ruler as ruler_module
from axone.tasks.games.strength.opponents import make_opponent
from axone.tasks.games.strength.ruler import FEWEST, Trials, count_games, make_trials
from tests.helpers.self_play import tiny_experiment, tiny_settings


@pytest.fixture
def ruler():
    ruler = tiny_experiment().learner.ruler
    ruler.ladder, ruler.games = ["random", "minimax_1"], 4
    return ruler


def measure(ruler, epoch):
    ruler.begin()
    for name in make_trials(ruler.game, is_final=False).batches(epoch):
        ruler.measure(name, epoch)
    return ruler.end(epoch)


def test_a_beaten_opponent_is_followed_by_the_next(ruler, monkeypatch):
    monkeypatch.setattr(ruler_module, "BEATEN", 0.0)
    assert {"score:random", "elo"} == measure(ruler, 1).keys()
    assert "score:minimax_1" in measure(ruler, 2)
    assert ruler.rung == 1  # the last one stays


def test_earlier_networks_are_opponents(ruler):
    ruler.ladder = ["random"]
    measured = [measure(ruler, epoch).keys() for epoch in range(1, 6)]
    assert "score:epoch_1" not in measured[0] and "score:epoch_1" in measured[1]
    assert {"score:epoch_4", "score:epoch_2"} <= measured[4]
    assert sorted(ruler.past) == [1, 2, 4, 5] and ruler.measured_epochs() == [1, 2, 3, 4, 5]
    assert ruler.rate()["random"] == 0 and set(ruler.rate()) >= {f"epoch_{number}" for number in range(1, 6)}
    games, points = ruler.count_points("random")
    assert games >= 5 * ruler.games and 0 <= points <= games


def test_an_interrupted_measurement_leaves_no_trace(ruler):
    measure(ruler, 1)
    state = ruler.state_dict()
    ruler.begin()
    ruler.measure("ladder", 2)
    assert ruler.state_dict() == state


def test_the_state_is_restored(ruler):
    measure(ruler, 1)
    measure(ruler, 2)
    other = tiny_experiment(seed=3).learner.ruler
    other.load_state_dict(ruler.state_dict())
    assert (other.results, other.rung, other.history) == (ruler.results, ruler.rung, ruler.history)
    assert all(torch.equal(other.past[1][name], value) for name, value in ruler.past[1].items())
    assert other.state_dict()["results"] == ruler.state_dict()["results"]


def test_a_measurement_may_cost_a_share_of_the_self_play():
    settings = tiny_settings(batches=100, batch_size=512, passes=1.0, full_share=1.0, simulations=32, ruler=0.1)
    games = count_games(settings, 3, 20)
    assert games * 3 * 20 * 32 <= 0.1 * 100 * 512 * 32
    assert count_games(tiny_settings(), 3, 20) == FEWEST


def test_trials_are_a_stream_of_names():
    trials = Trials(["random", "solved"], is_final=True)
    assert list(trials.batches(1)) == ["random", "solved"] and len(trials) == trials.samples == 2
    assert trials.to("cpu") is trials and trials.state_dict() == {}
    assert "solved" in make_trials(make_game("connect_four"), is_final=False).names
    assert "solved" not in make_trials(make_game("tic_tac_toe"), is_final=True).names
    # A tensor with all sequences of five moves of Go does not fit anywhere.
    assert make_trials(make_game("go", size=5), is_final=True).names == ["random", "search_64", "search_256"]


def test_opponents_have_names():
    game = make_game("tic_tac_toe")
    state = game.reset(torch.arange(3))
    for name in ("random", "minimax_2", "search_8"):
        actions = make_opponent(name, game)(state, torch.arange(3), torch.zeros(3, dtype=torch.int64))
        assert actions.shape == (3,) and describe_part(name)
    assert "8" in describe_part("search_8") and "7" in describe_part("epoch_7")
    with pytest.raises(UsageError, match="no opponent 'search_0'"):
        make_opponent("search_0", game)
