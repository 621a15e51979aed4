"""Makes the solved positions of Connect Four that the package contains (src/axone/play/games/solved/connect_four.csv).

    python scripts/solved_positions.py            about two minutes of one core

Positions come from random games, after each number of stones of three phases. They are not over, none is another one or
its mirror image, and in each of them one move is better than another: it wins or draws where the other draws or loses.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from axone.play.games.connect_four import ConnectFour
from axone.play.games.connect_four_solver import ILLEGAL, PHASES, ConnectFourSolver
from axone.play.random import make_keys
from axone.play.simulation import select

TARGET = Path(__file__).parent.parent / "src" / "axone" / "play" / "games" / "solved" / "connect_four.csv"
BATCH = 50  # positions that are solved at once


def main() -> int:
    """Write the file."""
    flags = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    flags.add_argument("--each", type=int, default=34, help="positions of each number of stones (default: 34)")
    flags.add_argument("--output", type=Path, default=TARGET, help=f"the file (default: {TARGET.name})")
    options = flags.parse_args()
    lines = ["moves,1,2,3,4,5,6,7"]
    for phase, (first, last) in PHASES.items():
        for stones in range(first, last + 1):
            lines += solve_random_positions(stones, options.each)
            print(f"{phase}: {stones} stones, {len(lines) - 1} positions", flush=True)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text("\n".join(lines) + "\n", "utf-8")
    return 0


def solve_random_positions(stones: int, count: int) -> list[str]:
    """Return lines of the file: the columns that lead to a position, and the scores of its moves."""
    game, solver = ConnectFour().kernels(), ConnectFourSolver()
    known: set[tuple[int, int]] = set()
    lines: list[str] = []
    seed = 0
    while len(lines) < count:
        keys = make_keys(1000 * stones + seed, BATCH)
        state, moves = game.reset(keys), []
        for counter in range(stones):
            moves.append(game.random_actions(state, keys, torch.full_like(keys, counter)))
            state, _outcome = game.step(state, moves[-1])
        histories = torch.stack(moves, 1)[~state["finished"]]
        state = select(state, ~state["finished"])
        planes = game.observe(state)
        scores = solver.score_moves(state)
        for index, values in enumerate(scores):
            position = (int(state["own"][index]), int(state["other"][index]))
            legal = values[values != ILLEGAL].sign()
            if legal.min() == legal.max() or position in known or len(lines) == count:
                continue
            known |= {position, to_bitboards(planes[index].flip(-1))}
            digits = "".join(str(column + 1) for column in histories[index].tolist())
            lines.append(",".join([digits, *("" if value == ILLEGAL else str(value) for value in values.tolist())]))
        seed += 1
    return lines


def to_bitboards(planes: torch.Tensor) -> tuple[int, int]:
    """Return the bitboards of two planes."""
    bits = torch.tensor(ConnectFour.cells)
    own, other = ((plane.flatten().long() << bits).sum() for plane in planes)
    return int(own), int(other)


if __name__ == "__main__":
    sys.exit(main())
