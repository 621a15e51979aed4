"""Answers in batches: their order, the errors in their places, and the size of the batches."""

import pytest

from axone.errors import DataError
from axone.tasks.batched import answer_in_batches


def read(text):
    if not text.isdigit():
        raise DataError(f"'{text}' is not a number")
    return int(text)


def test_results_are_in_the_order_of_the_inputs_with_errors_in_their_places():
    results = answer_in_batches(["1", "a", "3", "4", "b"], read, lambda values: [2 * value for value in values], 2)
    assert [str(result) if isinstance(result, DataError) else result for result in results] == [
        2, "'a' is not a number", 6, 8, "'b' is not a number",
    ]  # fmt: skip


def test_values_are_answered_in_batches_of_the_given_size_or_smaller():
    sizes = []

    def answer(values):
        sizes.append(len(values))
        return values

    answer_in_batches(["1", "2", "x", "3", "4", "5", "6"], read, answer, 3)
    assert sizes == [2, 3, 1]


def test_without_readable_values_the_network_is_not_called():
    def never(values):
        raise AssertionError("called without values")

    assert answer_in_batches([], read, never, 3) == []
    assert len(answer_in_batches(["a", "b"], read, never, 3)) == 2


def test_only_data_errors_are_results():
    with pytest.raises(AttributeError):
        answer_in_batches([None], read, list, 3)


def test_a_missing_answer_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="2 values, 1 answers"):
        answer_in_batches(["1", "2"], read, lambda values: values[:1], 3)
