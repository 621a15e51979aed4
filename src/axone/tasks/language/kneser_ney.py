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
class _Counts:
    """How often each n-gram of one length counts, and what smoothing takes from it.

    Args:
        counts: Of each different n-gram.
        totals: The sum of the counts for each context.
        discounted: The sum of the discounts for each context.
        discounts: For counts of 0 (none), 1, 2, and 3 or more.
    """

    counts: Int64[np.ndarray, " grams"]
    totals: Float[np.ndarray, " contexts"]
    discounted: Float[np.ndarray, " contexts"]
    discounts: Float[np.ndarray, " kinds"]

    def smooth(
        self, gram: Int64[np.ndarray, " n"], context: Int64[np.ndarray, " n"], lower: Float[np.ndarray, " n"]
    ) -> Float[np.ndarray, " n"]:
        """Return the probabilities of n-grams; -1 is an unknown one. `lower`: those of the order below."""
        counts = np.where(gram >= 0, self.counts[gram], 0)
        total = np.where(context >= 0, self.totals[context], 0)
        share = (counts - self.discounts[np.minimum(counts, 3)]).clip(0) + self.discounted[context] * lower
        return np.where(total > 0, share / np.where(total > 0, total, 1), lower)


@dataclass(frozen=True)
class _Order:
    """The n-grams of one length.

    Args:
        keys: Of each different n-gram: number of its context (an (n - 1)-gram) x symbols + its last symbol, sorted.
        occurrences: How often each occurs: the counts of a model whose longest n-grams these are.
        preceded: How many different symbols precede each: the counts below the longest n-grams.
    """

    keys: Int64[np.ndarray, " grams"]
    occurrences: _Counts
    preceded: _Counts


class KneserNey:
    """The n-gram models of a text, of every order from 1 on.

    Args:
        symbols: The training text.
        size: The number of different symbols there are.
        order: The n of the longest n-grams.
    """

    def __init__(self, symbols: Int64[np.ndarray, " symbols"], size: int, order: int) -> None:
        self.size, self.order = size, order
        self._orders: list[_Order] = []
        numbers = np.zeros(len(symbols), np.int64)  # of the gram of length n - 1 that ends at each place
        before: tuple[np.ndarray, np.ndarray] | None = None  # keys and counts of the length before
        contexts = 1
        for length in range(1, min(order + 1, len(symbols)) + 1):
            shorter = numbers
            places = numbers if length == 1 else numbers[:-1]
            keys, first, numbers, counts = np.unique(
                places * size + symbols[length - 1 :], return_index=True, return_inverse=True, return_counts=True
            )
            if before is not None:
                # Each different gram precedes the end of itself, without its first symbol, once.
                preceded = np.bincount(shorter[1:][first], minlength=len(before[0]))
                self._add(*before, preceded, contexts)
                contexts = len(before[0])
            before = keys, counts
        if before is not None and len(self._orders) < order:  # the text is no longer than the longest n-gram
            self._add(*before, np.zeros(len(before[0]), np.int64), contexts)

    def log_probabilities(self, symbols: Int64[np.ndarray, " symbols"]) -> Float[np.ndarray, "orders symbols"]:
        """Return ln p of each symbol of a text by the models of every order from 1 on.

        The first symbols of the text have shorter contexts.
        """
        lower = np.full(len(symbols), 1 / self.size)
        context = np.zeros(len(symbols), np.int64)  # the number of the context of each symbol; -1: unknown
        results = []
        for order in self._orders:
            keys = context * self.size + symbols
            gram = np.minimum(np.searchsorted(order.keys, keys), len(order.keys) - 1)
            gram = np.where((context >= 0) & (order.keys[gram] == keys), gram, -1)
            results.append(np.log(order.occurrences.smooth(gram, context, lower)))
            lower = order.preceded.smooth(gram, context, lower)
            context = np.concatenate([[-1], gram[:-1]])  # the gram that ends at one symbol is the context of the next
        results += results[-1:] * (self.order - len(results))
        return np.stack(results)

    def _add(self, keys: np.ndarray, occurrences: np.ndarray, preceded: np.ndarray, contexts: int) -> None:
        tables = [_count(keys // self.size, counts.astype(np.int64), contexts) for counts in (occurrences, preceded)]
        self._orders.append(_Order(keys, *tables))


def _count(context: np.ndarray, counts: np.ndarray, contexts: int) -> _Counts:
    discounts = _estimate_discounts(np.bincount(np.minimum(counts, 5), minlength=6))
    totals = np.bincount(context, weights=counts, minlength=contexts)
    discounted = np.bincount(context, weights=discounts[np.minimum(counts, 3)], minlength=contexts)
    return _Counts(counts, totals, discounted, discounts)


def _estimate_discounts(numbers: np.ndarray) -> Float[np.ndarray, " kinds"]:
    """Return D(0) = 0, D(1), D(2) and D(3 or more) from how many n-grams occur 0, 1, 2, 3 and 4 times."""
    _none, once, twice, thrice, four = numbers[:5].astype(float)
    discounts = np.zeros(4)
    share = once / (once + 2 * twice) if once else 0.0
    for count, (more, fewer) in enumerate(((twice, once), (thrice, twice), (four, thrice)), 1):
        estimate = count - (count + 1) * share * more / fewer if fewer else LEAST_DISCOUNT
        discounts[count] = min(max(estimate, LEAST_DISCOUNT), count - LEAST_DISCOUNT)
    return discounts
