"""A pool of earlier networks, against one of which a share of the games of self-play is played.

A network that only meets itself may forget how to answer what it does not play any more. OpenAI Five plays 20 % of its
games against earlier versions (Berner et al. 2019, "Dota 2 with Large Scale Deep Reinforcement Learning",
arXiv:1912.06680). The positions in which the earlier network moves are not learned from: the search of a weaker network
is a worse policy to learn. So each of these games gives half as many positions, and a share of s costs s / 2 of them.
AlphaZero and KataGo have no pool.

All games of an epoch have the same opponent, so that a simulation needs one more pass of a network and not one more for
each network of the pool. Both networks search in the same batch of trees.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.data.random import stable_seed
from axone.play.random import make_keys, random_integers, uniform
from axone.play.search.game_functions import Evaluation, GameFunctions
from axone.play.simulation import Outcome, State, select
from axone.tasks.games.evaluation import NetworkEvaluation
from axone.tasks.games.settings import GameSettings

EARLIER = "is_earlier"  # a name in the state of the search: whether the earlier network searches in this tree
NO_SIDE = -1


class OpponentPool:
    """The newest networks of earlier epochs, and the games against one of them.

    Args:
        earlier: The evaluation by the earlier network; its weights are replaced.
        settings: The share of the games, the number of networks, the games at once and the seed.
    """

    def __init__(self, earlier: NetworkEvaluation, settings: GameSettings) -> None:
        self.earlier, self.settings = earlier, settings
        self.keys = make_keys(stable_seed("pool", settings.seed), settings.games, earlier.device)
        self.sides = torch.full_like(self.keys, NO_SIDE)  # the player that the earlier network is; NO_SIDE: none
        self.weights: dict[int, dict[str, Tensor]] = {}  # by the epoch after which they were so
        self.opponent = 0  # the epoch of the network that plays

    def begin_epoch(self, epoch: int) -> None:
        """Add the network as it is at the end of the epoch before; draw the opponent of this epoch."""
        if epoch <= 1 or not self.settings.pool_share:
            return
        self.earlier.refresh()
        self.weights[epoch - 1] = self.earlier.network.copy_weights()
        self.weights = {number: self.weights[number] for number in sorted(self.weights)[-self.settings.pool :]}
        numbers = list(self.weights)
        self.choose(numbers[stable_seed("opponent", self.settings.seed, epoch) % len(numbers)])

    def choose(self, epoch: int) -> None:
        """Let the network of an epoch play; games in progress go on with it."""
        self.opponent = epoch
        self.earlier.network.load_weights(self.weights[epoch])

    def draw_sides(self, is_new: Bool[Tensor, " games"], counters: Int64[Tensor, " games"]) -> None:
        """Draw for each new game whether the earlier network plays in it, and which side it has.

        Args:
            is_new: Which games are new.
            counters: The counters of the random numbers of each game; two are used.
        """
        if not self.opponent:
            return
        is_drawn = uniform(self.keys, counters) < self.settings.pool_share
        sides = torch.where(is_drawn, random_integers(self.keys, counters + 1, 2), NO_SIDE)
        self.sides = torch.where(is_new, sides, self.sides)

    def is_to_move(self, players: Int64[Tensor, " games"]) -> Bool[Tensor, " games"]:
        """Return in which games it is the turn of the earlier network."""
        return self.sides == players

    def points(
        self, results: Float[Tensor, " games"], finished: Bool[Tensor, " games"]
    ) -> Float[Tensor, " games_against_the_pool"]:
        """Return the points of the current network in the games that are over: 1 for a win, a half for a draw.

        Args:
            results: The results for the first player.
            finished: Which games are over.
        """
        chosen = finished & (self.sides != NO_SIDE)
        return (1 + results[chosen] * (2 * self.sides[chosen] - 1)) / 2

    def state_dict(self) -> dict[str, Any]:
        """Return the networks, which of them plays, and in which games."""
        weights = {str(number): values for number, values in self.weights.items()}
        return {"sides": self.sides, "weights": weights, "opponent": self.opponent}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.sides = state["sides"].to(self.keys.device)
        self.weights = {int(number): values for number, values in state["weights"].items()}
        self.opponent = 0
        if state["opponent"]:
            self.choose(state["opponent"])


class TwoNetworks(GameFunctions):
    """A game as the functions of a search, in which one of two networks evaluates the positions of each tree.

    Args:
        current: The network that learns.
        earlier: The network that evaluates where `EARLIER` is true in the state.
    """

    def __init__(self, current: NetworkEvaluation, earlier: NetworkEvaluation) -> None:
        super().__init__(current.game, self.evaluate_by_tree)
        self.current, self.earlier = current, earlier

    def step(self, state: State, actions: Int64[Tensor, " chosen"]) -> tuple[State, Outcome]:
        """Return the positions after a move of each, which belong to the same trees."""
        after, outcome = self.game.step(state, actions)
        return {**after, EARLIER: state[EARLIER]}, outcome

    def evaluate_by_tree(self, state: State) -> Evaluation:
        """Evaluate positions, of each network those of its trees."""
        is_earlier = state[EARLIER]
        if not is_earlier.any():
            return self.current(state)
        logits = torch.zeros(len(is_earlier), self.game.actions.count, device=is_earlier.device)
        values = torch.zeros(len(is_earlier), device=is_earlier.device)
        for evaluation, mask in ((self.current, ~is_earlier), (self.earlier, is_earlier)):
            places = mask.nonzero()[:, 0]
            if len(places):
                logits[places], values[places] = evaluation(select(state, places))
        return logits, values
