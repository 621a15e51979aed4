"""What learners of skirmishes have in common: greedy battles, and the history of their results."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.graph import Model
from axone.play.skirmish.battle import DRAWN, WON
from axone.tasks.skirmish.evaluation import Evaluation, share
from axone.tasks.skirmish.players import NetworkPlayer


class BattleLearner(Learner):
    """A learner that commands units. A system's own adds how it learns.

    Args:
        network: The network of the units, which a run is used for.

    Attributes:
        history: For each evaluation during the training: the batches before it, the win rate and the number of its
            greedy battles, and the win rate of the battles that ended in the training since the evaluation before
            (None: there are none).
    """

    def __init__(self, network: Model) -> None:
        self.network = network
        self.history: list[dict[str, Any]] = []
        self.batches_seen = 0
        self.exploring = [0, 0]  # battles won and ended since the last evaluation
        self._evaluation: Evaluation | None = None
        self._player: NetworkPlayer | None = None

    def begin_batch(self, batches_seen: int) -> None:
        """Note how far the training is."""
        super().begin_batch(batches_seen)
        self.batches_seen = batches_seen + 1

    def note_exploring(self, results: Int64[Tensor, " battles"]) -> Metrics:
        """Note how battles of the training ended; return the shares that were won and drawn, if there are any."""
        if not len(results):
            return {}
        self.exploring = [self.exploring[0] + int((results == WON).sum()), self.exploring[1] + len(results)]
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
            won, ended = self.exploring
            self.history.append(
                {
                    "batches": self.batches_seen,
                    "win_rate": metrics["win_rate"],
                    "battles": self._evaluation.samples,
                    "exploring": won / ended if ended else None,
                }
            )
            self.exploring = [0, 0]
        return metrics

    def size(self, batch: Any) -> int:
        """Return 1: each batch is a rollout of the same size."""
        return 1

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the optimizers, and the history."""
        return {
            **super().state_dict(),
            "batches_seen": self.batches_seen,
            "history": [dict(entry) for entry in self.history],
            "exploring": list(self.exploring),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        super().load_state_dict(state)
        self.batches_seen = int(state["batches_seen"])
        self.history, self.exploring = [dict(entry) for entry in state["history"]], list(state["exploring"])
