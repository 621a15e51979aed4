"""What learners of skirmishes have in common: greedy battles."""

from __future__ import annotations

from typing import Any

from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.graph import Model
from axone.tasks.skirmish.evaluation import Evaluation
from axone.tasks.skirmish.players import NetworkPlayer


class BattleLearner(Learner):
    """A learner that commands units. A system's own adds how it learns.

    Args:
        network: The network of the units, which a run is used for.
    """

    def __init__(self, network: Model) -> None:
        self.network = network
        self._evaluation: Evaluation | None = None
        self._player: NetworkPlayer | None = None

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
        return self._evaluation.measure()

    def size(self, batch: Any) -> int:
        """Return 1: each batch is a rollout of the same size."""
        return 1
