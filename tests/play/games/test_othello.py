"""Othello: known positions, passes, the number of games of a few moves, and OpenSpiel."""

import pytest
import torch
from benchmarks.contenders.open_spiel import compare

from axone.play.games.board_game import choose_random
from axone.play.games.othello import PASS
from axone.play.games.registry import make_game
from axone.play.random import make_keys
from axone.play.simulation import select
from tests.helpers.games import play

# The number of sequences of moves from the first position, by their length (published as "perft" of Othello).
SEQUENCES = [1, 4, 12, 56, 244, 1396, 8200]


def test_the_number_of_sequences_is_the_published_one():
    game = make_game("othello")
    state, counts = game.reset(make_keys(0, 1)), []
    for _ in SEQUENCES:
        counts.append(len(state["own"]))
        copies, actions = game.legal_actions(state).nonzero(as_tuple=True)
        state, _outcome = game.step(select(state, copies), actions)
    assert counts == SEQUENCES


def test_the_first_move_flips_one_stone():
    game = make_game("othello")
    state, _outcome = play(game, [19])
    assert game.describe_action(19) == "d3"
    assert game.render_text(state).splitlines()[:6] == [
        "1 . . . . . . . .",
        "2 . . . . . . . .",
        "3 . . .[X]. . . .",
        "4 . . . X X . . .",
        "5 . . . X O . . .",
        "6 . . . . . . . .",
    ]


def position(rows, game):
    """Return a state from eight rows of own ("x") and the opponent's ("o") stones."""
    text = "".join(rows)
    state = game.reset(make_keys(0, 1))
    for name, sign in (("own", "x"), ("other", "o")):
        bits = sum(1 << cell for cell, each in enumerate(text) if each == sign)
        state[name] = torch.tensor([bits - 2**64 if bits >= 2**63 else bits])
    return state


def test_lines_do_not_continue_in_the_next_row_and_reach_the_last_cell():
    game = make_game("othello")
    state = position(["......xo", "o.......", *["........"] * 5, ".oooooox"], game)
    legal = game.legal_actions(state)[0].nonzero().flatten().tolist()
    assert legal == [56]
    after, _outcome = game.step(state, torch.tensor([56]))
    assert after["other"].item() % 2**64 == sum(1 << cell for cell in (6, *range(56, 64)))


def test_a_player_without_a_cell_passes_and_the_opponent_moves():
    game = make_game("othello")
    state = position(["xo......", *["........"] * 7], game)
    state["own"], state["other"] = state["other"], state["own"]
    assert game.legal_actions(state)[0].nonzero().flatten().tolist() == [PASS]
    state, outcome = game.step(state, torch.tensor([PASS]))
    assert not outcome.terminated.any()
    assert game.legal_actions(state)[0].nonzero().flatten().tolist() == [2]
    state, outcome = game.step(state, torch.tensor([2]))
    assert outcome.terminated.all() and outcome.rewards.item() == 1


def test_random_games_pass_now_and_then():
    game, keys = make_game("othello"), make_keys(0, 200)
    state, passes = game.reset(keys), 0
    for counter in range(60):
        actions = choose_random(game.legal_actions(state), keys, torch.full_like(keys, counter))
        passes += int((actions == PASS).sum())
        state, _outcome = game.step(state, actions)
    assert passes > 10


def test_it_is_the_game_of_open_spiel():
    pyspiel = pytest.importorskip("pyspiel")
    agreement = compare(make_game("othello"), pyspiel.load_game("othello"), games=25)
    assert agreement.games == 25 and min(agreement.results[0], agreement.results[2]) > 0
