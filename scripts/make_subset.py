#!/usr/bin/env python3
"""Draw the small part of Fashion-MNIST that Axone carries: 1,000 training and 200 test images a class.

    python scripts/make_subset.py [--from FOLDER] [--to src/axone/data/datasets/subset/fashion-mnist]

Image number i of a half is ranked by the sha256 of "axone HALF i"; the first so many of each class are taken,
in their original order. So the draw needs no random generator, favors nobody, and is the same on every
machine. The gzip files carry neither date nor name; their bytes depend on the zlib alone, their content on
nothing.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import struct
from pathlib import Path

import numpy as np

from axone.data.datasets.idx import read_idx

HALVES = {"train": 1_000, "t10k": 200}  # images a class
CLASSES = 10


def draw(labels: np.ndarray, half: str) -> np.ndarray:
    """Return the indices taken from a half, in rising order."""
    rank = [hashlib.sha256(f"axone {half} {number}".encode()).digest() for number in range(len(labels))]
    taken: list[int] = []
    for label in range(CLASSES):
        members = sorted(np.flatnonzero(labels == label).tolist(), key=lambda number: rank[number])
        taken += members[: HALVES[half]]
    return np.array(sorted(taken))


def to_idx_gz(array: np.ndarray) -> bytes:
    """Write unsigned bytes as a gzip'ed idx file."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(header + array.tobytes())
    return buffer.getvalue()


def make(source: Path) -> dict[str, bytes]:
    """Return the four files of the subset by name."""
    files = {}
    for half in HALVES:
        images = read_idx(source / f"{half}-images-idx3-ubyte.gz", 3)
        labels = read_idx(source / f"{half}-labels-idx1-ubyte.gz", 1)
        taken = draw(labels, half)
        files[f"{half}-images-idx3-ubyte.gz"] = to_idx_gz(images[taken])
        files[f"{half}-labels-idx1-ubyte.gz"] = to_idx_gz(labels[taken])
    return files


def main() -> None:
    """Write the subset's files and say how large they are."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--from", dest="source", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    root = Path(__file__).resolve().parent.parent
    parser.add_argument("--to", type=Path, default=root / "src/axone/data/datasets/subset/fashion-mnist")
    chosen = parser.parse_args()
    chosen.to.mkdir(parents=True, exist_ok=True)
    for name, content in make(chosen.source).items():
        (chosen.to / name).write_bytes(content)
        print(f"{len(content):>9,} bytes  {chosen.to / name}")


if __name__ == "__main__":
    main()
