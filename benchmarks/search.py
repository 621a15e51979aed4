"""Batched tree search, compared with a search of one tree at a time in Python, and the cost of its trees.

    python benchmarks/search.py --trees mctx-trees.tar.xz    all parts
    python benchmarks/search.py --only speed                 one part; the others keep their stored results
    python benchmarks/search.py --quick                      a smoke test, writes nothing

Positions are those of Connect Four after a few random moves. The network has random weights: what it answers does not
matter here. Times are elapsed seconds, on a busy machine processor seconds: the least of several runs, which alternate.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn

import mctx_trees
import tables
from axone.engine.machine.device import keep_freed_memory, usable_cores
from axone.engine.machine.inference import InferenceNetwork
from axone.engine.machine.precision import has_bfloat16
from axone.play.bodies import Body, choose_body, has_numba
from axone.play.games.board_game import BoardGame
from axone.play.games.registry import make_game
from axone.play.random import make_keys
from axone.play.search.game_functions import GameFunctions
from axone.play.search.gumbel import Gumbel
from axone.play.search.interface import SearchResult
from axone.play.search.puct import Puct
from axone.play.search.rollouts import search_by_rollouts
from axone.play.search.rule import Rule
from axone.play.search.search import search
from axone.play.simulation import Outcome, State, select
from plain_search import Step, search_plainly

PARTS = ("speed", "shares", "inference", "batches", "trees")
CHANNELS, BLOCKS, SIMULATIONS, BATCH = 32, 3, 32, 256
BATCHES = (64, 256, 1024)
GOAL = 20  # times the speed of one tree at a time
STORED = tables.RESULTS / "search"
PUCT = Puct(noise_share=0.0, temperature=0.0)
RULES: dict[str, Rule] = {"PUCT": PUCT, "Gumbel": Gumbel(scale=0.0)}
BODIES: tuple[Body, ...] = ("torch", "numba")
TOP = sum(1 << 7 * column + 5 for column in range(7))


def main() -> int:
    """Measure what is asked for, and write the table of all that is stored."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--only", choices=PARTS, help="measure one part")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each measurement (default: 5)")
    parser.add_argument("--threads", type=int, default=usable_cores(), help="processor threads (default: all cores)")
    parser.add_argument("--trees", help=f"the archive of mctx's trees (default: ${mctx_trees.VARIABLE})")
    options = parser.parse_args()
    machine = tables.begin(options)
    torch.set_num_threads(options.threads)
    keep_freed_memory()  # as `axone train` does
    options.clock = time.process_time if machine["busy"] else time.perf_counter
    results: dict[str, Any] = {}
    for part in PARTS:
        path = STORED / f"{part}.json"
        if options.only in (None, part):
            tables.say(part)
            results[part] = globals()[f"measure_{part}"](options)
            if not (options.quick or options.no_write):
                STORED.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(results[part], indent=1) + "\n", "utf-8")
        elif path.is_file() and not options.quick:
            results[part] = json.loads(path.read_text("utf-8"))
    tables.finish(make_table(results, options), machine, options)
    return 0


class Residual(nn.Module):
    """Two convolutions with batch norms, added to their input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(2))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the maps."""
        maps = self.relu(self.norms[0](self.first(inputs)))
        return self.relu(self.norms[1](self.second(maps)) + inputs)


