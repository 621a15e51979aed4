"""Learning from rewards in worlds: seconds until they are solved, next to Stable-Baselines3.

    python benchmarks/control.py                         all parts
    python benchmarks/control.py --only "ppo cart_pole"  one part; the others keep their stored results
    python benchmarks/control.py --quick                 a smoke test, writes nothing

The result of each part is stored when it is complete, so that a stopped run continues; `--again` measures anew. Times
are processor seconds of one process with one thread, so that other programs count little.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tables


@dataclass(frozen=True)
class Part:
    """One measurement.

    Args:
        system: The system of Axone, or "stable-baselines3".
        world: The world.
        flags: The settings besides those that Axone knows for the world.
        baseline: The part whose time this one's is a share of.
        goal: The largest such share, of the times of one policy.
    """

    system: str
    world: str
    flags: dict[str, Any] = field(default_factory=dict)
    baseline: str = ""
    goal: float = 0.0


SB3 = "stable-baselines3 ppo CartPole-v1"
PARTS = {
    "ppo cart_pole": Part("ppo", "cart_pole", {"seeds": 10}, SB3, 0.1),
    "ppo cart_pole, one seed": Part("ppo", "cart_pole", {"seeds": 1}),
    SB3: Part("stable-baselines3", "CartPole-v1"),
    "dqn cart_pole": Part("dqn", "cart_pole", {"seeds": 10}, SB3, 0.5),
    "dqn cart_pole, pqn": Part("dqn", "cart_pole", {"seeds": 10, "preset": "pqn"}, SB3, 0.2),
    "ppo mountain_car": Part("ppo", "mountain_car"),
    "ppo acrobot": Part("ppo", "acrobot"),
    "ppo pendulum": Part("ppo", "pendulum"),
    "ppo LunarLander-v3": Part("ppo", "gym:LunarLander-v3", {"seeds": 1}),  # Box2D is slow
    "ppo maze": Part("ppo", "maze"),
    "ppo road": Part("ppo", "road"),
    "ppo breakout": Part("ppo", "breakout"),
}
# The tuned settings for CartPole-v1 of RL Baselines3 Zoo (hyperparams/ppo.yml); both rates decrease to 0 along a line.
ZOO = {
    "n_steps": 32, "batch_size": 256, "gae_lambda": 0.8, "gamma": 0.98, "n_epochs": 20, "ent_coef": 0.0,
}  # fmt: skip
ZOO_COPIES, ZOO_STEPS, ZOO_RATE, ZOO_CLIP = 8, 100_000, 0.001, 0.2
SOLVED_CART_POLE, EPISODES = 475.0, 100
STORED = tables.RESULTS / "control"
POINTS = 8  # of a curve in the table


def main() -> int:
    """Measure what is not stored yet, and write the table of all that is."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--only", choices=sorted(PARTS), help="measure one part")
    parser.add_argument("--again", action="store_true", help="measure what is stored already")
    options = parser.parse_args()
    machine = tables.begin(options)
    results: dict[str, dict[str, Any]] = {}
    for name, part in PARTS.items():
        if not is_possible(part) or (options.quick and name not in ("ppo cart_pole", SB3)):
            continue
        path = STORED / f"{name.replace(' ', '-').replace(',', '')}.json"
        is_asked = options.only in (None, name)
        if path.is_file() and not (options.again and is_asked) and not options.quick:
            results[name] = json.loads(path.read_text("utf-8"))
        elif is_asked:
            results[name] = result = measure(part, quick=options.quick)
            tables.say(f"{name}: return {result['return']:.1f}, {result['cpu_seconds']:.0f} s")
            if not (options.quick or options.no_write):
                STORED.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    if results:
        tables.finish(make_table(results), machine, options)
    return 0


def is_possible(part: Part) -> bool:
    """Return whether the libraries of a part are installed."""
    if part.system == "stable-baselines3":
        return tables.installed("stable_baselines3", "gymnasium")
    return not part.world.startswith("gym:") or tables.installed("gymnasium", "Box2D")


def measure(part: Part, *, quick: bool) -> dict[str, Any]:
    """Train once; return the returns of the policies over 100 greedy episodes, the curve, and the time."""
    return measure_peer(quick) if part.system == "stable-baselines3" else measure_axone(part, quick)


def measure_axone(part: Part, quick: bool) -> dict[str, Any]:
    """Train a system of Axone as a person does, with its report."""
    import axone

    flags = {**part.flags, "world": part.world, "threads": 1}
    if quick:
        flags |= {"epochs": 1, "rollouts": 1, "seeds": 2, "test_episodes": 5, "episodes": 2}
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        run = axone.train(part.system, runs_folder=folder, verbose=False, **flags)
        cpu_seconds = time.process_time() - began
        settings: Any = run.settings
        events = [json.loads(line) for line in Path(run.path, "events.jsonl").read_text("utf-8").splitlines()]
    epochs = [event for event in events if event["kind"] == "epoch"]
    steps_per_batch = settings.steps * settings.copies
    test = run.results["test"]
    return {
        "policies": settings.seeds,
        "cpu_seconds": cpu_seconds,
        "elapsed_seconds": run.results["seconds"],
        "steps": epochs[-1]["step"] * steps_per_batch,
        "return": test["return"],
        "lowest": test["lowest_return"],
        "highest": test["highest_return"],
        "solved": test.get("solved"),
        "curve": [[epoch["step"] * steps_per_batch, epoch["validation"]["return"]] for epoch in epochs],
        "exploring": [epoch["train"].get("exploring_return") for epoch in epochs],
    }


