"""What self-play looks like: entropy, concentration, repeated games, who wins. Known failures show here first."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.play.random import random_bits

REMEMBERED = 512  # finished games that are compared for repetitions


class GameRecord:
    """Statistics of the games and the searches of self-play since they were last read.

    A game is remembered as a number of 64 bits that depends on all of its moves, so that repeated games are found
    without storing any.

    Args:
        copies: The number of games at once.
        device: Where the games are.
    """

    def __init__(self, copies: int, device: torch.device | str = "cpu") -> None:
        self.hashes = torch.zeros(copies, dtype=torch.int64, device=device)  # of the moves of each game so far
        self.finished_hashes = self.hashes[:0]  # of the last finished games
        self.sums: dict[str, float] = {}
        self.counts: dict[str, int] = {}

    def note_search(
        self,
        policies: Float[Tensor, "searches actions"],
        visits: Int64[Tensor, "searches actions"],
        legal: Bool[Tensor, "searches actions"],
    ) -> None:
        """Add the entropy of the policies, and the share of the visits that went to one action."""
        choices = legal.sum(1)
        policies, visits = policies[choices > 1], visits[choices > 1]
        # As a share of the entropy of a policy for which all legal actions are equal: from 0 to 1.
        entropies = -torch.xlogy(policies, policies).sum(1) / choices[choices > 1].log()
        self._add("policy_entropy", entropies)
        self._add("visit_concentration", visits.amax(1) / visits.sum(1).clamp(min=1))

    def note_moves(self, actions: Int64[Tensor, " copies"]) -> None:
        """Add a move to each game."""
        self.hashes = random_bits(self.hashes, actions)

    def note_results(
        self, results: Float[Tensor, " copies"], moves: Int64[Tensor, " copies"], finished: Bool[Tensor, " copies"]
    ) -> None:
        """Add the games that are over: results for the first player, and their lengths."""
        self._add("first_player_wins", (results[finished] > 0).float())
        self._add("drawn_games", (results[finished] == 0).float())
        self._add("game_length", moves[finished].float())
        recent = torch.cat([self.finished_hashes, self.hashes[finished]])
        self.finished_hashes = recent[-REMEMBERED:]
        self.hashes = self.hashes.masked_fill(finished, 0)

    def note_points(self, points: Float[Tensor, " games"]) -> None:
        """Add the points of the network in games against an earlier one."""
        self._add("score:pool", points)

    def repeated_share(self) -> float:
        """Return the share of the last games that are the same, move by move, as another one of them."""
        if not len(self.finished_hashes):
            return 0.0
        _unique, counts = self.finished_hashes.unique(return_counts=True)
        return float(counts[counts > 1].sum()) / len(self.finished_hashes)

    def read_statistics(self) -> dict[str, Tensor]:
        """Return the means since the last reading, by the id of the metric, and begin anew."""
        means = {name: torch.tensor(total / self.counts[name]) for name, total in self.sums.items()}
        self.sums, self.counts = {}, {}
        if len(self.finished_hashes):
            means["repeated_games"] = torch.tensor(self.repeated_share())
        return means

    def state_dict(self) -> dict[str, Any]:
        """Return the statistics that were not read yet, and the games."""
        return {
            "hashes": self.hashes,
            "finished_hashes": self.finished_hashes,
            "sums": dict(self.sums),
            "counts": dict(self.counts),
        }

    def load_state_dict(self, state: dict[str, Any], device: torch.device | str = "cpu") -> None:
        """Restore what `state_dict` returned."""
        self.hashes, self.finished_hashes = state["hashes"].to(device), state["finished_hashes"].to(device)
        self.sums, self.counts = dict(state["sums"]), dict(state["counts"])

    def _add(self, name: str, values: Tensor) -> None:
        if len(values):
            self.sums[name] = self.sums.get(name, 0.0) + float(values.sum())
            self.counts[name] = self.counts.get(name, 0) + len(values)
