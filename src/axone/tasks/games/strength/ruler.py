"""The ruler of a training: after each epoch, matches with fixed opponents and earlier networks, and solved positions.

Fixed opponents are a ladder: one is played against until it is beaten clearly, then the next one is. All matches of the
training together give Elo ratings (`elo.py`), where the player of random moves has 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from axone.data.random import stable_seed
from axone.data.stream import StatelessStream
from axone.play.games.board_game import BoardGame
from axone.play.games.opponents import Player
from axone.tasks.games.evaluation import NetworkEvaluation
from axone.tasks.games.players import NetworkPlayer, make_rule
from axone.tasks.games.settings import GameSettings
from axone.tasks.games.strength.elo import fit_ratings
from axone.tasks.games.strength.matches import MatchResult, play_match
from axone.tasks.games.strength.opponents import list_final_opponents, list_ladder, make_opponent
from axone.tasks.games.strength.solved import measure_mistakes

BEATEN = 0.9  # the score from which on an opponent of the ladder counts as beaten
FEWEST, MOST = 10, 200  # games of a match
FINAL_GAMES = 100  # of each match at the end
OPENING = 2  # random moves at the beginning of a game
SOLVED_SIMULATIONS = 64


class Trials(StatelessStream[str]):
    """The names of what the ruler measures, as a stream: each batch is one of them.

    Args:
        names: "ladder", "previous", "earlier", "solved", or the name of an opponent.
        is_final: Whether this is the measurement at the end, which does not change the ruler.
    """

    def __init__(self, names: list[str], *, is_final: bool) -> None:
        self.names, self.is_final = names, is_final

    @property
    def samples(self) -> int:
        """The number of measurements."""
        return len(self.names)

    def __len__(self) -> int:
        """Return the number of measurements."""
        return len(self.names)

    def batches(self, epoch: int, start: int = 0) -> Iterator[str]:
        """Yield the names."""
        yield from self.names[start:]

    def to(self, device: torch.device | str) -> Trials:
        """Return the same stream: names are on no device."""
        return self


def make_trials(game: BoardGame, *, is_final: bool) -> Trials:
    """Return what is measured after an epoch, or at the end (`is_final`)."""
    names = list_final_opponents(game) if is_final else ["ladder", "previous", "earlier"]
    return Trials([*names, "solved"] if game.name == "connect_four" else names, is_final=is_final)


def count_games(settings: GameSettings, matches: int, moves: int) -> int:
    """Return how many games of a match the ruler may play, by its share of the evaluations of an epoch's self-play.

    Args:
        settings: The share, and what an epoch is.
        matches: The number of matches after an epoch.
        moves: The number of moves of a game; each simulation evaluates a position and its mirror image.
    """
    mean = settings.full_share * settings.simulations + (1 - settings.full_share) * settings.fast_simulations
    epoch = settings.batches * settings.batch_size / settings.passes * mean
    games = settings.ruler * epoch / (matches * moves * 2 * settings.simulations)
    return max(FEWEST, min(MOST, 2 * int(games / 2)))


class Ruler:
    """What was measured so far, and the networks of earlier epochs.

    Args:
        game: The game.
        network: The network that is trained.
        settings: The searches, and the share of the evaluations that measuring may take.
        device: Where the matches are.
    """

    def __init__(
        self, game: BoardGame, network: nn.Module, settings: GameSettings, device: torch.device | str = "cpu"
    ) -> None:
        self.game, self.settings = game, settings
        self.evaluation = NetworkEvaluation(network, game, settings.precision, device)
        self.past_evaluation = NetworkEvaluation(network, game, settings.precision, device)
        self.games = count_games(settings, 3, game.max_moves // 2)
        self.ladder, self.rung = list_ladder(game), 0
        self.results: dict[tuple[str, str], tuple[float, int]] = {}
        self.past: dict[int, dict[str, Tensor]] = {}  # epoch -> weights
        # Of the measurement in progress, which is dropped when it is interrupted: points, scores by metric, the ladder.
        self.new_results: dict[tuple[str, str], tuple[float, int]] = {}
        self.scores: dict[str, float] = {}
        self.next_rung = 0
        self.history: list[dict[str, float]] = []  # of each epoch

    def begin(self) -> None:
        """Begin a measurement with the weights that the network has now."""
        self.evaluation.refresh()
        self.new_results, self.scores, self.next_rung = {}, {}, self.rung

    def measure(self, name: str, epoch: int) -> None:
        """Measure one of the names of `Trials`."""
        if name == "solved":
            self.scores |= measure_mistakes(self.make_player(self.evaluation, SOLVED_SIMULATIONS))
        elif name == "ladder":
            opponent = self.ladder[self.rung]
            result = self.play(make_opponent(opponent, self.game), opponent, epoch, self.games)
            if result.score >= BEATEN and self.rung + 1 < len(self.ladder):
                self.next_rung = self.rung + 1
        elif name in ("previous", "earlier"):
            self.play_earlier(name, epoch)
        else:
            self.play(make_opponent(name, self.game), name, epoch, FINAL_GAMES)

    def play_earlier(self, name: str, epoch: int) -> None:
        """Play against the network of the epoch before, or of about half the epochs before."""
        before = sorted(number for number in self.past if number < epoch)
        chosen = before[-1:] if name == "previous" else [number for number in before[:-1] if number <= epoch // 2][-1:]
        if not chosen:
            return
        self.past_evaluation.network.load_weights(self.past[chosen[0]])
        opponent = self.make_player(self.past_evaluation, self.settings.simulations)
        self.play(opponent, name_epoch(chosen[0]), epoch, self.games)

    def play(self, opponent: Player, name: str, epoch: int, games: int) -> MatchResult:
        """Play a match and note its result."""
        player = self.make_player(self.evaluation, self.settings.simulations)
        seed = stable_seed("ruler", self.settings.seed, epoch, name)
        result = play_match(
            self.game, player, opponent, games, seed=seed, opening=OPENING, device=self.evaluation.device
        )
        self.new_results[name_epoch(epoch), name] = (result.points, result.games)
        self.scores[f"score:{name}"] = result.score
        return result

    def make_player(self, evaluation: NetworkEvaluation, simulations: int) -> NetworkPlayer:
        """Return a network as a player that does not explore."""
        return NetworkPlayer(self.game, evaluation, make_rule(self.settings, 1.0, explores=False), simulations)

    def end(self, epoch: int) -> dict[str, float]:
        """End the measurement of an epoch: return its metrics, and remember the network as an opponent of later ones.

        Of earlier networks, those of epochs that are powers of two stay.
        """
        for pair, (points, games) in self.new_results.items():
            earlier_points, earlier_games = self.results.get(pair, (0.0, 0))
            self.results[pair] = (earlier_points + points, earlier_games + games)
        self.rung = self.next_rung
        if self.new_results:
            self.scores["elo"] = self.rate()[name_epoch(epoch)]
        self.past = {number: weights for number, weights in self.past.items() if number & (number - 1) == 0}
        self.past[epoch] = self.evaluation.network.copy_weights()
        self.history = [*self.history, {"epoch": float(epoch), **self.scores}]
        return dict(self.scores)

    def end_final(self) -> dict[str, float]:
        """End the measurement at the end, which depends on nothing but the network: return its metrics."""
        return dict(self.scores)

    def rate(self) -> dict[str, float]:
        """Return the Elo rating of each player so far."""
        return fit_ratings(self.results, "random")

    def measured_epochs(self) -> list[int]:
        """Return the epochs after which there was a measurement, in order."""
        return [int(entry["epoch"]) for entry in self.history]

    def count_points(self, name: str) -> tuple[int, float]:
        """Return the number of games of a player, and their points."""
        games, points = 0, 0.0
        for (one, other), (score, played) in self.results.items():
            if name in (one, other):
                games += played
                points += score if name == one else played - score
        return games, points

    def state_dict(self) -> dict[str, Any]:
        """Return the results, the ladder and the earlier networks."""
        return {
            "rung": self.rung,
            "results": [[*pair, *result] for pair, result in self.results.items()],
            "past": {str(number): weights for number, weights in self.past.items()},
            "history": self.history,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.rung = state["rung"]
        self.results = {(one, other): (points, games) for one, other, points, games in state["results"]}
        self.past = {int(number): weights for number, weights in state["past"].items()}
        self.history = state["history"]


def name_epoch(epoch: int) -> str:
    """Return the name of the network of an epoch among the players."""
    return f"epoch_{epoch}"
