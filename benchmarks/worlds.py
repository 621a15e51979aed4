"""The worlds: are they those of Gymnasium, do both bodies compute the same bits, and how fast are they.

    python benchmarks/worlds.py                      all parts
    python benchmarks/worlds.py --only speed         one part; the others keep their stored results
    python benchmarks/worlds.py --quick              a smoke test, writes nothing

Parts: `gymnasium` (step for step, both bodies), `bodies` (tensor operations and kernels), `speed` (CartPole, in
Gymnasium's native vector form, in its general form, and ours; every contender in turn, several rounds), `worlds` (the
speed of every world). Times are processor seconds of this process, on one thread.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import gymnasium
import numpy
import torch

import stored_parts
import tables
from axone.engine.machine.device import keep_freed_memory
from axone.play.batch import VectorWorlds, Worlds, random_actions
from axone.play.bodies import choose_body
from axone.play.worlds.registry import WORLDS, make_world, make_worlds
from gymnasium_worlds import PEERS, compare

STEPS = 10_000  # compared with Gymnasium, for each world and body
EVERY = 50  # steps after which the state is copied from Gymnasium again, in the second comparison
CHAOTIC = ("acrobot",)  # whole episodes are reported, but do not count
TOLERANCE = 1e-5
COPIES, STEPS_OF_COPIES = 256, 1000  # compared between the bodies
SPEED_COPIES, ROWS = 1024, 64
TORCH_GOAL, NUMBA_GOAL = 5, 50  # times Gymnasium's native vector form
PARTS = ("gymnasium", "bodies", "speed", "worlds")


def main() -> int:
    """Measure what is asked for and not stored yet, and write the table of all that is."""
    parser = tables.parser(__doc__ or "")
    stored_parts.add_flags(parser, PARTS)
    parser.add_argument("--rounds", type=int, default=7, help="measurements of each time (default: 7)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()  # as in a training
    machine = tables.begin(options)
    functions = (check_truth, check_bodies, measure_cart_pole, measure_worlds)
    measured = {part: partial(function, options) for part, function in zip(PARTS, functions)}
    raw = stored_parts.measure_parts("worlds", measured, options)
    tables.finish(make_table(raw), machine, options)
    return 0


def check_truth(options: argparse.Namespace) -> dict[str, Any]:
    """Compare both bodies with Gymnasium step for step."""
    results: dict[str, Any] = {}
    for name in PEERS:
        for body in ("torch", "numba"):
            world = choose_body(make_world(name), body=body)
            for way, every in (("whole episodes", 0), (f"{EVERY} steps", EVERY)):
                result = compare(world, 100 if options.quick else STEPS, every=every, skilled=every > 0)
                results.setdefault(name, {})[f"{body}, {way}"] = result._asdict()
                tables.say(f"{name}, {body}, {way}: {result._asdict()}")
    return results


def check_bodies(options: argparse.Namespace) -> dict[str, Any]:
    """Play the same actions with tensor operations and kernels, and count the steps whose results differ in a bit."""
    results = {}
    copies, steps = (16, 20) if options.quick else (COPIES, STEPS_OF_COPIES)
    for name in WORLDS:
        world = make_world(name)
        first, second = Worlds(world, copies, body="torch"), Worlds(world, copies)
        if first.world is second.world:
            continue
        different = episodes = 0
        for actions in random_actions(first, steps):
            one, other = first.step(actions), second.step(actions)
            same = torch.ones(copies, dtype=torch.bool)
            for value, kernel_value in zip(one, other):
                same &= (value == kernel_value).reshape(copies, -1).all(1)
            different += int((~same).sum())
            episodes += int((one.terminated | one.truncated).sum())
        results[name] = {"steps": steps * copies, "episodes": episodes, "different": different}
        tables.say(f"{name}: {results[name]}")
    return results


def measure_cart_pole(options: argparse.Namespace) -> dict[str, Any]:
    """Time a step of CartPole at 1,024 copies, every contender in turn."""
    rounds, steps = (1, ROWS) if options.quick else (options.rounds, 10 * ROWS)
    actions = torch.randint(2, (ROWS, SPEED_COPIES), generator=torch.Generator().manual_seed(0))
    contenders: dict[str, Callable[[], None]] = {}
    native = gymnasium.make_vec("CartPole-v1", num_envs=SPEED_COPIES, vectorization_mode="vector_entry_point")
    general = gymnasium.make_vec("CartPole-v1", num_envs=SPEED_COPIES, vectorization_mode="sync")
    for env in (native, general):
        env.reset(seed=0)
    contenders["Gymnasium, native vector form"] = lambda: step_gymnasium(native, actions.numpy(), steps)
    contenders["Gymnasium, one after the other (sync)"] = lambda: step_gymnasium(general, actions.numpy(), 2)
    for body, title in (("torch", "tensor operations"), ("numba", "kernels")):
        worlds = Worlds(make_world("cart_pole"), SPEED_COPIES, body=body)
        contenders[f"axone, {title}, a call for each step"] = lambda worlds=worlds: step_ours(worlds, actions, steps)
        if body == "numba":
            contenders[f"axone, {title}, {ROWS} steps in a call"] = lambda worlds=worlds: play_ours(
                worlds, actions, steps
            )
    counts = {title: 2 if "sync" in title else steps for title in contenders}
    seconds: dict[str, list[float]] = {title: [] for title in contenders}
    for function in contenders.values():
        function()  # compiles, and fills caches
    for _round in range(rounds):
        for title, function in contenders.items():
            start = time.process_time()
            function()
            seconds[title].append((time.process_time() - start) / counts[title])
    return {"copies": SPEED_COPIES, "seconds": seconds}


def measure_worlds(options: argparse.Namespace) -> dict[str, Any]:
    """Time a step of every world with both bodies, with a call for each step."""
    results: dict[str, Any] = {}
    for name in WORLDS:
        actions = None
        for body in ("torch", "auto"):
            worlds = make_worlds(name, SPEED_COPIES, body=body)
            actions = random_actions(worlds, ROWS) if actions is None else actions
            step_ours(worlds, actions, 2)
            times = []
            for _round in range(1 if options.quick else options.rounds):
                steps = 4 if options.quick else 20 if body == "torch" else ROWS
                start = time.process_time()
                step_ours(worlds, actions, steps)
                times.append((time.process_time() - start) / steps)
            results.setdefault(name, {})["kernels" if body == "auto" else "torch"] = times
    return results


def step_gymnasium(env: Any, actions: numpy.ndarray, steps: int) -> None:
    """Play a number of steps in a vector environment."""
    for step in range(steps):
        env.step(actions[step % len(actions)])


def step_ours(worlds: VectorWorlds, actions: torch.Tensor, steps: int) -> None:
    """Play a number of steps with a call for each."""
    rows = actions.unbind()
    for step in range(steps):
        worlds.step(rows[step % len(rows)])


def play_ours(worlds: Worlds, actions: torch.Tensor, steps: int) -> None:
    """Play a number of steps with a call for each table of actions."""
    for _call in range(steps // len(actions)):
        worlds.play(actions)


def make_table(raw: dict[str, Any]) -> tables.Table:
    """Format the results of all parts."""
    rows, verdicts = [], []
    for name, bodies in raw.get("gymnasium", {}).items():
        for body, result in bodies.items():
            rows.append(
                [
                    f"{name} and {PEERS[name][0]}, {body}",
                    f"{result['steps']:,} steps, {result['episodes']} episodes, "
                    f"{result['terminated']} not by the time limit",
                    f"differences: {result['observation']:.1e} observation, {result['reward']:.1e} reward, "
                    f"{result['flags']} flags",
                ]
            )
    if "gymnasium" in raw:
        compared = [
            result
            for name, bodies in raw["gymnasium"].items()
            for body, result in bodies.items()
            if name not in CHAOTIC or "whole" not in body
        ]
        worst = max(max(result["observation"], result["reward"]) for result in compared)
        holds = worst < TOLERANCE and not any(result["flags"] for result in compared)
        claim = f"equal to Gymnasium step for step, within {TOLERANCE:g}, with the same ends of episodes"
        verdicts.append(tables.verdict(claim, holds, f"largest difference {worst:.1e}"))
    for name, result in raw.get("bodies", {}).items():
        what = f"{result['steps']:,} steps, {result['episodes']:,} episodes"
        rows.append([f"{name}: tensor operations and kernels", what, f"{result['different']} steps differ in a bit"])
    if "bodies" in raw:
        different = sum(result["different"] for result in raw["bodies"].values())
        steps = sum(result["steps"] for result in raw["bodies"].values())
        claim = "tensor operations and kernels give the same bits"
        verdicts.append(tables.verdict(claim, different == 0, f"{steps:,} steps, {different} differ"))
    if "speed" in raw:
        seconds = raw["speed"]["seconds"]
        base = seconds["Gymnasium, native vector form"]
        ratios = {}
        for title, times in seconds.items():
            # Ratios within a round, whose contenders ran one after the other.
            ratios[title] = statistics.median(slow / fast for slow, fast in zip(base, times))
            microseconds = tables.spread([value * 1e6 for value in times], 1, " µs")
            rows.append([f"CartPole x {raw['speed']['copies']:,}, {title}", microseconds, f"{ratios[title]:.2f} times"])
        for body, goal in (("tensor operations", TORCH_GOAL), ("kernels", NUMBA_GOAL)):
            best = max(ratio for title, ratio in ratios.items() if body in title)
            claim = f"CartPole with {body} at least {goal} times as fast as Gymnasium's native vector form"
            verdicts.append(tables.verdict(claim, best >= goal, f"{best:.1f} times"))
    for name, bodies in raw.get("worlds", {}).items():
        cells = [f"{statistics.median(bodies[body]) * 1e6:,.0f} µs" for body in ("torch", "kernels")]
        ratio = statistics.median(bodies["torch"]) / statistics.median(bodies["kernels"])
        rows.append([f"{name} x {SPEED_COPIES:,}: a step", f"{cells[0]} tensors, {cells[1]} kernels", f"{ratio:.1f}"])
    return tables.Table(
        name="worlds",
        title="Worlds: truth and speed",
        question="Each world is played with the same actions as Gymnasium's, and with both of its own bodies. Then the "
        "time of a step of all copies, with automatic reset and observations of all copies.",
        columns=["what", "how much", "result"],
        rows=rows,
        raw=raw,
        verdicts=verdicts,
        notes=[
            "Whole episodes: random actions; only the first state of each episode is copied from Gymnasium. Acrobot is "
            "chaotic: sines that differ in the last bit lead to other motions in fast episodes, so that its whole "
            "episodes do not count.",
            f"{EVERY} steps: a third of the episodes follows a rule that balances or swings up, so that episodes end "
            f"in all ways; the state is copied every {EVERY} steps, because a balanced pole falls otherwise after some "
            "hundred steps with the other engine's actions: the differences of the last bit grow by e^4 in a second.",
            "Times: processor microseconds for one step of all copies: median (smallest to largest) of the rounds; "
            "the ratio is the median of those within a round. Gymnasium's forms reset in the step after the end of an "
            "episode, ours in the same step, with the final observations as well.",
            "Why not more, with kernels: the equations of motion alone, in float64 and with AVX-512, take about 0.8 "
            "microseconds for a step of 1,024 copies; a third of the rest writes the results (38 kB a step), another "
            "one begins the episodes that random play ends (46 a step). A call costs 5 to 6 microseconds, mostly for "
            "the five tensors that it returns, so that a call for each step cannot reach 50 times.",
            "Why not more, with tensor operations: a step is 118 operations, 63 for the motion and most others for the "
            "new episodes, and an operation costs more than a microsecond at this size, whatever it computes. Five "
            "times as fast would be ten operations.",
            "The result of the last rows is the time with tensor operations divided by the time with kernels.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
