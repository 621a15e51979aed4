"""Symbol and word error rates, and which symbols are confused: the smallest number of edits between two sequences.

An error rate is the number of substitutions, deletions and insertions that turn references into hypotheses, divided by
the length of the references; it can exceed 1.

Paper: Levenshtein 1966, "Binary codes capable of correcting deletions, insertions, and reversals".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

Pair = tuple[str | None, str | None]  # of the reference and the hypothesis; None: inserted, or deleted


def align(reference: Sequence[str], hypothesis: Sequence[str]) -> list[Pair]:
    """Return the pairs of an alignment with the fewest edits; a substitution is preferred to a deletion and insertion.

    Args:
        reference: The true symbols (or words).
        hypothesis: The decoded ones.
    """
    rows, columns = len(reference), len(hypothesis)
    cost = np.zeros((rows + 1, columns + 1), np.int64)
    cost[:, 0], cost[0] = np.arange(rows + 1), np.arange(columns + 1)
    for row in range(1, rows + 1):
        for column in range(1, columns + 1):
            differ = reference[row - 1] != hypothesis[column - 1]
            cost[row, column] = min(
                cost[row - 1, column - 1] + differ, cost[row - 1, column] + 1, cost[row, column - 1] + 1
            )
    pairs: list[Pair] = []
    row, column = rows, columns
    while row or column:
        if row and column:
            differ = reference[row - 1] != hypothesis[column - 1]
            if cost[row, column] == cost[row - 1, column - 1] + differ:
                row, column = row - 1, column - 1
                pairs.append((reference[row], hypothesis[column]))
                continue
        if row and cost[row, column] == cost[row - 1, column] + 1:
            row -= 1
            pairs.append((reference[row], None))
        else:
            column -= 1
            pairs.append((None, hypothesis[column]))
    return pairs[::-1]


def count_errors(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """Return the smallest number of substitutions, deletions and insertions between two sequences."""
    previous = np.arange(len(hypothesis) + 1)
    for place, symbol in enumerate(reference):
        differ = np.fromiter((symbol != other for other in hypothesis), np.int64, len(hypothesis))
        # Insertions run along the row: a cumulative minimum of what remains when their number is subtracted.
        current = np.concatenate([[place + 1], np.minimum(previous[:-1] + differ, previous[1:] + 1)])
        steps = np.arange(len(current))
        previous = np.minimum.accumulate(current - steps) + steps
    return int(previous[-1])


def symbol_error_rate(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Return the errors in characters, spaces included, divided by the characters of the references."""
    return _rate(references, hypotheses)


def word_error_rate(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Return the errors in words, which spaces separate, divided by the words of the references."""
    return _rate([text.split() for text in references], [text.split() for text in hypotheses])


def _rate(references: Iterable[Sequence[str]], hypotheses: Iterable[Sequence[str]]) -> float:
    pairs = list(zip(references, hypotheses, strict=True))
    total = sum(len(reference) for reference, _hypothesis in pairs)
    return sum(count_errors(*pair) for pair in pairs) / max(1, total)


def count_confusions(references: Sequence[str], hypotheses: Sequence[str]) -> Counter[Pair]:
    """Count the aligned pairs of symbols of all transcripts; None stands for a deleted or an inserted symbol."""
    counts: Counter[Pair] = Counter()
    for reference, hypothesis in zip(references, hypotheses, strict=True):
        counts.update(align(reference, hypothesis))
    return counts
