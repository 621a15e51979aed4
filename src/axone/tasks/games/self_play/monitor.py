"""Says when self-play has failed in a known way: exploration has collapsed, games repeat, one side always wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from axone.messages import _
from axone.numbers import format_percent

COLLAPSED_ENTROPY = 0.02  # of the policies of full searches, as a share of the largest possible entropy
REPEATED = 0.3  # the share of identical games among the last ones
ALWAYS = 0.98  # the share of the games that one side has won


class SelfPlayMonitor:
    """Means of the statistics of self-play over an epoch, and sentences on what is wrong.

    Each sentence is said when its condition begins to hold, not again in the epochs after it.
    """

    def __init__(self) -> None:
        self.sums: dict[str, float] = {}
        self.counts: dict[str, int] = {}
        self.batches = 0
        self.failing: list[str] = []

    def add(self, statistics: Mapping[str, Tensor]) -> None:
        """Add the statistics of a batch."""
        self.batches += 1
        for name, value in statistics.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value)
            self.counts[name] = self.counts.get(name, 0) + 1

    def end_epoch(self) -> list[str]:
        """Return sentences on the epoch that has ended, and begin a new one."""
        means = {name: total / self.counts[name] for name, total in self.sums.items()}
        self.sums, self.counts, self.batches = {}, {}, 0
        failures = find_failures(means)
        sentences = [text for name, text in failures.items() if name not in self.failing]
        self.failing = sorted(failures)
        return sentences

    def state_dict(self) -> dict[str, Any]:
        """Return the sums of the epoch, and what has been said."""
        return {
            "sums": dict(self.sums),
            "counts": dict(self.counts),
            "batches": self.batches,
            "failing": list(self.failing),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.sums, self.counts = dict(state["sums"]), dict(state["counts"])
        self.batches, self.failing = state["batches"], list(state["failing"])


def find_failures(means: Mapping[str, float]) -> dict[str, str]:
    """Return a sentence for each known failure that the statistics of an epoch show, by a short name."""
    failures = {}
    entropy, repeated = means.get("policy_entropy", 1.0), means.get("repeated_games", 0.0)
    if entropy < COLLAPSED_ENTROPY:
        failures["collapse"] = _(
            "Exploration has collapsed: searches almost always choose one move (entropy {share} of the largest). "
            "Type more --opening moves, or a larger --considered.",
            share=format_percent(entropy, 1),
        )
    if repeated > REPEATED:
        failures["repeated"] = _(
            "Games repeat: {share} of the last games are the same as another one, move by move. Type more --opening "
            "moves, or begin with fewer --games at once.",
            share=format_percent(repeated, 0),
        )
    first, drawn = means.get("first_player_wins"), means.get("drawn_games", 0.0)
    if first is not None and first > ALWAYS:
        failures["first"] = _(
            "The first player wins {share} of the games of self-play: the value learns whose turn it is, and little "
            "about positions. Type more --opening moves.",
            share=format_percent(first, 0),
        )
    if first is not None and 1 - first - drawn > ALWAYS:
        failures["second"] = _(
            "The second player wins {share} of the games of self-play: the value learns whose turn it is, and little "
            "about positions. Type more --opening moves.",
            share=format_percent(1 - first - drawn, 0),
        )
    return failures
