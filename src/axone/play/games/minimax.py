"""Minimax search of a fixed depth: all continuations of many positions at once, as tensor operations.

Every position of a level is one copy of a state, so that a level costs one `step`. There is no pruning: the number of
positions is the number of sequences of moves. Kernels prune (`kernels/connect_four_minimax.py`) and return the same.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.play.simulation import Game, State, select

WIN = 10_000  # the value of winning by the next move; each move before takes 1 off
ILLEGAL = -1_000_000  # the value of an action that is not legal
LARGEST_LEVEL = 1 << 18  # positions of one level in memory
Evaluate = Callable[[State], Int64[Tensor, " copies"]]


def value_moves(game: Game, state: State, depth: int, evaluate: Evaluate) -> Int64[Tensor, "copies actions"]:
    """Return the value of each action for the player to move; ILLEGAL where it is not legal.

    Args:
        game: The game.
        state: The positions.
        depth: The number of moves that are searched, at least 1.
        evaluate: The values of positions in which the search ends before the game, for the player to move; less than
            WIN by the number of moves of a game.

    Raises:
        ValueError: The depth is below 1.
    """
    check_depth(depth)
    chunk = max(1, LARGEST_LEVEL // game.actions.count**depth)
    copies = len(state["finished"])
    parts = [
        value_chunk(game, select(state, slice(start, start + chunk)), depth, evaluate)
        for start in range(0, copies, chunk)
    ]
    return torch.cat(parts) if parts else torch.empty(0, game.actions.count, dtype=torch.int64)


def check_depth(depth: int) -> None:
    """Raise ValueError for a search that makes no move."""
    if depth < 1:
        raise ValueError(f"depth must be at least 1, not {depth}")


def value_chunk(
    game: Game, state: State, depth: int, evaluate: Evaluate, distance: int = 0
) -> Int64[Tensor, "copies actions"]:
    """Return the value of each action of positions, whose continuations fit into memory.

    Args:
        game: The game.
        state: The positions.
        depth: The number of moves that are searched.
        evaluate: The values of the last positions.
        distance: The number of moves before these positions.
    """
    legal = game.legal_actions(state)
    values = torch.full(legal.shape, ILLEGAL, device=legal.device)
    copies, actions = legal.nonzero(as_tuple=True)
    if len(copies) == 0:
        return values
    after, outcome = game.step(select(state, copies), actions)
    children = outcome.rewards.long() * (WIN - distance)
    rest = (~outcome.terminated).nonzero()[:, 0]
    if len(rest):
        following = select(after, rest)
        if depth == 1:
            children[rest] = -evaluate(following)
        else:
            children[rest] = -value_chunk(game, following, depth - 1, evaluate, distance + 1).amax(1)
    values[copies, actions] = children
    return values
