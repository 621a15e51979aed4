"""Games by name, and the errors for names and options that do not exist."""

import pytest

from axone.errors import UsageError
from axone.play.games.registry import GAMES, make_game


@pytest.mark.parametrize("name", GAMES)
def test_each_game_is_made_under_its_name(name):
    assert make_game(name).name == name
    assert make_game(name.replace("_", "-").upper()).name == name


def test_an_unknown_game_is_answered_with_the_closest_name():
    with pytest.raises(
        UsageError, match=r"no game 'conect4'[\s\S]*tic_tac_toe, connect_four[\s\S]*mean connect_four\?"
    ):
        make_game("conect4")


def test_an_unknown_option_is_answered_with_those_that_exist():
    with pytest.raises(UsageError, match=r"connect_four has no option 'size'[\s\S]*no options"):
        make_game("connect_four", size=9)
