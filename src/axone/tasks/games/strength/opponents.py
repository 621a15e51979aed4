"""The fixed opponents by which strength is measured: random moves, minimax, and plain search with several budgets."""

from __future__ import annotations

from jaxtyping import Int64
from torch import Tensor

from axone.errors import UsageError
from axone.messages import _
from axone.play.games.board_game import BoardGame
from axone.play.games.opponents import Player, minimax_player, random_player
from axone.play.search.rollouts import search_by_rollouts
from axone.play.simulation import State

MOST = 1_000_000  # random games for a move
FEW_ACTIONS = 10  # up to which minimax is fast enough: its tensors have a position for each sequence of moves
LADDER = ("random", "search_16", "minimax_3", "search_64", "search_256", "minimax_5")
FINAL = ("random", "search_64", "search_256", "minimax_5")


def list_ladder(game: BoardGame) -> list[str]:
    """List the opponents that a network meets one after the other, from the weakest to the strongest."""
    return _without_slow(LADDER, game)


def list_final_opponents(game: BoardGame) -> list[str]:
    """List the opponents at the end of a training."""
    return _without_slow(FINAL, game)


def _without_slow(names: tuple[str, ...], game: BoardGame) -> list[str]:
    return [name for name in names if game.actions.count <= FEW_ACTIONS or not name.startswith("minimax")]


def rollout_player(game: BoardGame, rollouts: int) -> Player:
    """Return the player who plays some random games for a move, in a plain tree search."""

    def choose(
        state: State, keys: Int64[Tensor, " copies"], counters: Int64[Tensor, " copies"]
    ) -> Int64[Tensor, " copies"]:
        return search_by_rollouts(game, state, rollouts, keys, counters).actions

    return choose


def make_opponent(name: str, game: BoardGame) -> Player:
    """Return a fixed opponent by its name: random, search_N (N random games for a move) or minimax_N (N moves ahead).

    Raises UsageError for another name.
    """
    if name == "random":
        return random_player(game)
    kind, _underscore, number = name.partition("_")
    players = {"search": rollout_player, "minimax": minimax_player}
    if kind in players and number.isdecimal() and 0 < int(number) <= MOST:
        return players[kind](game, int(number))
    raise UsageError(
        _("There is no opponent '{name}'.", name=name),
        expected=_("expected random, search_N (N random games for a move) or minimax_N (N moves ahead)"),
    )
