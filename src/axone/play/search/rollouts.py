"""Plain tree search: positions are evaluated by playing them to their end at random, and there is no network.

It is an opponent whose strength grows with its budget, before and without any learning (Coulom 2006, "Efficient
selectivity and backup operators in Monte-Carlo tree search"; Kocsis and Szepesvári 2006, "Bandit based Monte-Carlo
planning").
"""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.play.games.board_game import BoardGame
from axone.play.random import random_bits
from axone.play.search.game_functions import Evaluation, GameFunctions
from axone.play.search.interface import SearchResult
from axone.play.search.puct import Puct
from axone.play.search.search import search
from axone.play.simulation import Outcome, State

KEY = "rollout_key"  # a name in the state of the search: the key of the random numbers of each position's playouts
# In Connect Four with 100 rollouts, this c wins 57 % of the games against 1.0; 4.0 and UCB1 are as good.
UNIFORM = Puct(c=2.0, noise_share=0.0, temperature=0.0)


def search_by_rollouts(
    game: BoardGame,
    state: State,
    rollouts: int | Int64[Tensor, " copies"],
    keys: Int64[Tensor, " copies"],
    counters: Int64[Tensor, " copies"],
    *,
    rule: Puct = UNIFORM,
) -> SearchResult:
    """Return the moves of a plain search with a budget, for a batch of positions.

    Args:
        game: The game, or its kernels, with which this is many times faster.
        state: The positions. Nothing is searched where the game is over.
        rollouts: How many games are played to their end for a move, or for the move of each copy.
        keys: The key of each copy's random numbers.
        counters: The counter of each copy's random numbers. One is used.
        rule: How actions are selected, with priors that are all equal.
    """
    functions = RolloutFunctions(game)
    root = functions.root({**state, KEY: random_bits(keys, counters)})
    return search(root, functions.advance, simulations=rollouts, rule=rule, legal=game.legal_actions(state))


class RolloutFunctions(GameFunctions):
    """A game as the functions of a search, evaluated by random games.

    The random numbers of a position are a function of the key at the root and of the actions that lead there, so that a
    search does not depend on the others of its batch. The keys are part of the state, under the name of `KEY`.

    Args:
        game: The game, or its kernels.
    """

    def __init__(self, game: BoardGame) -> None:
        """Hold the game."""
        super().__init__(game, self.play_to_the_end)
        self.playout = game.playout

    def step(self, state: State, actions: Int64[Tensor, " chosen"]) -> tuple[State, Outcome]:
        """Return the positions after a move of each, with keys of their own."""
        after, outcome = self.game.step(state, actions)
        return {**after, KEY: random_bits(state[KEY], actions)}, outcome

    def play_to_the_end(self, state: State) -> Evaluation:
        """Return equal priors, and the result of one random game for the player to move."""
        last = self.playout(state, state[KEY]).state
        values = last["result"] * (1 - 2 * state["player"])
        return torch.zeros(len(values), self.game.actions.count, device=values.device), values
