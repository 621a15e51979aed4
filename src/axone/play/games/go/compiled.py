"""The calls of the kernels of Go: the tensors of a state as arrays."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from axone.play.games.board_game import Playout
from axone.play.games.go.arrays import Games, Rules
from axone.play.games.go.base import GoGame
from axone.play.simulation import Outcome, State


class CompiledFunctions(GoGame):
    """The functions of Go as numba kernels on the CPU (`kernels.py`), equal to the tensor operations to the bit."""

    def step(self, state: State, actions: Int64[Tensor, " copies"]) -> tuple[State, Outcome]:
        """Play a move or a pass in each game."""
        from axone.play.compilation import arrays
        from axone.play.games.go.kernels import play

        new = copy_state(state)
        rewards = torch.zeros_like(new["result"])
        unread, moves = torch.empty(0, dtype=torch.int64), torch.zeros_like(new["moves"])
        play(self._view_arrays(new), self._rules(new), False, *arrays(actions, unread, unread, moves, rewards))
        return new, Outcome(rewards, new["finished"].clone(), torch.zeros_like(new["finished"]))

    def legal_actions(self, state: State) -> Bool[Tensor, "copies actions"]:
        """Return which moves are allowed; the pass always is, until the game is over."""
        from axone.play.compilation import arrays
        from axone.play.games.go.kernels import find_legal

        legal = torch.zeros(len(state["board"]), self.actions.count, dtype=torch.bool)
        unread = torch.empty(0, dtype=torch.int64)
        find_legal(self._view_arrays(state), self._rules(state), False, *arrays(unread, unread, legal, unread))
        return legal

    def playout(
        self, state: State, keys: Int64[Tensor, " copies"], counters: Int64[Tensor, " copies"] | None = None
    ) -> Playout:
        """Play each copy to its end, as the base class does, one game after the other in one call."""
        from axone.play.compilation import arrays
        from axone.play.games.go.kernels import play

        new, moves = copy_state(state), torch.zeros_like(keys)
        counters = moves.clone() if counters is None else counters
        rewards = torch.zeros_like(new["result"])
        play(self._view_arrays(new), self._rules(new), True, *arrays(moves, keys, counters, moves, rewards))
        return Playout(new, moves)

    def random_actions(
        self, state: State, keys: Int64[Tensor, " copies"], counters: Int64[Tensor, " copies"]
    ) -> Int64[Tensor, " copies"]:
        """Return a random legal action for each copy, as the base class does."""
        from axone.play.compilation import arrays
        from axone.play.games.go.kernels import find_legal

        actions = torch.zeros_like(keys)
        unread = torch.empty(0, 0, dtype=torch.bool)
        find_legal(self._view_arrays(state), self._rules(state), True, *arrays(keys, counters, unread, actions))
        return actions

    def _view_arrays(self, state: State) -> Games:
        """Return the arrays of a state; without superko, one stands for the filter."""
        from axone.play.compilation import arrays

        return Games(*arrays(*(state[name if name in state else "history"] for name in Games._fields)))

    def _rules(self, state: State) -> Rules:
        """Return the settings and the tables as the kernels read them."""
        from axone.play.compilation import arrays

        tables = self.tables(state)
        is_strict, loses = self.ko == "positional", self.repetition == "loss"
        return Rules(self.size, self.komi, self.max_moves, is_strict, loses, *arrays(tables.liberty, tables.zobrist))


def copy_state(state: State) -> State:
    """Return a state with tensors of its own."""
    return {name: values.clone(memory_format=torch.contiguous_format) for name, values in state.items()}
