"""Time to make batches: Axone's stream compared with DataLoader, and its share of a training step.

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
from contenders.plain import Pictures, tensors

STREAM = "Axone's stream"
LOADER = "DataLoader, ready float tensors"
STEPS = 60  # of training in a round: a step takes much longer than a batch


def main() -> int:
    """Run the measurements and write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=7, help="measurements of each path (default: 7)")
    parser.add_argument("--batches", type=int, default=468, help="batches per round (default: 468, an epoch)")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default: 2)")
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
    """Return, by name, functions that begin an epoch."""
    pixels, labels = task.train
    mean, std = task.mean_std

    def stream(augment: Augment | None) -> Callable[[int], Iterator[Any]]:
        transform = ImageTransform((mean,), (std,), augment)
        return ImageStream.from_pixels(pixels, labels, batch_size=BATCH, transform=transform, drop_last=True).batches

    def loader(dataset: Any) -> Callable[[int], Iterator[Any]]:
        made = DataLoader(dataset, batch_size=BATCH, shuffle=True)
        return lambda _epoch: iter(made)

    return {
        STREAM: stream(None),
        f"{STREAM}, flip": stream(flip_left_right()),
        f"{STREAM}, flip and shift by 2": stream(compose(flip_left_right(), shift(2))),
        f"{STREAM}, flip, shift by 2, erase a rectangle": stream(
            compose(flip_left_right(), shift(2), erase_rectangle(Erasing(1.0)))
        ),
        LOADER: loader(tensors(task)),
        "DataLoader, PIL image by image": loader(Pictures(task)),
    }


def per_batch(batches: Iterator[Any], count: int) -> float:
    """Return the mean seconds of a batch over the next `count`, the beginning of the epoch included."""
    started = time.perf_counter()
    taken = sum(1 for _batch in itertools.islice(batches, count))
    return (time.perf_counter() - started) / taken


def make_step(batches: Callable[[int], Iterator[Any]], count: int) -> tuple[Callable[[], float], str]:
    """Return a function that trains the cnn on one batch in memory and gives the mean seconds of a step."""
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
    for name, found in times.items():
        middle = statistics.median(found)
        rows.append(
            [
                name,
                tables.spread(found, 0),
                f"{BATCH / middle * 1e6:,.0f}",
                f"{base / middle:.1f}",
                f"{middle / (middle + step):.1%}",
            ]
        )
    return tables.Table(
        name="data_path",
        title="What a batch costs before anything is learned from it",
        question=(
            f"Batches of {BATCH} Fashion-MNIST images, shuffled, to normalized float32: microseconds a batch, median "
            f"of {rounds} rounds of {batches} batches (smallest to largest), taking turns in one process."
        ),
        columns=["path", "microseconds a batch", "images/s", f"times as fast as {LOADER}", "share of the time"],
        rows=rows,
        raw={"microseconds_a_batch": times, "microseconds_a_step": step_times, "precision": precision},
        notes=[
            f"A training step of the cnn's defaults on a batch in memory ({precision}): {tables.spread(step_times, 0)} "
            "microseconds. The share of the time is that of the batch in batch plus step.",
            "Each round begins an epoch, so it holds the drawing of the order of the whole set.",
            "DataLoader runs without worker processes: with both cores computing, workers take from the step.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
