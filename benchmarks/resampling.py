"""Implementations of geometric augmentation of a batch of images: the one that Axone uses, and alternatives.

python benchmarks/resampling.py
python benchmarks/resampling.py --quick
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as functional
from torch import Tensor

import tables
from axone.data.images.augment.geometry import homography, resample
from axone.data.random import make_generator
from axone.engine.machine.device import keep_freed_memory, use_threads

SIZES = ((128, 28, 28, 1), (128, 32, 32, 3), (32, 224, 224, 3))
AXONE = "one matrix product, then grid_sample on channels-last floats (Axone)"
# bytes [B, H, W, C], homographies [B, 3, 3], displacements of control points [B, 2, 4, 4] -> floats [B, C, H, W]
Implementation = Callable[[Tensor, Tensor, Tensor], Tensor]


def main() -> int:
    """Measure, then write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=9, help="rounds of measurement (default: 9)")
    parser.add_argument("--batches", type=int, default=20, help="batches per round (default: 20)")
    parser.add_argument("--threads", type=int, default=2, help="processor threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.batches = 2, 1
    machine = tables.begin(options)
    use_threads(options.threads)
    memory_kept = keep_freed_memory()  # as in training; it applies to all implementations in this process
    inputs = {size: make_inputs(size) for size in SIZES}
    times: dict[tuple[str, tuple[int, ...]], list[float]] = {
        (name, size): [] for name in IMPLEMENTATIONS for size in SIZES
    }
    differences: dict[str, float] = {}
    with torch.inference_mode():
        for round_number in range(options.rounds + 1):
            for size, tensors in inputs.items():
                expected = IMPLEMENTATIONS[AXONE](*tensors)
                for name, resample_batch in IMPLEMENTATIONS.items():
                    started = time.perf_counter()
                    for _ in range(options.batches):
                        output = resample_batch(*tensors)
                    times[name, size].append(1e6 * (time.perf_counter() - started) / options.batches)
                    difference = (output.float() - expected).abs().mean().item()
                    differences[name] = max(differences.get(name, 0.0), difference)
            tables.say(f"round {round_number} of {options.rounds}")
    measured = {name: microseconds[1:] for name, microseconds in times.items()}  # the first round warms up
    tables.finish(make_table(measured, differences, memory_kept, options), machine, options)
    return 0


def make_inputs(size: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """Return bytes, a homography for each image, and displacements of the control points."""
    batch, height, width, _ = size
    generator = make_generator("resampling", *size)
    pixels = torch.randint(0, 256, size, dtype=torch.uint8, generator=generator)
    rotation, shear, tilt_x, tilt_y = (2 * torch.rand(4, batch, generator=generator) - 1).double()
    homographies = homography(
        (height, width), rotation=20 * rotation, shear=10 * shear, perspective=(0.1 * tilt_x, 0.1 * tilt_y)
    )
    return pixels, homographies, 0.04 * (2 * torch.rand(batch, 2, 4, 4, generator=generator) - 1)


def floats(pixels: Tensor) -> Tensor:
    return pixels.permute(0, 3, 1, 2).float()


def resample_at_once(pixels: Tensor, homographies: Tensor, displacements: Tensor) -> Tensor:
    return resample(floats(pixels), homographies, displacements)


def contiguous(pixels: Tensor, homographies: Tensor, displacements: Tensor) -> Tensor:
    return resample(floats(pixels).contiguous(), homographies, displacements)


def half(pixels: Tensor, homographies: Tensor, displacements: Tensor) -> Tensor:
    positions = grid(pixels, homographies, displacements).to(torch.float16)
    return functional.grid_sample(floats(pixels).half(), positions, align_corners=False)


def grid(pixels: Tensor, homographies: Tensor, displacements: Tensor) -> Tensor:
    """Return the sampling positions, from -1 to 1, computed by a batched product and `interpolate`."""
    batch, height, width, _ = pixels.shape
    unit = torch.tensor([2 / width, 2 / height, 1.0])
    y, x = (torch.arange(length) - (length - 1) / 2 for length in (height, width))
    base = torch.stack([x.expand(height, width), y[:, None].expand(height, width), torch.ones(height, width)], 2)
    positions = base.view(1, -1, 3) @ (homographies * unit[:, None]).transpose(1, 2)
    moved = functional.interpolate(2 * displacements, (height, width), mode="bicubic", align_corners=True)
    positions = positions.view(batch, height, width, 3)
    return (positions[..., :2] + moved.permute(0, 2, 3, 1)) / positions[..., 2:]


def interpolated(pixels: Tensor, homographies: Tensor, displacements: Tensor) -> Tensor:
    return functional.grid_sample(
        floats(pixels).contiguous(), grid(pixels, homographies, displacements), align_corners=False
    )


def corners(pixels: Tensor, homographies: Tensor, displacements: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """Return the bytes with a black frame, and for each value the positions of its four neighbors and their weights."""
    batch, height, width, _ = pixels.shape
    framed = functional.pad(pixels, (0, 0, 1, 1, 1, 1))
    positions = grid(pixels, homographies, displacements)
    x = ((positions[..., 0] + 1) * (width / 2) + 0.5).clamp_(0, width + 0.999)
    y = ((positions[..., 1] + 1) * (height / 2) + 0.5).clamp_(0, height + 0.999)
    left, top = x.int(), y.int()
    right_weight, lower_weight = x - left, y - top
    row = width + 2
    first = (torch.arange(batch, dtype=torch.int32) * (row * (height + 2)))[:, None, None] + top * row + left
    weights = [
        (1 - lower_weight) * (1 - right_weight),
        (1 - lower_weight) * right_weight,
        lower_weight * (1 - right_weight),
        lower_weight * right_weight,
    ]
    return framed, [first, first + 1, first + row, first + row + 1], weights


def gathered(pixels: Tensor, homographies: Tensor, displacements: Tensor) -> Tensor:
    """Gather four neighbors, as floats."""
    framed, positions, weights = corners(pixels, homographies, displacements)
    rows = framed.flatten(0, 2).float()
    values = sum(
        rows.index_select(0, position.flatten()) * weight.view(-1, 1) for position, weight in zip(positions, weights)
    )
    return values.view(pixels.shape).permute(0, 3, 1, 2)


def packed(pixels: Tensor, homographies: Tensor, displacements: Tensor) -> Tensor:
    """Gather four neighbors, the channels of a pixel as the bytes of one integer."""
    framed, positions, weights = corners(pixels, homographies, displacements)
    channels = pixels.shape[3]
    words = functional.pad(framed, (0, 4 - channels)).flatten().view(torch.int32)
    values = sum(
        words.index_select(0, position.flatten()).view(torch.uint8).view(-1, 4)[:, :channels].float()
        * weight.view(-1, 1)
        for position, weight in zip(positions, weights)
    )
    return values.view(pixels.shape).permute(0, 3, 1, 2)


def one_by_one(pixels: Tensor, homographies: Tensor, displacements: Tensor) -> Tensor:
    """Resample for the homography, then again for the displacements: two interpolations, so the result is blurred."""
    identity = torch.eye(3).expand(len(pixels), 3, 3)
    return resample(resample(floats(pixels), homographies), identity, displacements)


IMPLEMENTATIONS: dict[str, Implementation] = {
    AXONE: resample_at_once,
    "the same with contiguous channels-first floats": contiguous,
    "the grid from a batched product and `interpolate`, then grid_sample": interpolated,
    "the same, images and grid in float16": half,
    "four neighbors by index_select, floats": gathered,
    "four neighbors by index_select, a pixel's channels packed into one integer": packed,
    "one resampling for the homography, one for the displacements": one_by_one,
}


def make_table(
    times: dict[tuple[str, tuple[int, ...]], list[float]],
    differences: dict[str, float],
    memory_kept: bool,
    options: Any,
) -> tables.Table:
    """Format the times: a row for each implementation, a column for each size."""
    rows = []
    for name in IMPLEMENTATIONS:
        cells = [tables.spread(times[name, size], 0) for size in SIZES]
        ratios = [statistics.median(times[name, size]) / statistics.median(times[AXONE, size]) for size in SIZES]
        rows.append([name, *cells, " / ".join(f"{ratio:.2f}" for ratio in ratios), f"{differences[name]:.2f}"])
    return tables.Table(
        name="resampling",
        title="Geometric augmentation: implementations compared",
        question=(
            f"Microseconds from bytes to transformed floats with rotation, shear, perspective and elastic distortion, "
            f"{options.threads} threads, median of {options.rounds} rounds of {options.batches} batches (smallest to "
            "largest), alternating in one process."
        ),
        columns=[
            "implementation",
            *(" x ".join(map(str, size)) for size in SIZES),
            "time relative to Axone's implementation",
            "mean difference of the values (0 to 255)",
        ],
        rows=rows,
        raw={
            "microseconds": {f"{name}, {size}": values for (name, size), values in times.items()},
            "differences": differences,
        },
        notes=["The C library is configured to keep freed memory, as in training."] * memory_kept,
    )


if __name__ == "__main__":
    sys.exit(main())
