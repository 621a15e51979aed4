"""The time of augmentation: compared with the same chain in kornia, for each preset, and with a training step.

python benchmarks/augmentation.py
python benchmarks/augmentation.py --quick
"""

from __future__ import annotations

import functools
import itertools
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch

import data_path
import tables
from axone.data.images.augment.color import Color
from axone.data.images.augment.geometry import Geometry
from axone.data.images.augment.presets import PRESETS, Preset, build_augmentation
from axone.data.images.normalize import normalize
from axone.data.images.stream import ImageStream, ImageTransform
from axone.data.random import make_generator
from axone.engine.machine.device import keep_freed_memory, use_threads
from contenders.common import BATCH, Task

# The operations of the comparison, with the same ranges on both sides.
ROTATION, TRANSLATION, SCALE, SHEAR, PERSPECTIVE, ELASTIC, PROBABILITY = 20.0, 0.06, 0.1, 10.0, 0.1, 0.04, 0.5
CHAIN = Preset(
    Geometry(ROTATION, PROBABILITY, PROBABILITY, TRANSLATION, SCALE, SHEAR, PERSPECTIVE, ELASTIC),
    Color(channel_shuffle=PROBABILITY, inversion=PROBABILITY),
)
COMPARED = (128, 32, 32, 3)
SIZES = ((128, 28, 28, 1), (128, 32, 32, 3), (32, 224, 224, 3))
AXONE, AXONE_NORMALIZED = "Axone: bytes to bytes", "Axone: bytes to bytes to normalized float32"
SMALL_KERNEL = "kornia: float32 to float32, elastic kernel 9 x 9"
LARGE_KERNEL = "kornia: float32 to float32, elastic kernel 63 x 63 (its default)"
NO_ELASTIC = "kornia: float32 to float32, without elastic"
TIMES_KORNIA, TIMES_STEP = 3, 5

Augment = Callable[[int], Any]  # number of the batch -> augmented batch


def main() -> int:
    """Measure, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=9, help="rounds of measurement (default: 9)")
    parser.add_argument("--batches", type=int, default=30, help="batches per round (default: 30)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.batches = 2, 2
    machine = tables.begin(options)
    use_threads(options.threads)
    memory_kept = keep_freed_memory()  # as in training; it applies to all chains in this process
    chains = make_chains()
    presets = {(name, size): make_preset(name, size) for size in SIZES for name in PRESETS if name != "none"}
    task = Task(seed=0, epochs=1, threads=options.threads, limit=2000 if options.quick else 0)
    feed = make_feed(task)
    step, precision = data_path.make_step(feed, options.batches)

    times: dict[Any, list[float]] = {name: [] for name in (*chains, *presets, "feed", "step")}
    with torch.inference_mode():
        for round_number in range(options.rounds + 1):
            for name, augment in {**chains, **presets}.items():
                count = (
                    max(2, options.batches // 5) if name[-1] == SIZES[-1] or name == LARGE_KERNEL else options.batches
                )
                times[name].append(1e6 * per_batch(augment, round_number, count))
            tables.say(f"chains: round {round_number} of {options.rounds}")
    for round_number in range(options.rounds + 1):
        times["feed"].append(1e6 * data_path.per_batch(feed(round_number + 1), 4 * options.batches))
        times["step"].append(1e6 * step())
        tables.say(f"feed and step: round {round_number} of {options.rounds}")
    measured = {name: microseconds[1:] for name, microseconds in times.items()}  # the first round warms up
    tables.finish(make_table(measured, precision, memory_kept, options), machine, options)
    return 0


def make_chains() -> dict[str, Augment]:
    """Return, by name, functions that augment one batch of the comparison."""
    pixels = random_images(COMPARED)
    floats = pixels.permute(0, 3, 1, 2).float().div(255).contiguous()
    index = torch.arange(len(pixels))
    chain = build_augmentation(CHAIN, border="zeros")
    assert chain is not None

    def augment(number: int) -> torch.Tensor:
        return chain(pixels, make_generator("benchmark", number), 1, index)

    chains: dict[str, Augment] = {
        AXONE: augment,
        AXONE_NORMALIZED: lambda number: normalize(augment(number), (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)),
    }
    if tables.installed("kornia"):
        for name, kernel in ((SMALL_KERNEL, 9), (LARGE_KERNEL, 63), (NO_ELASTIC, None)):
            chains[name] = functools.partial(lambda chain, _number: chain(floats), kornia_chain(kernel))
    return chains


def kornia_chain(kernel: int | None) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the same operations in kornia; `kernel` is the side of the kernel that smooths elastic displacements."""
    from kornia import augmentation as kornia

    steps = [
        kornia.RandomAffine(ROTATION, (TRANSLATION, TRANSLATION), (1 - SCALE, 1 + SCALE), SHEAR, p=1.0),
        kornia.RandomHorizontalFlip(p=PROBABILITY),
        kornia.RandomVerticalFlip(p=PROBABILITY),
        kornia.RandomPerspective(PERSPECTIVE, p=1.0),
    ]
    if kernel:
        side = (kernel, kernel)
        steps.append(kornia.RandomElasticTransform(side, (kernel / 2, kernel / 2), (ELASTIC, ELASTIC), p=1.0))
    steps += [kornia.RandomChannelShuffle(p=PROBABILITY), kornia.RandomInvert(p=PROBABILITY)]
    return torch.nn.Sequential(*steps)


