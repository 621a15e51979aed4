"""Naive Bayes as initial weights: how much more frequent each n-gram is in the texts of a class than in the others.

The log-count ratio of an n-gram f and a class k is log(p / q), where p is the smoothed share of f among all n-grams of
the class's texts, and q that among the other texts (Wang and Manning 2012, "Baselines and Bigrams"). Its sum over the
n-grams of a text, with the log odds of the class itself, is multinomial naive Bayes.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64, Shaped
from torch import Tensor

from axone.data.tokens.encoder import Ragged

SMOOTHING = 1.0  # added to each count
SAMPLE = 2000  # texts from which the scale is computed


def log_count_ratios(
    ngrams: Ragged, targets: Shaped[Tensor, "texts ..."], rows: Int64[Tensor, " rows"], *, size: int, classes: int
) -> Float[Tensor, "size classes"]:
    """Return log-count ratios of n-grams for each class, scaled so that their sums over a text have variance 1.

    Args:
        ngrams: The distinct n-grams of each text, numbered from 1.
        targets: The class of each text, or 0 and 1 for each label.
        rows: The training texts.
        size: The number of rows of the result. N-grams that no training text contains are zero, and so is row 0. The
            last row, whose n-gram every text has, holds the log odds of the classes.
        classes: The number of classes.
    """
    counts = torch.zeros(size, classes, dtype=torch.float64)
    totals = torch.zeros(size, dtype=torch.float64)
    for row in rows.split(1000):
        buckets = torch.cat([ngrams[number] for number in row.tolist()])
        owner = torch.repeat_interleave(torch.arange(len(row)), ngrams.lengths[row])
        labels = targets[row] if targets.ndim == 2 else torch.nn.functional.one_hot(targets[row], classes)
        counts.index_add_(0, buckets, labels.double()[owner])
        totals.index_add_(0, buckets, torch.ones(len(buckets), dtype=torch.float64))
    seen = totals > 0
    own, other = counts + SMOOTHING, totals[:, None] - counts + SMOOTHING
    ratios = (own / own[seen].sum(0)).log() - (other / other[seen].sum(0)).log()
    ratios[~seen] = 0.0
    ratios[-1] = (counts[-1] + SMOOTHING).log() - (totals[-1] - counts[-1] + SMOOTHING).log()
    sums = torch.stack([ratios[ngrams[row]].sum(0) for row in rows[:SAMPLE].tolist()])
    return (ratios / sums.std(correction=0).clamp_min(1e-6)).float()
