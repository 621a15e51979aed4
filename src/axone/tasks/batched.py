"""Answers to many inputs: unreadable inputs keep their error in their place, all others are answered in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from axone.errors import DataError

Input = TypeVar("Input")
Value = TypeVar("Value")
Result = TypeVar("Result")


def answer_in_batches(
    inputs: Sequence[Input],
    read: Callable[[Input], Value],
    answer: Callable[[list[Value]], Iterable[Result]],
    batch_size: int,
) -> list[Result | DataError]:
    """Read inputs, answer the readable ones batch by batch, and return one result per input, in order.

    At most `batch_size` inputs are held in memory at a time.

    Args:
        inputs: What a person passed: file paths, arrays, rows.
        read: Reads one input. A DataError that it raises becomes this input's result.
        answer: Answers a batch of values that `read` returned, one result per value. It is not called without values.
        batch_size: The number of inputs in a batch, at least 1.
    """
    results: list[Result | DataError] = []
    for start in range(0, len(inputs), batch_size):
        batch: list[Value] = []
        errors: list[DataError | None] = []  # one entry per input; None: it was read
        for item in inputs[start : start + batch_size]:
            try:
                batch.append(read(item))
                errors.append(None)
            except DataError as error:
                errors.append(error)
        answers = list(answer(batch)) if batch else []
        if len(answers) != len(batch):
            raise ValueError(f"expected one answer per value: {len(batch)} values, {len(answers)} answers")
        remaining = iter(answers)
        results += [next(remaining) if error is None else error for error in errors]
    return results
