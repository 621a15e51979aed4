"""Tic-tac-toe, Connect Four and Othello: equal to OpenSpiel move for move, kernels equal to tensor operations, speed.

    python benchmarks/games.py                             all parts
    python benchmarks/games.py --only speed-connect_four   one part; the others keep their stored results
    python benchmarks/games.py --quick                     a smoke test, writes nothing

The result of each part is stored when it is complete, so that a stopped run continues; `--again` measures anew. Go has
a benchmark of its own, `go.py`.
"""

from __future__ import annotations

import statistics
import sys
import time
from functools import partial
from typing import Any

import torch

import stored_parts
import tables
from contenders.open_spiel import compare
from random_play import compare_bodies, measure_rates, play_open_spiel, play_steps, play_whole_games

NAMES = ("tic_tac_toe", "connect_four", "othello")
BODIES = ("torch", "numba")
PARTS = (
    *(f"truth-{name}" for name in NAMES),
    *(f"bits-{name}" for name in NAMES),
    *(f"speed-{name}" for name in NAMES),
    "solver",
    "minimax",
)
GAMES = 2000
COPIES = 4096
GOALS = {"torch, a call a move": 10, "numba, whole games": 100}  # times OpenSpiel's speed, for Connect Four
PUBLISHED = {"4455": 18, "44455554221": -15}  # scores of Pascal Pons' solver
STONES = (24, 20, 18, 16, 14, 12)  # of the positions by which the solver's speed is measured


