"""Matches: both sides, paired openings, draws count half."""

import torch

from axone.play.games.opponents import random_player
from axone.play.games.registry import make_game
from axone.tasks.games.strength.matches import MatchResult, play_match


def test_who_takes_the_first_legal_move_loses_against_one_who_sees_wins():
    game = make_game("tic_tac_toe")

    def first_legal(state, keys, counters):
        return game.legal_actions(state).long().argmax(1)

    from axone.play.games.opponents import minimax_player

    result = play_match(game, minimax_player(game, 4), first_legal, 20, opening=1)
    assert result.games == 20 and result.score > 0.85


def test_a_player_against_itself_has_half_of_the_points_by_symmetry():
    game = make_game("connect_four")

    def deterministic(state, keys, counters):
        return game.legal_actions(state).long().argmax(1)

    result = play_match(game, deterministic, deterministic, 30, opening=3)
    assert result.score == 0.5  # each opening is played from both sides


def test_players_are_asked_about_their_own_turns_only():
    game, seen = make_game("tic_tac_toe"), []

    def watch(state, keys, counters):
        seen.append(state)
        return game.legal_actions(state).long().argmax(1)

    play_match(game, watch, random_player(game), 8, opening=0)
    assert all(not state["finished"].any() for state in seen)
    assert {len(state["player"].unique()) for state in seen} <= {1, 2} and len(seen) >= 6


def test_the_same_seed_gives_the_same_match():
    game = make_game("tic_tac_toe")
    one, two, other = (play_match(game, random_player(game), random_player(game), 50, seed=seed) for seed in (1, 1, 2))
    assert one == two != other


def test_a_draw_is_half_a_point():
    assert MatchResult(3, 2, 1).points == 4 and MatchResult(3, 2, 1).score == 4 / 6
    assert torch.is_grad_enabled()
