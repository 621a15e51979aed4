"""A network as the evaluation of positions that a search calls."""

from __future__ import annotations

import copy

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.engine.machine.inference import InferenceNetwork
from axone.play.games.board_game import BoardGame
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
    """

    def __init__(
        self, source: nn.Module, game: BoardGame, precision: str = "auto", device: torch.device | str = "cpu"
    ) -> None:
        self.source, self.game, self.device = source, game, torch.device(device)
        example = game.observe(game.reset(make_keys(0, 2, device)))
        self.network = InferenceNetwork(copy.deepcopy(source).to(device), example, precision)
        self.positions = 0  # that were evaluated

    def refresh(self) -> None:
        """Take over the weights that the network has now."""
        self.network.update(self.source)

    def __call__(self, state: State) -> Evaluation:
        """Return the logits and the values of positions."""
        observations = self.game.observe(state)
        self.positions += len(observations)
        logits, values = self.network(observations)
        return logits, values[:, 0]
