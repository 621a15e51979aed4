"""The nearest template by dynamic time warping: how well recordings are recognized without training anything.

Two sequences of features are aligned so that the sum of the distances of aligned frames is smallest; it is divided by
the length of both. A recording gets the class, or the transcript, of the training recording that is nearest. The number
of templates is bounded, because the time grows with it.

Paper: Sakoe and Chiba 1978, "Dynamic programming algorithm optimization for spoken word recognition".
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.series.warping import warp_distances

Features = Float[Tensor, "_ bands"]
MOST_CELLS = 60_000_000  # of all alignments together: a few seconds
MOST_TEMPLATES, MOST_QUERIES = 300, 300
LONGEST = 40  # frames; longer recordings are shortened by means of neighbors


def find_nearest(
    queries: Sequence[Features], templates: Sequence[Features]
) -> tuple[Int64[Tensor, " queries"], Float[Tensor, " queries"]]:
    """Return the nearest template of each query, and its distance."""
    queries, templates = [_shorten(each) for each in queries], [_shorten(each) for each in templates]
    lengths = torch.tensor([len(each) for each in queries])[:, None] + torch.tensor([len(each) for each in templates])
    nearest = (warp_distances(queries, templates) / lengths).min(1)
    return nearest.indices, nearest.values


def choose_some(count: int, most: int, seed: int) -> Int64[Tensor, " chosen"]:
    """Return `most` of `count` positions at most, drawn at random, in their order."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randperm(count, generator=generator)[:most].sort().values


def count_affordable(queries: Sequence[int], templates: Sequence[int]) -> int:
    """Return how many of the templates can be aligned with all queries, of which the lengths are given in frames."""
    mean = sum(min(length, LONGEST) for length in templates) / max(1, len(templates))
    cells = mean * sum(min(length, LONGEST) for length in queries)
    return max(1, min(len(templates), MOST_TEMPLATES, int(MOST_CELLS / max(1.0, cells))))


def _shorten(features: Features) -> Features:
    """Return features of at most `LONGEST` frames."""
    step = -(-len(features) // LONGEST)
    return torch.stack([part.mean(0) for part in features.split(step)]) if step > 1 else features
