"""Territory as what a network learns besides policy and value: who owns each point in the end, and the score.

From a result alone a network learns slowly which part of the board has decided the game. Wu 2019 ("Accelerating
Self-Play Learning in Go", arXiv:1902.10565, section 4) lets it predict owners and score as well. Where no territory is
counted, as in Connect Four, all tensors here have no points.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, Int8, Int64
from torch import Tensor, nn

from axone.graph import Model
from axone.play.games.board_game import BoardGame
from axone.play.games.go.base import GoGame
from axone.play.simulation import State, select


class Territory(NamedTuple):
    """The end of the game of each position, in the view of the player to move.

    Args:
        owners: To whom each point belongs: 1 the player to move, -1 the opponent, 0 neither.
        scores: The points of the player to move less those of the opponent, komi included, as a share of the board.
    """

    owners: Int8[Tensor, "positions points"]
    scores: Float[Tensor, " positions"]


def count_points(game: BoardGame) -> int:
    """Return the number of points of the board whose owners are counted; 0 for a game without territory."""
    return game.size**2 if isinstance(game, GoGame) else 0


def unknown_territory(game: BoardGame, positions: int, device: torch.device | str) -> Territory:
    """Return zeros, which are replaced when the games of the positions are over."""
    owners = torch.zeros(positions, count_points(game), dtype=torch.int8, device=device)
    return Territory(owners, torch.zeros(positions, device=device))


def measure_territory(
    game: BoardGame, state: State, copies: Int64[Tensor, " positions"], players: Int64[Tensor, " positions"]
) -> Territory:
    """Return the territory at the end of the games of some positions.

    A game that a repetition has ended is counted as the stones are on the board then, whatever its result.

    Args:
        game: The game.
        state: The games, of which those of the positions are over.
        copies: The number of each position's game.
        players: Who was to move in each position.
    """
    if not isinstance(game, GoGame):
        return unknown_territory(game, len(copies), copies.device)
    games, places = copies.unique(return_inverse=True)
    ended, sides = select(state, games), 1 - 2 * players
    owners = game.find_ownership(ended).flatten(1)[places] * sides[:, None].to(torch.int8)
    return Territory(owners, game.score(ended)[places] * sides / count_points(game))


class PolicyAndValueOnly(nn.Module):
    """A network without the outputs that a search does not need: they are not computed.

    Args:
        network: The network, whose outputs "policy" and "value" are used. Its weights are shared.
    """

    def __init__(self, network: Model) -> None:
        super().__init__()
        self.network = network

    def forward(self, planes: Float[Tensor, "batch channels height width"]) -> tuple[Tensor, Tensor]:
        """Return the logits of the policy and the values."""
        outputs = self.network.activations(planes, ("policy", "value"))
        assert isinstance(outputs, dict)
        return outputs["policy"], outputs["value"]
