"""Games whose position fits into two integers: each bit of a bitboard is a cell, and a move is a few bit operations.

The two bitboards are those of the player to move ("own") and of the opponent ("other"). They change places at each
move, so that neither the rules nor a network ask whose turn it is.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import torch
from jaxtyping import Bool, Float32, Int64
from torch import Tensor

from axone.play.games.board_game import BoardGame, Playout
from axone.play.games.drawing import Board
from axone.play.simulation import Outcome, State
from axone.play.spaces import Continuous

Bits = Int64[Tensor, " copies"]
STATE = ("player", "finished", "result", "last", "own", "other")


class Moved(NamedTuple):
    """The position after a move, for each copy, as the player who moves next sees it.

    Args:
        own: The stones of the player who moves next.
        other: The stones of the player who has moved.
        value: 1 if the player who has moved won by it, -1 if they lost, else 0.
        ended: Whether the game is over.
    """

    own: Bits
    other: Bits
    value: Int64[Tensor, " copies"]
    ended: Bool[Tensor, " copies"]


class BitboardGame(BoardGame):
    """A game whose state is "own" and "other" (int64 [copies]: the stones of the player to move and of the opponent).

    A subclass gives the bits of the cells, `start`, `move` and `legal_actions`.

    Attributes:
        cells: The bit of each cell, row by row from the upper left corner.
        start: The stones of both players in the first position.
    """

    cells: ClassVar[tuple[int, ...]]
    start: ClassVar[tuple[int, int]] = (0, 0)

    def __init__(self) -> None:
        self.observations = Continuous((2, *self.board), 0.0, 1.0)

    @abstractmethod
    def move(self, own: Bits, other: Bits, actions: Bits) -> Moved:
        """Return the positions after legal moves; for other actions, anything."""

    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return as many first positions as there are keys."""
        zeros = torch.zeros_like(keys)
        return {
            "player": zeros,
            "finished": torch.zeros(len(keys), dtype=torch.bool, device=keys.device),
            "result": torch.zeros(len(keys), device=keys.device),
            "last": zeros - 1,
            "own": zeros + self.start[0],
            "other": zeros + self.start[1],
        }

    def step(self, state: State, actions: Int64[Tensor, " copies"]) -> tuple[State, Outcome]:
        """Return the positions after a legal move of each copy; finished ones stay as they are."""
        playing, player = ~state["finished"], state["player"]
        moved = self.move(state["own"], state["other"], actions)
        finished = state["finished"] | moved.ended
        new = {
            "player": torch.where(playing, 1 - player, player),
            "finished": finished,
            "result": torch.where(playing, (moved.value * (1 - 2 * player)).float(), state["result"]),
            "last": torch.where(playing, actions, state["last"]),
            "own": torch.where(playing, moved.own, state["own"]),
            "other": torch.where(playing, moved.other, state["other"]),
        }
        return new, Outcome((moved.value * playing).float(), finished, torch.zeros_like(finished))

    def observe(self, state: State) -> Float32[Tensor, "copies 2 height width"]:
        """Return two planes: the stones of the player to move, and those of the opponent."""
        both = torch.stack([state["own"], state["other"]], 1)[:, :, None]
        cells = as_tensor(self.cells, both.device)
        return ((both >> cells) & 1).float().reshape(-1, 2, *self.board)

    def view(self, state: State, copy: int = 0) -> Board:
        """Return what is to be drawn of one copy."""
        own, other, player, last = (int(state[name][copy]) for name in ("own", "other", "player", "last"))
        stones = (own, other) if player == 0 else (other, own)
        numbers = [1 + (stones[1] >> bit & 1) if (stones[0] | stones[1]) >> bit & 1 else 0 for bit in self.cells]
        width = self.board[1]
        rows = tuple(tuple(numbers[start : start + width]) for start in range(0, len(numbers), width))
        return self.describe_board(rows, last)

    @abstractmethod
    def describe_board(self, rows: tuple[tuple[int, ...], ...], last: int) -> Board:
        """Return the drawing of a position: labels, style, and the cell of the last action.

        Args:
            rows: The cells from the upper left corner: 0 for an empty one, else 1 + the player.
            last: The last action, -1 before the first.
        """


class BitboardKernels(BitboardGame):
    """The functions of a game on bitboards as numba kernels, on views of the tensors, which are on the CPU.

    It is the first base of a class whose second base is the game.

    Attributes:
        functions: The module of `axone.play.games.kernels` with the kernels of the game.
    """

    functions: Any

    def step(self, state: State, actions: Int64[Tensor, " copies"]) -> tuple[State, Outcome]:
        """Return the positions after a legal move of each copy; finished ones stay as they are."""
        new, rewards = copy_state(state), torch.empty(len(actions))
        call(self.functions.step, *new.values(), actions, rewards)
        return new, Outcome(rewards, new["finished"], torch.zeros_like(new["finished"]))

    def legal_actions(self, state: State) -> Bool[Tensor, "copies actions"]:
        """Return which actions are allowed; none when the game is over."""
        legal = torch.empty(len(state["own"]), self.actions.count, dtype=torch.bool)
        call(self.functions.legal_actions, state["finished"], state["own"], state["other"], legal)
        return legal

    def observe(self, state: State) -> Float32[Tensor, "copies 2 height width"]:
        """Return two planes: the stones of the player to move, and those of the opponent."""
        from axone.play.games.kernels.common import observe

        planes = torch.empty(len(state["own"]), 2, len(self.cells))
        call(observe, state["own"], state["other"], as_tensor(self.cells, planes.device), planes)
        return planes.reshape(-1, 2, *self.board)

    def random_actions(
        self, state: State, keys: Int64[Tensor, " copies"], counters: Int64[Tensor, " copies"]
    ) -> Int64[Tensor, " copies"]:
        """Return a random legal action for each copy; 0 where the game is over."""
        actions = torch.empty(len(keys), dtype=torch.int64)
        call(self.functions.random_actions, state["finished"], state["own"], state["other"], keys, counters, actions)
        return actions

    def playout(
        self, state: State, keys: Int64[Tensor, " copies"], counters: Int64[Tensor, " copies"] | None = None
    ) -> Playout:
        """Play each copy to its end; all legal moves are equally likely."""
        new, moves = copy_state(state), torch.empty(len(keys), dtype=torch.int64)
        counters = torch.zeros_like(keys) if counters is None else counters
        call(self.functions.playout, *new.values(), keys, counters, moves)
        return Playout(new, moves)


def copy_state(state: State) -> State:
    """Return a copy of a state, its tensors in the order of the kernels' arguments."""
    return {name: state[name].clone(memory_format=torch.contiguous_format) for name in STATE}


def call(function: Callable[..., None], *tensors: Tensor) -> None:
    """Call a kernel on the memory of tensors."""
    from axone.play.compilation import arrays

    function(*arrays(*tensors))


@lru_cache
def as_tensor(values: tuple[int, ...], device: torch.device) -> Int64[Tensor, " values"]:
    """Return integers as a tensor on a device, which is made once and must not be changed."""
    return torch.tensor(values, dtype=torch.int64, device=device)


def count_bits(bits: Int64[Tensor, "*shape"]) -> Int64[Tensor, "*shape"]:
    """Return the number of bits that are set: sums of pairs, fours and bytes (Warren, Hacker's Delight, 5-1)."""
    bits = bits - ((bits >> 1) & 0x5555555555555555)
    bits = (bits & 0x3333333333333333) + ((bits >> 2) & 0x3333333333333333)
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0F
    return ((bits * 0x0101010101010101) >> 56) & 0x7F
