"""Mistakes in solved positions: moves that give away a win or a draw, by the phase of the game."""

from __future__ import annotations

from functools import cache

from axone.play.games.connect_four_solver import PHASES, SolvedPositions, is_mistake, load_solved_positions
from axone.play.simulation import select
from axone.tasks.games.players import NetworkPlayer

EACH = 100  # positions of a phase


@cache
def read_positions() -> SolvedPositions:
    """Return the solved positions of Connect Four that are measured: as many of each phase."""
    positions = load_solved_positions()
    chosen = [
        number
        for phase in PHASES
        for number in [place for place, each in enumerate(positions.phases) if each == phase][:EACH]
    ]
    return SolvedPositions(
        select(positions.state, chosen),
        positions.scores[chosen],
        [positions.phases[number] for number in chosen],
        [positions.moves[number] for number in chosen],
    )


def measure_mistakes(player: NetworkPlayer) -> dict[str, float]:
    """Return the share of mistakes in solved positions, of all and by phase, by the id of the metric."""
    positions = read_positions()
    state = {name: values.to(player.evaluation.device) for name, values in positions.state.items()}
    actions = player.search(state).actions.cpu()
    mistakes = is_mistake(positions.scores, actions)
    shares = {"mistakes": float(mistakes.float().mean())}
    for phase in PHASES:
        chosen = [place for place, each in enumerate(positions.phases) if each == phase]
        shares[f"mistakes:{phase}"] = float(mistakes[chosen].float().mean())
    return shares
