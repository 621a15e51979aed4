"""Moves worked out by hand: captures, joined chains, suicide, snapback, ko; and what is stored while stones change."""

import torch

from axone.play.games.go import Go
from axone.play.games.go.rules import count_liberties, find_atari
from axone.play.games.go.setup import find_chains, hash_boards
from axone.play.games.go.tables import make_tables
from tests.helpers.go import from_text, is_legal, play, play_randomly, write_board


def test_a_stone_without_liberties_is_captured():
    game, state = from_text(
        """
        . X . . .
        X O . . .
        . X . . .
        . . . . .
        . . . . .
        """
    )
    state = play(game, state, "C4")
    assert write_board(game, state).splitlines()[1] == "X . X . ."
    assert int(state["ko"]) == -1  # the captured stone had an own stone's place next to it: D4 is empty


def test_several_chains_are_captured_by_one_stone_and_no_other():
    game, state = from_text(
        """
        O O X . .
        O . O X .
        X O O X .
        . X X . .
        . . . . O
        """
    )
    # The upper left corner has three white chains around B4, of which two have no other liberty.
    state = play(game, state, "B4")
    assert write_board(game, state).splitlines() == [
        ". . X . .",
        ". X . X .",
        "X . . X .",
        ". X X . .",
        ". . . . O",
    ]


def test_a_large_chain_is_captured_at_once():
    row = " ".join("O" * 9)
    rows = [row] * 8 + ["O O O O O O O O ."]
    text = "\n".join(rows)
    game, state = from_text(text)
    state = play(game, state, "J1")
    assert write_board(game, state) == "\n".join([". . . . . . . . ."] * 8 + [". . . . . . . . X"])
    assert state["hash"].tolist() == hash_boards(make_tables(9, state["board"].device), state["board"]).tolist()


def test_suicide_is_forbidden_of_one_stone_and_of_many():
    game, state = from_text(
        """
        . X . . .
        X . . . .
        . . . X X
        . . X O O
        . . X O .
        """,
        player=1,
    )
    assert not is_legal(game, state, "A5")  # one stone
    assert not is_legal(game, state, "E1")  # the whole chain
    assert is_legal(game, state, "C4") and is_legal(game, state, "pass")


def test_a_stone_without_liberties_is_legal_when_it_captures():
    game, state = from_text(
        """
        . O X . .
        O X . . .
        X . . . .
        . . . . .
        . . . . .
        """
    )
    assert is_legal(game, state, "A5")
    state = play(game, state, "A5")
    assert write_board(game, state).splitlines()[:3] == ["X . X . .", ". X . . .", "X . . . ."]


def test_snapback():
    game, state = from_text(
        """
        . X X X .
        X O O O X
        X O X . X
        X O O O X
        . X X X .
        """,
        player=1,
    )
    # White captures the black stone, and has a single liberty then: black captures all of it.
    state = play(game, state, "D3")
    assert write_board(game, state).splitlines()[2] == "X O . O X"
    state = play(game, state, "C3")
    assert write_board(game, state) == "\n".join([". X X X .", "X . . . X", "X . X . X", "X . . . X", ". X X X ."])


KO = """
. X O . .
X O . O .
. X O . .
. . . . .
. . . . .
"""


def test_ko_may_be_taken_back_only_after_another_move():
    game, state = from_text(KO)
    state = play(game, state, "C4")
    assert write_board(game, state).splitlines()[1] == "X . X O ."
    assert int(state["ko"]) == game.parse_action("B4")
    assert not is_legal(game, state, "B4")
    assert int(game.legal_actions(state)[0].sum()) == 26 - 7 - 1 - 1  # without stones, the ko, and A5, suicide
    state = play(game, state, "A1", "E1")
    assert is_legal(game, state, "B4") and int(state["ko"]) == -1


def test_a_pass_ends_a_ko():
    game, state = from_text(KO)
    state = play(game, state, "C4", "pass", "pass")
    assert bool(state["finished"])
    game, state = from_text(KO)
    state = play(game, state, "C4", "pass", "E1")
    assert is_legal(game, state, "B4")


def test_two_captured_stones_are_no_ko():
    game, state = from_text(
        """
        . O O X .
        X X X O .
        . . . . .
        . . . . .
        . . . . .
        """
    )
    state = play(game, state, "A5")
    assert int(state["ko"]) == -1 and is_legal(game, state, "C5")


def test_what_is_stored_equals_what_is_computed_from_the_stones():
    for size in (5, 9, 19):
        state = play_randomly(Go(size), copies=16, moves=size * size)
        tables = make_tables(size, state["board"].device)
        assert torch.equal(state["chains"], find_chains(tables, state["board"]))
        assert torch.equal(state["liberties"], count_liberties(tables, state["board"], state["chains"]))
        assert torch.equal(state["hash"], hash_boards(tables, state["board"]))
        number = state["chains"].long()
        assert (state["liberties"].gather(1, number)[number > 0] > 0).all()  # no chain is without liberties


def test_atari_is_one_point_however_often_it_counts():
    liberty = make_tables(9, torch.device("cpu")).liberty
    sums = torch.stack([liberty[20] * 0, liberty[20], 3 * liberty[20], liberty[20] + liberty[21], liberty[20:24].sum()])
    assert find_atari(sums).tolist() == [False, True, True, False, False]


def test_no_argument_is_changed():
    game = Go(7, ko="positional")
    for body in (game, game.kernels()):
        state = play_randomly(body, copies=8, moves=40)
        before = {name: values.clone() for name, values in state.items()}
        body.step(state, body.legal_actions(state).long().argmax(1))
        body.observe(state)
        assert all(torch.equal(values, state[name]) for name, values in before.items())
