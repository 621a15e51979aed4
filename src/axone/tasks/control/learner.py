"""What learners of policies in worlds have in common: greedy episodes, and the best weights of each member."""

from __future__ import annotations

from typing import Any

from jaxtyping import Float
from torch import Tensor

from axone.engine.experiment import Experiment, FinishContext
from axone.engine.metrics import Metrics
from axone.messages import _
from axone.play.spaces import Continuous, Discrete
from axone.tasks.control.experience.episodes import Episodes
from axone.tasks.control.networks.best_members import BestMembers
from axone.tasks.control.networks.network import ControlNetwork, Memory
from axone.tasks.control.playing import PlayingLearner


class ControlLearner(PlayingLearner):
    """A learner of several policies in a world. A system's own adds how they draw actions and how they learn.

    Args:
        network: The networks of all members.
        space: The space of one action.
        solved: The mean return at which the world counts as solved; None: it has none.
        own_epochs: Whether each member has the weights of its own best epoch in the end; otherwise, all have those of
            the epoch with the highest mean.

    The history has the mean return of each member in greedy episodes ("returns"), and that of episodes of the training.

    Attributes:
        test_returns: After the test, for each member, the mean and the lowest return of its episodes.
    """

    def __init__(
        self, network: ControlNetwork, space: Discrete | Continuous, solved: float | None = None, *,
        own_epochs: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.network, self.space, self.solved = network, space, solved
        self.test_returns: list[tuple[float, float]] = []
        self.best_members = BestMembers(network) if own_epochs else None
        self._episodes: Episodes | None = None

    def initial_memory(self, copies: int) -> Memory:
        """Return the state of recurrent layers at the start of an episode; by default there are none."""
        return {}

    def exploit(self, observations: Float[Tensor, "members copies ..."], memory: Memory) -> tuple[Tensor, Memory]:
        """Return the actions that the policies hold for the best, and the state of recurrent layers after them."""
        raise NotImplementedError

    def note_exploring(self, returns: Float[Tensor, " episodes"]) -> Metrics:
        """Note the returns of episodes that ended in the training; return their mean, if there are any."""
        if not len(returns):
            return {}
        self.note_results(returns)
        return {"exploring_return": returns.mean()}

    def begin_evaluation(self, stream: Episodes) -> None:
        """Note whose results `end_evaluation` returns."""
        self._episodes = stream

    def eval_step(self, batch: Episodes) -> Metrics:
        """Play a part of the greedy episodes; the results are those of whole episodes, in `end_evaluation`."""
        batch.play(self)
        return {}

    def end_evaluation(self) -> dict[str, float]:
        """Return the mean return over all members, that of the lowest and the highest member, and the mean length.

        Where the episodes decide on it, note which member is the best.
        """
        episodes = self._episodes
        assert episodes is not None
        means = episodes.returns.mean(1)  # [members]
        if not episodes.selects:
            self.test_returns = list(zip(means.tolist(), episodes.returns.min(1).values.tolist()))
        elif not self.is_evaluated:
            self.network.best.fill_(int(means.argmax()))
            if self.best_members is not None:
                self.best_members.note(means)
            self.add_evaluation({"returns": means.tolist()})
        if episodes.cut_off:
            self.context.log_text(
                _("{count} of {total} evaluated episodes were cut off after {steps} steps (--episode-steps).",
                  count=episodes.cut_off, total=episodes.samples, steps=episodes.limit)
            )  # fmt: skip
        metrics = {
            "return": float(means.mean()),
            "lowest_return": float(means.min()),
            "highest_return": float(means.max()),
            "best_return": float(means[int(self.network.best)]),
            "episode_length": float(episodes.lengths.float().mean()),
        }
        if self.solved is not None:
            metrics["solved"] = float((means >= self.solved).float().mean())
        return metrics

    def use_best_members(self, experiment: Experiment, context: FinishContext) -> None:
        """Load the weights with which each member was best; the `fit_postprocessing` of the experiment."""
        assert self.best_members is not None
        self.best_members.restore()

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the optimizers, the history, and the best weights of each member."""
        best = {} if self.best_members is None else {"best_members": self.best_members.state_dict()}
        return {**super().state_dict(), **best}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        super().load_state_dict(state)
        if self.best_members is not None:
            self.best_members.load_state_dict(state["best_members"])
