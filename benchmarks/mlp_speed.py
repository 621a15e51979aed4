"""Time per training step of the course's MLP (784-128-10, batch size 32), compared with plain PyTorch loops.

    python benchmarks/mlp_speed.py            some minutes on two idle cores
    python benchmarks/mlp_speed.py --quick    a smoke test of seconds, writes nothing

The contenders alternate in one process with the same number of threads; ratios are taken within a round.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

import axone
import tables
from axone.engine.context import BuildContext
from axone.engine.interrupt import StopFlag
from axone.engine.machine.device import keep_freed_memory, usable_cores
from axone.engine.recorder import MemoryRecorder
from axone.engine.training import Training
from axone.settings import resolve
from axone.systems import mlp
from contenders.common import Task
from contenders.plain import ImageByImage, tensors

BATCH, CLAIM, ACCURACY = 32, 0.35, 0.90
PRESETS = ("default", "wide")
OURS = "Axone, `axone train mlp`"
PLAIN = "(a) plain loop with a Dataset of single images, as in tutorials"
READY = "(b) plain loop on float tensors in memory"
FLOOR = "(c) matrix products and update only, on one batch"


def make_network() -> nn.Sequential:
    """Return the network of the course as a tutorial writes it."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def time_plain(dataset: Dataset, steps: int) -> float:
    """Return the seconds of training steps in the loop of the tutorials."""
    loader = DataLoader(dataset, batch_size=BATCH, shuffle=True)
    model, criterion = make_network(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters())
    batches = iter(loader)
    next(batches)  # the order is drawn before the clock starts
    started, running_loss = time.perf_counter(), 0.0
    for inputs, labels in islice(batches, steps):
        optimizer.zero_grad()
        loss = criterion(model(inputs), labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    return time.perf_counter() - started


def time_axone(steps: int) -> float:
    """Return the seconds of training steps in the engine, with stream, metrics and the check for NaN."""
    values = {"epochs": 1, "limit": steps * BATCH, "validation": 0.0, "device": "cpu", "batch_size": BATCH}
    settings = resolve(mlp.Settings, values)
    experiment = mlp.build(settings, BuildContext())
    training = Training(experiment, settings, MemoryRecorder(), torch.device("cpu"), torch.float32, StopFlag())
    training._train_epoch()
    return training.progress.seconds


def time_products(steps: int) -> float:
    """Return the seconds of the matrix products and the fused update."""
    model, inputs, gradients = make_network(), torch.randn(BATCH, 784), torch.randn(BATCH, 128)
    first, last = model[1], model[3]
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)
    hidden = torch.randn(BATCH, 128)
    with torch.no_grad():
        started = time.perf_counter()
        for _step in range(steps):
            torch.addmm(first.bias, inputs, first.weight.t())
            torch.addmm(last.bias, hidden, last.weight.t())
            torch.mm(gradients.t(), inputs, out=first.weight.grad)
            torch.mm(gradients[:, :10].t(), hidden, out=last.weight.grad)
            optimizer.step()
        return time.perf_counter() - started


def train_fully(preset: str, threads: int, seed: int, limit: int) -> dict[str, Any]:
    """Train on Fashion-MNIST; return test accuracy and seconds."""
    values = {"preset": preset, "threads": threads, "seed": seed, "device": "cpu", "limit": limit}
    with tempfile.TemporaryDirectory() as folder:
        results = axone.train("mlp", runs_folder=folder, **values).results
        tables.say(f"{preset}, seed {seed}: {100 * results['test']['accuracy']:.2f} % in {results['seconds']:.1f} s")
        return {"accuracy": results["test"]["accuracy"], "seconds": results["seconds"]}


