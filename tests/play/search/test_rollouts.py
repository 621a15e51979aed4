"""Plain search: it finds what there is to find, and is a function of its keys."""

import torch

from axone.play.bodies import has_numba
from axone.play.games.registry import make_game
from axone.play.random import make_keys
from axone.play.search.rollouts import KEY, RolloutFunctions, search_by_rollouts
from axone.play.simulation import select

CONNECT_FOUR = make_game("connect_four")
FAST = CONNECT_FOUR.kernels() if has_numba() else CONNECT_FOUR
COUNTERS = torch.zeros(4, dtype=torch.int64)


def play(game, columns, copies=4):
    state = game.reset(make_keys(0, copies))
    for column in columns:
        state, _outcome = game.step(state, torch.full((copies,), column))
    return state


def test_a_win_is_found_and_a_loss_is_prevented():
    """Three stones in a row at the edge: the player to move wins in column 3, or has to play there."""
    for columns in ([0, 6, 1, 6, 2, 5], [0, 6, 1, 6, 2]):
        result = search_by_rollouts(FAST, play(FAST, columns), 100, make_keys(1, 4), COUNTERS)
        assert result.actions.tolist() == [3] * 4
    winning = search_by_rollouts(FAST, play(FAST, [0, 6, 1, 6, 2, 5]), 100, make_keys(1, 4), COUNTERS)
    assert (winning.values > 0.5).all()


def test_a_search_is_a_function_of_its_own_key_and_counter():
    state, keys = play(FAST, [3, 3]), make_keys(1, 4)
    budgets = torch.tensor([30, 10, 30, 0])
    result = search_by_rollouts(FAST, state, budgets, keys, COUNTERS)
    assert result.visits.sum(1).tolist() == budgets.tolist()
    for copy in range(4):
        one = slice(copy, copy + 1)
        alone = search_by_rollouts(FAST, select(state, one), int(budgets[copy]), keys[one], COUNTERS[one])
        assert torch.equal(alone.visits[0], result.visits[copy])
    other = search_by_rollouts(FAST, state, 30, keys, COUNTERS + 1)
    assert not torch.equal(other.values[[0, 2]], result.values[[0, 2]])


def test_kernels_and_tensor_operations_find_the_same():
    state = play(CONNECT_FOUR, [3, 2])
    results = [search_by_rollouts(game, state, 12, make_keys(2, 4), COUNTERS) for game in (CONNECT_FOUR, FAST)]
    assert torch.equal(results[0].visits, results[1].visits) and torch.equal(results[0].values, results[1].values)


def test_a_random_game_counts_for_the_player_to_move():
    """Where the next move ends the game, the result is known: here one column is left, and it wins for neither."""
    game = make_game("tic_tac_toe")
    state = play(game, [0, 1, 2, 4, 3, 5, 7, 6])  # x o x / x o o / o x .
    functions = RolloutFunctions(game)
    _logits, values = functions.evaluate_open({**state, KEY: make_keys(3, 4)})
    assert values.tolist() == [0] * 4
    before = {**play(game, [0, 3, 1, 4, 8, 6, 5]), KEY: make_keys(3, 4)}
    step = functions.advance(before, torch.full((4,), 7))  # x x . / o o x / o o x
    assert step.values.tolist() == [1] * 4 and step.discounts.tolist() == [-1] * 4
    assert (step.state[KEY] != before[KEY]).all()
