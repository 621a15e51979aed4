"""Greedy battles against the heuristic player: the stream on which units are evaluated.

Each copy is one battle, so that short ones do not count more often than long ones. The situations at the start are the
same after each epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from axone.play.skirmish.battle import DRAWN, RUNNING, TIMED_OUT, WON
from axone.play.skirmish.battles import Battles
from axone.tasks.skirmish.players import Player

STEPS = 20  # played between two moments at which a stop may take effect


class Evaluation:
    """The stream of evaluation: some battles, in parts of 20 steps.

    Args:
        make_battles: Makes the battles, at their first situations.
        is_validation: Whether they are those after each epoch, of which the learner has a history.

    Attributes:
        results: How each battle ended; RUNNING for those that have not.
        returns: The sum of the rewards of each so far.
        lengths: Its steps so far.
    """

    def __init__(self, make_battles: Callable[[], Battles], *, is_validation: bool = False) -> None:
        self._make_battles, self.is_validation = make_battles, is_validation
        self._begin()

    def _begin(self) -> None:
        self.battles = self._make_battles()
        zeros = torch.zeros(self.battles.copies, dtype=torch.int64, device=self.battles.device)
        self.results, self.lengths, self.returns = zeros + RUNNING, zeros, zeros.float()

    @property
    def samples(self) -> int:
        """The number of battles."""
        return self.battles.copies

    def __len__(self) -> int:
        """Return the largest number of parts."""
        return -(-self.battles.world.max_steps // STEPS)

    def batches(self, epoch: int, start: int = 0) -> Iterator[Evaluation]:
        """Yield the stream itself for each part, until all battles have ended."""
        self._begin()
        for _number in range(len(self)):
            if not self.running.any():
                return
            yield self

    @property
    def running(self) -> Tensor:
        """Whether each battle has not ended."""
        return self.results == RUNNING

    def play(self, player: Player) -> None:
        """Play a part of the battles."""
        for _number in range(STEPS):
            running = self.running
            if not running.any():
                return
            played = self.battles.step(player.choose(self.battles))
            self.returns = self.returns + played.rewards * running
            self.lengths = self.lengths + running
            self.results = torch.where(running, played.results, self.results)
            player.restart(played.ended)

    def measure(self) -> dict[str, float]:
        """Return the metrics of all battles."""
        return {
            "win_rate": share(self.results == WON),
            "draw_rate": share(self.results == DRAWN),
            "unfinished_rate": share(self.results == TIMED_OUT),
            "return": float(self.returns.mean()),
            "episode_length": float(self.lengths.float().mean()),
        }

    def to(self, device: torch.device) -> Evaluation:
        """Return the stream itself: its battles are on the device of the training from the start."""
        return self

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: an evaluation that was interrupted is done again."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore nothing."""


def measure_player(make_player: Callable[[Battles], Player], battles: Battles) -> dict[str, float]:
    """Return the metrics of a player in one battle of each copy, from their first situations on."""
    evaluation = Evaluation(lambda: battles)
    player = make_player(battles)
    for part in evaluation.batches(1):
        part.play(player)
    return evaluation.measure()


def share(mask: Tensor) -> float:
    """Return the share of the places where a mask is True."""
    return float(mask.float().mean())
