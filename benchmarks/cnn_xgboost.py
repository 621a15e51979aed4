"""Trees on pixels, a network alone, and trees on its features: accuracy and time, through the command line.

    python benchmarks/cnn_xgboost.py                 a network trained on the spot, and the cnn's two presets; 3 seeds
    python benchmarks/cnn_xgboost.py --bases spot --seeds 5
    python benchmarks/cnn_xgboost.py --quick         a smoke test, writes nothing

Every figure is what the runs themselves wrote: the table "comparison" of their reports.
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

WITHIN = 0.3  # points that trees on features may lie below the network's own softmax
FAR = 2.0  # points by which they must at least beat trees on pixels to be far above
PIXELS, SOFTMAX, FEATURES = "trees on the pixels", "the network's own softmax", "trees on the network's features"
SPOT = "spot"
BASES = {
    SPOT: "`axone train cnn_xgboost`",
    "default": "`axone train cnn`, then `axone train cnn_xgboost --from RUN`",
    "fast": "`axone train cnn --preset fast`, then `axone train cnn_xgboost --from RUN`",
}

Measured = dict[str, dict[str, Any]]  # who answers -> {"accuracy": percent, "seconds": s, "rounds": n or None}


def main() -> int:
    """Train, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument(
        "--bases", default=",".join(BASES), help=f"networks below the trees (default: {','.join(BASES)})"
    )
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.seeds = 1
    machine = tables.begin(options)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in options.bases.split(",") if name in BASES}
    for seed in range(options.seeds):
        for name in found:
            one = measure(name, seed, options)
            tables.say(f"{name}, seed {seed}: " + (one.get("failed") or sentence(one["measured"])))
            found[name].append(one)
    tables.finish(table(found, options), machine, options)
    return 1 if any("failed" in one for each in found.values() for one in each) else 0


def measure(base: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train what the trees stand on, and the trees; return {"measured": ...} or {"failed": reason}."""
    shared = ["--seed", str(seed), "--threads", str(options.threads), *(["--limit", "720"] if options.quick else [])]
    short = ["--epochs", "1"] if options.quick else []
    with tempfile.TemporaryDirectory() as folder:
        try:
            if base == SPOT:
                run = axone(["cnn_xgboost", *shared, *short], folder, options)
            else:
                below = axone(["cnn", "--preset", base, *shared, *short], folder, options)
                # The trees on pixels are those of the first base: they do not depend on a network.
                run = axone(["cnn_xgboost", "--from", below, "--no-compare", *shared[2:4]], folder, options)
        except subprocess.CalledProcessError as error:
            return {"seed": seed, "failed": (error.stderr.strip().splitlines() or [str(error)])[-1]}
        events = map(json.loads, Path(run, "events.jsonl").read_text("utf-8").splitlines())
        rows = next(event["rows"] for event in events if event.get("name") == "comparison")
    return {
        "seed": seed,
        "measured": {
            who: {"accuracy": 100 * accuracy, "seconds": seconds, "rounds": rounds}
            for who, accuracy, seconds, rounds in rows
        },
    }


def axone(words: list[str], folder: str, options: argparse.Namespace) -> str:
    """Type `axone train`; return the path of the run. Raises CalledProcessError."""
    command = [sys.executable, "-m", "axone", "train", *words, "--runs-folder", folder, "--json", "--language", "en"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])["run"]


def sentence(measured: Measured) -> str:
    """Describe a training in a line of progress."""
    return ", ".join(f"{who} {one['accuracy']:.2f} % in {one['seconds']:.0f} s" for who, one in measured.items())


def table(found: dict[str, list[dict[str, Any]]], options: argparse.Namespace) -> tables.Table:
    """Turn the trainings into rows, verdicts and notes."""
    columns = ["what answers", "test accuracy, %: each seed", "mean", "seconds of training", "rounds of trees"]
    rows, verdicts, notes = [], [], []
    for base, each in found.items():
        notes += [f"**Failed, and so missing above:** {base}: {one['failed']}" for one in each if "failed" in one]
        good = [one["measured"] for one in each if "failed" not in one]
        for who in (PIXELS, SOFTMAX, FEATURES):
            ones = [measured[who] for measured in good if who in measured]
            if not ones:
                continue
            accuracies = [one["accuracy"] for one in ones]
            rounds = [one["rounds"] for one in ones if one["rounds"]]
            rows.append(
                [
                    who if who == PIXELS else f"{who} ({base})",
                    ", ".join(f"{value:.2f}" for value in accuracies),
                    tables.mean_of(accuracies),
                    tables.spread([one["seconds"] for one in ones], 1),
                    tables.spread(rounds, 0),
                ]
            )
        verdicts += judge(base, good)
        notes.append(f"({base}): {BASES[base]}.")
    return tables.Table(
        name="cnn_xgboost",
        title="Trees on pixels, a network alone, trees on its features",
        question=(
            "Fashion-MNIST through the command line, each training in a fresh process, "
            f"{options.seeds} seeds, {options.threads} threads. Trees are XGBoost's, with the same settings on pixels "
            "and on features, stopped early by the same held-out pictures."
        ),
        columns=columns,
        rows=rows,
        raw=found,
        verdicts=verdicts,
        notes=[
            *notes,
            "The seconds of trees on features hold those of the network below them.",
            "Mean ± standard deviation over seeds; times: median over seeds (smallest to largest).",
        ],
    )


def judge(base: str, good: list[Measured]) -> list[str]:
    """Compare the means of one base with what was asked."""
    if not good:
        return [tables.verdict(f"trees on features against the softmax ({base})", None, "no training")]
    mean = {who: statistics.fmean(one[who]["accuracy"] for one in good) for who in good[0]}
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
                f"they are far above trees on pixels, by at least {FAR} points ({base})",
                gain >= FAR,
                f"{gain:+.2f} points, {100 * fewer:.0f} % fewer mistakes",
            )
        )
    return verdicts


if __name__ == "__main__":
    sys.exit(main())
