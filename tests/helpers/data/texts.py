"""Small collections of texts for tests: reviews whose class follows from one word."""

from __future__ import annotations

import csv
import tempfile
from functools import cache
from pathlib import Path

import axone
from axone.use import Run

SUBJECTS = ("the film", "this story", "a long song", "her book", "the second act", "his voice", "every scene")
GOOD, BAD = ("wonderful", "charming", "moving"), ("dreadful", "boring", "clumsy")
TINY = {"epochs": 2, "batch_size": 16, "units": 4, "embedding": 4, "ngram_bits": 10, "threads": 1, "device": "cpu",
        "learning_rate": 0.02}  # fmt: skip


def make_reviews(count: int = 120) -> tuple[list[str], list[str]]:
    """Return reviews that are all different, and their classes, "good" and "bad" in turn."""
    texts, classes = [], []
    for number in range(count):
        is_good = number % 2 == 0
        word = (GOOD if is_good else BAD)[number // 2 % 3]
        texts.append(f"{SUBJECTS[number % 7]} number {number} was {word}, {SUBJECTS[number // 7 % 7]} too")
        classes.append("good" if is_good else "bad")
    return texts, classes


def write_reviews(path: Path, count: int = 120, *, several: bool = False) -> Path:
    """Write the reviews as a table of `review` and `kind`; with `several`, labels are such as good;film."""
    texts, classes = make_reviews(count)
    if several:
        classes = [f"{label};film" if "film" in text else label for text, label in zip(texts, classes)]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("review", "kind"), *zip(texts, classes)])
    return path


@cache
def ensure_reviews() -> Path:
    """Return a table of reviews in a temporary folder, which is the same for the whole process."""
    return write_reviews(Path(tempfile.mkdtemp()) / "reviews.csv")


def train_reviews(folder: Path, *, several: bool = False, **settings: object) -> Run:
    """Return a quickly trained run on the reviews."""
    folder.mkdir(parents=True, exist_ok=True)
    data = write_reviews(folder / "reviews.csv", several=several)
    return axone.train("text_classifier", data=data, target="kind", runs_folder=folder / "runs",
                       **{**TINY, **settings})  # type: ignore[arg-type]  # fmt: skip
