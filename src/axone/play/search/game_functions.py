"""The functions that a search needs, from a game and an evaluation of positions."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.play.search.interface import Advance, Root
from axone.play.simulation import Game, Outcome, State, select

# Positions -> the logits of a policy [C, A] and the values [C], both for the player to move.
Evaluation = tuple[Float[Tensor, "chosen actions"], Float[Tensor, " chosen"]]
Evaluate = Callable[[State], Evaluation]


class GameFunctions:
    """A game as the functions of a search.

        functions = GameFunctions(game, lambda state: network(game.observe(state)))
        result = search(functions.root(state), functions.advance, legal=game.legal_actions(state), ...)

    Args:
        game: The game, or its kernels.
        evaluate: Called with positions that are not over; logits of actions that are not legal do not count.
    """

    def __init__(self, game: Game, evaluate: Evaluate) -> None:
        """Hold the game and the evaluation."""
        self.game, self.evaluate = game, evaluate

    def root(self, state: State) -> Root:
        """Return the evaluated positions from which to search."""
        return Root(*self.evaluate_open(state), state)

    def advance(self, state: State, actions: Int64[Tensor, " chosen"]) -> Advance:
        """Return the positions after a move of each, evaluated."""
        after, outcome = self.step(state, actions)
        # The side changes unless the other player has to pass.
        discounts = torch.where(after["player"] == state["player"], 1.0, -1.0).masked_fill(after["finished"], 0.0)
        logits, values = self.evaluate_open(after)
        return Advance(outcome.rewards, discounts, logits, values, after, self.game.legal_actions(after))

    def step(self, state: State, actions: Int64[Tensor, " chosen"]) -> tuple[State, Outcome]:
        """Return the positions after a move of each: a subclass can add to what the tree stores."""
        return self.game.step(state, actions)

    def evaluate_open(self, state: State) -> Evaluation:
        """Evaluate the positions that are not over; the others get zeros, and cost nothing."""
        finished = state["finished"]
        if not finished.any():
            return self.evaluate(state)
        logits = torch.zeros(len(finished), self.game.actions.count, device=finished.device)
        values = torch.zeros(len(finished), device=finished.device)
        places = (~finished).nonzero()[:, 0]
        if len(places):
            open_logits, open_values = self.evaluate(select(state, places))
            logits[places], values[places] = open_logits.to(logits.dtype), open_values.to(values.dtype)
        return logits, values
