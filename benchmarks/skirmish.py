"""Skirmishes: win rates and seconds of trained teams, battles a second compared with SMAX, equal bits.

    python benchmarks/skirmish.py                              all parts
    python benchmarks/skirmish.py --only speed --only truth    some parts; the others keep their stored results
    python benchmarks/skirmish.py --smax ~/jax/bin/python      an environment with jaxmarl (pip install jaxmarl)
    python benchmarks/skirmish.py --quick                      a smoke test, writes nothing

The result of each training is stored when it is complete, so that a stopped run continues; `--again` measures anew.
Times are processor seconds, so that other programs count little.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import stored_parts
import tables

# Training -> the flags of `axone train skirmish`.
TRAININGS: dict[str, dict[str, Any]] = {
    "3m": {},
    "3m independent": {"preset": "ippo"},
    "3m gru": {"cell": "gru"},
    "2s3z": {"scenario": "2s3z", "epochs": 60},
    "3s5z": {"scenario": "3s5z", "epochs": 60},
}
GOALS = {"3m": (0.95, 5), "2s3z": (0.90, 15)}  # the least win rate, and the minutes allowed
CHECKS = ("truth", "speed")
COPIES, SECONDS = 128, 3.0  # of the part on speed: copies, and processor seconds of each contender
SCENARIOS = ("3m", "2s3z", "3s5z")


def main() -> int:
    """Measure what is asked for and not stored yet, and write the table of all that is."""
    options = arguments()
    machine = tables.begin(options)
    os.environ["OMP_NUM_THREADS"] = "1"
    import torch

    torch.set_num_threads(1)
    measured: dict[str, Any] = {}
    asked = options.only or [*CHECKS, *TRAININGS]
    for part in CHECKS:
        measure = {"truth": measure_truth, "speed": measure_speed}[part]
        measured[part] = stored_parts.measure_or_read(
            f"skirmish/{part}", part in asked, options, partial(measure, options)
        )
    for part in TRAININGS:
        for seed in range(options.seeds):
            name = f"{part.replace(' ', '-')}-{seed}"
            result = stored_parts.measure_or_read(
                f"skirmish/{name}", part in asked, options, partial(train, part, seed, options)
            )
            if result:
                measured.setdefault("trainings", {}).setdefault(part, []).append(result)
    tables.finish(make_table(measured, options), machine, options)
    return 0


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--only", action="append", choices=[*CHECKS, *TRAININGS], help="measure this part only")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each part (default: 3)")
    parser.add_argument("--again", action="store_true", help="measure what is stored already")
    parser.add_argument("--smax", help="the Python of an environment with jaxmarl")
    parser.add_argument("--smax-pass", help=argparse.SUPPRESS)  # a part of this program in that environment
    options = parser.parse_args()
    if options.smax_pass:
        sys.exit(time_smax(json.loads(options.smax_pass)))
    options.seeds = 1 if options.quick else options.seeds
    options.seconds = 0.1 if options.quick else SECONDS
    return options


def measure_truth(options: argparse.Namespace) -> dict[str, Any]:
    """Play battles on both bodies with the same actions; return how many numbers were compared and how many differ."""
    import torch

    from axone.play.random import make_keys
    from axone.play.skirmish.scenarios import SCENARIOS
    from axone.play.skirmish.world import Skirmish

    battles, counts = 4 if options.quick else 100, {}
    for name in ("3m", "MMM") if options.quick else SCENARIOS:
        reference = Skirmish(name, opponent="self")
        compiled = reference.kernels()
        generator = torch.Generator().manual_seed(0)
        one = other = reference.reset(make_keys(0, battles))
        steps = numbers = different = 0
        for _step in range(10 if options.quick else reference.max_steps):
            legal = reference.legal_actions(one)
            heuristic = torch.cat([reference.choose_heuristic(one, team) for team in (0, 1)], 1)
            noise = torch.rand(legal.shape, generator=generator)
            drawn = noise.masked_fill(~legal, -1).argmax(2)
            random = torch.rand(heuristic.shape, generator=generator) < 0.3
            actions = torch.where(random, drawn, heuristic)
            one, other = reference.advance(one, actions), compiled.advance(other, actions)
            pairs = [(one[key], other[key]) for key in one]
            pairs += [(getattr(reference, f)(one), getattr(compiled, f)(other)) for f in
                      ("observe", "legal_actions", "observe_battle")]  # fmt: skip
            pairs += [
                (reference.choose_heuristic(one, team), compiled.choose_heuristic(other, team)) for team in (0, 1)
            ]
            different += sum(int((first != second).sum()) for first, second in pairs)
            numbers += sum(first.numel() for first, _second in pairs)
            steps += int((one["result"] == 0).sum())
            if (one["result"] != 0).all():
                break
        counts[name] = {"battles": battles, "steps": steps, "numbers": numbers, "different": different}
    return counts


def measure_speed(options: argparse.Namespace) -> dict[str, Any]:
    """Return the steps of a battle per processor second, with random legal actions, observations and masks."""
    import torch

    from axone.play.batch import Worlds
    from axone.play.skirmish.world import Skirmish

    copies, speeds = 8 if options.quick else COPIES, {}
    for name in SCENARIOS[:1] if options.quick else SCENARIOS:
        speeds[name] = {}
        for body in ("torch", "numba"):
            worlds = Worlds(Skirmish(name), copies, body=body)

            def play(worlds: Worlds = worlds) -> None:
                legal = worlds.legal_actions()
                worlds.step(torch.rand(legal.shape).masked_fill_(~legal, -1).argmax(2))

            for _step in range(3):
                play()
            steps, began = 0, time.process_time()
            while time.process_time() - began < options.seconds:
                play()
                steps += copies
            speeds[name][body] = steps / (time.process_time() - began)
        if options.smax:
            work = {"scenario": name, "copies": copies, "seconds": options.seconds}
            environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
            command = [options.smax, str(Path(__file__).resolve()), "--smax-pass", json.dumps(work)]
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            if done.returncode:
                tables.say(f"smax {name}: {(done.stderr.strip().splitlines() or ['failed'])[-1][:200]}")
                continue
            speeds[name] |= json.loads(done.stdout.strip().splitlines()[-1])
    return speeds


def time_smax(work: dict[str, Any]) -> int:
    """Print the steps per processor second of SMAX, whose steps of all copies are compiled as one scan of 32 steps."""
    import jax
    import jaxmarl
    from jaxmarl import make
    from jaxmarl.environments.smax import map_name_to_scenario

    env = make("HeuristicEnemySMAX", scenario=map_name_to_scenario(work["scenario"]))
    copies, steps = work["copies"], 32

    def one_step(carry: Any, key: Any) -> tuple[Any, Any]:
        state, _seen = carry
        draw, play = jax.random.split(key)
        legal = jax.vmap(env.get_avail_actions)(state)
        actions = {
            agent: jax.random.categorical(jax.random.fold_in(draw, number), jax.numpy.where(legal[agent], 0.0, -1e9))
            for number, agent in enumerate(env.agents)
        }
        seen, state, rewards, _done, _infos = jax.vmap(env.step)(jax.random.split(play, copies), state, actions)
        return (state, seen), rewards[env.agents[0]]

    @jax.jit
    def run(carry: Any, key: Any) -> Any:
        return jax.lax.scan(one_step, carry, jax.random.split(key, steps))

    seen, state = jax.vmap(env.reset)(jax.random.split(jax.random.key(0), copies))
    carry, _rewards = run((state, seen), jax.random.key(0))
    run = run.lower(carry, jax.random.key(0)).compile()  # for the types of a later carry, so that no call compiles
    jax.block_until_ready(run(carry, jax.random.key(0)))
    done, began = 0, time.process_time()
    while time.process_time() - began < work["seconds"]:
        carry, rewards = run(carry, jax.random.key(done))
        jax.block_until_ready(rewards)
        done += steps * copies
    speed = done / (time.process_time() - began)
    print(
        json.dumps(
            {"smax": speed, "versions": {"jax": jax.__version__, "jaxmarl": getattr(jaxmarl, "__version__", "")}}
        )
    )
    return 0


def train(part: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train once; return the results of the test battles, the curve, and the time."""
    import axone

    flags = {**TRAININGS[part], "seed": seed}
    if options.quick:
        flags |= {"epochs": 1, "rollouts": 2, "copies": 8, "battles": 4, "test_battles": 4, "units": (8,)}
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        run = axone.train("skirmish", runs_folder=folder, verbose=False, **flags)
        cpu_seconds = time.process_time() - began
        strip, film = (Path(run.path, "figures", name) for name in ("battle-final.png", "battle-1-final.gif"))
        if (part, seed) == ("2s3z", 0):
            tables.save_figure("skirmish.png", strip.read_bytes(), options)
            tables.save_figure("skirmish.gif", film.read_bytes(), options)
        events = [json.loads(line) for line in Path(run.path, "events.jsonl").read_text("utf-8").splitlines()]
        curve = [
            [event["seconds"], event["validation"]["win_rate"], event["train"].get("exploring_win_rate")]
            for event in events
            if event["kind"] == "epoch"
        ]
        return {
            "test": run.results["test"], "cpu_seconds": cpu_seconds, "seconds": run.results["seconds"], "curve": curve,
        }  # fmt: skip


