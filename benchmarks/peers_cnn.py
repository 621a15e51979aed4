"""The time of an epoch of the course's CNN on Fashion-MNIST: Axone compared with other libraries.

    python benchmarks/peers_cnn.py            about 15 minutes on two idle cores
    python benchmarks/peers_cnn.py --quick    a smoke test of one or two minutes, writes nothing

All contenders have the same network, images, batch size and optimizer. For each seed, each contender trains once in a
new process (contend.py), in alternation, so that other work of the machine affects all of them alike. Ratios are
computed within a seed and then summarized. Peers that are not installed in the environment of this script are listed as
such (pip install -e '.[peers]').
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import tables
from contenders.catalogue import AXONE, CONTENDERS, IMAGES, TENSORS

CONTEND = Path(__file__).resolve().parent / "contend.py"
CLAIM_RATIO = 0.5
CLAIM_POINTS = 0.3

Measured = dict[str, dict[int, dict[str, Any]]]  # contender -> seed -> its measurements


def main() -> int:
    """Measure, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--epochs", type=int, default=3, help="epochs of each training (default: 3)")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each contender (default: 3)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads of each (default: 2)")
    parser.add_argument("--only", default="", help=f"some of {','.join(CONTENDERS)}")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else [name for name, one in CONTENDERS.items() if one.default]
    unknown = [name for name in names if name not in CONTENDERS]
    if unknown:
        parser.error(f"no such contender: {', '.join(unknown)}; there are {', '.join(CONTENDERS)}")
    if options.quick:
        options.epochs, options.seeds = min(options.epochs, 2), 1
    machine = tables.begin(options)
    present = [name for name in names if tables.installed(*CONTENDERS[name].needs)]
    measured, failures = measure(present, options)
    tables.finish(table(names, measured, failures, options), machine, options)
    return 1 if failures else 0


def measure(names: list[str], options: argparse.Namespace) -> tuple[Measured, list[str]]:
    """Run every contender once per seed, in an order that rotates with the seed; return measurements and failures."""
    measured: Measured = {name: {} for name in names}
    failures = []
    runs = [(seed, name) for seed in range(options.seeds) for name in _rotated(names, seed)]
    for number, (seed, name) in enumerate(runs, 1):
        one = contend(name, seed, options)
        if "failed" in one:
            failures.append(f"{name}, seed {seed}: {one['failed']}")
            tables.say(f"{number}/{len(runs)}  FAILED: {failures[-1]}")
            continue
        measured[name][seed] = one
        epochs = " ".join(f"{seconds:.2f}" for seconds in one["epoch_seconds"])
        test = "" if one["accuracy"] is None else f", test accuracy {one['accuracy']:.2%}"
        tables.say(
            f"{number}/{len(runs)}  seed {seed}  {name}: epochs {epochs} s{test}, process {one['process_seconds']} s"
        )
    return measured, failures


def _rotated(names: list[str], seed: int) -> list[str]:
    first = seed % len(names) if names else 0
    return names[first:] + names[:first]


