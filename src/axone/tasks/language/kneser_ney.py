"""The baseline of every report on a language model: n-grams with interpolated, modified Kneser-Ney smoothing.

An n-gram model predicts a symbol from the n - 1 symbols before it, by how often they were followed by it. Kneser-Ney
smoothing takes a discount from each count and gives what it took to the (n - 1)-gram model, in which an n-gram counts
for the number of different symbols before it, not for how often it occurs:

    p_n(w | context) = max(c - D(c), 0) / total + (sum of the discounts / total) * p_{n-1}(w | shorter context)

The discounts D(1), D(2) and D(3 or more) follow from the numbers of n-grams that occur once to four times (Chen and
Goodman 1999, "An empirical study of smoothing techniques for language modeling", equations 26 and 27). The last model,
below single symbols, is uniform. N-grams are numbered by sorting, so that counting a million symbols takes a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64

LEAST_DISCOUNT = 0.1  # where there are too few n-grams of some count to estimate one


@dataclass(frozen=True)
class _Order:
    """The counts of the n-grams of one length.

    Args:
        keys: Of each different n-gram: number of its context (an (n - 1)-gram) x symbols + its last symbol, sorted.
        counts: How often each occurs or, below the highest order, how many symbols precede it.
        totals: The sum of the counts for each context.
        discounted: The sum of the discounts for each context.
        discounts: For counts of 0 (none), 1, 2, and 3 or more.
    """

    keys: Int64[np.ndarray, " grams"]
    counts: Int64[np.ndarray, " grams"]
    totals: Float[np.ndarray, " contexts"]
    discounted: Float[np.ndarray, " contexts"]
    discounts: Float[np.ndarray, 4]


class KneserNey:
    """An n-gram model of symbols.

    Args:
        symbols: The training text.
        size: The number of different symbols there are.
        order: The n of the longest n-grams.
    """

    def __init__(self, symbols: Int64[np.ndarray, " symbols"], size: int, order: int) -> None:
        self.size, self.order = size, order
        grams: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []  # keys; number of the gram at each place; counts
        numbers = np.zeros(
            len(symbols), np.int64
        )  # of the gram of length n - 1 that ends at each place; 0: the empty one
        for length in range(1, min(order, len(symbols)) + 1):
            contexts = numbers if length == 1 else numbers[:-1]
            keys, first, numbers, counts = np.unique(
                contexts * size + symbols[length - 1 :], return_index=True, return_inverse=True, return_counts=True
            )
            if length > 1:
                # Each different gram precedes the end of itself without its first symbol once.
                shorter = grams[-1][1][1:][first]
                grams[-1] = (*grams[-1][:2], np.bincount(shorter, minlength=len(grams[-1][0])))
            grams.append((keys, numbers, counts))
        contexts_of = [1, *(len(keys) for keys, _numbers, _counts in grams)]
        self._orders = [
            _make_order(keys, counts, size, contexts_of[place]) for place, (keys, _n, counts) in enumerate(grams)
        ]

    def log_probabilities(self, symbols: Int64[np.ndarray, " symbols"]) -> Float[np.ndarray, "orders symbols"]:
        """Return ln p of each symbol of a text by the models of every order from 1 on, the last being the whole one.

        The first symbols of the text have shorter contexts.
        """
        probability = np.full(len(symbols), 1 / self.size)
        contexts = np.zeros(len(symbols), np.int64)  # the number of the context of each symbol; -1: unknown
        results = []
        for length, order in enumerate(self._orders, 1):
            known = contexts >= 0
            known[: length - 1] = False
            place = np.where(known, contexts, 0)
            keys = place * self.size + symbols
            row = np.minimum(np.searchsorted(order.keys, keys), len(order.keys) - 1)
            is_seen = known & (order.keys[row] == keys)
            counts = np.where(is_seen, order.counts[row], 0)
            total = order.totals[place]
            is_used = known & (total > 0)
            share = (counts - order.discounts[np.minimum(counts, 3)]).clip(0) + order.discounted[place] * probability
            probability = np.where(is_used, share / np.where(is_used, total, 1), probability)
            results.append(np.log(probability))
            # The gram that ends at one symbol is the context of the next.
            ended = np.where(is_seen, row, -1)
            contexts = np.concatenate([[-1], ended[:-1]])
        while len(results) < self.order:
            results.append(results[-1])
        return np.stack(results)


def _make_order(keys: np.ndarray, counts: np.ndarray, size: int, contexts: int) -> _Order:
    counts = counts.astype(np.int64)
    numbers = np.bincount(np.minimum(counts, 5), minlength=6)
    discounts = _estimate_discounts(numbers)
    of_context = keys // size
    totals = np.bincount(of_context, weights=counts, minlength=contexts)
    discounted = np.bincount(of_context, weights=discounts[np.minimum(counts, 3)], minlength=contexts)
    return _Order(keys, counts, totals, discounted, discounts)


def _estimate_discounts(numbers: np.ndarray) -> Float[np.ndarray, 4]:
    """Return D(0) = 0, D(1), D(2) and D(3 or more) from how many n-grams occur 0, 1, 2, 3 and 4 times."""
    _none, once, twice, thrice, four = numbers[:5].astype(float)
    discounts = np.zeros(4)
    share = once / (once + 2 * twice) if once else 0.0
    for count, (more, fewer) in enumerate(((twice, once), (thrice, twice), (four, thrice)), 1):
        estimate = count - (count + 1) * share * more / fewer if fewer else LEAST_DISCOUNT
        discounts[count] = min(max(estimate, LEAST_DISCOUNT), count - LEAST_DISCOUNT)
    return discounts
