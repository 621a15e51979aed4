"""Settings, the end of a game, what a network sees, names and drawing; equality with OpenSpiel."""

import pytest
import torch
from benchmarks.contenders.open_spiel import compare

from axone.errors import UsageError
from axone.play.games.go import Go
from axone.play.games.registry import make_game
from axone.play.random import make_keys
from tests.helpers.go import from_text, play, play_randomly


def test_settings_that_make_no_sense_are_refused():
    for options, text in (
        ({"size": 4}, "size 4[\\s\\S]*5 to 19"),
        ({"size": 20}, "size 20"),
        ({"ko": "simple"}, "'simple'[\\s\\S]*situational, positional"),
        ({"repetition": "win"}, "'win'[\\s\\S]*tie, loss"),
        ({"max_moves": 1}, "at least 2"),
    ):
        with pytest.raises(UsageError, match=text):
            make_game("go", **options)


def test_a_new_game_is_blacks_and_all_is_legal():
    for size in (5, 19):
        game = Go(size)
        state = game.reset(make_keys(0, 3))
        assert game.legal_actions(state).all() and game.actions.count == size * size + 1
        assert state["player"].tolist() == [0, 0, 0] and game.max_moves == 2 * size * size


def test_a_game_is_scored_after_max_moves():
    game, state = from_text("\n".join([". . . . ."] * 5), max_moves=3)
    state = play(game, state, "C3", "A1")
    assert not state["finished"].any()
    state = play(game, state, "B2")
    assert state["finished"].all() and state["result"].item() == -1
    assert not game.legal_actions(state).any()


def test_two_passes_must_follow_each_other():
    game = Go(5)
    state = play(game, game.reset(make_keys(0, 1)), "pass", "C3", "pass", "C2", "pass")
    assert not state["finished"].any()
    assert play(game, state, "pass")["finished"].all()


def test_what_the_player_to_move_sees():
    game = Go(5)
    state = game.reset(make_keys(0, 1))
    planes = game.observe(play(game, state, "C3", "A1"))[0]
    own, other, ko, last, passed, black = planes
    assert own.nonzero().tolist() == [[2, 2]] and other.nonzero().tolist() == last.nonzero().tolist() == [[4, 0]]
    assert not ko.any() and not passed.any() and black.all()
    own, other, ko, last, passed, black = game.observe(play(game, state, "C3", "A1", "pass"))[0]
    assert own.nonzero().tolist() == [[4, 0]] and not last.any() and passed.all() and not black.any()
    game, state = from_text(". X O . .\nX O . O .\n. X O . .\n. . . . .\n. . . . .")
    assert game.observe(play(game, state, "C4"))[0, 2].nonzero().tolist() == [[1, 1]]


def test_a_position_is_drawn_with_coordinates():
    game = Go(9)
    state = play(game, game.reset(make_keys(0, 1)), "J9", "E5")
    lines = game.render_text(state).splitlines()
    assert lines[0] == "9 . . . . . . . . X" and lines[-1].split() == list("ABCDEFGHJ")
    assert lines[4] == "5 . . . .[O]. . . ."
    image = game.render_image(state)
    assert image.dtype == torch.uint8 and image.shape[2] == 3


@pytest.mark.parametrize("size", [5, 9])
def test_it_is_the_game_of_open_spiel(size):
    pyspiel = pytest.importorskip("pyspiel")
    theirs = pyspiel.load_game("go", {"board_size": size, "komi": 7.5})
    agreement = compare(Go(size).kernels(), theirs, games=30, translate=lambda action: flip(action, size))
    assert agreement.games == 30 and agreement.positions == agreement.moves


@pytest.mark.long
@pytest.mark.parametrize("body", ["torch", "numba"])
def test_it_is_the_game_of_open_spiel_over_2000_games(body):
    pyspiel = pytest.importorskip("pyspiel")
    game = Go(9) if body == "torch" else Go(9).kernels()
    theirs = pyspiel.load_game("go", {"board_size": 9, "komi": 7.5})
    assert compare(game, theirs, games=2000, translate=lambda action: flip(action, 9)).games == 2000


def flip(action, size):
    """Return OpenSpiel's number of an action, whose first row is the lowest."""
    return action if action == size * size else (size - 1 - action // size) * size + action % size


def test_random_games_end():
    state = play_randomly(Go(7), copies=16, moves=98)
    assert state["finished"].all() and set(state["result"].tolist()) <= {-1.0, 0.0, 1.0}
