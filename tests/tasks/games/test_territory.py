"""Territory as a target: in the view of the player to move, and nothing where a game has none."""

import torch

from axone.tasks.games.territory import count_points, measure_territory, unknown_territory
from tests.helpers.games import play, small_game


def test_owners_and_scores_are_in_the_view_of_the_player_to_move():
    game = small_game("go")
    passed = game.size**2
    state, _outcome = play(game, [12, passed, passed], copies=2)  # one black stone: all points are black's
    assert state["finished"].all()
    copies, players = torch.tensor([0, 1, 1]), torch.tensor([0, 1, 0])
    territory = measure_territory(game, state, copies, players)
    assert territory.owners.dtype == torch.int8 and territory.owners.tolist() == [[1] * 25, [-1] * 25, [1] * 25]
    assert torch.allclose(territory.scores, torch.tensor([17.5, -17.5, 17.5]) / 25)


def test_other_games_have_no_points():
    game = small_game("othello")
    state, _outcome = play(game, [])
    assert count_points(game) == 0
    territory = measure_territory(game, state, torch.zeros(3, dtype=torch.int64), torch.zeros(3, dtype=torch.int64))
    assert territory.owners.shape == (3, 0) and territory.scores.tolist() == [0, 0, 0]
    assert unknown_territory(small_game("go"), 2, "cpu").owners.shape == (2, 25)
