"""Area scoring on positions counted by hand, and who wins by it."""

import torch

from tests.helpers.go import from_text, play

# Black: 5 stones of the wall, 5 points on its left. White: 5 stones, 10 points. 5 x 5 points.
TWO_SIDES = """
. X O . .
. X O . .
. X O . .
. X O . .
. X O . .
"""

# A seki: C1 and C2 are the liberties of both chains, and whoever plays there is captured.
SEKI = """
. . . . . . .
. . . . . . .
. . . . . . .
X X X X X . .
O O O O X . .
X X . O X . .
X X . O X . .
"""


def test_stones_and_the_points_that_only_they_reach_count():
    game, state = from_text(TWO_SIDES, komi=0.5)
    assert game.score(state).tolist() == [-5.5]
    assert game.find_ownership(state)[0].tolist() == [[1, 1, -1, -1, -1]] * 5


def test_a_dead_stone_counts_as_alive_until_it_is_captured():
    # The white stone in black's area makes the empty points around it neutral.
    game, state = from_text(TWO_SIDES.replace(". X O", "O X O", 1), komi=0.0)
    assert game.find_ownership(state)[0, :, 0].tolist() == [-1, 0, 0, 0, 0]
    assert game.score(state).tolist() == [5 - 15 - 1]
    captured = play(game, state, "A4")
    assert game.score(captured).tolist() == [10 - 15]


def test_shared_liberties_of_a_seki_count_for_neither():
    game, state = from_text(SEKI, komi=0.0)
    assert game.find_ownership(state)[0, -1].tolist() == [1, 1, 0, -1, 1, 1, 1]
    assert game.score(state).tolist() == [41 - 6]


def test_an_empty_board_belongs_to_neither():
    game, state = from_text("\n".join([". . . . ."] * 5), komi=7.5)
    assert game.score(state).tolist() == [-7.5]
    state = play(game, state, "pass", "pass")
    assert state["finished"].all() and state["result"].item() == -1


def test_komi_decides_and_a_whole_number_permits_a_tie():
    for komi, result in ((-4.5, -1.0), (-5.0, 0.0), (-5.5, 1.0)):
        game, state = from_text(TWO_SIDES, komi=komi)
        for body in (game, game.kernels()):
            after = play(body, state, "pass")
            after, outcome = body.step(after, torch.tensor([25]))
            assert after["result"].item() == result and outcome.rewards.item() == -result + 0.0


def test_an_empty_region_of_any_shape_is_followed_to_its_end():
    # A corridor that winds over the whole board, closed by black but for one white stone at its end.
    rows = []
    for row in range(9):
        if row % 2 == 0:
            rows.append(". " * 9)
        else:
            rows.append("X " * 8 + "." if row % 4 == 1 else ". " + "X " * 8)
    game, state = from_text("\n".join(rows), komi=0.0)
    assert game.score(state).tolist() == [81]
    rows[8] = "O " + ". " * 8
    game, state = from_text("\n".join(rows), komi=0.0)
    assert game.score(state).tolist() == [32 - 1]
