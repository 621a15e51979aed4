"""A step of the course's MLP (784-128-10, batch 32) against the plain PyTorch loop of the tutorials, in one run.

    python benchmarks/mlp_speed.py            some minutes on two quiet cores
    python benchmarks/mlp_speed.py --quick    a smoke test of seconds, writes nothing

Contenders take turns, round after round, in one process and with the same threads; shares are taken within a round.
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
from axone.engine.device import keep_freed_memory, usable_cores
from axone.engine.interrupt import StopFlag
from axone.engine.recorder import MemoryRecorder
from axone.engine.training import Training
from axone.settings import resolve
from axone.systems import mlp
from contenders.common import Task
from contenders.plain import Pictures, tensors

BATCH, CLAIM, ACCURACY = 32, 0.35, 0.90
PRESETS = ("default", "wide")
OURS = "Axone, `axone train mlp`"
PLAIN = "(a) plain loop, a picture at a time (the tutorials' data set)"
READY = "(b) plain loop, float tensors ready in memory"
FLOOR = "(c) the products and the update alone, on one batch"


def network() -> nn.Sequential:
    """The course's network, as a tutorial writes it."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def plain(dataset: Dataset, steps: int) -> float:
    """Return the seconds of so many steps of the tutorials' loop."""
    loader = DataLoader(dataset, batch_size=BATCH, shuffle=True)
    model, criterion = network(), nn.CrossEntropyLoss()
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


def ours(steps: int) -> float:
    """Return the seconds of so many steps of the engine: streams, losses, metrics, watch and all."""
    asked = {"epochs": 1, "limit": steps * BATCH, "validation": 0.0, "device": "cpu", "batch_size": BATCH}
    settings = resolve(mlp.Settings, asked)
    experiment = mlp.build(settings, BuildContext())
    training = Training(experiment, settings, MemoryRecorder(), torch.device("cpu"), torch.float32, StopFlag())
    training._train_epoch()
    return training.progress.seconds


def floor(steps: int) -> float:
    """Return the seconds of the three large products, their small companions and the fused update."""
    model, inputs, slopes = network(), torch.randn(BATCH, 784), torch.randn(BATCH, 128)
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
            torch.mm(slopes.t(), inputs, out=first.weight.grad)
            torch.mm(slopes[:, :10].t(), hidden, out=last.weight.grad)
            optimizer.step()
        return time.perf_counter() - started


def whole(preset: str, threads: int, seed: int, limit: int) -> dict[str, Any]:
    """Train on all of Fashion-MNIST; return accuracy and seconds."""
    asked = {"preset": preset, "threads": threads, "seed": seed, "device": "cpu", "limit": limit}
    with tempfile.TemporaryDirectory() as folder:
        found = axone.train("mlp", runs_folder=folder, **asked).results
        tables.say(f"{preset}, seed {seed}: {100 * found['test']['accuracy']:.2f} % in {found['seconds']:.1f} s")
        return {"accuracy": found["test"]["accuracy"], "seconds": found["seconds"]}


def main() -> int:
    """Run the benchmark."""
    options = arguments()
    machine = tables.begin(options)
    torch.set_num_threads(options.threads)
    keep_freed_memory()
    steps, rounds = (100, 2) if options.quick else (options.steps, options.rounds)
    task = Task(seed=0, epochs=1, threads=options.threads)
    pictures, ready = Pictures(task), tensors(task)
    contenders: dict[str, Callable[[], float]] = {
        OURS: lambda: ours(steps),
        PLAIN: lambda: plain(pictures, steps),
        READY: lambda: plain(ready, steps),
        FLOOR: lambda: floor(steps),
    }
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        turn = list(contenders)[number % 4 :] + list(contenders)[: number % 4]
        for name in turn:
            seconds[name].append(contenders[name]())
        tables.say(f"round {number + 1}: " + ", ".join(f"{1e3 * s[-1] / steps:.3f} ms" for s in seconds.values()))
    limit, seeds = (2000, 1) if options.quick else (0, 3)
    runs = {preset: [whole(preset, options.threads, seed, limit) for seed in range(seeds)] for preset in PRESETS}
    tables.finish(table_of(seconds, steps, runs, options), machine, options)
    return 0


def arguments() -> argparse.Namespace:
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--threads", type=int, default=usable_cores(), help="of every contender")
    parser.add_argument("--steps", type=int, default=1500, help="in a round")
    parser.add_argument("--rounds", type=int, default=9)
    return parser.parse_args()


def table_of(
    seconds: dict[str, list[float]], steps: int, runs: dict[str, list[dict[str, Any]]], options: argparse.Namespace
) -> tables.Table:
    shares = {name: [own / other for own, other in zip(seconds[OURS], seconds[name])] for name in (PLAIN, READY)}
    rows = []
    for name, found in seconds.items():
        milliseconds = [1e3 * one / steps for one in found]
        rows.append([name, tables.spread(milliseconds, 3), tables.spread(shares.get(name, []), 3)])
    return tables.Table(
        name="mlp_speed",
        title="A step of the course's MLP, beside the plain PyTorch loop",
        question=f"Milliseconds a step: 784-128-10, batches of {BATCH}, Adam, float32, {options.threads} threads; "
        f"the median of {len(seconds[OURS])} rounds of {steps} steps (smallest to largest), and Axone's share of it.",
        columns=["", "ms a step", "Axone's share"],
        rows=rows,
        raw={"seconds": seconds, "steps": steps, "trainings": runs, "threads": options.threads},
        verdicts=[
            tables.verdict(
                f"A step takes at most {CLAIM} of that of the tutorials' loop (a)",
                statistics.median(shares[PLAIN]) <= CLAIM, f"median share {tables.spread(shares[PLAIN], 3)}",
            ),
            tables.verdict(
                "and of the same loop over tensors that are ready (b)",
                statistics.median(shares[READY]) <= CLAIM, f"median share {tables.spread(shares[READY], 3)}",
            ),
            *(judge(preset, each) for preset, each in runs.items()),
        ],
        notes=[
            "Axone's step holds everything that its engine does in one: batch, loss, gradients, the look at whether "
            "they are numbers, update, running means of loss and accuracy. Checks and saving happen between epochs.",
            "The tutorials' loop adds up its loss with `.item()`, as they do. Its data set makes and normalizes a "
            "picture at a time, as torchvision's does; no worker processes.",
            "(c) does only the large products and torch's own fused update, on one batch that stays in the caches.",
        ],
    )  # fmt: skip


def judge(preset: str, runs: list[dict[str, Any]]) -> str:
    """Say whether a preset reaches the accuracy asked for, and in how long."""
    accuracies, took = [100 * run["accuracy"] for run in runs], [run["seconds"] for run in runs]
    return tables.verdict(
        f"All of Fashion-MNIST, `axone train mlp --preset {preset}`: {100 * ACCURACY:.0f} % test accuracy",
        statistics.fmean(accuracies) >= 100 * ACCURACY,
        f"{tables.mean_of(accuracies, 2, ' %')} in {tables.spread(took, 1)} s of training, {len(runs)} seeds",
    )


if __name__ == "__main__":
    sys.exit(main())
