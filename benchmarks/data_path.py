"""Time per batch of the data path: Axone's stream compared with DataLoader, and its share of a training step.

python benchmarks/data_path.py
python benchmarks/data_path.py --quick
"""

from __future__ import annotations

import itertools
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader

import tables
from axone.data.images.augment.base import compose, flip_left_right, shift
from axone.data.images.augment.erasing import Erasing, erase_rectangle
from axone.data.images.stream import Augment, ImageStream, ImageTransform
from axone.engine.context import BuildContext
from axone.engine.learner import TrainingContext
from axone.engine.machine.device import use_threads
from axone.engine.machine.precision import choose_precision
from axone.settings import resolve
from axone.systems import cnn
from contenders.common import BATCH, Task
from contenders.plain import ImageByImage, tensors

STREAM = "Axone's stream"
LOADER = "DataLoader over float tensors in memory"
STEPS = 60  # training steps in a round: a step takes much longer than a batch


def main() -> int:
    """Measure, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of measurement (default: 7)")
    parser.add_argument("--batches", type=int, default=468, help="batches per round (default: 468, an epoch)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.batches = 2, 5
    machine = tables.begin(options)
    use_threads(options.threads)
    task = Task(seed=0, epochs=1, threads=options.threads, limit=2000 if options.quick else 0)
    paths = make_paths(task)
    step, precision = make_step(paths[STREAM], min(options.batches, STEPS))
    step_times: list[float] = []
    times: dict[str, list[float]] = {name: [] for name in paths}
    for round_number in range(options.rounds + 1):
        for name, path in paths.items():
            seconds = per_batch(path(round_number + 1), options.batches)
            if round_number:  # the first round warms up
                times[name].append(seconds * 1e6)
        seconds = step()
        if round_number:
            step_times.append(seconds * 1e6)
        tables.say(f"round {round_number} of {options.rounds}")
    table = make_table(times, step_times, precision, options.batches, options.rounds)
    tables.finish(table, machine, options)
    return 0


def make_paths(task: Task) -> dict[str, Callable[[int], Iterator[Any]]]:
    """Return, by name, functions that take the number of an epoch and return its batches."""
    pixels, labels = task.train
    mean, std = task.mean_std

    def stream(augment: Augment | None) -> Callable[[int], Iterator[Any]]:
        transform = ImageTransform((mean,), (std,), augment)
        return ImageStream.from_pixels(pixels, labels, batch_size=BATCH, transform=transform, drop_last=True).batches

    def loader(dataset: Any) -> Callable[[int], Iterator[Any]]:
        batches = DataLoader(dataset, batch_size=BATCH, shuffle=True)
        return lambda _epoch: iter(batches)

    return {
        STREAM: stream(None),
        f"{STREAM}, flip": stream(flip_left_right()),
        f"{STREAM}, flip and shift by 2": stream(compose(flip_left_right(), shift(2))),
        f"{STREAM}, flip, shift by 2, random erasing": stream(
            compose(flip_left_right(), shift(2), erase_rectangle(Erasing(1.0)))
        ),
        LOADER: loader(tensors(task)),
        "DataLoader over PIL images": loader(ImageByImage(task)),
    }


def per_batch(batches: Iterator[Any], count: int) -> float:
    """Return the mean seconds per batch of the next `count` batches, including the start of the epoch."""
    started = time.perf_counter()
    number = sum(1 for _batch in itertools.islice(batches, count))
    return (time.perf_counter() - started) / number


def make_step(batches: Callable[[int], Iterator[Any]], count: int) -> tuple[Callable[[], float], str]:
    """Return a function that trains the cnn on one batch and returns the mean seconds per step; and the precision."""
    settings = resolve(cnn.Settings, {"limit": 1000, "validation": 0.0})
    device = torch.device("cpu")
    dtype = choose_precision(settings.precision, device)
    learner = cnn.build(settings, BuildContext()).learner
    learner.prepare(TrainingContext(device, dtype, 1_000_000))
    batch = next(batches(1))

    def steps() -> float:
        with learner.training():
            started = time.perf_counter()
            for _number in range(count):
                learner.train_step(batch)
            return (time.perf_counter() - started) / count

    return steps, str(dtype).removeprefix("torch.")


def make_table(
    times: dict[str, list[float]], step_times: list[float], precision: str, batches: int, rounds: int
) -> tables.Table:
    """Turn microseconds into rows."""
    step = statistics.median(step_times)
    base = statistics.median(times[LOADER])
    rows = []
    for name, microseconds in times.items():
        median = statistics.median(microseconds)
        rows.append(
            [
                name,
                tables.spread(microseconds, 0),
                f"{BATCH / median * 1e6:,.0f}",
                f"{base / median:.1f}",
                f"{median / (median + step):.1%}",
            ]
        )
    return tables.Table(
        name="data_path",
        title="The data path: time per batch",
        question=(
            f"Batches of {BATCH} Fashion-MNIST images, shuffled, as normalized float32: microseconds per batch, median "
            f"of {rounds} rounds of {batches} batches (smallest to largest), alternating in one process."
        ),
        columns=["data path", "microseconds per batch", "images/s", f"speed relative to {LOADER}", "share of the time"],
        rows=rows,
        raw={"microseconds_a_batch": times, "microseconds_a_step": step_times, "precision": precision},
        notes=[
            f"A training step of the cnn with default settings, on a batch in memory ({precision}), takes "
            f"{tables.spread(step_times, 0)} microseconds. Share of the time: batch / (batch + step).",
            "Each round starts an epoch and therefore includes the random permutation of the whole set.",
            "DataLoader has no worker processes: both cores compute the step, and workers would slow it down.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
