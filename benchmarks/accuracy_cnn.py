"""Test accuracy and duration of `axone train cnn`, for each preset and several seeds, through the command line.

    python benchmarks/accuracy_cnn.py                            the defaults and --preset fast, three seeds each
    python benchmarks/accuracy_cnn.py --presets fast --seeds 5
    python benchmarks/accuracy_cnn.py --quick                    a smoke test, writes nothing

Each training is the command that a user types, in a process of its own, so its whole time includes the start-up.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any

import tables
from axone import catalogue

GOALS = {"default": 91.5, "fast": 93.5}  # mean test accuracy in percent

Results = dict[str, list[dict[str, Any]]]  # preset -> the results of each seed


def main() -> int:
    """Train, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--presets", default="default,fast", help="presets of the cnn (default: default,fast)")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each preset (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.seeds = 1
    machine = tables.begin(options)
    declared = catalogue.read_settings_class(catalogue.find("cnn")).PRESETS
    names = options.presets.split(",")
    results: Results = {name: [] for name in names if name in declared}
    for seed in range(options.seeds):
        for name in results:
            one = train(name, seed, options)
            tables.say(f"{name}, seed {seed}: " + (one.get("failed") or summarize(one)))
            results[name].append(one)
    tables.finish(table(names, results, declared, options), machine, options)
    return 1 if any("failed" in one for each in results.values() for one in each) else 0


def train(preset: str, seed: int, options: argparse.Namespace, system: str = "cnn") -> dict[str, Any]:
    """Run the command; return the object that it prints and its whole duration, or {"failed": reason}."""
    command = [sys.executable, "-m", "axone", "train", system, "--preset", preset, "--json"]
    command += ["--seed", str(seed), "--threads", str(options.threads)]
    if options.quick:
        command += ["--limit", "720", "--epochs", "1"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        process = subprocess.run(
            [*command, "--runs-folder", folder], capture_output=True, text=True, env=environment, check=False
        )
        seconds = time.perf_counter() - started
        if process.returncode:
            return {"failed": (process.stderr.strip().splitlines() or [f"exit code {process.returncode}"])[-1]}
        printed = json.loads(process.stdout.strip().splitlines()[-1])
        settings = tomllib.loads(Path(printed.pop("run"), "settings.toml").read_text("utf-8"))
    return {**printed, "seed": seed, "whole_seconds": round(seconds, 2), "batch_size": settings["batch_size"]}


def accuracy(one: dict[str, Any]) -> float:
    """Return the test accuracy of a training in percent."""
    return 100 * one["test"]["accuracy"]


def speed(one: dict[str, Any]) -> float:
    """Return the training samples per second."""
    return one["steps"] * one["batch_size"] / one["seconds"]


def summarize(one: dict[str, Any]) -> str:
    """Describe a training in a line of progress."""
    return f"test accuracy {accuracy(one):.2f} %, {one['seconds']:.1f} s of training, {one['whole_seconds']} s in all"


def header(results: Results) -> str:
    """Return the sentence for the system's own header."""
    machine = tables.describe_machine()
    parts = []
    for name, trained in results.items():
        good = [one for one in trained if "failed" not in one]
        if good:
            minutes = statistics.median(one["whole_seconds"] for one in good) / 60
            mean = statistics.fmean(accuracy(one) for one in good)
            parts.append(f"--preset {name} {mean:.2f} % (mean of {len(good)} seeds) in {minutes:.1f} minutes")
    return f"test accuracy on Fashion-MNIST, {', '.join(parts)}; {machine['processor']}, {machine['cores']} cores."


def table(
    names: list[str], results: Results, declared: dict[str, dict[str, Any]], options: argparse.Namespace
) -> tables.Table:
    """Format the trainings as rows, verdicts and notes."""
    columns = ["preset", "epochs", "parameters", "test accuracy, %: each seed", "mean", "training, s"]
    columns += ["whole command, s", "minutes", "samples/s"]
    rows, verdicts, notes = [], [], []
    for name in names:
        failed = [one["failed"] for one in results.get(name, []) if "failed" in one]
        notes += [f"**Failed, and therefore missing above:** {name}: {reason}" for reason in failed]
        good = [one for one in results.get(name, []) if "failed" not in one]
        if not good:
            rows.append([name, "failed" if name in declared else "no such preset", *[""] * (len(columns) - 2)])
        else:
            whole = [one["whole_seconds"] for one in good]
            rows.append(
                [
                    name,
                    str(good[0]["epochs"]),
                    f"{good[0]['parameters']:,}",
                    ", ".join(f"{accuracy(one):.2f}" for one in good),
                    tables.mean_of([accuracy(one) for one in good]),
                    tables.spread([one["seconds"] for one in good], 1),
                    tables.spread(whole, 1),
                    f"{statistics.median(whole) / 60:.1f}",
                    f"{statistics.median(speed(one) for one in good):,.0f}",
                ]
            )
            values = ", ".join(f"{key} = {value}" for key, value in declared[name].items())
            notes.append(
                f"Preset `{name}`: {values or 'the defaults of the system'}. Precision: {good[0]['precision']}."
            )
        if name in GOALS:
            mean = statistics.fmean(accuracy(one) for one in good) if good else None
            verdicts.append(
                tables.verdict(
                    f"`{name}` reaches {GOALS[name]} % (mean of {len(good)} seeds)",
                    None if mean is None else mean >= GOALS[name],
                    "no training" if mean is None else f"{mean:.2f} %",
                )
            )
    return tables.Table(
        name="accuracy_cnn",
        title="Accuracy and duration of `axone train cnn`",
        question=(
            "Fashion-MNIST through the command line, each training in a new process: "
            f"`axone train cnn --preset NAME --seed S --threads {options.threads}`, {options.seeds} seeds."
        ),
        columns=columns,
        rows=rows,
        raw=results,
        verdicts=verdicts,
        headers={"cnn": header(results)} if any(results.values()) else {},
        notes=[
            *notes,
            "The test set is used once, after training, with the weights that were best on the validation set.",
            "Training seconds do not include evaluation, saving and figures; the whole command includes imports, "
            "reading the data, training, evaluation, checkpoints, the test set and the report.",
            "Mean ± standard deviation over seeds; times: median over seeds (smallest to largest).",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
