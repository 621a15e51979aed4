"""A piece as a sequence of tokens: the pitches of each step from high to low, then END.

Writing the set of pitches of a step in one order makes the product of the probabilities of its tokens the exact
probability of the set. At each token the network also reads where it is: the rank in the chord, the position in the
bar, and the notes of the two steps before at about this rank, from which a voice moves on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.notes.score import PITCHES, Frame, Piece

END = PITCHES  # the token after the last pitch of a step; also "no note"
TOKENS = PITCHES + 1
RANKS, POSITIONS = 12, 64  # higher ranks, and positions in longer bars, count as the last one
NEIGHBORS = (0, 1, -1)  # ranks in the step before, relative to the token's
CONTEXT = len(NEIGHBORS) + 1  # and the same rank two steps before
IGNORED = -100  # the target at the padding


class Tokens(NamedTuple):
    """The tokens of a piece or of a batch of them, and what the network reads at each."""

    previous: Int64[Tensor, "*batch tokens"]  # the token before; END at the beginning of a step
    ranks: Int64[Tensor, "*batch tokens"]
    positions: Int64[Tensor, "*batch tokens"]
    context: Int64[Tensor, "*batch tokens context"]
    targets: Int64[Tensor, "*batch tokens"]  # what is predicted; IGNORED at the padding


def find_context(rank: int, last: Frame, before_last: Frame) -> list[int]:
    """Return the notes of the two steps before at about a rank; END where there are none."""
    near = [last[rank + shift] if 0 <= rank + shift < len(last) else END for shift in NEIGHBORS]
    return [*near, before_last[rank] if rank < len(before_last) else END]


def encode(piece: Piece) -> tuple[Tokens, Int64[Tensor, " bounds"]]:
    """Return the tokens of a piece, and the number of the first token of each step, and of the end."""
    previous, ranks, positions, context, targets, bounds = [], [], [], [], [], [0]
    last: Frame = ()
    before_last: Frame = ()
    for frame, position in zip(piece.frames, piece.positions, strict=True):
        before = END
        for rank, token in enumerate((*frame, END)):
            previous.append(before)
            ranks.append(min(rank, RANKS - 1))
            positions.append(min(position, POSITIONS - 1))
            context.append(find_context(rank, last, before_last))
            targets.append(token)
            before = token
        bounds.append(len(targets))
        last, before_last = frame, last
    tokens = Tokens(
        torch.tensor(previous), torch.tensor(ranks), torch.tensor(positions),
        torch.tensor(context).reshape(-1, CONTEXT), torch.tensor(targets),
    )  # fmt: skip
    return tokens, torch.tensor(bounds)


def transpose(tokens: Int64[Tensor, "*batch tokens"], semitones: int) -> Int64[Tensor, "*batch tokens"]:
    """Return tokens in another key; END stays."""
    return torch.where(tokens < END, tokens + semitones, tokens)


def pad(parts: Sequence[Tokens]) -> Tokens:
    """Return a batch of token sequences, padded at the end."""

    def stack(field: int, value: int) -> Tensor:
        return torch.nn.utils.rnn.pad_sequence([part[field] for part in parts], batch_first=True, padding_value=value)

    return Tokens(stack(0, END), stack(1, 0), stack(2, 0), stack(3, END), stack(4, IGNORED))


def mask_impossible(
    logits: Float[Tensor, "*batch tokens"],
    previous: Int64[Tensor, " *batch"],
    ranks: Int64[Tensor, " *batch"],
) -> Float[Tensor, "*batch tokens"]:
    """Return logits without the pitches that are not below the one before: a step is written from high to low."""
    pitches = torch.arange(logits.shape[-1], device=logits.device)
    impossible = (ranks > 0)[..., None] & (pitches >= previous[..., None]) & (pitches < END)
    return logits.masked_fill(impossible, torch.finfo(logits.dtype).min)
