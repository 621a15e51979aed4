"""Moves as people write them, and what is wrong with others."""

import pytest

from axone.errors import UsageError
from axone.play.games.registry import make_game
from axone.tasks.games.moves import list_legal, read_move, read_position, split_moves


def test_moves_of_one_letter_need_no_spaces():
    game = make_game("connect_four")
    assert split_moves(game, "44 5, 5") == ["4", "4", "5", "5"]
    assert split_moves(make_game("tic_tac_toe"), "a1, b2") == ["a1", "b2"]


def test_a_position_is_that_after_the_moves():
    game = make_game("tic_tac_toe")
    state = read_position(game, "B2 a1")
    assert int(state["player"][0]) == 0
    assert list_legal(game, game.legal_actions(state)[0]) == ["a3", "b3", "c3", "a2", "c2", "b1", "c1"]
    assert read_move(game, state, " C1 ") == 8


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("b2 b2", ["Move 2: The move b2 is not legal here.", "a3 b3 c3 a2 c2"]),
        ("b2 d4", ["Move 2: 'd4' is no move", "expected one of: a3"]),
        ("a1 b1 a2 b2 a3 c3", ["Move 6: The move c3 is not legal here.", "expected one of: -"]),
        ("hello", ["Move 1: 'hello' is no move"]),
    ],
)
def test_a_wrong_move_is_named_with_its_number(text, parts):
    with pytest.raises(UsageError) as error:
        read_position(make_game("tic_tac_toe"), text)
    assert all(part in str(error.value) for part in parts)
