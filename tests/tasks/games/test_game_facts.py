"""The game that settings name, and boards that it does not have."""

import pytest

from axone.errors import SettingsError
from axone.settings import resolve
from axone.systems.alphazero import Settings
from axone.tasks.games.game_facts import complete_settings, make_facts, read_options, restore_game
from tests.helpers.self_play import TINY, tiny_settings


def test_the_facts_of_a_run_build_its_game_again():
    facts = make_facts(tiny_settings(game="go", board_size=5, komi=3.5))
    game = restore_game(facts)
    assert (game.board, facts["actions"], facts["input"][1:]) == ((5, 5), 26, [5, 5])
    assert facts["game_options"] == {"size": 5, "komi": 3.5}


def test_a_board_may_be_named_where_it_is_the_only_one():
    assert read_options(tiny_settings(game="othello", board_size=8)) == {}


def test_openings_suit_the_game_unless_their_length_is_set():
    openings = {name: value for name, value in TINY.items() if name != "opening"}
    for game, length in (("tic_tac_toe", 4), ("connect_four", 20)):
        assert complete_settings(resolve(Settings, {**openings, "game": game})).opening == length
    assert complete_settings(resolve(Settings, {**openings, "game": "go", "board_size": 7})).opening == 7
    assert complete_settings(tiny_settings(opening=3)).opening == 3


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"game": "othello", "board_size": 6}, ["board_size cannot be '6'", "8 x 8", "--board-size"]),
        ({"game": "go", "board_size": 4}, ["board_size cannot be '4'", "5 to 19"]),
        ({"game": "connect_four", "komi": 7.5}, ["komi cannot be '7.5'", "only Go"]),
        ({"game": "chess"}, ["game cannot be 'chess'", "connect_four"]),
        ({"board_size": 20}, ["board_size cannot be '20'"]),
    ],
)
def test_what_a_game_does_not_have_is_explained(changes, parts):
    with pytest.raises(SettingsError) as error:
        read_options(tiny_settings(**changes))
    assert all(part in str(error.value) for part in parts)
