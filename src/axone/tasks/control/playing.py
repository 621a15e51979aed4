"""What all learners that play have in common: the history of their evaluations, greedy and exploring results apart."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from axone.engine.learner import Learner


class PlayingLearner(Learner):
    """A learner whose batches are rollouts of its own play.

    Attributes:
        history: For each evaluation during the training: the batches before it ("batches"), what was measured, and the
            mean result of the episodes that ended in the training since the evaluation before ("exploring"; None:
            there are none).
        batches_seen: The batches so far.
        exploring: The sum and the number of these results since the last evaluation.
    """

    def __init__(self) -> None:
        self.history: list[dict[str, Any]] = []
        self.batches_seen = 0
        self.exploring = [0.0, 0.0]

    def begin_batch(self, batches_seen: int) -> None:
        """Note how far the training is."""
        super().begin_batch(batches_seen)
        self.batches_seen = batches_seen + 1

    def note_results(self, results: Tensor) -> None:
        """Note the results of episodes that ended in the training, [episodes]."""
        total, count = self.exploring
        self.exploring = [total + float(results.sum()), count + len(results)]

    @property
    def is_evaluated(self) -> bool:
        """Whether the last evaluation was after the last batch: another one now is a repetition, as at the end."""
        return bool(self.history) and self.history[-1]["batches"] == self.batches_seen

    def add_evaluation(self, measured: dict[str, Any]) -> None:
        """Add an evaluation to the history."""
        total, count = self.exploring
        exploring = total / count if count else None
        self.history.append({"batches": self.batches_seen, **measured, "exploring": exploring})
        self.exploring = [0.0, 0.0]

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
