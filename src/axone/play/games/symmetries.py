"""The symmetries of a board: transformed positions have transformed legal moves and the same result.

They multiply the games that a network learns from, and average what it answers:

    symmetries = symmetries_of(game)
    which = torch.randint(symmetries.count, (batch,))
    planes = symmetries.transform_planes(planes, which)
    policy = symmetries.transform_actions(policy, which)

A square board has eight (rotations and reflections), Connect Four has two: as it is and from the other side.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Int64, Shaped
from torch import Tensor

from axone.play.simulation import Game


@dataclass(frozen=True)
class Symmetries:
    """The symmetries of a game as permutations; the first one changes nothing.

    Args:
        cells: The cell, in the order of flattened planes, whose content each cell of the transformed board has.
        actions: The action whose value each action has on the transformed board. A pass is unchanged.
    """

    cells: Int64[Tensor, "symmetries cells"]
    actions: Int64[Tensor, "symmetries actions"]

    @property
    def count(self) -> int:
        """The number of symmetries."""
        return len(self.cells)

    def transform_planes(
        self, planes: Shaped[Tensor, "copies channels height width"], which: Int64[Tensor, " copies"]
    ) -> Shaped[Tensor, "copies channels height width"]:
        """Return the planes of positions as they look on the transformed board.

        Args:
            planes: What `observe` returns, or other values of cells.
            which: The number of the symmetry for each copy.
        """
        order = self.cells.to(planes.device)[which][:, None].expand(-1, planes.shape[1], -1)
        return planes.flatten(2).gather(2, order).reshape(planes.shape)

    def transform_actions(
        self, values: Shaped[Tensor, "copies actions"], which: Int64[Tensor, " copies"]
    ) -> Shaped[Tensor, "copies actions"]:
        """Return values of actions (probabilities, legal actions, visits) as they are on the transformed board."""
        return values.gather(1, self.actions.to(values.device)[which])

    def restore_actions(
        self, values: Shaped[Tensor, "copies actions"], which: Int64[Tensor, " copies"]
    ) -> Shaped[Tensor, "copies actions"]:
        """Return values of actions on the transformed board as they are on the original one."""
        return values.gather(1, self.actions.argsort(1).to(values.device)[which])


def symmetries_of(game: Game) -> Symmetries:
    """Return the symmetries of a game.

    They follow from its actions: columns (the board may be seen from the other side), or the cells of a square board in
    the order of its rows, with or without a pass; other games have only the identity.
    """
    height, width = game.board
    cells = torch.arange(height * width).reshape(height, width)
    if game.actions.count == width:
        both = torch.stack([cells, cells.flip(1)]).flatten(1)
        return Symmetries(both, both[:, :width])
    is_square = height == width and game.actions.count in (height * width, height * width + 1)
    if not is_square:
        return Symmetries(cells.flatten()[None], torch.arange(game.actions.count)[None])
    boards = [board.rot90(turns) for board in (cells, cells.flip(1)) for turns in range(4)]
    permutations = torch.stack([board.flatten() for board in boards])
    passes = torch.arange(height * width, game.actions.count).expand(len(boards), -1)
    return Symmetries(permutations, torch.cat([permutations, passes], 1))
