"""Real tables for a benchmark, none of which needs a network: scikit-learn's own, and others made from real recordings.

Those of scikit-learn are small, so further ones are read off the pictures, sounds, scores and texts in ../shared/data
and in Debian's package of Fashion-MNIST. Each is a polars frame and the name of its target.
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

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
MOST = 20_000  # rows of a table
VOWELS, LETTERS = set("aeiou"), set("abcdefghijklmnopqrstuvwxyz")

Made = tuple[Any, str]  # frame, target


def clothes() -> Made:
    """Name the piece of clothing from 7 x 7 means of its picture: Fashion-MNIST's 10,000 test pictures."""
    data = load_images("fashion-mnist")
    pixels = data.test.dataset.pixels[data.test.indices].numpy()[..., 0].astype(np.float64)
    means = pixels.reshape(len(pixels), 7, 4, 7, 4).mean((2, 4)).reshape(len(pixels), -1)
    frame = polars.DataFrame({f"mean {place}": means[:, place] for place in range(means.shape[1])})
    names = [data.classes[label] for label in data.test.labels.tolist()]
    return frame.with_columns(polars.Series("garment", names)), "garment"


def spoken() -> Made:
    """Name the spoken digit from the loudness of 12 bands of pitch in each quarter of a recording."""
    found = {}
    with tarfile.open(SHARED / "fsdd.tar.xz") as archive:
        for member in archive:  # in the archive's own order: going back would unpack it from its beginning
            file = archive.extractfile(member) if member.name.endswith(".wav") else None
            if file is not None:
                with wave.open(io.BytesIO(file.read())) as sound:
                    samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float64)
                found[Path(member.name).name] = _bands(samples)
    names = [name[0] for name in sorted(found)]
    values = np.array([found[name] for name in sorted(found)])
    frame = polars.DataFrame({f"band {place}": values[:, place] for place in range(values.shape[1])})
    return frame.with_columns(polars.Series("digit", names)), "digit"


def _bands(samples: np.ndarray) -> np.ndarray:
    edges = np.unique(np.geomspace(4, 128, 13).round().astype(int))
    found = []
    for part in np.array_split(samples, 4):
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(part, (0, max(0, 256 - len(part)))), 256)[::128]
        power = (np.abs(np.fft.rfft(frames * np.hanning(256), axis=1)) ** 2).mean(0)
        found += [np.log(power[low:high].mean() + 1) for low, high in pairwise(edges)]
    return np.array(found)


def chorales() -> Made:
    """Name the melody's next tone from the four voices now: Bach's chorales, categories throughout."""
    scores = json.loads((SHARED / "jsb-chorales-quarter.json").read_text("utf-8"))
    tones = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
    rows = []
    for score in scores["train"] + scores["valid"] + scores["test"]:
        for before, after in pairwise(score):
            if len(before) == 4 and len(after) == 4 and before[3] != after[3]:
                voices = [tones[pitch % 12] for pitch in before]
                rows.append([*voices, float(before[3]), float(before[0]), tones[after[3] % 12]])
    names = ["bass", "tenor", "alto", "soprano", "soprano pitch", "bass pitch", "next"]
    return polars.DataFrame(rows[:MOST], schema=names, orient="row"), "next"


def letters() -> Made:
    """Say what comes next in Shakespeare (vowel, consonant, space, other) from the five characters before."""
    text = (SHARED / "tinyshakespeare.txt").read_text("utf-8").lower()
    step = len(text) // MOST

    def kind(character: str) -> str:
        return (
            "vowel" if character in VOWELS else "consonant" if character in LETTERS
            else "space" if character.isspace() else "other"
        )  # fmt: skip

    rows = [[*(repr(c) for c in text[place - 5 : place]), kind(text[place])] for place in range(5, len(text), step)]
    names = [*(f"before {number}" for number in (5, 4, 3, 2, 1)), "next"]
    return polars.DataFrame(rows[:MOST], schema=names, orient="row"), "next"


def reviews() -> Made:
    """Say whether a sentence praises or blames a film, from its length and how often 60 words stand in it."""
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
    answers = ["yes" if name == "pos" else "no" for name, _words in lines]
    return polars.DataFrame({**columns, "praise": answers}), "praise"


def photograph() -> Made:
    """Predict how bright a point of a photograph is from ten points above and left of it (scikit-learn's china.jpg)."""
    gray = datasets.load_sample_image("china.jpg").astype(np.float64).mean(2)
    places = [(-2, -1), (-2, 0), (-2, 1), (-1, -2), (-1, -1), (-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1)]
    rows, columns = np.mgrid[2 : gray.shape[0], 2 : gray.shape[1] - 2].reshape(2, -1)
    chosen = np.random.default_rng(0).choice(len(rows), MOST, replace=False)
    rows, columns = rows[chosen], columns[chosen]
    frame = {f"{down} {right}": gray[rows + down, columns + right] for down, right in places}
    return polars.DataFrame({**frame, "brightness": gray[rows, columns]}), "brightness"


def colors() -> Made:
    """Predict how red a point of a photograph is from its place, green and blue (scikit-learn's flower.jpg)."""
    picture = datasets.load_sample_image("flower.jpg").astype(np.float64)
    chosen = np.random.default_rng(0).choice(picture.shape[0] * picture.shape[1], MOST, replace=False)
    rows, columns = np.divmod(chosen, picture.shape[1])
    red, green, blue = picture[rows, columns].T
    frame = {"row": rows.astype(float), "column": columns.astype(float), "green": green, "blue": blue, "red": red}
    return polars.DataFrame(frame), "red"


def known(name: str) -> Callable[[], Made]:
    """Return what reads one of Axone's known tables."""

    def read() -> Made:
        content, target = read_named_table(name)
        return content.frame, target

    return read


TABLES: dict[str, Callable[[], Made]] = {
    **{name: known(name) for name in ("iris", "wine", "breast-cancer", "digits", "diabetes")},
    "spoken": spoken,
    "chorales": chorales,
    "reviews": reviews,
    "clothes": clothes,
    "letters": letters,
    "photograph": photograph,
    "colors": colors,
}
