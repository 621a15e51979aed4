"""Connect Four: every line, columns, and OpenSpiel."""

import pytest
import torch
from benchmarks.contenders.open_spiel import compare

from axone.errors import UsageError
from axone.play.games.board_game import choose_random
from axone.play.games.connect_four import ConnectFour, has_four, read_position
from axone.play.games.registry import make_game
from axone.play.random import make_keys
from tests.helpers.games import play, random_positions, same


def bits_of(cells):
    return sum(1 << 7 * column + row for column, row in cells)


def test_each_of_the_69_lines_wins_and_three_of_it_do_not():
    lines = []
    for column in range(7):
        for row in range(6):
            for right, up in ((1, 0), (0, 1), (1, 1), (1, -1)):
                line = [(column + step * right, row + step * up) for step in range(4)]
                if all(0 <= x < 7 and 0 <= y < 6 for x, y in line):
                    lines.append(line)
    assert len(lines) == 69
    assert has_four(torch.tensor([bits_of(line) for line in lines])).all()
    threes = [line[:missing] + line[missing + 1 :] for line in lines for missing in range(4)]
    assert not has_four(torch.tensor([bits_of(three) for three in threes])).any()


def test_four_cells_across_an_edge_are_no_line():
    top, next_bottom = [(2, 4), (2, 5)], [(3, 0), (3, 1)]
    assert not has_four(torch.tensor([bits_of(top + next_bottom)])).any()


def test_columns_fill_up():
    game = make_game("connect_four")
    state, _outcome = play(game, [0, 0, 0, 0, 0])
    assert game.legal_actions(state).all()
    state, _outcome = play(game, [0, 0, 0, 0, 0, 0])
    assert game.legal_actions(state)[0].tolist() == [False] + [True] * 6


def test_the_second_player_wins_a_column():
    game = make_game("connect_four")
    state, outcome = play(game, [0, 6, 1, 6, 0, 6, 1, 6])
    assert state["finished"].all() and state["result"].item() == -1 and outcome.rewards.item() == 1
    assert game.render_text(state).splitlines()[2:] == [
        " . . . . . .[O]",
        " . . . . . . O",
        " X X . . . . O",
        " X X . . . . O",
        " 1 2 3 4 5 6 7",
    ]


def test_it_is_the_game_of_open_spiel():
    pyspiel = pytest.importorskip("pyspiel")
    agreement = compare(ConnectFour(), pyspiel.load_game("connect_four"), games=50)
    assert agreement.games == 50 and agreement.positions == agreement.moves


def test_random_columns_are_those_of_a_choice_from_the_table_of_legal_actions():
    game = ConnectFour()
    for moves in (0, 20, 33, 39):
        state = random_positions(game, 300, moves, seed=moves)
        keys, counters = make_keys(moves, 300), torch.arange(300)
        assert torch.equal(
            game.random_actions(state, keys, counters), choose_random(game.legal_actions(state), keys, counters)
        )


def test_positions_are_read_from_columns():
    state = read_position("4455")
    assert same(state, play(ConnectFour(), [3, 3, 4, 4])[0])


@pytest.mark.parametrize(
    ("moves", "words"),
    [("44x", "Move 3 of '44x'"), ("4444444", "no such move"), ("12121213", "Move 8 .*the game is over")],
)
def test_moves_that_make_no_sense_are_refused(moves, words):
    with pytest.raises(UsageError, match=words) as caught:
        read_position(moves)
    assert caught.value.expected == "Moves are the columns from 1 to 7, one digit each, such as 4455."