def make_table(measured: dict[str, Any], options: argparse.Namespace) -> tables.Table:
    """Turn what was measured into rows."""
    rows, verdicts, notes = [], [], []
    trainings = measured.get("trainings", {})
    for part, runs in trainings.items():
        tests = [run["test"] for run in runs]
        rows.append([
            f"training: {part}", tables.mean_of([100 * test["win_rate"] for test in tests], 1),
            tables.mean_of([100 * test["draw_rate"] for test in tests], 1),
            tables.mean_of([test["episode_length"] for test in tests], 1),
            tables.mean_of([run["cpu_seconds"] for run in runs], 0), "",
        ])  # fmt: skip
    for name, speeds in (measured.get("speed") or {}).items():
        for body in ("torch", "numba", "smax"):
            if body in speeds:
                rows.append([f"{name}: {body}", "", "", "", "", f"{speeds[body]:,.0f}"])
    for part, (least, minutes) in GOALS.items():
        if part in trainings:
            rates = [run["test"]["win_rate"] for run in trainings[part]]
            slowest = max(run["cpu_seconds"] for run in trainings[part])
            claim = f"{part}: at least {100 * least:.0f} % of greedy battles won after {minutes} minutes, every seed"
            reached = min(rates) >= least and slowest <= 60 * minutes
            verdicts.append(tables.verdict(claim, reached, f"{100 * min(rates):.1f} % after {slowest:.0f} s"))
    equal = measured.get("truth")
    if equal:
        different = sum(counts["different"] for counts in equal.values())
        numbers = sum(counts["numbers"] for counts in equal.values())
        steps = sum(counts["steps"] for counts in equal.values())
        claim = "both bodies compute the same bits"
        result = f"{different} of {numbers:,} numbers differ, in {steps:,} steps of {', '.join(equal)}"
        verdicts.append(tables.verdict(claim, different == 0, result))
    versions = next(
        (speeds["versions"] for speeds in (measured.get("speed") or {}).values() if "versions" in speeds), {}
    )
    notes += [
        "Win rates: most probable actions, in battles that the training and the choice of the epoch did not see.",
        "CPU seconds: of the whole process, with all evaluations and figures, on one thread.",
        f"Steps of a battle: {COPIES} copies, one thread of our own, random legal actions, observations and masks "
        "included; processor seconds, also where a library uses several threads.",
        f"SMAX: jaxmarl {versions.get('jaxmarl', '')}, jax {versions.get('jax', '')}, on the CPU, 32 steps in one scan."
        if versions
        else "SMAX was not measured: no environment with it was named (`--smax`).",
    ]
    headers = {}
    if set(GOALS) <= trainings.keys():
        rates = {part: sum(run["test"]["win_rate"] for run in runs) / len(runs) for part, runs in trainings.items()}
        seconds = {part: sum(run["cpu_seconds"] for run in runs) / len(runs) for part, runs in trainings.items()}
        count = len(trainings["3m"])
        seeds = "one seed" if count == 1 else f"mean of {count} seeds"
        headers["skirmish"] = (
            f"greedy win rates against the heuristic player ({seeds}): "
            + ", ".join(f"{part} {100 * rates[part]:.1f} % after {seconds[part]:.0f} s" for part in trainings)
            + "."
        )
    return tables.Table(
        name="skirmish",
        title="Skirmishes",
        question=(
            "`axone train skirmish`: battles won against the heuristic player after training, and how many steps of a "
            "battle the simulation computes."
        ),
        columns=["part", "won, %", "draws, %", "steps of a battle", "CPU seconds", "steps a CPU second"],
        rows=rows,
        raw=measured,
        verdicts=verdicts,
        notes=notes,
        headers=headers,
        figures={
            "skirmish.png": "A battle of 2s3z after training. Blue: the network. Red: the heuristic player.",
            "skirmish.gif": "The same as a film.",
        }
        if "2s3z" in trainings and not options.quick
        else {},
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
