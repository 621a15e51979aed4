"""What games on a board share: random playouts, and how a position is drawn."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int64, UInt8
from torch import Tensor

from axone.play.games.drawing import Board, draw_image, draw_text
from axone.play.games.minimax import value_moves
from axone.play.random import random_integers
from axone.play.simulation import Game, State


class Playout(NamedTuple):
    """Games that were played to their end.

    Args:
        state: The last positions, all finished.
        moves: The number of moves that were made in each copy, passes included.
    """

    state: State
    moves: Int64[Tensor, " copies"]


class BoardGame(Game):
    """A game for two players on a board of cells or points.

    Besides the tensors of every `Game`, its state has "last" (int64 [copies]: the last action, -1 before the first).
    """

    @abstractmethod
    def view(self, state: State, copy: int = 0) -> Board:
        """Return what is to be drawn of one copy."""

    def random_actions(
        self, state: State, keys: Int64[Tensor, " copies"], counters: Int64[Tensor, " copies"]
    ) -> Int64[Tensor, " copies"]:
        """Return a random legal action for each copy, all equally likely; 0 where the game is over.

        Args:
            state: The positions.
            keys: The key of each copy's random numbers.
            counters: The counter of each copy's random number; one is used.
        """
        return choose_random(self.legal_actions(state), keys, counters)

    def playout(
        self, state: State, keys: Int64[Tensor, " copies"], counters: Int64[Tensor, " copies"] | None = None
    ) -> Playout:
        """Play each copy to its end; all legal moves are equally likely.

        Args:
            state: The positions to start from. Finished ones are returned as they are.
            keys: The key of each copy's random numbers.
            counters: The first counter of each copy, 0 by default. A move uses one random number.

        Returns:
            The last positions, and the number of moves: as many random numbers were used.
        """
        counters = torch.zeros_like(keys) if counters is None else counters
        moves = torch.zeros_like(keys)
        while not bool(state["finished"].all()):
            actions = self.random_actions(state, keys, counters + moves)
            moves = moves + ~state["finished"]
            state, _outcome = self.step(state, actions)
        return Playout(state, moves)

    def evaluate(self, state: State) -> Int64[Tensor, " copies"]:
        """Return a rough value of positions for the player to move, by which minimax compares them; by default 0."""
        return torch.zeros_like(state["player"])

    def value_moves(self, state: State, depth: int) -> Int64[Tensor, "copies actions"]:
        """Return the value of each action by a minimax search of a fixed depth, for the player to move.

        Args:
            state: The positions.
            depth: The number of moves that are searched, at least 1.

        Returns:
            `minimax.WIN` for a move that wins, 1 less for each move before that, the opposite for a loss, and between
            them `evaluate` after `depth` moves; `minimax.ILLEGAL` for an action that is not legal.
        """
        return value_moves(self, state, depth, self.evaluate)

    def render_text(self, state: State, copy: int = 0) -> str:
        """Return the board of one copy as lines of text, with coordinates; the last move is in brackets."""
        return draw_text(self.view(state, copy))

    def render_image(self, state: State, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return the board of one copy as an image, with coordinates; the last move has a ring."""
        return torch.from_numpy(draw_image(self.view(state, copy)))


def choose_random(
    legal: Bool[Tensor, "copies actions"], keys: Int64[Tensor, " copies"], counters: Int64[Tensor, " copies"]
) -> Int64[Tensor, " copies"]:
    """Return a random legal action for each copy, all equally likely; 0 where no action is legal.

    Args:
        legal: The legal actions.
        keys: The key of each copy's random numbers.
        counters: The counter of each copy's random number; one is used.
    """
    ranks = legal.cumsum(1)
    rank = random_integers(keys, counters, ranks[:, -1])  # the number of legal actions before the chosen one
    return ((ranks <= rank[:, None]).sum(1)) * (ranks[:, -1] > 0)
