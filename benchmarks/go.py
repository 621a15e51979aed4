"""Go: equal to OpenSpiel move for move, kernels equal to tensor operations, and moves a second.

    python benchmarks/go.py                  all parts
    python benchmarks/go.py --only speed-9   one part; the others keep their stored results
    python benchmarks/go.py --quick          a smoke test, writes nothing

The result of each part is stored when it is complete, so that a stopped run continues; `--again` measures anew. Speeds
are moves of random games per processor second of this process, so that other programs count little, and contenders
take turns.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy
import torch

import stored_parts
import tables
from contenders.open_spiel import compare
from random_play import measure_rates, play_open_spiel, play_whole_games

PARTS = ("truth-torch", "truth-numba", "bits", "speed-9", "speed-19")
GAMES = 2000
KOMI = 7.5
CONVENTIONS = (("situational", "tie"), ("situational", "loss"), ("positional", "tie"))
SIZES = (5, 7, 9, 13, 19)
GOAL = 3.0  # times OpenSpiel's speed, on the board of 9 x 9, with kernels


def main() -> int:
    """Measure what is not stored yet, and write the table of all that is."""
    parser = tables.parser(__doc__ or "")
    stored_parts.add_flags(parser, PARTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    machine = tables.begin(options)
    results = stored_parts.measure_parts("go", {part: partial(measure, part, options.quick) for part in PARTS}, options)
    if results:
        tables.finish(make_table(results), machine, options)
    return 0


def measure(part: str, quick: bool) -> dict[str, Any]:
    """Return the result of a part."""
    kind, _, detail = part.partition("-")
    return {"truth": measure_truth, "bits": measure_bits, "speed": measure_speed}[kind](detail, quick)


def make_body(body: str, **settings: Any) -> Any:
    """Return Go with one of its bodies."""
    from axone.play.bodies import choose_body
    from axone.play.games.registry import make_game

    return choose_body(make_game("go", **settings), body=body)


def measure_truth(body: str, quick: bool) -> dict[str, Any]:
    """Play random games with OpenSpiel; count what was compared, all of which was equal, or raise."""
    import pyspiel

    size = 5 if quick else 9
    game = make_body(body, size=size, komi=KOMI)

    def load(komi: float) -> Any:
        return pyspiel.load_game("go", {"board_size": size, "komi": komi})

    def translate(action: int) -> int:  # OpenSpiel counts rows from below
        return action if action == size * size else (size - 1 - action // size) * size + action % size

    # The points of the padded board in OpenSpiel's order.
    order = (
        game.tables(game.reset(torch.zeros(1, dtype=torch.int64))).inner.reshape(size, size).flip(0).flatten().numpy()
    )

    def check_stones(state: Any, copy: int, theirs: Any) -> None:
        planes = numpy.array(theirs.observation_tensor(0)).reshape(4, -1)
        stones = state["board"].numpy()[copy, order]
        assert (planes[0] - planes[1] == stones).all(), f"stones after {theirs.history()}"

    agreement = compare(game, load(KOMI), games=20 if quick else GAMES, translate=translate, check=check_stones)
    # OpenSpiel reports who has won. With komi half a point less and more than the difference, each wins once only if
    # the difference is exactly ours.
    areas = (game.score(agreement.state) + KOMI).tolist()
    repeated = scored = 0
    for moves, result, area in zip(agreement.histories, agreement.state["result"].tolist(), areas):
        if result == 0:  # komi is no whole number: this game ended by a repeated position
            repeated += 1
            continue
        for komi, winner in ((area - 0.5, 1.0), (area + 0.5, -1.0)):
            theirs = load(komi).new_initial_state()
            for move in moves:
                theirs.apply_action(translate(move))
            assert theirs.returns()[0] == winner, f"score {area} after {moves}"
        scored += 1
    won, drawn, lost = agreement.results
    return {
        "games": agreement.games, "positions": agreement.positions, "won": won, "drawn": drawn, "lost": lost,
        "scored": scored, "repeated": repeated,
    }  # fmt: skip


def measure_bits(_detail: str, quick: bool) -> dict[str, Any]:
    """Play the same random games with both bodies; count the positions, all tensors of which were equal, or raise."""
    from axone.play.random import make_keys

    counts: dict[str, int] = {}
    for size in SIZES[:2] if quick else SIZES:
        for ko, repetition in CONVENTIONS:
            games = [make_body(body, size=size, ko=ko, repetition=repetition) for body in ("torch", "numba")]
            keys = make_keys(size, 8 if quick else 128)
            states = [game.reset(keys) for game in games]
            for move in range(games[0].max_moves):
                counters = torch.full_like(keys, move)
                legal = [game.legal_actions(state) for game, state in zip(games, states)]
                actions = [game.random_actions(state, keys, counters) for game, state in zip(games, states)]
                assert torch.equal(*legal) and torch.equal(*actions), f"size {size}, {ko}, move {move}"
                stepped = [game.step(state, actions[0]) for game, state in zip(games, states)]
                playing = int((~states[0]["finished"]).sum())
                states, outcomes = [pair[0] for pair in stepped], [pair[1] for pair in stepped]
                assert states[0].keys() == states[1].keys()
                for name, values in states[0].items():
                    other = states[1][name]
                    assert values.dtype == other.dtype and torch.equal(values, other), f"size {size}, {ko}: {name}"
                assert all(torch.equal(*pair) for pair in zip(*outcomes)), f"size {size}, {ko}: outcome"
                counts[str(size)] = counts.get(str(size), 0) + playing
                if not playing:
                    break
    return {"positions": counts, "conventions": len(CONVENTIONS)}


def measure_speed(detail: str, quick: bool) -> dict[str, Any]:
    """Measure moves a second of random games, for each contender in turn."""
    import pyspiel

    size = 5 if quick else int(detail)
    copies, seconds, rounds = (32, 0.05, 1) if quick else (256, 0.5, 5)
    theirs = pyspiel.load_game("go", {"board_size": size, "komi": KOMI})
    contenders: dict[str, Callable[[float], float]] = {"OpenSpiel": lambda limit: play_open_spiel(theirs, limit)}
    for ko in ("situational", "positional"):
        for body in ("torch", "numba"):
            game = make_body(body, size=size, ko=ko)
            contenders[f"{body}, {ko}"] = lambda limit, game=game: play_steps(game, copies, limit)
    whole = make_body("numba", size=size)
    contenders["numba, whole games"] = lambda limit: play_whole_games(whole, copies, limit)
    return {"size": size, "copies": copies, "rates": measure_rates(contenders, seconds, rounds)}


def play_steps(game: Any, copies: int, seconds: float) -> float:
    """Return moves a second with one call of `random_actions` and of `step` for each move of all copies."""
    from axone.play.random import make_keys

    moves, counters, began = 0, torch.zeros(copies, dtype=torch.int64), time.process_time()
    while True:
        keys = make_keys(moves, copies)
        state = game.reset(keys)
        while not state["finished"].all():
            moves += int((~state["finished"]).sum())
            state, _outcome = game.step(state, game.random_actions(state, keys, counters + moves))
        elapsed = time.process_time() - began
        if elapsed >= seconds:
            return moves / elapsed


def make_table(results: dict[str, Any]) -> tables.Table:
    """Turn the parts into rows and verdicts."""
    rows, verdicts = [], []
    for part, result in results.items():
        if part.startswith("speed"):
            medians = {name: statistics.median(rates) for name, rates in result["rates"].items()}
            for name, rates in result["rates"].items():
                thousands = tables.spread([rate / 1000 for rate in rates], 0)
                rows.append([f"{result['size']} x {result['size']}", name, thousands,
                             f"{medians[name] / medians['OpenSpiel']:.1f}"])  # fmt: skip
            if part == "speed-9":
                whole, steps = (
                    medians[f"numba, {name}"] / medians["OpenSpiel"] for name in ("whole games", "situational")
                )
                claim = f"9 x 9: at least {GOAL:.0f} times as many moves a second as OpenSpiel with kernels"
                measured = f"{whole:.1f} times in whole games, {steps:.1f} times with two calls for each move"
                verdicts.append(tables.verdict(claim, whole >= GOAL, measured))
        elif part == "bits":
            counts = ", ".join(f"{count:,} on {size} x {size}" for size, count in result["positions"].items())
            claim = f"kernels equal to tensor operations to the bit, for {result['conventions']} conventions"
            verdicts.append(tables.verdict(claim, True, f"positions: {counts}"))
        else:
            claim = (
                f"{part.removeprefix('truth-')}: equal to OpenSpiel in legal moves, player, stones, end and result in "
                f"each position of {result['games']:,} random games on 9 x 9, and in the score"
            )
            measured = (
                f"{result['positions']:,} positions; {result['scored']:,} scores; black won {result['won']:,}, lost "
                f"{result['lost']:,}; {result['repeated']} ended by a repeated position"
            )
            verdicts.append(tables.verdict(claim, True, measured))
    return tables.Table(
        name="go",
        title="Go",
        question="Random games of Go: all legal moves, the pass included, are equally likely.",
        columns=["board", "rules and body", "thousand moves a second", "times OpenSpiel"],
        rows=rows,
        raw=results,
        verdicts=verdicts,
        notes=[
            "Medians of five turns of half a processor second each (smallest to largest); one thread.",
            "OpenSpiel plays one game at a time from Python: the list of legal actions, a choice, a move. Axone plays "
            "256 games at once, with a choice and a step for all of them per call; whole games are one call.",
            "`situational`: the ko rule, and a repeated position ends the game, as in OpenSpiel. `positional`: superko "
            "for each legal move.",
            "Where something differs from OpenSpiel or between the bodies, the benchmark stops with the moves.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
