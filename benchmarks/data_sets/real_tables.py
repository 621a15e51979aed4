"""Real tables for a benchmark, available offline: those of scikit-learn, and others extracted from real recordings.

The tables of scikit-learn are small, so larger ones are extracted from the images, sounds, scores and texts in
../shared/data and in Debian's package of Fashion-MNIST. Each function returns a polars frame and the name of its
target.
"""

from __future__ import annotations

import io
import json
import tarfile
import wave
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars

from axone.data.datasets.tables import read_named_table
from axone.data.images.load import load_images
from sklearn import datasets

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
MAX_ROWS = 20_000
VOWELS, LETTERS = set("aeiou"), set("abcdefghijklmnopqrstuvwxyz")

FrameAndTarget = tuple[Any, str]


def clothes() -> FrameAndTarget:
    """Classify pieces of clothing by 7 x 7 mean pixels: the 10,000 test images of Fashion-MNIST."""
    data = load_images("fashion-mnist")
    pixels = data.test.dataset.pixels[data.test.indices].numpy()[..., 0].astype(np.float64)
    means = pixels.reshape(len(pixels), 7, 4, 7, 4).mean((2, 4)).reshape(len(pixels), -1)
    frame = polars.DataFrame({f"mean {k}": means[:, k] for k in range(means.shape[1])})
    names = [data.classes[label] for label in data.test.labels.tolist()]
    return frame.with_columns(polars.Series("garment", names)), "garment"


def spoken() -> FrameAndTarget:
    """Classify spoken digits by the logarithmic power in 12 frequency bands in each quarter of a recording."""
    features = {}
    with tarfile.open(SHARED / "fsdd.tar.xz") as archive:
        for member in archive:  # in the order of the archive: seeking backwards would decompress it from the beginning
            file = archive.extractfile(member) if member.name.endswith(".wav") else None
            if file is not None:
                with wave.open(io.BytesIO(file.read())) as sound:
                    samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float64)
                features[Path(member.name).name] = _band_powers(samples)
    names = [name[0] for name in sorted(features)]
    values = np.array([features[name] for name in sorted(features)])
    frame = polars.DataFrame({f"band {k}": values[:, k] for k in range(values.shape[1])})
    return frame.with_columns(polars.Series("digit", names)), "digit"


def _band_powers(samples: np.ndarray) -> np.ndarray:
    edges = np.unique(np.geomspace(4, 128, 13).round().astype(int))
    powers = []
    for part in np.array_split(samples, 4):
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(part, (0, max(0, 256 - len(part)))), 256)[::128]
        power = (np.abs(np.fft.rfft(frames * np.hanning(256), axis=1)) ** 2).mean(0)
        powers += [np.log(power[low:high].mean() + 1) for low, high in pairwise(edges)]
    return np.array(powers)


def chorales() -> FrameAndTarget:
    """Predict the next pitch class of the soprano from the current four voices: Bach's chorales, mostly categories."""
    scores = json.loads((SHARED / "jsb-chorales-quarter.json").read_text("utf-8"))
    pitch_classes = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
    rows = []
    for score in scores["train"] + scores["valid"] + scores["test"]:
        for before, after in pairwise(score):
            if len(before) == 4 and len(after) == 4 and before[3] != after[3]:
                voices = [pitch_classes[pitch % 12] for pitch in before]
                rows.append([*voices, float(before[3]), float(before[0]), pitch_classes[after[3] % 12]])
    names = ["bass", "tenor", "alto", "soprano", "soprano pitch", "bass pitch", "next"]
    return polars.DataFrame(rows[:MAX_ROWS], schema=names, orient="row"), "next"


def letters() -> FrameAndTarget:
    """Predict the kind of the next character in Shakespeare (vowel, consonant, space, other) from five characters."""
    text = (SHARED / "tinyshakespeare.txt").read_text("utf-8").lower()
    step = len(text) // MAX_ROWS

    def kind(character: str) -> str:
        return (
            "vowel" if character in VOWELS else "consonant" if character in LETTERS
            else "space" if character.isspace() else "other"
        )  # fmt: skip

    rows = [[*(repr(c) for c in text[k - 5 : k]), kind(text[k])] for k in range(5, len(text), step)]
    names = [*(f"before {number}" for number in (5, 4, 3, 2, 1)), "next"]
    return polars.DataFrame(rows[:MAX_ROWS], schema=names, orient="row"), "next"


def reviews() -> FrameAndTarget:
    """Classify sentences of film reviews as positive or negative by their length and the counts of 60 words."""
    lines = [
        (name, line.split())
        for name in ("pos", "neg")
        for line in (SHARED / f"rt-polarity.{name}").read_text("latin-1").splitlines()
    ]
    counts = Counter(word for _name, words in lines for word in set(words))
    frequent = [word for word, _count in counts.most_common(60)]
    columns = {f"word {word}": [float(words.count(word)) for _name, words in lines] for word in frequent}
    columns["words"] = [float(len(words)) for _name, words in lines]
    columns["letters a word"] = [sum(map(len, words)) / max(1, len(words)) for _name, words in lines]
    labels = ["yes" if name == "pos" else "no" for name, _words in lines]
    return polars.DataFrame({**columns, "praise": labels}), "praise"


def photograph() -> FrameAndTarget:
    """Predict the brightness of a pixel from ten pixels above it and to its left (scikit-learn's china.jpg)."""
    gray = datasets.load_sample_image("china.jpg").astype(np.float64).mean(2)
    offsets = [(-2, -1), (-2, 0), (-2, 1), (-1, -2), (-1, -1), (-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1)]
    rows, columns = np.mgrid[2 : gray.shape[0], 2 : gray.shape[1] - 2].reshape(2, -1)
    chosen = np.random.default_rng(0).choice(len(rows), MAX_ROWS, replace=False)
    rows, columns = rows[chosen], columns[chosen]
    frame = {f"{down} {right}": gray[rows + down, columns + right] for down, right in offsets}
    return polars.DataFrame({**frame, "brightness": gray[rows, columns]}), "brightness"


def colors() -> FrameAndTarget:
    """Predict the red channel of a pixel from its position, green and blue (scikit-learn's flower.jpg)."""
    image = datasets.load_sample_image("flower.jpg").astype(np.float64)
    chosen = np.random.default_rng(0).choice(image.shape[0] * image.shape[1], MAX_ROWS, replace=False)
    rows, columns = np.divmod(chosen, image.shape[1])
    red, green, blue = image[rows, columns].T
    frame = {"row": rows.astype(float), "column": columns.astype(float), "green": green, "blue": blue, "red": red}
    return polars.DataFrame(frame), "red"


def named_table(name: str) -> Callable[[], FrameAndTarget]:
    """Return the function that reads one of the tables that Axone knows by name."""

    def read() -> FrameAndTarget:
        content, target = read_named_table(name)
        return content.frame, target

    return read


TABLES: dict[str, Callable[[], FrameAndTarget]] = {
    **{name: named_table(name) for name in ("iris", "wine", "breast-cancer", "digits", "diabetes")},
    "spoken": spoken,
    "chorales": chorales,
    "reviews": reviews,
    "clothes": clothes,
    "letters": letters,
    "photograph": photograph,
    "colors": colors,
}