def main() -> int:
    """Measure what is not stored yet, and write the table of all that is."""
    parser = tables.parser(__doc__ or "")
    stored_parts.add_flags(parser, PARTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    machine = tables.begin(options)
    results = stored_parts.measure_parts(
        "games", {part: partial(measure, part, options.quick) for part in PARTS}, options
    )
    if results:
        tables.finish(make_table(results), machine, options)
    return 0


def measure(part: str, quick: bool) -> dict[str, Any]:
    """Return the result of a part."""
    kind, _, name = part.partition("-")
    functions = {
        "truth": measure_truth, "bits": measure_bits, "speed": measure_speed,
        "solver": measure_solver, "minimax": measure_minimax,
    }  # fmt: skip
    return functions[kind](name, quick)


def make_bodies(name: str) -> dict[str, Any]:
    """Return a game with each of its bodies."""
    from axone.play.bodies import choose_body
    from axone.play.games.registry import make_game

    return {body: choose_body(make_game(name), body=body) for body in BODIES}


def measure_truth(name: str, quick: bool) -> dict[str, Any]:
    """Play random games with OpenSpiel; count what was compared, all of which was equal, or raise."""
    import pyspiel

    result = {}
    for body, game in make_bodies(name).items():
        agreement = compare(game, pyspiel.load_game(name), games=20 if quick else GAMES)
        won, drawn, lost = agreement.results
        result[body] = {"games": agreement.games, "positions": agreement.positions} | {
            "won": won, "drawn": drawn, "lost": lost,
        }  # fmt: skip
    return result


def measure_bits(name: str, quick: bool) -> dict[str, Any]:
    """Play the same random games with both bodies; count the positions, all tensors of which were equal, or raise."""
    games, bodies = 20 if quick else GAMES, make_bodies(name)
    return {"games": games, "positions": compare_bodies(bodies["torch"], bodies["numba"], games, seed=1)}


def measure_speed(name: str, quick: bool) -> dict[str, Any]:
    """Measure moves a second of random games, for each contender in turn."""
    import pyspiel

    copies, seconds, rounds = (64, 0.02, 1) if quick else (COPIES, 1.0, 5)
    bodies, theirs = make_bodies(name), pyspiel.load_game(name)
    contenders = {"OpenSpiel": lambda limit: play_open_spiel(theirs, limit)}
    for body, game in bodies.items():
        contenders[f"{body}, a call a move"] = lambda limit, game=game: play_steps(game, copies, limit)
        contenders[f"{body}, whole games"] = lambda limit, game=game: play_whole_games(game, copies, limit)
    return {"copies": copies, "rates": measure_rates(contenders, seconds, rounds)}


def measure_solver(_name: str, quick: bool) -> dict[str, Any]:
    """Solve the positions of the package again, published ones, and random ones of several numbers of stones."""
    from axone.play.games.connect_four import read_position
    from axone.play.games.connect_four_solver import ConnectFourSolver, load_solved_positions
    from axone.play.simulation import select

    for moves, score in PUBLISHED.items():
        assert ConnectFourSolver().solve(read_position(moves)).tolist() == [score], moves
    positions = load_solved_positions()
    chosen = [index for index, moves in enumerate(positions.moves) if not quick or len(moves) > 24]
    solver, began = ConnectFourSolver(), time.process_time()
    assert torch.equal(solver.score_moves(select(positions.state, chosen)), positions.scores[chosen])
    elapsed = time.process_time() - began
    speeds = {}
    for stones in STONES[:1] if quick else STONES:
        state = random_positions(stones, 100)
        each, began = ConnectFourSolver(), time.process_time()
        each.solve(state)
        speeds[str(stones)] = 1000 * (time.process_time() - began) / len(state["own"])
    rate = solver.visited / elapsed
    return {"positions": len(chosen), "seconds": elapsed, "visited_per_second": rate, "milliseconds": speeds}


def measure_minimax(_name: str, quick: bool) -> dict[str, Any]:
    """Compare the values of minimax of both bodies, and measure the microseconds of a position."""
    bodies, result = make_bodies("connect_four"), {}
    for depth in (1, 3) if quick else (1, 3, 5):
        compared = 0
        for stones in (4, 12, 20, 30):
            state = random_positions(stones, 50)
            values = [game.value_moves(state, depth) for game in bodies.values()]
            assert torch.equal(*values), f"depth {depth}, {stones} stones"
            compared += len(state["own"])
        state, began = random_positions(10, 2000), time.process_time()
        bodies["numba"].value_moves(state, depth)
        microseconds = 1e6 * (time.process_time() - began) / len(state["own"])
        result[str(depth)] = {"positions": compared, "microseconds": microseconds}
    return result


def random_positions(stones: int, count: int) -> Any:
    """Return positions of Connect Four after random moves, without games that are over."""
    from axone.play.games.connect_four import ConnectFour
    from axone.play.random import make_keys
    from axone.play.simulation import select

    game, keys = ConnectFour(), make_keys(stones, count)
    state = game.reset(keys)
    for move in range(stones):
        state, _outcome = game.step(state, game.random_actions(state, keys, torch.full_like(keys, move)))
    return select(state, ~state["finished"])


def make_table(results: dict[str, Any]) -> tables.Table:
    """Turn the parts into rows and verdicts."""
    rows, verdicts = [], []
    for name in NAMES:
        title = name.replace("_", " ")
        if f"speed-{name}" in results:
            rates = results[f"speed-{name}"]["rates"]
            medians = {contender: statistics.median(values) for contender, values in rates.items()}
            for contender, values in rates.items():
                millions = tables.spread([value / 1e6 for value in values], 2)
                rows.append([title, contender, millions, f"{medians[contender] / medians['OpenSpiel']:.0f}"])
            if name == "connect_four":
                for contender, goal in GOALS.items():
                    ratio = medians[contender] / medians["OpenSpiel"]
                    claim = (
                        f"Connect Four, {contender}: at least {goal} times as many random moves a second as OpenSpiel"
                    )
                    verdicts.append(tables.verdict(claim, ratio >= goal, f"{ratio:.0f} times"))
        for body, counts in results.get(f"truth-{name}", {}).items():
            claim = (
                f"{title}, {body}: equal to OpenSpiel in legal moves, player, end and result in each position of "
                f"{counts['games']:,} random games"
            )
            measured = (
                f"{counts['positions']:,} positions; the first player won {counts['won']:,}, drew {counts['drawn']:,}, "
                f"lost {counts['lost']:,}"
            )
            verdicts.append(tables.verdict(claim, True, measured))
        if f"bits-{name}" in results:
            counts = results[f"bits-{name}"]
            measured = f"{counts['positions']:,} positions of {counts['games']:,} games, and as many playouts"
            claim = f"{title}: kernels equal to tensor operations to the bit, all tensors of each position"
            verdicts.append(tables.verdict(claim, True, measured))
    if "solver" in results:
        solver = results["solver"]
        times = ", ".join(f"{value:.2g} ms after {stones} stones" for stones, value in solver["milliseconds"].items())
        claim = f"the solver finds the published scores ({', '.join(PUBLISHED)}) and again those of the package"
        measured = (
            f"all moves of {solver['positions']} positions in {solver['seconds']:.0f} s, "
            f"{solver['visited_per_second'] / 1e6:.1f} million positions a second; a random position takes {times}"
        )
        verdicts.append(tables.verdict(claim, True, measured))
    if "minimax" in results:
        parts = [
            f"depth {depth}: {one['positions']} positions, {one['microseconds']:.1f} µs each with kernels"
            for depth, one in results["minimax"].items()
        ]
        claim = "minimax of Connect Four: pruned by kernels, and all continuations as tensors, give the same values"
        verdicts.append(tables.verdict(claim, True, "; ".join(parts)))
    return tables.Table(
        name="games",
        title="Games",
        question="Random games: all legal moves are equally likely.",
        columns=["game", "what plays", "million moves a second", "times OpenSpiel"],
        rows=rows,
        raw=results,
        verdicts=verdicts,
        notes=[
            "Medians of five turns of a processor second each (smallest to largest); one thread.",
            f"OpenSpiel plays one game at a time from Python: the list of legal actions, a choice, a move. Axone plays "
            f"{COPIES:,} games at once: with a call a move, a choice, a step and the restart of games that are over for"
            " all of them; whole games are one call until the last of them is over.",
            "Where something differs from OpenSpiel or between the bodies, the benchmark stops with the moves.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
