"""What games on bitboards share: planes, the view, the number of stones."""

import torch

from axone.play.games.bitboards import count_bits
from axone.play.games.registry import make_game
from tests.helpers.games import play


def test_bits_are_counted():
    values = [0, 1, -1, 2**62 + 5, -(2**63), 0x5555555555555555]
    assert count_bits(torch.tensor(values)).tolist() == [(value % 2**64).bit_count() for value in values]


def test_the_player_to_move_sees_their_own_stones_first():
    game = make_game("connect_four")
    state, _outcome = play(game, [3, 3, 0])
    planes = game.observe(state)
    assert planes.shape == (1, 2, 6, 7) and planes.dtype == torch.float32
    assert planes[0, 0].nonzero().tolist() == [[4, 3]]
    assert planes[0, 1].nonzero().tolist() == [[5, 0], [5, 3]]


def test_the_view_has_the_stones_of_the_first_player_as_1():
    for moves in ([3, 3, 0], [3, 3, 0, 6]):
        game = make_game("connect_four")
        board = game.view(play(game, moves)[0])
        assert board.rows[5][3] == 1 and board.rows[4][3] == 2 and board.rows[5][0] == 1
