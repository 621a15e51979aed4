"""Symbols of transcripts."""

from __future__ import annotations

import torch

from axone.tasks.speech.transcripts.symbols import count_needed_steps, decode_symbols, encode_symbols, list_symbols


def test_symbols_are_the_different_characters_and_are_decoded_again():
    symbols = list_symbols(["là bas", "bal"])
    assert symbols == [" ", "a", "b", "l", "s", "à"]
    numbers = encode_symbols("bal là", symbols)
    assert min(numbers.tolist()) == 1
    assert decode_symbols(numbers.tolist(), symbols) == "bal là"


def test_composed_and_decomposed_letters_are_the_same():
    assert encode_symbols("a\u0300", ["à"]).tolist() == [1]


def test_unseen_symbols_are_left_out():
    assert encode_symbols("axb", ["a", "b"]).tolist() == [1, 2]


def test_two_equal_symbols_need_a_blank_between_them():
    assert count_needed_steps(torch.tensor([1, 2, 3])) == 3
    assert count_needed_steps(torch.tensor([1, 1, 1, 2])) == 6
    assert count_needed_steps(torch.tensor([], dtype=torch.int64)) == 0