def measure_peer(quick: bool) -> dict[str, Any]:
    """Train PPO of Stable-Baselines3 with the Zoo's settings; the greedy episodes of the curve do not count."""
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.evaluation import evaluate_policy

    torch.set_num_threads(1)
    steps = 2 * ZOO_COPIES * ZOO["n_steps"] if quick else ZOO_STEPS
    model = PPO(
        "MlpPolicy",
        make_vec_env("CartPole-v1", n_envs=ZOO_COPIES, seed=0),
        learning_rate=lambda left: left * ZOO_RATE,
        clip_range=lambda left: left * ZOO_CLIP,
        seed=0,
        device="cpu",
        **ZOO,
    )
    began, elapsed = time.process_time(), time.perf_counter()
    model.learn(steps)
    cpu_seconds, elapsed_seconds = time.process_time() - began, time.perf_counter() - elapsed
    episodes = 2 if quick else EPISODES
    mean, _deviation = evaluate_policy(
        model, make_vec_env("CartPole-v1", n_envs=ZOO_COPIES, seed=1), n_eval_episodes=episodes
    )
    return {
        "policies": 1,
        "cpu_seconds": cpu_seconds,
        "elapsed_seconds": elapsed_seconds,
        "steps": steps,
        "return": float(mean),
        "lowest": float(mean),
        "highest": float(mean),
        "solved": float(mean >= SOLVED_CART_POLE),
        "curve": [[steps, float(mean)]],
        "exploring": [],
    }


def make_table(results: dict[str, dict[str, Any]]) -> tables.Table:
    """Turn the measurements into rows and verdicts."""
    rows = []
    for name, result in results.items():
        curve = result["curve"][:: max(1, len(result["curve"]) // POINTS)]
        rows.append(
            [
                name, str(result["policies"]), f"{result['steps']:,}", f"{result['cpu_seconds']:.1f}",
                f"{result['cpu_seconds'] / result['policies']:.1f}", f"{result['return']:.1f}",
                f"{result['lowest']:.1f} to {result['highest']:.1f}",
                "" if result["solved"] is None else f"{round(result['solved'] * result['policies'])}",
                " ".join(f"{value:.3g}" for _steps, value in curve),
            ]
        )  # fmt: skip
    return tables.Table(
        name="control",
        title="Learning from rewards in worlds",
        question=(
            "`axone train ppo --world WORLD`, or `axone train dqn`, with the settings that Axone knows for each world, "
            "from the command to the report; PPO of Stable-Baselines3 with the tuned settings of RL Baselines3 Zoo, "
            "training alone. The return is the mean of 100 greedy episodes of each policy, on first situations that "
            "the training never saw."
        ),
        columns=["training", "policies", "steps of each", "CPU seconds", "per policy", "return", "lowest to highest",
                 "solved", "greedy return over time"],
        rows=rows,
        raw=results,
        verdicts=list_verdicts(results),
        notes=[
            "CPU seconds: of one process with one thread; those of Axone contain the evaluations, the figures and the "
            "report of the run.",
            "Solved: policies whose mean return reaches Gymnasium's threshold (CartPole 475, MountainCar -110, Acrobot "
            "-100, LunarLander 200; for Pendulum, which has none, -200).",
            "One policy alone bears what all have in common: loading libraries and kernels, figures, the report.",
            "All policies of a training learn at once, from different seeds, and all of them count: none is chosen.",
        ],
        headers=write_headers(results),
    )  # fmt: skip


def list_verdicts(results: dict[str, dict[str, Any]]) -> list[str]:
    """Return the claims about the parts that were measured."""
    verdicts = []
    for name, part in PARTS.items():
        result, baseline = results.get(name), results.get(part.baseline)
        if result is None:
            continue
        if result["solved"] is not None:
            count = round(result["solved"] * result["policies"])
            verdicts.append(
                tables.verdict(f"{name}: every policy solves it", count == result["policies"],
                               f"{count} of {result['policies']}, mean return {result['return']:.1f}")
            )  # fmt: skip
        if baseline is not None:
            own, other = (one["cpu_seconds"] / one["policies"] for one in (result, baseline))
            share = own / other
            verdicts.append(
                tables.verdict(f"{name}: at most {part.goal} of the time of {part.baseline}, for each policy",
                               share <= part.goal, f"{share:.3f}: {own:.1f} s, {other:.1f} s")
            )  # fmt: skip
    return verdicts


def write_headers(results: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return the sentence of the header of each system."""
    sentences = {}
    for system in ("ppo", "dqn"):
        parts = [(name, results[name]) for name, part in PARTS.items() if part.system == system and name in results]
        if parts:
            sentences[system] = "mean return of 100 greedy episodes of each policy: " + ", ".join(
                f"{name.removeprefix(system + ' ')} {result['return']:.1f} ("
                f"{result['policies']} {'policy' if result['policies'] == 1 else 'policies'}, "
                f"{result['cpu_seconds']:.0f} s)"
                for name, result in parts
            ) + "."  # fmt: skip
    return sentences


if __name__ == "__main__":
    sys.exit(main())
