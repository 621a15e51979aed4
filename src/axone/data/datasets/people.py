"""Children and adults with their age and weight: the first table of the course, drawn from published percentiles.

Half of the people are children (2 to 17 years) and half are adults (18 to 79). Age and sex are uniform. The weight is
drawn around the median of the sex and age, so that a tenth of the people is below the published tenth percentile and
a tenth above the ninetieth. Between age groups the percentiles are interpolated linearly.

Source of the percentiles, in the public domain: Fryar CD, Gu Q, Afful J, Carroll MD, Ogden CL. Anthropometric
reference data for children and adults: United States, August 2021-August 2023. National Center for Health Statistics,
Vital Health Stat 3(50), 2025, https://dx.doi.org/10.15620/cdc/174595, tables 1 and 3 (weight in kilograms).
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Real

from axone.data.random import make_generator
from axone.numbers import Number

YOUNGEST, OF_AGE, OLDEST = 2, 18, 79  # years
PEOPLE_CLASSES = ("child", "adult")  # the second is the positive class

# The middle of each group of ages in years; then kilograms at its 10th, 50th and 90th percentile.
MALE = (
    (3, 11.9, 14.6, 17.8), (5, 15.5, 19.5, 23.6), (7, 19.4, 24.1, 34.0), (9, 24.5, 30.5, 43.5),
    (11, 29.6, 40.5, 68.5), (13, 39.6, 55.2, 81.1), (15, 48.4, 66.2, 101.7), (17, 53.1, 74.0, 100.4),
    (19, 53.9, 72.3, 103.1), (25, 60.5, 83.7, 114.7), (35, 69.8, 87.1, 121.0), (45, 69.7, 88.4, 125.1),
    (55, 68.1, 87.8, 119.8), (65, 67.1, 86.9, 114.0), (75, 66.2, 86.6, 111.7),
)  # fmt: skip
FEMALE = (
    (3, 11.3, 14.5, 17.2), (5, 15.5, 18.3, 25.9), (7, 18.7, 24.5, 35.7), (9, 24.6, 31.4, 45.3),
    (11, 32.3, 43.2, 64.4), (13, 41.3, 52.3, 73.1), (15, 45.1, 57.1, 86.4), (17, 48.1, 59.7, 86.6),
    (19, 45.4, 63.7, 99.3), (25, 52.9, 68.9, 107.3), (35, 55.4, 75.0, 114.6), (45, 56.0, 74.8, 111.5),
    (55, 57.9, 78.5, 111.5), (65, 55.5, 74.3, 104.5), (75, 54.6, 71.7, 96.3),
)  # fmt: skip
TENTH = 1.2815515655446004  # standard deviations between the median of a normal distribution and its 90th percentile
COUNT = 1000  # people of the table that `axone data get people` writes
EXTREME = 0.01  # weights lie between this quantile and its complement


def make_people(count: int = COUNT, seed: int = 0) -> dict[str, list[int] | list[float] | list[str]]:
    """Return a table of people: columns "age" (whole years), "weight" (kilograms) and "who" ("child" or "adult")."""
    generator = make_generator("people", seed)
    adult = torch.arange(count) % 2 == 1
    child_age = torch.randint(YOUNGEST, OF_AGE, (count,), generator=generator)
    adult_age = torch.randint(OF_AGE, OLDEST + 1, (count,), generator=generator)
    age = torch.where(adult, adult_age, child_age).numpy()
    female = (torch.rand(count, generator=generator) < 0.5).numpy()
    quantile = torch.rand(count, generator=generator, dtype=torch.float64) * (1 - 2 * EXTREME) + EXTREME
    deviation = torch.special.ndtri(quantile).numpy()
    weight = np.where(female, weight_at(FEMALE, age, deviation), weight_at(MALE, age, deviation))
    return {
        "age": age.tolist(),
        "weight": weight.round(1).tolist(),
        "who": [PEOPLE_CLASSES[int(is_adult)] for is_adult in adult],
    }


def weight_at(
    figures: tuple[tuple[Number, ...], ...], age: Real[np.ndarray, " people"], deviation: Float[np.ndarray, " people"]
) -> Float[np.ndarray, " people"]:
    """Return weights in kilograms.

    Weights are skewed: each side of the median is half of a log-normal distribution of its own.

    Args:
        figures: The table of a sex: age, tenth percentile, median, ninetieth percentile.
        age: Whole years.
        deviation: Standard deviations from the median of the age.
    """
    middles, tenth, median, ninetieth = np.array(figures).T
    # People who are nine years old are nine and a half on average.
    low, middle, high = (np.interp(age + 0.5, middles, column) for column in (tenth, median, ninetieth))
    stretch = np.where(deviation < 0, middle / low, high / middle)
    return middle * stretch ** (deviation / TENTH)
