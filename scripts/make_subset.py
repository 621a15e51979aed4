#!/usr/bin/env python3
"""Write the subset of Fashion-MNIST that ships with Axone: 1,000 training and 200 test images per class.

    python scripts/make_subset.py [--from FOLDER] [--to src/axone/data/datasets/subset/fashion-mnist]

Image number i of a half is ranked by the sha256 of "axone HALF i"; the first images of each class are taken, in their
original order. The draw needs no random generator and is the same on every machine. The gzip files contain neither
date nor name, so their bytes depend on the version of zlib alone.
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

HALVES = {"train": 1_000, "t10k": 200}  # images per class
CLASSES = 10


def choose(labels: np.ndarray, half: str) -> np.ndarray:
    """Return the indices of the images taken from a half, sorted."""
    rank = [hashlib.sha256(f"axone {half} {number}".encode()).digest() for number in range(len(labels))]
    chosen: list[int] = []
    for label in range(CLASSES):
        images = sorted(np.flatnonzero(labels == label).tolist(), key=lambda number: rank[number])
        chosen += images[: HALVES[half]]
    return np.array(sorted(chosen))


def to_idx_gz(array: np.ndarray) -> bytes:
    """Return an array of unsigned bytes as a gzip-compressed idx file."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(header + array.tobytes())
    return buffer.getvalue()


def make_files(source: Path) -> dict[str, bytes]:
    """Return the four files of the subset by name."""
    files = {}
    for half in HALVES:
        images = read_idx(source / f"{half}-images-idx3-ubyte.gz", 3)
        labels = read_idx(source / f"{half}-labels-idx1-ubyte.gz", 1)
        indices = choose(labels, half)
        files[f"{half}-images-idx3-ubyte.gz"] = to_idx_gz(images[indices])
        files[f"{half}-labels-idx1-ubyte.gz"] = to_idx_gz(labels[indices])
    return files


def main() -> None:
    """Write the files of the subset and print their sizes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--from", dest="source", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    root = Path(__file__).resolve().parent.parent
    parser.add_argument("--to", type=Path, default=root / "src/axone/data/datasets/subset/fashion-mnist")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    for name, content in make_files(options.source).items():
        (options.to / name).write_bytes(content)
        print(f"{len(content):>9,} bytes  {options.to / name}")


if __name__ == "__main__":
    main()
