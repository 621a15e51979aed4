"""AlphaZero: mistakes in solved positions of Connect Four, matches with minimax and plain search, after some minutes.

    python benchmarks/alphazero.py                             all parts
    python benchmarks/alphazero.py --only connect_four         one part; the others keep their stored results
    python benchmarks/alphazero.py --quick                     a smoke test, writes nothing

The result of each training is stored when it is complete, so that a stopped run continues; `--again` measures anew.
Seconds are those of the training with the measurements after each epoch; processor seconds are of everything, the
matches of the test and the report included.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from functools import partial
from typing import Any

import stored_parts
import tables
from axone.engine.machine.device import usable_cores

# Part -> the flags of `axone train alphazero`, the minutes that it may take, the opponents at the end and the
# games against each of them.
PARTS: dict[str, tuple[dict[str, Any], int, tuple[str, ...], int]] = {
    "connect_four": ({"epochs": 26}, 5, ("minimax_5", "search_256"), 200),
    "connect_four larger": (
        {"channels": 64, "window": 300_000, "learning_rate": 3e-3, "epochs": 40}, 30, ("minimax_5", "search_1000"), 200,
    ),
    "go 7x7": (
        {"game": "go", "board_size": 7, "channels": 48, "blocks": 4, "simulations": 24, "games": 256, "window": 300_000,
         "learning_rate": 3e-3, "epochs": 30}, 60, ("search_1000",), 40,
    ),
}  # fmt: skip
PHASES = ("late", "middle", "early")
SHORT_GOAL = 0.05  # mistakes of 300 positions, after 5 minutes
LONG_GOALS = {"late": 0.01, "middle": 0.02, "early": 0.04}  # after 30 minutes
MINIMAX_GOAL = 0.98  # share of the points against minimax of depth 5, after 30 minutes
QUICK = {"games": 8, "simulations": 4, "fast_simulations": 2, "channels": 4, "blocks": 1, "batches": 2, "epochs": 1,
         "batch_size": 8, "window": 100, "ruler": 0.001}  # fmt: skip


def main() -> int:
    """Train what is not stored yet, and write the table of all that is."""
    parser = tables.parser(__doc__ or "")
    stored_parts.add_flags(parser, PARTS)
    parser.add_argument("--run", help="a finished run of the part: only its matches are played")
    parser.add_argument("--threads", type=int, default=usable_cores(), help="processor threads (default: all cores)")
    options = parser.parse_args()
    if options.quick and options.only is None:
        options.only = "connect_four"
    machine = tables.begin(options)
    measured = {part: partial(measure, part, options) for part in PARTS}
    results = stored_parts.measure_parts("alphazero", measured, options)
    if results:
        tables.finish(make_table(results, options), machine, options)
    return 0


def measure(part: str, options: argparse.Namespace) -> dict[str, Any]:
    """Train once, unless there is a run; return the mistakes, the matches, the curves and the time."""
    import axone
    from axone.systems.alphazero import make_player
    from axone.tasks.games.strength.matches import play_match
    from axone.tasks.games.strength.opponents import make_opponent

    flags, _minutes, opponents, games = PARTS[part]
    flags = {**flags, **(QUICK if options.quick else {}), "threads": options.threads, "device": "cpu"}
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        run = axone.load(options.run) if options.run else axone.train(
            "alphazero", runs_folder=folder, verbose=False, **flags)  # fmt: skip
        cpu_seconds = None if options.run else time.process_time() - began
        events = [json.loads(line) for line in (run.path / "events.jsonl").read_text("utf-8").splitlines()]
        results = run.results
        player = make_player(run.model, run.settings, run.facts, 64)
        scores = {}
        for name in ("random",) if options.quick else opponents:
            match = play_match(
                player.game, player, make_opponent(name, player.game), 4 if options.quick else games, seed=1
            )
            scores[name] = [match.wins, match.draws, match.losses]
    return {
        "part": part,
        "flags": flags,
        "cpu_seconds": cpu_seconds,
        "elapsed_seconds": events[-1]["time"] - events[0]["time"],
        "threads": run.settings.threads,
        "parameters": results["parameters"],
        "mistakes": {name: value for name, value in results["test"].items() if name.startswith("mistakes")},
        "scores": scores,
        "curve": [{"seconds": event["seconds"], **event["validation"]} for event in events if event["kind"] == "epoch"],
    }


def make_table(results: dict[str, dict[str, Any]], options: argparse.Namespace) -> tables.Table:
    """Turn the trainings into rows."""
    rows, verdicts = [], []
    for part, result in results.items():
        mistakes = [result["mistakes"].get(f"mistakes:{phase}") for phase in PHASES]
        cells = ["-" if value is None else f"{100 * value:.1f}" for value in mistakes]
        matches = "; ".join(f"{name} {share(one):.1f} %" for name, one in result["scores"].items())
        seconds = [training_seconds(result), result["elapsed_seconds"], result["cpu_seconds"]]
        rows.append(
            [part, str(result["threads"]), *map(write_seconds, seconds), f"{result['parameters']:,}", *cells, matches]
        )
    if "connect_four" in results:
        one = results["connect_four"]
        total = one["mistakes"]["mistakes"]
        verdicts.append(
            tables.verdict(
                f"Connect Four: at most {100 * SHORT_GOAL:.0f} % mistakes after 5 minutes, 64 simulations",
                total <= SHORT_GOAL and training_seconds(one) <= 300,
                f"{100 * total:.1f} % after {training_seconds(one):.0f} s",
            )
        )
    if "connect_four larger" in results:
        one = results["connect_four larger"]
        measured = {phase: one["mistakes"][f"mistakes:{phase}"] for phase in PHASES}
        verdicts.append(
            tables.verdict(
                "Connect Four: at most 1 / 2 / 4 % mistakes in the late, middle and early phase after 30 minutes",
                all(measured[phase] <= LONG_GOALS[phase] for phase in PHASES) and training_seconds(one) <= 1800,
                f"{' / '.join(f'{100 * each:.1f}' for each in measured.values())} after {training_seconds(one):.0f} s",
            )
        )
        points = share(one["scores"].get("minimax_5", [0, 0, 1]))
        verdicts.append(
            tables.verdict("at least 98 % of the points against minimax of depth 5", points >= 100 * MINIMAX_GOAL,
                           f"{points:.1f} %")
        )  # fmt: skip
    if "go 7x7" in results:
        one = results["go 7x7"]
        points = share(one["scores"].get("search_1000", [0, 0, 1]))
        verdicts.append(
            tables.verdict(
                "Go 7x7: more than half of the points against plain search with 1,000 random games for a move",
                points > 50 and training_seconds(one) <= 3600, f"{points:.1f} % after {training_seconds(one):.0f} s",
            )
        )  # fmt: skip
    headers = {}
    if "connect_four" in results:
        one = results["connect_four"]
        phases = ", ".join(f"{phase} {100 * one['mistakes'][f'mistakes:{phase}']:.1f} %" for phase in PHASES)
        headers["alphazero"] = (
            f"mistakes in solved positions of Connect Four after {training_seconds(one):.0f} s: {phases}."
        )
    return tables.Table(
        name="alphazero",
        title="AlphaZero: games learned by self-play",
        question=(
            "`axone train alphazero`: moves that give away a win or a draw, in 300 solved positions of Connect Four "
            "(late: 23 to 28 stones, middle: 17 to 22, early: 11 to 16) in which moves differ in value, and matches of "
            "200 games (Go: 40) in pairs with a random opening of two moves and changed sides; 64 simulations a move."
        ),
        columns=[
            "training",
            "threads",
            "seconds",
            "in all",
            "CPU seconds",
            "parameters",
            *(f"{phase}, % mistakes" for phase in PHASES),
            "points against",
        ],
        rows=rows,
        raw=results,
        verdicts=verdicts,
        notes=[
            "Seconds: of the training, with the measurements after each epoch. In all, CPU seconds: also with the "
            "matches of the test and the report.",
            "The curves by epoch are in the JSON file.",
            "`search_N`: plain tree search with N random games for a move. `minimax_5`: all moves, five moves ahead.",
        ],
        headers=headers,
    )


def training_seconds(result: dict[str, Any]) -> float:
    """Return the time of a training until it was measured after the last epoch."""
    return result["curve"][-1]["seconds"]


def write_seconds(seconds: float | None) -> str:
    """Return a time as a cell of the table."""
    return "-" if seconds is None else f"{seconds:.0f}"


def share(match: list[int]) -> float:
    """Return the share of the points in percent, from wins, draws and losses."""
    wins, draws, losses = match
    return 100 * (wins + draws / 2) / max(1, wins + draws + losses)


if __name__ == "__main__":
    sys.exit(main())
