"""A game in the terminal: moves, commands, undo, either side, the network's answer."""

import pytest
from PIL import Image

from axone.errors import UsageError
from axone.tasks.games.session import GameSession
from axone.tasks.play_session import PlaySession
from tests.helpers.self_play import untrained_player


def session(side="first", hints=False, **changes):
    player = untrained_player(**changes)
    return GameSession(player.game, player, side, hints=hints)


def test_a_game_is_a_conversation_of_moves():
    game = session()
    assert isinstance(game, PlaySession) and game.asks and not game.finished
    assert "You play X and move first." in game.text()
    game.enter("b2")
    assert not game.asks and "O thinks" in game.text()
    game.advance()
    assert game.asks and "O plays" in game.text() and "4 simulations" in game.text()


def test_the_network_begins_where_the_person_is_second():
    game = session("second")
    assert not game.asks and "You play O and move second." in game.text()
    game.advance()
    assert game.asks and len(game.history) == 1


def test_undo_includes_the_answer():
    game = session()
    with pytest.raises(UsageError, match="nothing to undo"):
        game.enter("undo")
    game.enter("b2")
    game.advance()
    game.enter("undo")
    assert game.history == [] and game.asks and "undone" in game.text()


def test_commands_say_what_was_asked_for():
    game = session()
    game.enter("?")
    assert "hint" in game.text() and "for example a3" in game.text()
    game.enter("legal")
    assert "legal moves: a3 b3 c3" in game.text()
    game.enter("hint")
    assert "simulations, expects" in game.text() and game.shares is not None
    assert game.history == []


@pytest.mark.parametrize(("line", "text"), [("z9", "is no move"), ("b2", "not legal"), ("x" * 500, "is no move")])
def test_a_wrong_line_changes_nothing(line, text):
    game = session("first")
    game.enter("b2")
    game.advance()
    moves = len(game.history)
    with pytest.raises(UsageError, match=text):
        game.enter(line)
    assert len(game.history) == moves and game.asks


def test_hints_are_there_before_each_move_where_wanted():
    assert "simulations, expects" in session(hints=True).text()


def test_the_network_plays_both_sides_to_the_end(tmp_path):
    game = session("none")
    while not game.finished:
        assert not game.asks
        game.advance()
    result = game.to_json()
    assert result["side"] == "none" and result["result"] in (-1, 0, 1) and 5 <= len(result["moves"]) <= 9
    files = game.files()
    assert files[".txt"].decode().split() == result["moves"]
    path = tmp_path / "game.gif"
    path.write_bytes(files[".gif"])
    assert Image.open(path).n_frames == len(result["moves"]) + 1


@pytest.mark.parametrize("name", ["connect_four", "othello", "go"])
def test_every_game_can_be_played(name):
    game = session("none", game=name, board_size=5 if name == "go" else 0, simulations=2)
    for _move in range(6):
        game.advance()
    assert len(game.history) == 6 and game.text()


def test_the_moves_of_a_large_board_fit_a_terminal():
    game = session("first", game="go", board_size=9, simulations=2)
    game.enter("legal")
    assert "J9" in game.text() and max(map(len, game.text().splitlines())) < 80
    with pytest.raises(UsageError) as error:
        game.enter("z9")
    assert error.value.expected is not None and error.value.expected.endswith("...")
