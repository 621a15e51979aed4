"""What learners of skirmishes have in common: greedy battles, and the history of their results."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.engine.metrics import Metrics
from axone.graph import Model
from axone.play.skirmish.battle import DRAWN, WON
from axone.tasks.control.playing import PlayingLearner
from axone.tasks.skirmish.evaluation import Evaluation, share
from axone.tasks.skirmish.players import NetworkPlayer


class BattleLearner(PlayingLearner):
    """A learner that commands units. A system's own adds how it learns.

    Args:
        network: The network of the units, which a run is used for.

    The history has the win rate and the number of greedy battles, and the win rate of the battles of the training.
    """

    def __init__(self, network: Model) -> None:
        super().__init__()
        self.network = network
        self._evaluation: Evaluation | None = None
        self._player: NetworkPlayer | None = None

    def note_exploring(self, results: Int64[Tensor, " battles"]) -> Metrics:
        """Note how battles of the training ended; return the shares that were won and drawn, if there are any."""
        if not len(results):
            return {}
        self.note_results(results == WON)
        shares = {"exploring_win_rate": share(results == WON), "exploring_draw_rate": share(results == DRAWN)}
        return {name: torch.tensor(value) for name, value in shares.items()}

    def begin_evaluation(self, stream: Evaluation) -> None:
        """Note whose results `end_evaluation` returns."""
        self._evaluation, self._player = stream, None

    def eval_step(self, batch: Evaluation) -> Metrics:
        """Play a part of the greedy battles; the results are those of whole battles, in `end_evaluation`."""
        if self._player is None:
            self._player = NetworkPlayer(self.network, batch.battles)
        batch.play(self._player)
        return {}

    def end_evaluation(self) -> dict[str, float]:
        """Return the metrics of the greedy battles."""
        assert self._evaluation is not None
        metrics = self._evaluation.measure()
        if self._evaluation.is_validation:
            self.add_evaluation({"win_rate": metrics["win_rate"], "battles": self._evaluation.samples})
        return metrics