def main() -> int:
    """Run the benchmark."""
    options = arguments()
    machine = tables.begin(options)
    torch.set_num_threads(options.threads)
    keep_freed_memory()
    steps, rounds = (100, 2) if options.quick else (options.steps, options.rounds)
    task = Task(seed=0, epochs=1, threads=options.threads)
    images, ready = ImageByImage(task), tensors(task)
    contenders: dict[str, Callable[[], float]] = {
        OURS: lambda: time_axone(steps),
        PLAIN: lambda: time_plain(images, steps),
        READY: lambda: time_plain(ready, steps),
        FLOOR: lambda: time_products(steps),
    }
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        turn = list(contenders)[number % 4 :] + list(contenders)[: number % 4]
        for name in turn:
            seconds[name].append(contenders[name]())
        tables.say(f"round {number + 1}: " + ", ".join(f"{1e3 * s[-1] / steps:.3f} ms" for s in seconds.values()))
    limit, seeds = (2000, 1) if options.quick else (0, 3)
    runs = {preset: [train_fully(preset, options.threads, seed, limit) for seed in range(seeds)] for preset in PRESETS}
    tables.finish(make_table(seconds, steps, runs, options.threads), machine, options)
    return 0


def arguments() -> argparse.Namespace:
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--threads", type=int, default=usable_cores(), help="threads of every contender")
    parser.add_argument("--steps", type=int, default=1500, help="steps in a round")
    parser.add_argument("--rounds", type=int, default=9)
    return parser.parse_args()


def make_table(
    seconds: dict[str, list[float]], steps: int, runs: dict[str, list[dict[str, Any]]], threads: int
) -> tables.Table:
    """Return the page of the benchmark."""
    shares = {name: [own / other for own, other in zip(seconds[OURS], seconds[name])] for name in (PLAIN, READY)}
    rows = []
    for name, times in seconds.items():
        milliseconds = [1e3 * time / steps for time in times]
        rows.append([name, tables.spread(milliseconds, 3), tables.spread(shares.get(name, []), 3)])
    return tables.Table(
        name="mlp_speed",
        title="A training step of the course's MLP, compared with plain PyTorch",
        question=f"Milliseconds per step: 784-128-10, batch size {BATCH}, Adam, float32, {threads} threads; the median "
        f"of {len(seconds[OURS])} rounds of {steps} steps (minimum to maximum), and the ratio of Axone's time to it.",
        columns=["", "ms per step", "Axone's time / this time"],
        rows=rows,
        raw={"seconds": seconds, "steps": steps, "trainings": runs, "threads": threads},
        verdicts=[
            tables.verdict(
                f"A step takes at most {CLAIM} of the time of loop (a)",
                statistics.median(shares[PLAIN]) <= CLAIM, f"median ratio {tables.spread(shares[PLAIN], 3)}",
            ),
            tables.verdict(
                f"A step takes at most {CLAIM} of the time of loop (b)",
                statistics.median(shares[READY]) <= CLAIM, f"median ratio {tables.spread(shares[READY], 3)}",
            ),
            *(compare_with_goal(preset, each) for preset, each in runs.items()),
        ],
        notes=[
            "Axone's step includes all that its engine does in a step: batch, loss, gradients, the check that they are "
            "finite, update, running means of loss and accuracy. Evaluation and checkpoints happen between epochs.",
            "Loops (a) and (b) sum the loss with `.item()`, as tutorials do. The Dataset of (a) normalizes one image "
            "at a time, like torchvision's, without worker processes.",
            "(c) computes only the large matrix products and torch's fused update, on one batch that stays in the "
            "caches.",
        ],
        headers={"mlp": describe_accuracy(runs)},
    )  # fmt: skip


def describe_accuracy(runs: dict[str, list[dict[str, Any]]]) -> str:
    """Return the sentence for the header of the system."""
    parts = [
        f"--preset {preset} {tables.mean_of([100 * run['accuracy'] for run in each], 2, ' %')} ({len(each)} seeds) in "
        f"{statistics.median(run['seconds'] for run in each):.0f} s"
        for preset, each in runs.items()
    ]
    return f"test accuracy on Fashion-MNIST: {', '.join(parts)} of training."


def compare_with_goal(preset: str, runs: list[dict[str, Any]]) -> str:
    """Return whether a preset reaches the required accuracy, and in how long."""
    accuracies, seconds = [100 * run["accuracy"] for run in runs], [run["seconds"] for run in runs]
    return tables.verdict(
        f"All of Fashion-MNIST, `axone train mlp --preset {preset}`: {100 * ACCURACY:.0f} % test accuracy",
        statistics.fmean(accuracies) >= 100 * ACCURACY,
        f"{tables.mean_of(accuracies, 2, ' %')} in {tables.spread(seconds, 1)} s of training, {len(runs)} seeds",
    )


if __name__ == "__main__":
    sys.exit(main())
