"""Time of augmentation: the same operations in kornia, each preset, and compared with a training step of the cnn.

python benchmarks/augmentation.py
python benchmarks/augmentation.py --quick
"""

from __future__ import annotations

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
ROTATION, MOVED, SIZE, SHEAR, TILT, BENT, CHANCE = 20.0, 0.06, 0.1, 10.0, 0.1, 0.04, 0.5
CHAIN = Preset(
    Geometry(ROTATION, CHANCE, CHANCE, MOVED, SIZE, SHEAR, TILT, BENT), Color(channel_shuffle=CHANCE, inversion=CHANCE)
)
COMPARED = (128, 32, 32, 3)
SIZES = ((128, 28, 28, 1), (128, 32, 32, 3), (32, 224, 224, 3))
OURS, OURS_NORMALIZED = "Axone: bytes to bytes", "Axone: bytes to bytes to normalized float32"
SMALL_KERNEL = "kornia: float32 to float32, elastic kernel 9 x 9"
LARGE_KERNEL = "kornia: float32 to float32, elastic kernel 63 x 63 (its default)"
NO_ELASTIC = "kornia: float32 to float32, without elastic"
TIMES_KORNIA, TIMES_STEP = 3, 5

Do = Callable[[int], Any]  # the number of the batch -> whatever comes out


def main() -> int:
    """Run the measurements and write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=9, help="measurements of each chain (default: 9)")
    parser.add_argument("--batches", type=int, default=30, help="batches per round (default: 30)")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.batches = 2, 2
    machine = tables.begin(options)
    use_threads(options.threads)
    kept_memory = keep_freed_memory()  # as training does; it makes everything in this process faster
    chains = make_chains()
    presets = {(name, size): make_preset(name, size) for size in SIZES for name in PRESETS if name != "none"}
    task = Task(seed=0, epochs=1, threads=options.threads, limit=2000 if options.quick else 0)
    feed = make_feed(task)
    step, precision = data_path.make_step(feed, options.batches)

    times: dict[Any, list[float]] = {name: [] for name in (*chains, *presets, "feed", "step")}
    with torch.inference_mode():
        for round_number in range(options.rounds + 1):
            for name, do in {**chains, **presets}.items():
                count = (
                    max(2, options.batches // 5) if name[-1] == SIZES[-1] or name == LARGE_KERNEL else options.batches
                )
                times[name].append(1e6 * per_batch(do, round_number, count))
            tables.say(f"chains: round {round_number} of {options.rounds}")
    for round_number in range(options.rounds + 1):
        times["feed"].append(1e6 * data_path.per_batch(feed(round_number + 1), 4 * options.batches))
        times["step"].append(1e6 * step())
        tables.say(f"feed and step: round {round_number} of {options.rounds}")
    kept = {name: found[1:] for name, found in times.items()}  # the first round warms up
    tables.finish(make_table(kept, precision, kept_memory, options), machine, options)
    return 0


def make_chains() -> dict[str, Do]:
    """Return, by name, what makes one batch of the comparison."""
    pixels = pictures(COMPARED)
    floats = pixels.permute(0, 3, 1, 2).float().div(255).contiguous()
    index = torch.arange(len(pixels))
    chain = build_augmentation(CHAIN, border="zeros")
    assert chain is not None

    def ours(number: int) -> torch.Tensor:
        return chain(pixels, make_generator("benchmark", number), 1, index)

    made: dict[str, Do] = {
        OURS: ours,
        OURS_NORMALIZED: lambda number: normalize(ours(number), (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)),
    }
    if tables.installed("kornia"):
        for name, kernel in ((SMALL_KERNEL, 9), (LARGE_KERNEL, 63), (NO_ELASTIC, None)):
            theirs = kornia_chain(kernel)
            made[name] = lambda number, theirs=theirs: theirs(floats)
    return made


def kornia_chain(kernel: int | None) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the same operations in kornia; `kernel` is the side of what smooths its elastic displacements."""
    from kornia import augmentation as kornia

    steps = [
        kornia.RandomAffine(ROTATION, (MOVED, MOVED), (1 - SIZE, 1 + SIZE), SHEAR, p=1.0),
        kornia.RandomHorizontalFlip(p=CHANCE),
        kornia.RandomVerticalFlip(p=CHANCE),
        kornia.RandomPerspective(TILT, p=1.0),
    ]
    if kernel:
        side = (kernel, kernel)
        steps.append(kornia.RandomElasticTransform(side, (kernel / 2, kernel / 2), (BENT, BENT), p=1.0))
    steps += [kornia.RandomChannelShuffle(p=CHANCE), kornia.RandomInvert(p=CHANCE)]
    return torch.nn.Sequential(*steps)