def make_preset(name: str, size: tuple[int, ...]) -> Augment:
    """Return what makes one batch of a preset, bytes to bytes."""
    pixels, index = random_images(size), torch.arange(size[0])
    chain = build_augmentation(PRESETS[name], border="zeros" if size[3] == 1 else "reflection")
    assert chain is not None
    return lambda number: chain(pixels, make_generator("benchmark", number), 1, index)


def make_feed(task: Task) -> Callable[[int], Iterator[Any]]:
    """Return a function that yields the batches of an epoch: index, augment with `course`, normalize."""
    pixels, labels = task.train
    mean, std = task.mean_std
    chain = build_augmentation(PRESETS["course"])
    transform = ImageTransform((mean,), (std,), chain)
    return ImageStream.from_pixels(pixels, labels, batch_size=BATCH, transform=transform, drop_last=True).batches


def random_images(size: tuple[int, ...]) -> torch.Tensor:
    """Return random bytes: the time does not depend on the values of the pixels."""
    return torch.randint(0, 256, size, dtype=torch.uint8, generator=make_generator("images", *size))


def per_batch(augment: Augment, round_number: int, count: int) -> float:
    """Return the mean seconds per batch."""
    started = time.perf_counter()
    for number in range(count):
        augment(round_number * count + number)
    return (time.perf_counter() - started) / count


def make_table(times: dict[Any, list[float]], precision: str, memory_kept: bool, options: Any) -> tables.Table:
    """Format the times as rows and verdicts."""
    median = {name: statistics.median(microseconds) for name, microseconds in times.items()}
    rows = []

    def row(title: str, size: tuple[int, ...], name: Any, ratio: float | None) -> None:
        shape = " x ".join(map(str, size))
        speed = f"{size[0] / median[name] * 1e6:,.0f}"
        rows.append([title, shape, tables.spread(times[name], 0), speed, "" if ratio is None else f"{ratio:.2f}"])

    base = median[AXONE_NORMALIZED]
    for name in (AXONE, AXONE_NORMALIZED, SMALL_KERNEL, LARGE_KERNEL, NO_ELASTIC):
        if name in times:
            row(name, COMPARED, name, median[name] / base)
    for size, name in itertools.product(SIZES, (name for name in PRESETS if name != "none")):
        row(f"`{name}`: bytes to bytes", size, (name, size), None)
    row("data path: index, `course`, normalize", SIZES[0], "feed", None)
    row(f"a training step of the cnn with default settings ({precision})", (BATCH, 28, 28, 1), "step", None)
    slower = min((median[name] / base for name in (SMALL_KERNEL, LARGE_KERNEL) if name in times), default=None)
    feeding = median["step"] / median["feed"]
    return tables.Table(
        name="augmentation",
        title="The time of augmentation",
        question=(
            f"Microseconds per batch, {options.threads} threads, median of {options.rounds} rounds of "
            f"{options.batches} batches (smallest to largest), alternating in one process. The chain of the "
            f"comparison: affine (rotation up to {ROTATION:g} degrees, translation {TRANSLATION:g}, scale {SCALE:g}, "
            f"shear {SHEAR:g} degrees), two flips, perspective, elastic, channel shuffle, inversion."
        ),
        columns=["chain", "batch", "microseconds per batch", "images/s", "time relative to Axone to normalized floats"],
        rows=rows,
        raw={"microseconds": {str(name): microseconds for name, microseconds in times.items()}, "precision": precision},
        verdicts=[
            tables.verdict(
                f"At least {TIMES_KORNIA} times the throughput of the same chain in kornia",
                None if slower is None else slower >= TIMES_KORNIA,
                "kornia is not installed" if slower is None else f"{slower:.1f} times, bytes to normalized floats",
            ),
            tables.verdict(
                f"The data path with `course` is at least {TIMES_STEP} times as fast as the cnn's training step",
                feeding >= TIMES_STEP,
                f"{feeding:.1f} times",
            ),
        ],
        notes=[
            "Axone starts from bytes, kornia from float tensors: only Axone's time includes the conversion.",
            "Axone draws a homography, a displacement field and a color matrix for each image and resamples once; "
            "kornia resamples once for each geometric operation.",
            "kornia smooths its elastic displacements with a Gaussian kernel; its default of 63 x 63 is larger than "
            "these images. The goal refers to the faster of both kernels.",
            "The data path includes the random permutation of an epoch.",
            *["The C library is configured to keep freed memory, as in training, for all chains."] * memory_kept,
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
