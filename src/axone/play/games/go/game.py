"""Go as tensor operations, on any device."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from axone.play.games.go.base import GoGame
from axone.play.games.go.compiled import CompiledFunctions
from axone.play.games.go.rules import find_legal_points, place_stones
from axone.play.games.go.scoring import count_area
from axone.play.games.go.superko import add_to_filter, find_repetitions, hash_after_moves
from axone.play.simulation import Outcome, State


class Go(GoGame):
    """Go with area scoring (Tromp and Taylor), komi, and without suicide.

    A move is a point, from the upper left to the lower right, or the pass, which is the last action. The game is over
    after two passes in turn or `max_moves` moves, and is then scored as the stones are on the board; player 0 is black.

    What may not be repeated differs between rules, and programs differ too. Two conventions:

    `ko="situational"`: only the immediate recapture of a single stone is forbidden (the basic ko rule). A stone that
    repeats any earlier position of the game, whoever moved then, is legal and ends the game: with `repetition="tie"` in
    a tie, as in OpenSpiel, with `repetition="loss"` as a loss of the player who repeated, as in Pgx. The name
    is that of Pgx's documentation; it is not the situational superko of the AGA's rules, which forbids repetitions.

    `ko="positional"`: strict positional superko, as in the rules of Tromp and Taylor: a stone that repeats an earlier
    position of the game is illegal. Each legal move is tested. `repetition` has no meaning then.

    The state, besides that of each game:

    - "board": int8 [N, points], with a border (`tables.py`): 1 black, -1 white, 0 empty, 2 the border
    - "chains": int16, the number of each stone's chain; "liberties": int64, their sums at that number (`rules.py`)
    - "hash": int64 [N], of the position; "history": int64 [N, max_moves + 1], of all positions, then zeros;
      "filter", with `ko="positional"` (`superko.py`)
    - "ko": int64 [N], the action that ko forbids, or -1; "last": int64 [N], the last action, or -1; "moves": int64 [N]

    Args:
        size: The number of lines, from 5 to 19.
        komi: What white receives for moving second; with a whole number, ties are possible.
        ko: The convention of repetitions: "situational" or "positional".
        repetition: With "situational", how a repeated position ends: "tie" or "loss".
        max_moves: The number of moves, passes included, after which the game is scored; None: twice the number of
            points, as in OpenSpiel.

    Raises:
        UsageError: One of them is not possible.
    """

    def step(self, state: State, actions: Int64[Tensor, " copies"]) -> tuple[State, Outcome]:
        """Play a move or a pass in each game."""
        tables, cells = self.tables(state), self.size**2
        is_active = ~state["finished"]
        is_stone = is_active & (actions < cells)
        is_pass = is_active & (actions >= cells)
        color = (1 - 2 * state["player"]).to(torch.int8)
        points = tables.inner[actions.clamp(0, cells - 1)]
        placed = place_stones(tables, state["board"], state["chains"], state["liberties"], points, color, is_stone)
        hashes = state["hash"] + placed.hash_change
        moves = state["moves"] + is_active
        new = {
            "board": placed.board,
            "chains": placed.chains,
            "liberties": placed.liberties,
            "hash": hashes,
            "ko": torch.where(is_active, self._cell_of(placed.ko), state["ko"]),
            "last": torch.where(is_active, actions, state["last"]),
            "moves": moves,
            "player": state["player"] ^ is_active.long(),
        }
        is_repeated = torch.zeros_like(is_stone)
        if self.ko == "positional":
            new["filter"] = add_to_filter(state["filter"], hashes)
        else:
            is_repeated = is_stone & (state["history"] == hashes[:, None]).any(1)
        # In a finished game, this writes the hash that is there.
        new["history"] = state["history"].scatter(1, moves[:, None], hashes[:, None])
        is_over = (is_pass & (state["last"] == cells)) | (is_active & (moves >= self.max_moves)) | is_repeated
        result = torch.where(is_repeated & (self.repetition == "loss"), -color.float(), state["result"])
        to_score = (is_over & ~is_repeated).nonzero()[:, 0]
        if len(to_score):
            result[to_score] = (count_area(tables, placed.board[to_score]).double() - self.komi).sign().float()
        finished = state["finished"] | is_over
        new["finished"], new["result"] = finished, result
        rewards = torch.where(is_over & (result != 0), result * color, 0.0)
        return new, Outcome(rewards, finished.clone(), torch.zeros_like(finished))

    def _cell_of(self, points: Int64[Tensor, " copies"]) -> Int64[Tensor, " copies"]:
        """Return the action of a point of the padded board; -1 for 0."""
        width = self.size + 2
        cells = (points // width - 1) * self.size + points % width - 1
        return torch.where(points == 0, -1, cells)

    def legal_actions(self, state: State) -> Bool[Tensor, "copies actions"]:
        """Return which moves are allowed; the pass always is, until the game is over."""
        tables = self.tables(state)
        color = (1 - 2 * state["player"]).to(torch.int8)
        stones = (state["board"], state["chains"], state["liberties"])
        legal = find_legal_points(tables, *stones, color)
        if self.ko == "positional":
            after = hash_after_moves(tables, *stones, state["hash"], color)
            legal &= ~find_repetitions(state["filter"], state["history"], after, legal)
        legal = torch.nn.functional.pad(legal, (0, 1), value=True)
        ko = state["ko"][:, None]
        legal = legal.scatter(1, ko.clamp(min=0), legal[:, :1] & (ko < 0))
        return legal & ~state["finished"][:, None]

    def kernels(self) -> CompiledGo:
        """Return the same game with numba kernels."""
        return CompiledGo(self.size, self.komi, self.ko, self.repetition, self.max_moves)


class CompiledGo(CompiledFunctions, Go):
    """Go with numba kernels; what they do not compute, such as what a network sees, are tensor operations."""

    def kernels(self) -> CompiledGo:
        """Return this game."""
        return self