def contend(name: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Run one contender in a process of its own; return its measurements, or {"failed": reason}."""
    threads = str(options.threads)
    command = [sys.executable, str(CONTEND), name, "--seed", str(seed), "--epochs", str(options.epochs)]
    command += ["--threads", threads]
    if options.quick:
        command += ["--limit", "640", "--steps", "5"]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
    }
    started = time.perf_counter()
    process = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    seconds = round(time.perf_counter() - started, 2)
    if process.returncode:
        return {"failed": (process.stderr.strip().splitlines() or [f"exit code {process.returncode}"])[-1]}
    return {**json.loads(process.stdout.strip().splitlines()[-1]), "process_seconds": seconds}


def epoch_seconds(one: dict[str, Any]) -> float:
    """Return the median duration of the epochs except the first one, which includes the warm-up."""
    seconds = one["epoch_seconds"]
    return statistics.median(seconds[1:] or seconds)


def ratios(measured: Measured, name: str, base: str) -> list[float]:
    """Return the duration of a contender's epoch relative to the base's, for each seed."""
    contender, reference = measured.get(name, {}), measured.get(base, {})
    return [
        epoch_seconds(contender[seed]) / epoch_seconds(reference[seed])
        for seed in sorted(contender.keys() & reference.keys())
    ]


def accuracies(measured: Measured, name: str) -> list[float]:
    """Return the test accuracies of a contender in percent."""
    return [100 * one["accuracy"] for one in measured.get(name, {}).values() if one["accuracy"] is not None]


def table(names: list[str], measured: Measured, failures: list[str], options: argparse.Namespace) -> tables.Table:
    """Format the measurements as rows, verdicts and notes."""
    columns = ["contender", "epoch, s", "first epoch, s", "relative to (a)", "relative to (b)", "test accuracy, %"]
    columns += ["whole process, s"]
    rows = []
    for name in names:
        one = CONTENDERS[name]
        if name not in measured or not measured[name]:
            rows.append([one.title, "failed" if name in measured else "not installed", *[""] * (len(columns) - 2)])
            continue
        results = list(measured[name].values())
        rows.append(
            [
                one.title,
                tables.spread([epoch_seconds(each) for each in results]),
                "" if one.floor else tables.spread([each["epoch_seconds"][0] for each in results]),
                *("1" if name == base else tables.spread(ratios(measured, name, base)) for base in (IMAGES, TENSORS)),
                tables.mean_of(accuracies(measured, name)),
                "" if one.floor else tables.spread([each["process_seconds"] for each in results], 0),
            ]
        )
    return tables.Table(
        name="peers_cnn",
        title="The course's CNN: the time of an epoch, compared",
        question=(
            "Fashion-MNIST, 60,000 training images; 3x3 convolution with 32 kernels, max pooling, 3x3 convolution with "
            "64 kernels, max pooling, dense layer with 128 units, ten classes; batch size 128, Adam with learning rate "
            "0.001. "
            f"{options.epochs} epochs, {options.seeds} seeds, {options.threads} threads each."
        ),
        columns=columns,
        rows=rows,
        raw={
            "epochs": options.epochs,
            "seeds": options.seeds,
            "threads": options.threads,
            "measured": measured,
            "failures": failures,
        },
        verdicts=verdicts(measured),
        notes=[
            *(f"**Failed, and therefore missing above:** {failure}" for failure in failures),
            *notes(measured, options),
        ],
    )


def verdicts(measured: Measured) -> list[str]:
    """Compare the measurements with the goals."""
    answers = []
    for base, title in ((TENSORS, "(b), the plain loop on tensors in memory"), (IMAGES, "(a), the plain loop")):
        shares = ratios(measured, AXONE, base)
        holds = statistics.median(shares) <= CLAIM_RATIO if shares else None
        claim = f"An epoch takes at most {CLAIM_RATIO} of the time of {title}"
        answers.append(tables.verdict(claim, holds, f"median ratio {tables.spread(shares) or 'unknown'}"))
    axone, plain = accuracies(measured, AXONE), accuracies(measured, TENSORS)
    difference = statistics.fmean(axone) - statistics.fmean(plain) if axone and plain else None
    answers.append(
        tables.verdict(
            f"At equal accuracy: not more than {CLAIM_POINTS} points below (b)",
            None if difference is None else difference >= -CLAIM_POINTS,
            "difference of the means unknown" if difference is None else f"difference {difference:+.2f} points",
        )
    )
    return answers


def notes(measured: Measured, options: argparse.Namespace) -> list[str]:
    """Describe how the numbers were measured."""
    warm = (
        "the median of the epochs after the first"
        if options.epochs > 1
        else "the only epoch, which includes the warm-up"
    )
    listed = [
        f"The epoch of a training is {warm}; the table shows the median over seeds (smallest to largest).",
        "Ratios are computed within a seed; contenders alternate, each in a new process.",
        "The time of an epoch is training only, for all contenders: no evaluation, no saving, no start-up. The whole "
        "process also includes imports, reading the data, evaluating the test set and, for Axone, checkpoints, figures "
        "and the report.",
        "All train on the same images with the same normalization, from the initial weights of their own library. "
        "Accuracy: mean ± standard deviation over seeds, on the 10,000 test images, after the same epochs.",
        "(a) does the tensor operations of torchvision's FashionMNIST, ToTensor and Normalize without their argument "
        "checks; no worker processes in (a) to (d), as in the tutorials, because both cores are busy.",
        "(d) has no logger, progress bar, checkpoints and summary.",
    ]
    for name, label in ((AXONE, "Axone's"), (TENSORS, "that of (b)")):
        trainings = list(measured.get(name, {}).values())
        if trainings:
            listed.append(f"Images per epoch, {label}: {trainings[0]['images']:,}.")
    trained = list(measured.get(AXONE, {}).values())
    if trained:
        early = sum(one["best_epoch"] != options.epochs for one in trained)
        listed.append(
            f"Axone's precision: {trained[0]['precision']} matrix products, float32 weights and sums. "
            f"Its best epoch is the one with the highest training accuracy; in {early} of {len(trained)} trainings "
            "that was not the last one."
        )
    floor = list(measured.get("floor-axone", {}).values())
    if floor:
        step = tables.spread([one["step_milliseconds"] for one in floor], 1)
        listed.append(
            f"(f) in Axone's layout ({floor[0]['precision']}): {step} ms per step, scaled to the steps of an epoch."
        )
    return listed


if __name__ == "__main__":
    sys.exit(main())
