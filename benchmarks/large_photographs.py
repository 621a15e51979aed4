"""How long a large JPEG photograph takes to read, decoded reduced and decoded whole, and how far the pixels differ.

python benchmarks/large_photographs.py
python benchmarks/large_photographs.py --quick
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import tables

SIDE = 224  # of the images that a network takes
SIZES = ((1600, 1200), (4000, 3000), (8000, 6000))  # 2, 12 and 48 megapixels
FASTER, CLOSE = 2.0, 2.0  # promised for the largest: ratio of seconds; mean difference of values from 0 to 255


def main() -> int:
    """Write the photographs, measure, write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--repeats", type=int, default=5, help="readings of each kind (default: 5)")
    options = parser.parse_args()
    if options.quick:
        options.repeats = 2
    machine = tables.begin(options)
    with tempfile.TemporaryDirectory(prefix="axone-large-") as folder:
        measured = [measure(write_photograph(Path(folder), size), options.repeats) for size in SIZES]
    rows = [
        [f"{width} x {height}", tables.spread(each["reduced"], 3), tables.spread(each["whole"], 3),
         f"{each['mean']:.2f}", f"{each['largest']:.0f}"]
        for (width, height), each in zip(SIZES, measured, strict=True)
    ]  # fmt: skip
    ratio = statistics.median(measured[-1]["whole"]) / statistics.median(measured[-1]["reduced"])
    difference = measured[-1]["mean"]
    table = tables.Table(
        name="large_photographs",
        title="Reading large JPEG photographs",
        question=f"Seconds to read one photograph at {SIDE} x {SIDE} pixels with `read_image`, which decodes it "
        f"reduced, and decoded whole; {options.repeats} readings, median (smallest to largest); and how far the pixels "
        "differ.",
        columns=["pixels", "seconds, reduced", "seconds, whole", "mean difference (of 255)", "largest difference"],
        rows=rows,
        raw=measured,
        verdicts=[
            tables.verdict(f"48 megapixels are read {FASTER:g} times as fast", ratio >= FASTER, f"{ratio:.1f} times"),
            tables.verdict(
                f"Values differ by less than {CLOSE:g} on average",
                difference < CLOSE,
                f"they differ by {difference:.2f}",
            ),
        ],
        notes=[
            "The photograph is china.jpg of scikit-learn, enlarged, with noise, JPEG quality 90.",
            "A photograph is decoded at 1/2, 1/4 or 1/8 of its size where at least twice the size asked for is left.",
        ],
    )
    tables.finish(table, machine, options)
    return 0 if ratio >= FASTER and difference < CLOSE else 1


def write_photograph(folder: Path, size: tuple[int, int]) -> Path:
    """Write a photograph of a size in pixels (width, height)."""
    from sklearn.datasets import load_sample_image

    enlarged = Image.fromarray(load_sample_image("china.jpg")).resize(size, Image.Resampling.BICUBIC)
    noise = np.random.default_rng(0).integers(-6, 7, (size[1], size[0], 1), dtype=np.int16)
    noisy = Image.fromarray(np.clip(np.asarray(enlarged) + noise, 0, 255).astype(np.uint8))
    path = folder / f"{size[0]}.jpg"
    noisy.save(path, quality=90)
    return path


def measure(path: Path, repeats: int) -> dict[str, Any]:
    """Return the seconds of readings, reduced and whole, and the differences of the pixels."""
    from axone.data.images.decode.file import read_image
    from axone.data.images.decode.fit import fit_image

    seconds: dict[str, list[float]] = {"reduced": [], "whole": []}
    for _repeat in range(repeats):
        started = time.perf_counter()
        reduced = read_image(path, size=SIDE)
        seconds["reduced"].append(time.perf_counter() - started)
        started = time.perf_counter()
        with Image.open(path) as image:
            whole = np.asarray(fit_image(image.convert("RGB"), (SIDE, SIDE)))
        seconds["whole"].append(time.perf_counter() - started)
    differences = np.abs(reduced.astype(int) - whole)
    return {**seconds, "mean": float(differences.mean()), "largest": float(differences.max())}


if __name__ == "__main__":
    sys.exit(main())