def make_preset(name: str, size: tuple[int, ...]) -> Do:
    """Return what makes one batch of a preset, bytes to bytes."""
    pixels, index = pictures(size), torch.arange(size[0])
    chain = build_augmentation(PRESETS[name], border="zeros" if size[3] == 1 else "reflection")
    assert chain is not None
    return lambda number: chain(pixels, make_generator("benchmark", number), 1, index)


def make_feed(task: Task) -> Callable[[int], Iterator[Any]]:
    """Return what begins an epoch of the data path alone: index, augment with `course`, normalize, batch."""
    pixels, labels = task.train
    mean, std = task.mean_std
    chain = build_augmentation(PRESETS["course"])
    transform = ImageTransform((mean,), (std,), chain)
    return ImageStream.from_pixels(pixels, labels, batch_size=BATCH, transform=transform, drop_last=True).batches


def pictures(size: tuple[int, ...]) -> torch.Tensor:
    """Return random bytes: what a pixel's value is does not change what it costs."""
    return torch.randint(0, 256, size, dtype=torch.uint8, generator=make_generator("pictures", *size))


def per_batch(do: Do, round_number: int, count: int) -> float:
    """Return the mean seconds of a batch."""
    started = time.perf_counter()
    for number in range(count):
        do(round_number * count + number)
    return (time.perf_counter() - started) / count


def make_table(times: dict[Any, list[float]], precision: str, kept_memory: bool, options: Any) -> tables.Table:
    """Turn microseconds into rows and verdicts."""
    middle = {name: statistics.median(found) for name, found in times.items()}
    rows = []

    def row(what: str, size: tuple[int, ...], name: Any, ratio: float | None) -> None:
        shape = " x ".join(map(str, size))
        speed = f"{size[0] / middle[name] * 1e6:,.0f}"
        rows.append([what, shape, tables.spread(times[name], 0), speed, "" if ratio is None else f"{ratio:.2f}"])

    base = middle[OURS_NORMALIZED]
    for name in (OURS, OURS_NORMALIZED, SMALL_KERNEL, LARGE_KERNEL, NO_ELASTIC):
        if name in times:
            row(name, COMPARED, name, middle[name] / base)
    for size, name in itertools.product(SIZES, (name for name in PRESETS if name != "none")):
        row(f"`{name}`: bytes to bytes", size, (name, size), None)
    row("data path alone: index, `course`, normalize, batch", SIZES[0], "feed", None)
    row(f"a training step of the cnn's defaults ({precision}), nothing else", (BATCH, 28, 28, 1), "step", None)
    slower = min((middle[name] / base for name in (SMALL_KERNEL, LARGE_KERNEL) if name in times), default=None)
    feeding = middle["step"] / middle["feed"]
    return tables.Table(
        name="augmentation",
        title="What augmentation costs",
        question=(
            f"Microseconds for a batch, {options.threads} threads, median of {options.rounds} rounds of "
            f"{options.batches} batches (smallest to largest), all taking turns in one process. The chain that is "
            f"compared: affine (rotation up to {ROTATION:g} degrees, translation {MOVED:g}, scale {SIZE:g}, shear "
            f"{SHEAR:g} degrees), two flips, perspective, elastic, channel shuffle, inversion."
        ),
        columns=["chain", "batch", "microseconds a batch", "images/s", "time, Axone to normalized floats = 1"],
        rows=rows,
        raw={"microseconds": {str(name): found for name, found in times.items()}, "precision": precision},
        verdicts=[
            tables.verdict(
                f"At least {TIMES_KORNIA} times the throughput of the same chain in kornia",
                None if slower is None else slower >= TIMES_KORNIA,
                "kornia is not installed" if slower is None else f"{slower:.1f} times, bytes to normalized floats",
            ),
            tables.verdict(
                f"The data path with `course` feeds at least {TIMES_STEP} times what the cnn's steps consume",
                feeding >= TIMES_STEP,
                f"{feeding:.1f} times",
            ),
        ],
        notes=[
            "Axone starts from bytes and kornia from float tensors that are ready: the conversion is in Axone's time.",
            "Axone draws a homography, a displacement field and a color matrix for each picture and resamples once; "
            "kornia resamples once for each geometric operation.",
            "kornia smooths its elastic displacements by a Gaussian kernel; its default of 63 x 63 is wider than these "
            "pictures. The verdict is against whichever kernel is faster.",
            "Drawing the order of an epoch is part of the data path.",
            *["The C library was told to keep freed memory, as training does, for all chains."] * kept_memory,
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
