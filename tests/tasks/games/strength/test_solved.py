"""Mistakes in solved positions: the solver makes none, an untrained network many."""

from axone.play.games.connect_four_solver import PHASES, is_mistake
from axone.tasks.games.strength.solved import EACH, measure_mistakes, read_positions
from tests.helpers.self_play import untrained_player


def test_there_are_as_many_positions_of_each_phase():
    positions = read_positions()
    assert [positions.phases.count(phase) for phase in PHASES] == [EACH] * 3
    assert len(positions.scores) == len(positions.moves) == len(positions.state["own"]) == 3 * EACH
    assert not is_mistake(positions.scores, positions.scores.argmax(1)).any()


def test_an_untrained_network_makes_mistakes_in_each_phase():
    shares = measure_mistakes(untrained_player(game="connect_four", simulations=2))
    assert shares.keys() == {"mistakes", *(f"mistakes:{phase}" for phase in PHASES)}
    assert all(0.02 < share < 0.8 for share in shares.values())
    mean = sum(shares[f"mistakes:{phase}"] for phase in PHASES) / 3
    assert abs(shares["mistakes"] - mean) < 1e-6