class Network(nn.Module):
    """The network of AlphaZero: a tower of residual blocks, a head for the policy and one for the value."""

    def __init__(self, channels: int = CHANNELS, blocks: int = BLOCKS) -> None:
        super().__init__()
        stem = nn.Conv2d(2, channels, 3, padding=1, bias=False)
        self.tower = nn.Sequential(
            stem, nn.BatchNorm2d(channels), nn.ReLU(inplace=True), *(Residual(channels) for _ in range(blocks))
        )
        self.policy = nn.Sequential(*self.reduce(channels, 2), nn.Linear(2 * 42, 7))
        self.value = nn.Sequential(*self.reduce(channels, 1), nn.Linear(42, 32), nn.ReLU(), nn.Linear(32, 1), nn.Tanh())

    @staticmethod
    def reduce(channels: int, outputs: int) -> list[nn.Module]:
        """Return the layers at the start of a head."""
        return [nn.Conv2d(channels, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(), nn.Flatten()]

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of the policy and the values."""
        maps = self.tower(planes)
        return self.policy(maps), self.value(maps)[:, 0]


def make_network() -> Network:
    """Return the network with the same random weights each time."""
    torch.manual_seed(0)
    return Network().eval()


def make_positions(batch: int, moves: int = 8) -> State:
    """Return positions after random moves."""
    game = choose_body(make_game("connect_four"))
    state, keys = game.reset(make_keys(0, batch)), make_keys(1, batch)
    for move in range(moves):
        state, _outcome = game.step(state, game.random_actions(state, keys, torch.full_like(keys, move)))
    return state


class Timer:
    """The seconds that are spent on several things, by a clock such as `time.perf_counter`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Add the time in this context to that of a name."""
        began = self.clock()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + self.clock() - began


class MeasuredGame:
    """The functions of a game that a search calls; their time is that of "game"."""

    def __init__(self, game: BoardGame, timer: Timer) -> None:
        self.game, self.timer, self.actions = game, timer, game.actions

    def step(self, state: State, actions: Tensor) -> tuple[State, Outcome]:
        """Return the positions after a move of each."""
        with self.timer.measure("game"):
            return self.game.step(state, actions)

    def legal_actions(self, state: State) -> Tensor:
        """Return which actions are allowed."""
        with self.timer.measure("game"):
            return self.game.legal_actions(state)

    def observe(self, state: State) -> Tensor:
        """Return the planes that the network sees."""
        with self.timer.measure("game"):
            return self.game.observe(state)


def search_positions(
    network: Callable[[Tensor], tuple[Tensor, Tensor]], state: State, rule: Rule, clock: Callable[[], float]
) -> tuple[SearchResult, dict[str, float]]:
    """Search all positions at once; return the result, and the seconds of all, of the network and of the game."""
    timer = Timer(clock)
    game = MeasuredGame(choose_body(make_game("connect_four")), timer)

    def evaluate(positions: State) -> tuple[Tensor, Tensor]:
        planes = game.observe(positions)
        with timer.measure("network"):
            return network(planes)

    functions = GameFunctions(cast(BoardGame, game), evaluate)
    with torch.inference_mode(), timer.measure("all"):
        root, legal = functions.root(state), game.legal_actions(state)
        result = search(root, functions.advance, simulations=SIMULATIONS, rule=rule, legal=legal)
    return result, timer.seconds


def search_one_plainly(network: nn.Module, own: int, other: int, simulations: int) -> dict[int, int]:
    """Search one position with one object per node, integers as boards, and the network on a batch of one."""

    def evaluate(own: int, other: int, reward: float, discount: float) -> Step:
        legal = [action for action in range(7) if not (own | other) >> (7 * action + 5) & 1]
        if discount == 0:
            return Step(reward, discount, {}, 0.0, None)
        cells = [bits >> (7 * column + 5 - row) & 1 for bits in (own, other) for row in range(6) for column in range(7)]
        logits, value = network(torch.tensor(cells, dtype=torch.float32).view(1, 2, 6, 7))
        shares = logits[0, legal].softmax(0).tolist()
        return Step(reward, discount, dict(zip(legal, shares)), float(value), (own, other))

    def advance(state: tuple[int, int], action: int) -> Step:
        own, other = state
        both = own | other
        stone = (both + (1 << 7 * action)) & ~both
        own |= stone
        is_won = any(pairs & pairs >> 2 * shift for shift in (1, 6, 7, 8) for pairs in [own & own >> shift])
        is_full = (both | stone) & TOP == TOP
        return evaluate(other, own, float(is_won), 0.0 if is_won or is_full else -1.0)

    with torch.inference_mode():
        top = search_plainly(evaluate(own, other, 0.0, -1.0), advance, simulations)
    return {action: child.visits for action, child in top.children.items()}


def measure_speed(options: argparse.Namespace) -> dict[str, Any]:
    """Compare the batched search with the plain one, both with the same network."""
    batch, plain_trees = (16, 2) if options.quick else (BATCH, 12)
    state, network = make_positions(batch), make_network()
    fast = InferenceNetwork(network, torch.zeros(8, 2, 6, 7))
    same = InferenceNetwork(network, torch.zeros(8, 2, 6, 7), "float32")
    pairs = list(zip(state["own"].tolist(), state["other"].tolist()))[:plain_trees]
    seconds: dict[str, list[float]] = {"plain": [], "batched": [], "batched, plain network": []}
    search_one_plainly(network, *pairs[0], 4)
    for _repeat in range(1 if options.quick else options.repeats):
        began = options.clock()
        visits = [search_one_plainly(network, own, other, SIMULATIONS) for own, other in pairs]
        seconds["plain"].append((options.clock() - began) / plain_trees)
        for name, one in (("batched", fast), ("batched, plain network", network)):
            _result, spent = search_positions(one, state, PUCT, options.clock)
            seconds[name].append(spent["all"] / batch)
    exact, _spent = search_positions(same, state, PUCT, options.clock)
    equal = sum(
        all(exact.visits[copy, action] == count for action, count in one.items()) for copy, one in enumerate(visits)
    )
    best = {name: min(times) for name, times in seconds.items()}
    return {
        "batch": batch, "plain_trees": plain_trees, "seconds_per_tree": best, "all": seconds,
        "equal_trees": equal, "bfloat16": has_bfloat16(torch.device("cpu")), "threads": options.threads,
    }  # fmt: skip


def measure_shares(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure what the trees, the game and the network cost, for several batches."""
    fast = InferenceNetwork(make_network(), torch.zeros(8, 2, 6, 7))
    rows = []
    for batch in (16,) if options.quick else BATCHES:
        state = make_positions(batch)
        for name, rule in RULES.items():
            runs = [
                search_positions(fast, state, rule, options.clock)[1]
                for _repeat in range(1 if options.quick else options.repeats)
            ]
            best = min(runs, key=lambda one: one["all"])
            trees = best["all"] - best["network"] - best["game"]
            rows.append({"batch": batch, "rule": name, "trees": trees, **best})
    return rows


def measure_inference(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure one evaluation of a batch by the plain network and by its copies for inference."""
    network = make_network()
    networks: dict[str, Callable[..., Any]] = {"plain": network}
    for precision in ("float32", "bfloat16"):
        networks[precision] = InferenceNetwork(network, torch.zeros(8, 2, 6, 7), precision)
    rows = []
    for batch in (1, 16) if options.quick else (1, *BATCHES):
        planes = make_game("connect_four").observe(make_positions(batch))
        seconds: dict[str, list[float]] = {name: [] for name in networks}
        with torch.inference_mode():
            expected = network(planes)
            difference = max(
                float((ours - theirs).abs().max()) for ours, theirs in zip(networks["bfloat16"](planes), expected)
            )
            for _repeat in range(2 if options.quick else 4 * options.repeats):
                for name, one in networks.items():
                    began = options.clock()
                    one(planes)
                    seconds[name].append(options.clock() - began)
        best = {name: min(times) for name, times in seconds.items()}
        rows.append({"batch": batch, "seconds": best, "largest_difference_bfloat16": difference})
    return rows


def measure_batches(options: argparse.Namespace) -> dict[str, Any]:
    """Compare searches of a batch with searches of its positions alone: random games as evaluation are exact."""
    count, rollouts = (8, 20) if options.quick else (64, 100)
    state, keys = make_positions(count), make_keys(2, count)
    game = choose_body(make_game("connect_four"))
    counters = torch.zeros_like(keys)
    whole = search_by_rollouts(game, state, rollouts, keys, counters)
    equal = 0
    for copy in range(count):
        one = slice(copy, copy + 1)
        alone = search_by_rollouts(game, select(state, one), rollouts, keys[one], counters[one])
        equal += torch.equal(alone.visits[0], whole.visits[copy]) and torch.equal(alone.values[0], whole.values[copy])
    return {"positions": count, "rollouts": rollouts, "equal": equal}


def measure_trees(options: argparse.Namespace) -> dict[str, Any]:
    """Build the trees of mctx's tests, node by node."""
    archive = mctx_trees.find_archive(options.trees)
    if archive is None:
        tables.say(f"not compared: no archive of mctx's trees ({options.trees or mctx_trees.VARIABLE + ' is not set'})")
        return {}
    results = {}
    for name, content in mctx_trees.read_trees(archive).items():
        for body in BODIES if has_numba() else BODIES[:1]:
            nodes, differences = mctx_trees.compare(content, body)
            results[f"{name}, {body}"] = {"nodes": nodes, "differences": differences}
    return results


def make_table(results: dict[str, Any], options: argparse.Namespace) -> tables.Table:
    """Return the page of all parts that are stored."""
    rows, verdicts = [], []
    if speed := results.get("speed"):
        best = speed["seconds_per_tree"]
        for name, seconds in best.items():
            label = "one tree at a time, in Python" if name == "plain" else f"{name} ({speed['batch']} trees)"
            ratio = f"{best['plain'] / seconds:.1f} times"
            rows.append([label, f"{1e3 * seconds:.2f}", f"{SIMULATIONS / seconds:,.0f}", ratio])
        ratio = best["plain"] / best["batched"]
        verdicts.append(
            tables.verdict(
                f"{CHANNELS} channels x {BLOCKS} blocks, {SIMULATIONS} simulations, batch {speed['batch']}: at least "
                f"{GOAL} times as fast as one tree at a time",
                ratio >= GOAL, f"{ratio:.1f} times",
            )
        )  # fmt: skip
    for one in results.get("shares", []):
        share = one["trees"] / one["all"]
        label = f"{one['rule']}, batch {one['batch']}: trees {share:.0%}, game {one['game'] / one['all']:.0%}"
        seconds = one["all"] / one["batch"]
        rows.append([label, f"{1e3 * seconds:.2f}", f"{SIMULATIONS / seconds:,.0f}", ""])
    for one in results.get("inference", []):
        for name, seconds in one["seconds"].items():
            label = (
                f"network alone, batch {one['batch']}: {'as trained' if name == 'plain' else 'for inference, ' + name}"
            )
            each = seconds / one["batch"]
            ratio = f"{one['seconds']['plain'] / seconds:.1f} times"
            rows.append([label, f"{1e3 * each * SIMULATIONS:.2f}", f"{1 / each:,.0f}", ratio])
    if batches := results.get("batches"):
        verdicts.append(
            tables.verdict(
                "a position has the same visits and the same value in a batch as alone",
                batches["equal"] == batches["positions"],
                f"{batches['equal']} of {batches['positions']}, with {batches['rollouts']} random games each",
            )
        )  # fmt: skip
    if trees := results.get("trees"):
        wrong = sum(len(one["differences"]) for one in trees.values())
        nodes = sum(one["nodes"] for one in trees.values())
        measured = f"{len(trees)} trees with {nodes} nodes, {wrong} differences"
        verdicts.append(tables.verdict("mctx's test trees node by node, by both bodies", wrong == 0, measured))
    clock = "Processor seconds" if options.clock is time.process_time else "Elapsed seconds"
    notes = [
        f"Threads: {options.threads}. {clock}, the least of the runs; ms a tree of {SIMULATIONS} simulations.",
        "One tree at a time: an object per node, integers as boards, and the same network on a batch of one position.",
        "Trees: all that is neither the network nor the rules of the game.",
    ]
    if speed:
        notes.append(
            f"The visits of {speed['equal_trees']} of {speed['plain_trees']} trees are those of the plain search; the "
            "others differ by the rounding of the network in larger batches."
        )
    return tables.Table(
        name="search",
        title="Tree search in batches",
        question=(
            f"Monte-Carlo tree search in Connect Four with a network of {CHANNELS} channels x {BLOCKS} blocks and "
            f"{SIMULATIONS} simulations a move."
        ),
        columns=["search", "ms a tree", "simulations/s", "compared with the first of its kind"],
        rows=rows,
        raw=results,
        verdicts=verdicts,
        notes=notes,
    )


if __name__ == "__main__":
    sys.exit(main())
