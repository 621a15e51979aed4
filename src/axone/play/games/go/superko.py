"""Repeated positions: the hash of each position of a game, and strict positional superko, which tests every move.

The hash of a position is the sum of a random int64 for each stone (Zobrist 1970, with sums instead of exclusive or, so
that whole chains are subtracted at once); the empty board has the hash 0, and so have the unused places of the history,
because each game begins with the empty board. Two different positions have the same hash with a probability of about
2**-64 for each pair.

Strict superko needs the position after each legal move. Most are new; a filter of bits in each game (Bloom 1970) says
so for all but few, and only these few are compared with the whole history.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Int8, Int16, Int64
from torch import Tensor

from axone.play.games.go.rules import find_atari
from axone.play.games.go.tables import Tables

BITS_PER_POSITION = 16  # at least: then at most a sixteenth of the new positions pass the filter
WORD_PLACE = 6  # 64 bits a word


def count_filter_words(positions: int) -> int:
    """Return the number of int64 words of a filter for as many positions: a power of two."""
    words = 1
    while words * 64 < positions * BITS_PER_POSITION:
        words *= 2
    return words


def begin_filter(copies: int, positions: int, device: torch.device) -> Int64[Tensor, "copies words"]:
    """Return the filters of games that have only had the empty board."""
    filters = torch.zeros(copies, count_filter_words(positions), dtype=torch.int64, device=device)
    filters[:, 0] = 1
    return filters


def add_to_filter(
    filters: Int64[Tensor, "copies words"], hashes: Int64[Tensor, " copies"]
) -> Int64[Tensor, "copies words"]:
    """Return the filters with a position more in each game."""
    words = (hashes[:, None] >> WORD_PLACE) & (filters.shape[1] - 1)
    bits = torch.ones_like(words) << (hashes[:, None] & 63)
    return filters.scatter(1, words, filters.gather(1, words) | bits)


def passes_filter(
    filters: Int64[Tensor, "copies words"], hashes: Int64[Tensor, "copies cells"]
) -> Bool[Tensor, "copies cells"]:
    """Return which positions may be in the history; for the others it is certain that they are not."""
    words = (hashes >> WORD_PLACE) & (filters.shape[1] - 1)
    return (filters.gather(1, words) >> (hashes & 63)) & 1 == 1


def hash_after_moves(
    tables: Tables,
    board: Int8[Tensor, "copies points"],
    chains: Int16[Tensor, "copies points"],
    liberties: Int64[Tensor, "copies points"],
    hashes: Int64[Tensor, " copies"],
    color: Int8[Tensor, " copies"],
) -> Int64[Tensor, "copies cells"]:
    """Return the hash of the position after a stone on each point; it has a meaning where that is legal."""
    numbers = chains.long()
    other = board == -color[:, None]
    of_chains = torch.zeros_like(liberties).scatter_add(1, numbers, tables.zobrist[(color > 0).long()] * other)
    is_capturable = other & find_atari(liberties).gather(1, numbers)
    removed = of_chains.gather(1, numbers) * is_capturable
    numbers = chains * is_capturable
    after = (hashes[:, None] + tables.zobrist[(color < 0).long()])[:, tables.rows]
    near: list[Tensor] = []
    for offset in tables.offsets:
        number = numbers[:, tables.near(offset)]
        hash_of_chain = removed[:, tables.near(offset)]
        for earlier in near:  # a chain may touch a point from several sides: it is removed once
            hash_of_chain = hash_of_chain * (number != earlier)
        after = after - hash_of_chain
        near.append(number)
    return after.reshape(-1, tables.size, tables.width)[:, :, 1:-1].flatten(1)


def find_repetitions(
    filters: Int64[Tensor, "copies words"],
    history: Int64[Tensor, "copies positions"],
    after: Int64[Tensor, "copies cells"],
    legal: Bool[Tensor, "copies cells"],
) -> Bool[Tensor, "copies cells"]:
    """Return which of the legal moves would repeat a position of the game."""
    copies, cells = (legal & passes_filter(filters, after)).nonzero(as_tuple=True)
    is_repeated = (history[copies] == after[copies, cells][:, None]).any(1)
    repetitions = torch.zeros_like(legal)
    repetitions[copies, cells] = is_repeated
    return repetitions
