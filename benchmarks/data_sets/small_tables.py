"""Ten small tables for a benchmark, made from packages: 60 to 1,000 training rows, and other rows for the test.

Half of them are those of scikit-learn; the others are measured on its photographs and those of scikit-image, or drawn
from a formula with noise. Nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas
import skimage.data
from skimage.feature import graycomatrix, graycoprops

from axone.data.images.load import load_images
from sklearn import datasets


class SmallTable(NamedTuple):
    """A table, the column to predict, and whether it has classes."""

    train: pandas.DataFrame
    test: pandas.DataFrame
    target: str
    is_classification: bool


def split(frame: pandas.DataFrame, target: str, train: int, is_classification: bool, seed: int) -> SmallTable:
    """Return a table whose first rows in a random order are for training; at most 2,000 others are for the test."""
    order = np.random.default_rng(seed).permutation(len(frame))
    parts = frame.iloc[order[:train]], frame.iloc[order[train : train + 2000]]
    return SmallTable(*(part.reset_index(drop=True) for part in parts), target, is_classification)


def _of_sklearn(load: Callable[..., object], train: int, is_classification: bool = True) -> Callable[[int], SmallTable]:
    """Return the function that reads one of scikit-learn's tables."""

    def read(seed: int) -> SmallTable:
        bunch = load(as_frame=True)
        frame = bunch.frame
        if is_classification:
            frame = frame.assign(target="class " + frame["target"].astype(str))
        return split(frame, "target", train, is_classification, seed)

    return read


def garments(seed: int) -> SmallTable:
    """Classify pieces of clothing by 7 x 7 mean pixels of Fashion-MNIST."""
    test = load_images("fashion-mnist").test
    pixels = test.pixels.numpy()[..., 0].astype(np.float64)
    means = pixels.reshape(len(pixels), 7, 4, 7, 4).mean((2, 4)).reshape(len(pixels), -1)
    frame = pandas.DataFrame(means, columns=[f"mean {k}" for k in range(49)])
    return split(frame.assign(garment=[f"garment {n}" for n in test.labels.tolist()]), "garment", 500, True, seed)


def surfaces(seed: int) -> SmallTable:
    """Distinguish a wall, grass and gravel by the mean, the deviation and co-occurrences of 32 x 32 pixels."""
    rng, rows = np.random.default_rng(0), []
    for name, image in (
        ("wall", skimage.data.brick()),
        ("grass", skimage.data.grass()),
        ("gravel", skimage.data.gravel()),
    ):
        for _number in range(250):
            top, left = rng.integers(0, 480, 2)
            patch = image[top : top + 32, left : left + 32]
            matrix = graycomatrix(patch // 16, [1, 3], [0, np.pi / 2], levels=16, symmetric=True, normed=True)
            values = [graycoprops(matrix, kind).ravel() for kind in ("contrast", "homogeneity", "energy")]
            rows.append([patch.mean(), patch.std(), *np.concatenate(values), name])
    names = ["mean", "deviation", *(f"co-occurrence {k}" for k in range(12)), "surface"]
    return split(pandas.DataFrame(rows, columns=names), "surface", 150, True, seed)


def flats(seed: int) -> SmallTable:
    """Predict a rent from area, floor, year, district, heating and lift: a formula with interactions and noise."""
    rng = np.random.default_rng(0)
    count = 2400
    frame = pandas.DataFrame(
        {
            "area": rng.gamma(6, 12, count).round(1),
            "floor": rng.integers(0, 9, count),
            "year": rng.integers(1900, 2024, count),
            "district": rng.choice(["north", "south", "old town", "harbor", "hills"], count),
            "heating": rng.choice(["gas", "district", "oil", "pump"], count),
            "lift": rng.choice(["yes", "no"], count),
        }
    )
    factor = frame["district"].map({"north": 10, "south": 9, "old town": 15, "harbor": 13, "hills": 11})
    stairs = np.where((frame["lift"] == "no") & (frame["floor"] > 3), -60, 20)
    age = np.where(frame["year"] < 1950, 80, (frame["year"] - 1950) * 2)
    rent = 120 + factor * frame["area"] + stairs + age + frame["heating"].map({"oil": -40}).fillna(0)
    return split(frame.assign(rent=(rent + rng.normal(0, 60, count)).round()), "rent", 500, False, seed)


def friedman(seed: int) -> SmallTable:
    """Predict Friedman's first function, a sum of products, of 10 columns, of which 5 matter."""
    columns, target = datasets.make_friedman1(2200, noise=1.0, random_state=0)
    frame = pandas.DataFrame(columns, columns=[f"x{k}" for k in range(10)])
    return split(frame.assign(y=target), "y", 200, False, seed)


def colors(seed: int) -> SmallTable:
    """Predict the red channel of a pixel from its position, green and blue (scikit-learn's flower.jpg)."""
    image = datasets.load_sample_image("flower.jpg").astype(np.float64)
    chosen = np.random.default_rng(0).choice(image.shape[0] * image.shape[1], 3000, replace=False)
    rows, places = np.divmod(chosen, image.shape[1])
    red, green, blue = image[rows, places].T
    frame = pandas.DataFrame({"row": rows, "column": places, "green": green, "blue": blue, "red": red})
    return split(frame, "red", 1000, False, seed)


TABLES: dict[str, Callable[[int], SmallTable]] = {
    "iris": _of_sklearn(datasets.load_iris, 60),
    "wine": _of_sklearn(datasets.load_wine, 80),
    "breast cancer": _of_sklearn(datasets.load_breast_cancer, 250),
    "digits": _of_sklearn(datasets.load_digits, 800),
    "diabetes": _of_sklearn(datasets.load_diabetes, 300, is_classification=False),
    "garments": garments,
    "surfaces": surfaces,
    "flats": flats,
    "friedman": friedman,
    "colors": colors,
}
