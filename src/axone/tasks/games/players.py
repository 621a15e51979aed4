"""A network as a player: the rule of its search, and the search of many positions at once."""

from __future__ import annotations

from jaxtyping import Int64
from torch import Tensor

from axone.play.games.board_game import BoardGame
from axone.play.search.game_functions import GameFunctions
from axone.play.search.gumbel import Gumbel
from axone.play.search.interface import SearchResult
from axone.play.search.puct import Puct
from axone.play.search.rule import Rule
from axone.play.search.search import search
from axone.play.search.tree import Tree
from axone.play.simulation import State
from axone.tasks.games.evaluation import MirroredEvaluation, NetworkEvaluation
from axone.tasks.games.settings import GameSettings

USUAL_MOVES = 10  # AlphaZero's concentration of root noise is this number over that of the usual legal moves


def make_rule(settings: GameSettings, legal_moves: float, *, explores: bool) -> Rule:
    """Return the rule of a search: with noise where a network learns from it, without where strength is measured."""
    if settings.rule == "gumbel":
        # Values lie between a loss and a win. Rescaled by the smallest and largest of a node, as for rewards without a
        # known range, the noise of the network would decide where moves are nearly equal.
        return Gumbel(considered=settings.considered, scale=1.0 if explores else 0.0, rescale=False)
    if explores:
        return Puct(noise_alpha=USUAL_MOVES / legal_moves)
    return Puct(noise_share=0.0, temperature=0.0)


class NetworkPlayer:
    """A network that searches, and sees each position from both sides.

    Args:
        game: The game.
        evaluation: The network.
        rule: The rule of the search, without noise where strength is measured.
        simulations: The simulations of a move.
    """

    def __init__(self, game: BoardGame, evaluation: NetworkEvaluation, rule: Rule, simulations: int) -> None:
        self.game, self.evaluation, self.rule, self.simulations = game, evaluation, rule, simulations
        self.functions = GameFunctions(game, MirroredEvaluation(evaluation))

    def search(self, state: State, tree: Tree | None = None) -> SearchResult:
        """Search from each position; with what `reuse` has returned for these positions, the simulations are added."""
        legal = self.game.legal_actions(state)
        root, advance = self.functions.root(state), self.functions.advance
        return search(root, advance, simulations=self.simulations, rule=self.rule, legal=legal, tree=tree)

    def __call__(
        self, state: State, keys: Int64[Tensor, " copies"], counters: Int64[Tensor, " copies"]
    ) -> Int64[Tensor, " copies"]:
        """Return the action that the search chose for each position."""
        return self.search(state).actions
