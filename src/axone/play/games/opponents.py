"""Players that need no training, and matches between players, many games at once.

A player is a function of positions and random numbers that returns an action for each position; a network with a search
can be one, too. It is asked about all games of a batch, those that are over as well, where its answer does not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from axone.play.games.board_game import BoardGame, choose_random
from axone.play.random import make_keys
from axone.play.simulation import State

# From positions, and the key and counter of each copy's random number, to actions.
Player = Callable[[State, Int64[Tensor, " copies"], Int64[Tensor, " copies"]], Int64[Tensor, " copies"]]


def random_player(game: BoardGame) -> Player:
    """Return the player for whom all legal moves are equally likely."""
    return game.random_actions


def minimax_player(game: BoardGame, depth: int) -> Player:
    """Return the player who looks ahead a number of moves, and chooses at random among the best ones.

    Args:
        game: The game; with its kernels it is many times faster where it has a search of its own (Connect Four).
        depth: The number of moves, at least 1. Nine moves are all of tic-tac-toe.
    """

    def choose(
        state: State, keys: Int64[Tensor, " copies"], counters: Int64[Tensor, " copies"]
    ) -> Int64[Tensor, " copies"]:
        values = game.value_moves(state, depth)
        return choose_random((values == values.amax(1, keepdim=True)) & game.legal_actions(state), keys, counters)

    return choose


class Match(NamedTuple):
    """Games between two players.

    Args:
        results: For each game, 1 if the first player of the match won, -1 if the second did, else 0. The first player
            begins the first half of the games, the second player the others.
        moves: The number of moves of each game.
        state: The last positions.
    """

    results: Float32[Tensor, " games"]
    moves: Int64[Tensor, " games"]
    state: State

    @property
    def score(self) -> float:
        """The share of the points of the first player: a win is one, a draw is half of one."""
        return float((self.results.mean() + 1) / 2)


def play_match(game: BoardGame, first: Player, second: Player, games: int, *, seed: int = 0) -> Match:
    """Play games between two players, who begin in turn.

    Args:
        game: The game.
        first: The player who begins the first half of the games.
        second: The other player.
        games: The number of games, which are played at once.
        seed: The seed of the random numbers of both players.
    """
    begins = (games + 1) // 2
    halves = [
        play_side(game, (first, second), make_keys(seed, games)[:begins]),
        play_side(game, (second, first), make_keys(seed, games)[begins:]),
    ]
    signs = torch.where(torch.arange(games) < begins, 1.0, -1.0)
    state = {name: torch.cat([half[0][name] for half in halves]) for name in halves[0][0]}
    return Match(state["result"] * signs, torch.cat([half[1] for half in halves]), state)


def play_side(
    game: BoardGame, players: tuple[Player, Player], keys: Int64[Tensor, " games"]
) -> tuple[State, Int64[Tensor, " games"]]:
    """Play games of which the first of the players begins each; return the last positions and the numbers of moves."""
    state, moves = game.reset(keys), torch.zeros_like(keys)
    while not bool(state["finished"].all()):
        player = players[int(state["player"][~state["finished"]][0])]  # the same one in all games: they move in turn
        actions = player(state, keys, moves)
        moves = moves + ~state["finished"]
        state, _outcome = game.step(state, actions)
    return state, moves
