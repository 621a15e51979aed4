"""A network as the evaluation of positions that a search calls."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.engine.machine.inference import InferenceNetwork
from axone.play.games.board_game import BoardGame
from axone.play.games.symmetries import symmetries_of
from axone.play.random import make_keys
from axone.play.simulation import State

Evaluation = tuple[Float[Tensor, "positions actions"], Float[Tensor, " positions"]]


class NetworkEvaluation:
    """The policy and the value of a network, from weights that do not change until `refresh`.

    Args:
        source: The network: it maps observations [N, C, H, W] to the logits of a policy [N, A] and values [N, 1] for
            the player to move.
        game: The game, which says what the network sees.
        precision: "auto", "float32" or "bfloat16", as the setting `precision`.
        device: Where positions are evaluated; the network may be elsewhere.
        weights: Returns a context in which the network has the weights to take over, as `Optimizer.averaged` does.
    """

    def __init__(
        self,
        source: nn.Module,
        game: BoardGame,
        precision: str = "auto",
        device: torch.device | str = "cpu",
        weights: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.source, self.game, self.device, self.weights = source, game, torch.device(device), weights
        example = game.observe(game.reset(make_keys(0, 2, device)))
        self.network = InferenceNetwork(copy.deepcopy(source).to(device), example, precision)
        self.positions = 0  # that were evaluated

    def refresh(self) -> None:
        """Take over the weights that the network has now."""
        with self.weights():
            self.network.update(self.source)

    def __call__(self, state: State) -> Evaluation:
        """Return the logits and the values of positions."""
        return self.evaluate(self.game.observe(state))

    def evaluate(self, observations: Float[Tensor, "positions channels height width"]) -> Evaluation:
        """Return the logits and the values of positions, given by what the network sees."""
        self.positions += len(observations)
        logits, values = self.network(observations)
        return logits, values[:, 0]


class MirroredEvaluation:
    """The mean of what a network answers for a position and for its mirror image.

    Their errors differ, so that the mean of two has less noise than one (AlphaGo Zero draws one of eight symmetries for
    each position). It costs twice as much: for a player whose strength counts, and not for self-play.

    Args:
        evaluation: The network.
    """

    def __init__(self, evaluation: NetworkEvaluation) -> None:
        self.evaluation = evaluation
        self.symmetries = symmetries_of(evaluation.game)
        self.mirror = self.symmetries.count // 2  # after the rotations; 0, no change, in a game without symmetries

    def __call__(self, state: State) -> Evaluation:
        """Return the logits and the values of positions."""
        observations = self.evaluation.game.observe(state)
        which = torch.full((len(observations),), self.mirror, device=observations.device)
        mirrored = self.symmetries.transform_planes(observations, which)
        logits, values = self.evaluation.evaluate(torch.cat([observations, mirrored]))
        plain, other = logits.chunk(2)
        first, second = values.chunk(2)
        return (plain + self.symmetries.restore_actions(other, which)) / 2, (first + second) / 2
