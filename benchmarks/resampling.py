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
OURS = "one matrix product, then grid_sample on channels-last floats (Axone)"
Way = Callable[[Tensor, Tensor, Tensor], Tensor]  # bytes, homographies, bends -> floats (batch, channels, ...)


def main() -> int:
    """Run the measurements and write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=9, help="measurements of each implementation (default: 9)")
    parser.add_argument("--batches", type=int, default=20, help="batches per round (default: 20)")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default: 2)")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.batches = 2, 1
    machine = tables.begin(options)
    use_threads(options.threads)
    kept_memory = keep_freed_memory()  # as training does; it makes everything in this process faster
    inputs = {size: make_inputs(size) for size in SIZES}
    times: dict[tuple[str, tuple[int, ...]], list[float]] = {(name, size): [] for name in WAYS for size in SIZES}
    differences: dict[str, float] = {}
    with torch.inference_mode():
        for round_number in range(options.rounds + 1):
            for size, given in inputs.items():
                expected = WAYS[OURS](*given)
                for name, way in WAYS.items():
                    started = time.perf_counter()
                    for _ in range(options.batches):
                        made = way(*given)
                    times[name, size].append(1e6 * (time.perf_counter() - started) / options.batches)
                    apart = (made.float() - expected).abs().mean().item()
                    differences[name] = max(differences.get(name, 0.0), apart)
            tables.say(f"round {round_number} of {options.rounds}")
    kept = {name: found[1:] for name, found in times.items()}  # the first round warms up
    tables.finish(make_table(kept, differences, kept_memory, options), machine, options)
    return 0


def make_inputs(size: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """Return bytes, a homography for each picture, and movements of the control points."""
    batch, height, width, _ = size
    generator = make_generator("resampling", *size)
    pixels = torch.randint(0, 256, size, dtype=torch.uint8, generator=generator)
    turn, slant, tilt_x, tilt_y = (2 * torch.rand(4, batch, generator=generator) - 1).double()
    maps = homography((height, width), rotation=20 * turn, shear=10 * slant, perspective=(0.1 * tilt_x, 0.1 * tilt_y))
    return pixels, maps, 0.04 * (2 * torch.rand(batch, 2, 4, 4, generator=generator) - 1)


def floats(pixels: Tensor) -> Tensor:
    return pixels.permute(0, 3, 1, 2).float()


def house(pixels: Tensor, maps: Tensor, bends: Tensor) -> Tensor:
    return resample(floats(pixels), maps, bends)


def contiguous(pixels: Tensor, maps: Tensor, bends: Tensor) -> Tensor:
    return resample(floats(pixels).contiguous(), maps, bends)


def half(pixels: Tensor, maps: Tensor, bends: Tensor) -> Tensor:
    places = grid(pixels, maps, bends).to(torch.float16)
    return functional.grid_sample(floats(pixels).half(), places, align_corners=False)


def grid(pixels: Tensor, maps: Tensor, bends: Tensor) -> Tensor:
    """Return where each value comes from, from -1 to 1, made from torch's own parts instead of one product."""
    batch, height, width, _ = pixels.shape
    unit = torch.tensor([2 / width, 2 / height, 1.0])
    y, x = (torch.arange(length) - (length - 1) / 2 for length in (height, width))
    base = torch.stack([x.expand(height, width), y[:, None].expand(height, width), torch.ones(height, width)], 2)
    places = base.view(1, -1, 3) @ (maps * unit[:, None]).transpose(1, 2)
    moved = functional.interpolate(2 * bends, (height, width), mode="bicubic", align_corners=True)
    places = places.view(batch, height, width, 3)
    return (places[..., :2] + moved.permute(0, 2, 3, 1)) / places[..., 2:]


def interpolated(pixels: Tensor, maps: Tensor, bends: Tensor) -> Tensor:
    return functional.grid_sample(floats(pixels).contiguous(), grid(pixels, maps, bends), align_corners=False)


