"""The perfect solver: published scores, a plain search of all continuations, the positions in the package."""

import pytest
import torch

from axone.play.games.connect_four import ConnectFour, read_position
from axone.play.games.connect_four_solver import (
    ILLEGAL,
    PHASES,
    ConnectFourSolver,
    is_mistake,
    load_solved_positions,
    phase_of,
    replay,
)
from axone.play.simulation import select
from tests.helpers.games import bits_of, play, random_positions, same


@pytest.fixture(scope="module")
def solver():
    pytest.importorskip("numba")
    return ConnectFourSolver(slots=18)


def search_all(game, state):
    """Return the score of one position by trying all continuations."""
    best = ILLEGAL
    for column in game.legal_actions(state)[0].nonzero().flatten().tolist():
        after, outcome = game.step(state, torch.tensor([column]))
        stones = (after["own"] | after["other"]).item().bit_count()
        final = 22 - (stones + 1) // 2 if outcome.rewards else 0
        best = max(best, final if outcome.terminated else -search_all(game, after))
    return best


def test_published_scores(solver):
    assert solver.solve(read_position("4455")).tolist() == [18]
    assert solver.solve(read_position("44455554221")).tolist() == [-15]
    assert solver.visited > 0


def test_late_positions_are_those_of_a_plain_search(solver):
    game = ConnectFour()
    state = random_positions(game, 2000, 36, seed=1)
    state = select(state, ~state["finished"])
    assert len(state["own"]) >= 20
    scores = solver.solve(state)
    assert scores.tolist() == [search_all(game, select(state, [index])) for index in range(len(scores))]
    assert len(scores.sign().unique()) == 3


def test_the_best_move_has_the_score_of_the_position(solver):
    game = ConnectFour()
    for stones in (22, 30, 41):
        state = random_positions(game, 3000 if stones > 40 else 400, stones, seed=2)
        state = select(state, ~state["finished"])
        moves = solver.score_moves(state)
        assert len(moves) >= 3 and torch.equal(moves.amax(1), solver.solve(state))
        assert torch.equal(moves != ILLEGAL, game.legal_actions(state))


def test_games_that_are_over_score_nothing(solver):
    state, _outcome = play(ConnectFour(), [0, 1, 0, 1, 0, 1, 0])
    assert solver.solve(state).tolist() == [0]
    assert solver.score_moves(state).tolist() == [[ILLEGAL] * 7]


def test_a_mistake_gives_away_a_win_or_a_draw():
    scores = torch.tensor([[3, 1, 0, -2, ILLEGAL, 5, 5], [0, -1, -1, ILLEGAL, 0, 0, -9], [-3, -4, -4, -9, -1, -1, -1]])
    assert is_mistake(scores, torch.tensor([1, 1, 3])).tolist() == [False, True, False]
    assert is_mistake(scores, torch.tensor([2, 4, 0])).tolist() == [True, False, False]


def test_the_positions_of_the_package():
    positions = load_solved_positions()
    count = len(positions.moves)
    assert count >= 300 and len(set(positions.moves)) == count
    assert {phase: positions.phases.count(phase) for phase in PHASES} == dict.fromkeys(PHASES, count // 3)
    assert not positions.state["finished"].any()
    legal = ConnectFour().legal_actions(positions.state)
    assert torch.equal(positions.scores != ILLEGAL, legal)
    values = positions.scores.sign()
    assert (values.where(legal, torch.tensor(2)).amin(1) < values.where(legal, torch.tensor(-2)).amax(1)).all()
    assert all(first <= len(moves) <= last for moves, phase in zip(positions.moves, positions.phases)
               for first, last in [PHASES[phase]])  # fmt: skip


def test_a_sample_is_solved_again(solver):
    positions = load_solved_positions()
    sample = [index for index, moves in enumerate(positions.moves) if len(moves) >= 15][::23]
    assert len(sample) > 15
    assert torch.equal(solver.score_moves(select(positions.state, sample)), positions.scores[sample])


@pytest.mark.long
def test_all_positions_are_solved_again():
    positions = load_solved_positions()
    assert torch.equal(ConnectFourSolver().score_moves(positions.state), positions.scores)


def test_lists_of_columns_of_different_lengths():
    state = replay(["4455", "1"])
    for index, moves in enumerate(("4455", "1")):
        assert same(select(state, [index]), read_position(moves))
    assert bits_of(state["result"]).tolist() == [0, 0]


def test_phases_cover_all_numbers_of_stones():
    assert [phase_of(stones) for stones in (0, 16, 17, 22, 23, 41)] == ["early"] * 2 + ["middle"] * 2 + ["late"] * 2
