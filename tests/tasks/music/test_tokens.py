"""Tokens of a piece: an exact likelihood of the set of pitches of each step."""

from __future__ import annotations

import torch

from axone.data.notes.score import Piece
from axone.tasks.music.tokens import END, IGNORED, encode, mask_impossible, pad, transpose

PIECE = Piece(((72, 60), (), (71, 65, 59)), (0, 1, 0), "", 2)


def test_tokens_are_the_pitches_from_high_to_low_then_end():
    tokens, bounds = encode(PIECE)
    assert tokens.targets.tolist() == [72, 60, END, END, 71, 65, 59, END]
    assert tokens.previous.tolist() == [END, 72, 60, END, END, 71, 65, 59]
    assert tokens.ranks.tolist() == [0, 1, 2, 0, 0, 1, 2, 3]
    assert tokens.positions.tolist() == [0, 0, 0, 1, 0, 0, 0, 0]
    assert bounds.tolist() == [0, 3, 4, 8]
    # The step before at ranks 0, 1, -1, and two steps before at rank 0.
    assert tokens.context[3].tolist() == [72, 60, END, END]
    assert tokens.context[5].tolist() == [END, END, END, 60]


def test_transposing_keeps_end_and_padding_is_ignored():
    assert transpose(torch.tensor([60, END]), 3).tolist() == [63, END]
    tokens, _bounds = encode(PIECE)
    batch = pad([tokens, encode(Piece(((60,),), (0,)))[0]])
    assert batch.targets[1].tolist() == [60, END] + 6 * [IGNORED]


def test_the_probabilities_of_all_sets_sum_to_one():
    """With the mask, each set is written in one way: the sum over all sets of three pitches and fewer is exact."""
    logits = torch.full((END + 1,), -1e9)
    logits[[60, 61, 62]] = torch.tensor([0.3, -0.5, 1.0])
    logits[END] = 0.2

    def total(previous, rank):
        masked = mask_impossible(logits[None], torch.tensor([previous]), torch.tensor([rank]))[0].softmax(-1)
        return float(masked[END]) + sum(
            float(masked[pitch]) * total(pitch, rank + 1) for pitch in (60, 61, 62) if masked[pitch] > 0
        )

    assert abs(total(END, 0) - 1) < 1e-6
