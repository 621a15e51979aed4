"""Matches between two players: many games at once, in pairs with the same opening and changed sides."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from axone.play.games.board_game import BoardGame, choose_random
from axone.play.games.opponents import Player
from axone.play.random import make_keys
from axone.play.simulation import select


class MatchResult(NamedTuple):
    """How a match ended, for the first player.

    Args:
        wins: Games that were won.
        draws: Games that were drawn.
        losses: Games that were lost.
    """

    wins: int
    draws: int
    losses: int

    @property
    def games(self) -> int:
        """The number of games."""
        return self.wins + self.draws + self.losses

    @property
    def points(self) -> float:
        """The points: 1 for a win, a half for a draw."""
        return self.wins + self.draws / 2

    @property
    def score(self) -> float:
        """The share of the points, from 0 to 1."""
        return self.points / max(1, self.games)


@torch.no_grad()
def play_match(
    game: BoardGame,
    player: Player,
    opponent: Player,
    games: int,
    *,
    seed: int = 0,
    opening: int = 2,
    device: torch.device | str = "cpu",
) -> MatchResult:
    """Play a match and return its result for `player`.

    Args:
        game: The game.
        player: One side.
        opponent: The other side.
        games: The number of games, rounded up to an even one: each opening is played twice, with changed sides.
        seed: The seed of the openings and of what players draw at random.
        opening: The number of random moves with which each game begins, without which players that draw nothing at
            random would play the same game each time.
        device: Where the games are.
    """
    pairs = (games + 1) // 2
    keys = make_keys(seed, pairs, device).repeat(2)
    state = game.reset(keys)
    is_second = torch.arange(2 * pairs, device=device) >= pairs  # whether `player` has the second move
    counters = torch.zeros_like(keys)
    for _move in range(opening):
        state, _outcome = game.step(state, choose_random(game.legal_actions(state), keys, counters))
        counters = counters + 1
    private = make_keys(seed + 1, 2 * pairs, device)  # the two games of a pair differ in what players draw
    while not state["finished"].all():
        actions = torch.zeros_like(keys)
        is_turn = (state["player"] == 1) == is_second
        for one, is_active in ((player, is_turn), (opponent, ~is_turn)):
            places: Tensor = (is_active & ~state["finished"]).nonzero()[:, 0]
            if len(places):
                actions[places] = one(select(state, places), private[places], counters[places])
        state, _outcome = game.step(state, actions)
        counters = counters + 1
    results = torch.where(is_second, -state["result"], state["result"])
    return MatchResult(int((results > 0).sum()), int((results == 0).sum()), int((results < 0).sum()))
