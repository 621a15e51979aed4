"""What games share: the contract of the state, random playouts."""

import pytest
import torch

from axone.play.games.board_game import choose_random
from axone.play.games.registry import GAMES
from axone.play.random import make_keys
from tests.helpers.games import random_positions, same, small_game


@pytest.fixture(params=GAMES)
def game(request):
    return small_game(request.param)


def test_random_choices_are_legal_and_all_equally_likely():
    legal = torch.tensor([[False, True, False, True, True], [False] * 5]).repeat_interleave(3000, 0)
    actions = choose_random(legal, make_keys(0, 6000), torch.zeros(6000, dtype=torch.int64))
    counts = actions[:3000].bincount(minlength=5)
    assert counts[0] == counts[2] == 0 and counts.max() - counts[counts > 0].min() < 200
    assert actions[3000:].max() == 0


def test_a_playout_ends_each_game_and_depends_on_the_key_alone(game):
    keys = make_keys(3, 20)
    state, moves = game.playout(game.reset(keys), keys)
    assert state["finished"].all() and moves.min() >= 5 and moves.max() <= game.max_moves
    assert not game.legal_actions(state).any()
    again, few_moves = game.playout(game.reset(keys[:7]), keys[:7])
    assert same(again, {name: values[:7] for name, values in state.items()}) and torch.equal(few_moves, moves[:7])


def test_a_playout_in_two_parts_is_the_same_playout(game):
    keys = make_keys(5, 20)
    start = random_positions(game, 20, 4, seed=5)
    whole, part = game.playout(game.reset(keys), keys), game.playout(start, keys, torch.full_like(keys, 4))
    assert same(whole.state, part.state) and torch.equal(whole.moves, part.moves + 4)


def test_finished_games_do_not_change(game):
    keys = make_keys(0, 8)
    ended, _moves = game.playout(game.reset(keys), keys)
    for action in range(game.actions.count):
        after, outcome = game.step(ended, torch.full((8,), action))
        assert same(after, ended) and not outcome.rewards.any() and outcome.terminated.all()


def test_arguments_are_not_changed(game):
    state = random_positions(game, 8, 3)
    before = {name: values.clone() for name, values in state.items()}
    game.step(state, game.legal_actions(state).long().argmax(1))
    game.playout(state, make_keys(0, 8))
    game.observe(state)
    assert same(state, before)


def test_the_reward_is_that_of_the_player_who_moved(game):
    keys = make_keys(1, 64)
    state = game.reset(keys)
    for counter in range(game.max_moves):
        actions = choose_random(game.legal_actions(state), keys, torch.full_like(keys, counter))
        after, outcome = game.step(state, actions)
        ended = after["finished"] & ~state["finished"]
        signs = 1 - 2 * state["player"]
        assert torch.equal(outcome.rewards[ended], (after["result"] * signs)[ended])
        assert not outcome.rewards[~ended].any() and not outcome.truncated.any()
        state = after
    assert state["finished"].all()
