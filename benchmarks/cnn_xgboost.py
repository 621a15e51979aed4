"""Boosted trees on pixels, a network, and boosted trees on its features: accuracy and time.

    python benchmarks/cnn_xgboost.py                 its own network, and the cnn's two presets; 3 seeds
    python benchmarks/cnn_xgboost.py --bases own --seeds 5
    python benchmarks/cnn_xgboost.py --quick         a smoke test, writes nothing

Every training goes through the command line; the numbers are those of the table "comparison" in its report.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import tables

WITHIN = 0.3  # goal: trees on features are at most this many points below the network's softmax
ABOVE = 2.0  # goal: trees on features are at least this many points above trees on pixels
PIXELS, SOFTMAX, FEATURES = "trees on the pixels", "the network's own softmax", "trees on the network's features"
OWN = "own"
BASES = {
    OWN: "`axone train cnn_xgboost`",
    "default": "`axone train cnn`, then `axone train cnn_xgboost --from RUN`",
    "fast": "`axone train cnn --preset fast`, then `axone train cnn_xgboost --from RUN`",
}

Measured = dict[str, dict[str, Any]]  # classifier -> {"accuracy": percent, "seconds": s, "rounds": n or None}


def main() -> int:
    """Train, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument(
        "--bases", default=",".join(BASES), help=f"networks that compute the features (default: {','.join(BASES)})"
    )
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.seeds = 1
    machine = tables.begin(options)
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in options.bases.split(",") if name in BASES}
    for seed in range(options.seeds):
        for name in results:
            one = measure(name, seed, options)
            tables.say(f"{name}, seed {seed}: " + (one.get("failed") or summarize(one["measured"])))
            results[name].append(one)
    tables.finish(table(results, options), machine, options)
    return 1 if any("failed" in one for each in results.values() for one in each) else 0


def measure(base: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train the network and the trees; return {"measured": ...} or {"failed": reason}."""
    shared = ["--seed", str(seed), "--threads", str(options.threads), *(["--limit", "720"] if options.quick else [])]
    short = ["--epochs", "1"] if options.quick else []
    with tempfile.TemporaryDirectory() as folder:
        try:
            if base == OWN:
                run = axone(["cnn_xgboost", *shared, *short], folder, options)
            else:
                network = axone(["cnn", "--preset", base, *shared, *short], folder, options)
                # The trees on pixels are those of the first base, because they do not depend on the network.
                run = axone(["cnn_xgboost", "--from", network, "--no-compare", *shared[2:4]], folder, options)
        except subprocess.CalledProcessError as error:
            return {"seed": seed, "failed": (error.stderr.strip().splitlines() or [str(error)])[-1]}
        events = map(json.loads, Path(run, "events.jsonl").read_text("utf-8").splitlines())
        rows = next(event["rows"] for event in events if event.get("name") == "comparison")
    return {
        "seed": seed,
        "measured": {
            classifier: {"accuracy": 100 * accuracy, "seconds": seconds, "rounds": rounds}
            for classifier, accuracy, seconds, rounds in rows
        },
    }


def axone(words: list[str], folder: str, options: argparse.Namespace) -> str:
    """Run `axone train`; return the path of the run. Raises CalledProcessError."""
    command = [sys.executable, "-m", "axone", "train", *words, "--runs-folder", folder, "--json", "--language", "en"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])["run"]


def summarize(measured: Measured) -> str:
    """Describe a training in a line of progress."""
    return ", ".join(f"{name} {one['accuracy']:.2f} % in {one['seconds']:.0f} s" for name, one in measured.items())


def table(results: dict[str, list[dict[str, Any]]], options: argparse.Namespace) -> tables.Table:
    """Format the trainings as rows, verdicts and notes."""
    columns = ["classifier", "test accuracy, %: each seed", "mean", "seconds of training", "boosting rounds"]
    rows, verdicts, notes = [], [], []
    for base, each in results.items():
        notes += [
            f"**Failed, and therefore missing above:** {base}: {one['failed']}" for one in each if "failed" in one
        ]
        good = [one["measured"] for one in each if "failed" not in one]
        for classifier in (PIXELS, SOFTMAX, FEATURES):
            ones = [measured[classifier] for measured in good if classifier in measured]
            if not ones:
                continue
            accuracies = [one["accuracy"] for one in ones]
            rounds = [one["rounds"] for one in ones if one["rounds"]]
            rows.append(
                [
                    classifier if classifier == PIXELS else f"{classifier} ({base})",
                    ", ".join(f"{value:.2f}" for value in accuracies),
                    tables.mean_of(accuracies),
                    tables.spread([one["seconds"] for one in ones], 1),
                    tables.spread(rounds, 0),
                ]
            )
        verdicts += compare_with_goals(base, good)
        notes.append(f"({base}): {BASES[base]}.")
    return tables.Table(
        name="cnn_xgboost",
        title="Boosted trees on pixels, a network, boosted trees on its features",
        question=(
            "Fashion-MNIST through the command line, each training in a new process, "
            f"{options.seeds} seeds, {options.threads} threads. The trees are XGBoost's, with the same settings on "
            "pixels and on features, and with early stopping on the same validation images."
        ),
        columns=columns,
        rows=rows,
        raw=results,
        verdicts=verdicts,
        notes=[
            *notes,
            "The seconds of trees on features include those of the network.",
            "Mean ± standard deviation over seeds; times: median over seeds (smallest to largest).",
        ],
    )


def compare_with_goals(base: str, good: list[Measured]) -> list[str]:
    """Compare the means of one base with the goals."""
    if not good:
        return [tables.verdict(f"trees on features against the softmax ({base})", None, "no training")]
    mean = {name: statistics.fmean(one[name]["accuracy"] for one in good) for name in good[0]}
    gap = mean[FEATURES] - mean[SOFTMAX]
    verdicts = [
        tables.verdict(
            f"trees on features are within {WITHIN} points of the network's softmax, or above ({base})",
            gap >= -WITHIN,
            f"{gap:+.2f} points",
        )
    ]
    if PIXELS in mean:
        gain = mean[FEATURES] - mean[PIXELS]
        fewer = gain / (100 - mean[PIXELS])
        verdicts.append(
            tables.verdict(
                f"trees on features are at least {ABOVE} points above trees on pixels ({base})",
                gain >= ABOVE,
                f"{gain:+.2f} points, {100 * fewer:.0f} % fewer errors",
            )
        )
    return verdicts


if __name__ == "__main__":
    sys.exit(main())
