"""What every learner of a game does besides its loss: the ruler after each epoch, and the monitor of self-play."""

from __future__ import annotations

from typing import Any

from torch import nn

from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.tasks.games.self_play.monitor import SelfPlayMonitor
from axone.tasks.games.settings import GameSettings
from axone.tasks.games.strength.ruler import Ruler, Trials

FINAL = 0  # in the place of an epoch: the measurement at the end, which must not depend on the length of the training


class GameLearner(Learner):
    """Trains the network of a game; a subclass defines `train_step` and calls `monitor_self_play`.

    Args:
        network: The network.
        settings: The settings of the training.
        ruler: Measures the strength after each epoch.
    """

    def __init__(self, network: nn.Module, settings: GameSettings, ruler: Ruler) -> None:
        self.network, self.settings, self.ruler = network, settings, ruler
        self.optimizer = Optimizer(network, settings)
        self.monitor = SelfPlayMonitor()
        self.epoch, self.is_final = 1, False

    def begin_epoch(self, epoch: int) -> None:
        """Note the epoch, which names the network among the players."""
        super().begin_epoch(epoch)
        self.epoch = epoch

    def monitor_self_play(self, statistics: Metrics) -> None:
        """Add what self-play looked like; after as many batches as an epoch has, say what is wrong."""
        self.monitor.add(statistics)
        if self.monitor.batches == self.settings.batches:
            for text in self.monitor.end_epoch():
                self.context.log_text(text)

    def begin_evaluation(self, stream: Trials) -> None:
        """Take over the weights that are measured."""
        self.is_final = stream.is_final
        self.ruler.begin()

    def eval_step(self, batch: str) -> Metrics:
        """Measure one thing: the metrics follow at the end."""
        self.ruler.measure(batch, FINAL if self.is_final else self.epoch)
        return {}

    def size(self, batch: Any) -> int:
        """Return the number of positions of a batch; a measurement counts as one."""
        return 1 if isinstance(batch, str) else len(batch[0])

    def end_evaluation(self) -> dict[str, float]:
        """Return what was measured; after an epoch, the network becomes an opponent of later ones."""
        return self.ruler.end_final() if self.is_final else self.ruler.end(self.epoch)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the optimizer, of the ruler and of the monitor."""
        return {**super().state_dict(), "ruler": self.ruler.state_dict(), "monitor": self.monitor.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        super().load_state_dict(state)
        self.ruler.load_state_dict(state["ruler"])
        self.monitor.load_state_dict(state["monitor"])
