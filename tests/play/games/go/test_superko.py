"""Repeated positions: what is legal and how a game ends, by each convention; the filter of positions."""

import pytest
import torch

from axone.errors import UsageError
from axone.play.games.go import Go
from axone.play.games.go.rules import place_stones
from axone.play.games.go.superko import add_to_filter, begin_filter, count_filter_words, passes_filter
from axone.play.games.go.tables import make_tables
from axone.play.random import make_keys, random_bits
from axone.play.simulation import select
from tests.helpers.go import from_text, is_legal, play, play_randomly, random_moves, write_board

# White sends a second stone (A5), black captures both (C5), and white takes one back (B5): the position is the first.
SENDING_TWO = """
. O . O .
X X O . .
. . . . .
. . . . .
. . . . .
"""

# Three kos on two edges; black to move. White holds two of them, black the lower one.
TRIPLE_KO = """
X O . O . X O . O
. X O . . . X O .
. . . . . . . . .
. . . . . . . . .
. . . . . . . . .
. . . . . . . . .
. . . . . . . . .
. X O . . . . . .
X . X O . . . . .
"""
CIRCLE = ("C9", "B1", "H9", "B9", "C1", "G9")  # each move takes a ko; the last restores the first position


def test_sending_two_returning_one_ends_the_game_in_a_tie_or_a_loss():
    for repetition, result in (("tie", 0.0), ("loss", 1.0)):
        game, state = from_text(SENDING_TWO, player=1, repetition=repetition)
        for body in (game, game.kernels()):
            after = play(body, state, "A5", "C5")
            assert write_board(game, after).splitlines()[0] == ". . X O ."
            after, outcome = body.step(after, torch.tensor([body.parse_action("B5")]))
            assert torch.equal(after["board"], state["board"])
            assert bool(after["finished"]) and outcome.terminated.all() and after["result"].item() == result
            assert outcome.rewards.item() == -result  # of white, who moved


def test_positional_superko_forbids_the_move_that_repeats():
    game, state = from_text(SENDING_TWO, player=1, ko="positional")
    for body in (game, game.kernels()):
        after = play(body, state, "A5", "C5")
        assert not is_legal(body, after, "B5") and is_legal(body, after, "A5")
        after = play(body, after, "E1", "A1")  # the board is another one now
        assert is_legal(body, after, "B5")
        assert not play(body, after, "B5")["finished"].any()


def test_three_kos_go_in_a_circle_that_the_ko_rule_permits_and_superko_ends():
    game, state = from_text(TRIPLE_KO)
    for body in (game, game.kernels()):
        after = play(body, state, *CIRCLE)
        assert torch.equal(after["board"], state["board"]) and after["finished"].all() and not after["result"].any()
    game, state = from_text(TRIPLE_KO, ko="positional")
    for body in (game, game.kernels()):
        after = play(body, state, *CIRCLE[:-1])
        assert not is_legal(body, after, "G9")
        assert is_legal(body, after, "pass") and is_legal(body, after, "E5")


@pytest.mark.parametrize("size", [5, 9])
def test_no_game_with_superko_repeats_a_position_and_each_forbidden_move_would(size):
    game = Go(size, ko="positional")
    loose = Go(size)
    tables = make_tables(size, torch.device("cpu"))
    keys = make_keys(0, 48)
    state = game.reset(keys)
    forbidden = 0
    for move in range(game.max_moves):
        legal = game.legal_actions(state)
        for copy, action in (loose.legal_actions(state) & ~legal).nonzero().tolist():
            one = select(state, slice(copy, copy + 1))
            color = (1 - 2 * one["player"]).to(torch.int8)
            stones = (one["board"], one["chains"], one["liberties"])
            placed = place_stones(tables, *stones, tables.inner[action : action + 1], color, color != 0)
            assert (one["history"] == one["hash"] + placed.hash_change).any()
            forbidden += 1
        state, _outcome = game.step(state, random_moves(game, state, keys, move))
    assert state["finished"].all() and (forbidden > 0 or size > 5)
    for copy in range(len(keys)):
        history = state["history"][copy, : int(state["moves"][copy]) + 1]
        changed = history[1:][history[1:] != history[:-1]].tolist()  # passes repeat the position before
        assert len(set(changed)) == len(changed)


def test_the_filter_answers_for_positions_that_were_and_for_most_that_were_not():
    positions = 163
    filters = begin_filter(2, positions, torch.device("cpu"))
    hashes = random_bits(torch.tensor([[3], [4]]), torch.arange(positions))
    for index in range(positions):
        filters = add_to_filter(filters, hashes[:, index])
    assert filters.shape[1] == count_filter_words(positions) and passes_filter(filters, hashes).all()
    assert passes_filter(filters, torch.zeros(2, 1, dtype=torch.int64)).all()  # the empty board
    assert passes_filter(filters, hashes.flip(0)).float().mean() < 0.1


def test_a_position_with_a_dead_chain_is_refused_by_name():
    with pytest.raises(UsageError, match="A5"):
        from_text("X O . . .\nO . . . .\n. . . . .\n. . . . .\n. . . . .")


def test_random_games_on_small_boards_repeat_positions():
    state = play_randomly(Go(5, komi=0.5), copies=256, moves=50)
    ties = state["finished"] & (state["result"] == 0)  # with this komi, nothing else is a tie
    assert ties.any()