def corners(pixels: Tensor, maps: Tensor, bends: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """Return the bytes with a black frame, and for each value the places of its four neighbors and their weights."""
    batch, height, width, _ = pixels.shape
    framed = functional.pad(pixels, (0, 0, 1, 1, 1, 1))
    places = grid(pixels, maps, bends)
    x = ((places[..., 0] + 1) * (width / 2) + 0.5).clamp_(0, width + 0.999)
    y = ((places[..., 1] + 1) * (height / 2) + 0.5).clamp_(0, height + 0.999)
    left, top = x.int(), y.int()
    right_share, lower_share = x - left, y - top
    row = width + 2
    first = (torch.arange(batch, dtype=torch.int32) * (row * (height + 2)))[:, None, None] + top * row + left
    shares = [
        (1 - lower_share) * (1 - right_share),
        (1 - lower_share) * right_share,
        lower_share * (1 - right_share),
        lower_share * right_share,
    ]
    return framed, [first, first + 1, first + row, first + row + 1], shares


def gathered(pixels: Tensor, maps: Tensor, bends: Tensor) -> Tensor:
    """Index four neighbors, as floats."""
    framed, places, shares = corners(pixels, maps, bends)
    rows = framed.flatten(0, 2).float()
    found = sum(rows.index_select(0, place.flatten()) * share.view(-1, 1) for place, share in zip(places, shares))
    return found.view(pixels.shape).permute(0, 3, 1, 2)


def packed(pixels: Tensor, maps: Tensor, bends: Tensor) -> Tensor:
    """Index four neighbors, the channels of a pixel as the bytes of one integer."""
    framed, places, shares = corners(pixels, maps, bends)
    channels = pixels.shape[3]
    words = functional.pad(framed, (0, 4 - channels)).flatten().view(torch.int32)
    found = sum(
        words.index_select(0, place.flatten()).view(torch.uint8).view(-1, 4)[:, :channels].float() * share.view(-1, 1)
        for place, share in zip(places, shares)
    )
    return found.view(pixels.shape).permute(0, 3, 1, 2)


def one_by_one(pixels: Tensor, maps: Tensor, bends: Tensor) -> Tensor:
    """Resample for the homography, then again for the bends: two interpolations, not the same picture."""
    nothing = torch.eye(3).expand(len(pixels), 3, 3)
    return resample(resample(floats(pixels), maps), nothing, bends)


WAYS: dict[str, Way] = {
    OURS: house,
    "the same, floats made contiguous by channel first": contiguous,
    "the same grid from a batched product and `interpolate`, then grid_sample": interpolated,
    "the same, pictures and grid in float16": half,
    "four neighbors by index_select, floats": gathered,
    "four neighbors by index_select, a pixel's channels packed into one integer": packed,
    "one resampling for the homography, one for the bends": one_by_one,
}


def make_table(
    times: dict[tuple[str, tuple[int, ...]], list[float]],
    differences: dict[str, float],
    kept_memory: bool,
    options: Any,
) -> tables.Table:
    """Turn microseconds into rows: one for each way, one column for each size."""
    rows = []
    for name in WAYS:
        cells = [tables.spread(times[name, size], 0) for size in SIZES]
        ratios = [statistics.median(times[name, size]) / statistics.median(times[OURS, size]) for size in SIZES]
        rows.append([name, *cells, " / ".join(f"{ratio:.2f}" for ratio in ratios), f"{differences[name]:.2f}"])
    return tables.Table(
        name="resampling",
        title="Ways to move, turn and bend a batch of pictures",
        question=(
            f"Microseconds from bytes to moved floats, rotation, shear, perspective and elastic distortion, "
            f"{options.threads} threads, median of {options.rounds} rounds of {options.batches} batches (smallest to "
            "largest), taking turns in one process."
        ),
        columns=[
            "way",
            *(" x ".join(map(str, size)) for size in SIZES),
            "time, Axone's way = 1",
            "mean difference of a value (0 to 255)",
        ],
        rows=rows,
        raw={"microseconds": {f"{name}, {size}": found for (name, size), found in times.items()}, "apart": differences},
        notes=["The C library was told to keep freed memory, as training does."] * kept_memory,
    )


if __name__ == "__main__":
    sys.exit(main())
