"""A quick training of the course's network on a folder of drawn shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from axone.train import train

SIDE = 12
CLASSES = ("bar", "cross", "square")
# Small enough for a second, large enough to learn; one thread, because bit-exactness is asked of one count of them.
QUICK = {
    "epochs": 8,
    "batch_size": 16,
    "channels": (8, 8),
    "dense": (16,),
    "validation": 0.1,  # of so few images, none would be held out
    "learning_rate": 0.01,
    "threads": 1,
    "device": "cpu",
}


def shapes(root: Path, each: int = 40, classes: tuple[str, ...] = CLASSES, seed: int = 0) -> Path:
    """Write a folder of gray images: a bar, a cross or a square somewhere on noise."""
    rng = np.random.default_rng(seed)
    for name in classes:
        (root / name).mkdir(parents=True)
        for number in range(each):
            image = rng.integers(0, 60, (SIDE, SIDE), dtype=np.uint8)
            top, left = rng.integers(1, SIDE - 7, 2)
            height = {"bar": slice(top + 2, top + 4), "cross": slice(top + 2, top + 4), "square": slice(top, top + 6)}
            image[height[name], left : left + 6] = 230
            if name == "cross":
                image[top : top + 6, left + 2 : left + 4] = 230
            Image.fromarray(image).save(root / name / f"{number:02d}.png")
    return root


def quick(data: Path, place: Path, **changes):
    """Train a small variant of the course's network on a folder."""
    return train("cnn", data=str(data), runs_folder=place, **{**QUICK, **changes})


def folder_of(heard: list[dict]) -> Path:
    """Return the folder of the run whose events were received."""
    return next(Path(event["path"]) for event in heard if event["kind"] == "folder")
