"""Self-play as a stream: many games at once, in which a search plays both sides, fill a window of positions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.random import make_generator, stable_seed
from axone.play.games.board_game import BoardGame, choose_random
from axone.play.games.symmetries import symmetries_of
from axone.play.random import make_keys, random_integers, uniform
from axone.play.search.game_functions import GameFunctions
from axone.play.search.reuse import reuse
from axone.play.search.search import search
from axone.play.search.tree import Tree, restore_tree
from axone.play.simulation import State, replace_where
from axone.tasks.games.evaluation import NetworkEvaluation
from axone.tasks.games.players import make_rule
from axone.tasks.games.self_play.game_record import GameRecord
from axone.tasks.games.self_play.opponent_pool import EARLIER, NO_SIDE, OpponentPool, TwoNetworks
from axone.tasks.games.self_play.positions import GameBatch, Pending, Positions
from axone.tasks.games.self_play.replay_window import ReplayWindow
from axone.tasks.games.settings import GameSettings
from axone.tasks.games.territory import count_points, measure_territory, unknown_territory

COUNTS = 4  # random numbers of each copy that a move uses: full or fast, the search, an opening move, its length


class SelfPlay:
    """Batches of positions from games of a network against itself.

    A batch is drawn from the window once enough new positions are in it, so that each position is learned from
    `settings.passes` times on average. All games continue from batch to batch and from epoch to epoch; a game that is
    over is replaced by a new one at once. The whole state, unfinished games included, is in `state_dict`.

    Args:
        game: The game.
        evaluation: The network that plays.
        pool: Earlier networks, against which a share of the games is played.
        settings: Searches, games at once, window and passes.
        value_mix: The share of the search's own value in the value to learn; the rest is the result of the game.
    """

    def __init__(
        self,
        game: BoardGame,
        evaluation: NetworkEvaluation,
        pool: OpponentPool,
        settings: GameSettings,
        value_mix: float = 0.0,
    ) -> None:
        self.game, self.evaluation, self.pool = game, evaluation, pool
        self.settings, self.value_mix = settings, value_mix
        self.device = evaluation.device
        copies = settings.games
        self.keys = make_keys(stable_seed("self-play", settings.seed), copies, self.device)
        self.counters = torch.zeros_like(self.keys)
        self.state: State = game.reset(self.keys)
        self.moves = torch.zeros_like(self.keys)  # that were made in each game
        self.openings = self.draw_openings()
        self.window = ReplayWindow(
            settings.window, game.observations.shape, game.actions.count, count_points(game), self.device
        )
        nothing = self.window.positions.select(slice(0))
        self.pending = Pending(self.moves[:0], self.moves[:0], nothing)
        self.record = GameRecord(copies, self.device)
        self.symmetries = symmetries_of(game)
        self.tree: Tree | None = None  # with `settings.reuse`, the subtrees of the moves that were played
        self.learned = 0  # positions in the batches so far

    @property
    def samples(self) -> int:
        """The number of positions in an epoch."""
        return len(self) * self.settings.batch_size

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return self.settings.batches

    def batches(self, epoch: int, start: int = 0) -> Iterator[GameBatch]:
        """Play, and yield batches of an epoch (counted from 1), from batch number `start` (counted from 0) on."""
        settings = self.settings
        if start == 0:
            self.pool.begin_epoch(epoch)
        for number in range(start, len(self)):
            self.evaluation.refresh()
            while self.window.added * settings.passes < self.learned + settings.batch_size:
                self.play_moves()
            self.learned += settings.batch_size
            generator = make_generator("replay", settings.seed, epoch, number)
            drawn = self.window.sample(settings.batch_size, generator)
            if settings.symmetries:
                drawn = self.transform(drawn, generator)
            yield GameBatch(
                drawn.observations.float(),
                drawn.legal,
                drawn.policies,
                drawn.weights,
                drawn.values,
                drawn.owners.float(),
                drawn.scores,
                self.record.read_statistics(),
            )

    def transform(self, drawn: Positions, generator: torch.Generator) -> Positions:
        """Return positions as they look on a turned or mirrored board, drawn for each of them."""
        count = len(drawn.values)
        which = torch.randint(self.symmetries.count, (count,), generator=generator, device=generator.device)
        which = which.to(self.device)
        if drawn.owners.shape[1]:
            planes = drawn.owners.unflatten(1, (1, *self.game.board))
            drawn = drawn._replace(owners=self.symmetries.transform_planes(planes, which).flatten(1))
        return drawn._replace(
            observations=self.symmetries.transform_planes(drawn.observations, which),
            legal=self.symmetries.transform_actions(drawn.legal, which),
            policies=self.symmetries.transform_actions(drawn.policies, which),
        )

    @torch.no_grad()
    def play_moves(self) -> None:
        """Make one move in each game, and replace the games that are over."""
        settings, state = self.settings, self.state
        legal = self.game.legal_actions(state)
        # Playout-cap randomization (Wu 2019, section 3.1): many simulations for some moves, few for the others. It is
        # drawn once for all games, so that the long searches are batches of all games too: a fifth less time.
        is_full = (uniform(self.keys[:1], self.counters[:1]) < settings.full_share).expand(len(legal))
        budgets = torch.where(is_full, settings.simulations, settings.fast_simulations)
        is_opening = self.moves < self.openings
        functions, root_state = self.begin_search(state)
        result = search(
            functions.root(root_state),
            functions.advance,
            simulations=budgets.masked_fill(is_opening, 0),
            rule=make_rule(settings, float(legal.sum(1).float().mean()), explores=True),
            legal=legal,
            keys=self.keys,
            counters=self.counters + 1,
            tree=self.tree,
        )
        actions = torch.where(is_opening, choose_random(legal, self.keys, self.counters + 2), result.actions)
        observations = self.game.observe(state).to(torch.uint8)
        territory = unknown_territory(self.game, len(legal), self.device)
        positions = Positions(observations, legal, result.policy, is_full.float(), result.values, *territory)
        new = Pending(torch.arange(len(legal), device=self.device), state["player"], positions)
        is_learned = ~is_opening & ~self.pool.is_to_move(state["player"])
        self.pending = self.pending.join(new.select(is_learned))
        is_policy = is_full & is_learned
        self.record.note_search(result.policy[is_policy], result.visits[is_policy], legal[is_policy])
        self.record.note_moves(actions)
        if settings.reuse:  # the tree of a game against the pool is that of the network that has moved
            self.tree = reuse(result.tree, actions, is_same_game=self.pool.sides == NO_SIDE)
        self.state, _outcome = self.game.step(state, actions)
        self.moves = self.moves + 1
        self.counters = self.counters + COUNTS
        self.collect_finished()

    def begin_search(self, state: State) -> tuple[GameFunctions, State]:
        """Return the functions of a search, and the positions with what these functions read."""
        if not self.settings.pool_share:
            return GameFunctions(self.game, self.evaluation), state
        is_earlier = self.pool.is_to_move(state["player"])
        return TwoNetworks(self.evaluation, self.pool.earlier), {**state, EARLIER: is_earlier}

    def collect_finished(self) -> None:
        """Move the positions of finished games into the window with their values, and begin new games."""
        finished = self.state["finished"]
        if not finished.any():
            return
        is_known = finished[self.pending.copies]
        known = self.pending.select(is_known)
        self.pending = self.pending.select(~is_known)
        results = self.state["result"][known.copies] * (1 - 2 * known.players)  # in the view of the player to move
        values = torch.lerp(results, known.positions.values, self.value_mix)
        territory = measure_territory(self.game, self.state, known.copies, known.players)
        self.window.add(known.positions._replace(values=values, **territory._asdict()))
        self.record.note_results(self.state["result"], self.moves, finished)
        self.record.note_points(self.pool.points(self.state["result"], finished))
        self.state = replace_where(finished, self.game.reset(self.keys), self.state)
        self.moves = self.moves.masked_fill(finished, 0)
        self.openings = torch.where(finished, self.draw_openings(), self.openings)
        self.pool.draw_sides(finished, self.counters)

    def draw_openings(self) -> Int64[Tensor, " copies"]:
        """Draw for each game the number of random moves with which a new one begins."""
        return random_integers(self.keys, self.counters - 1, self.settings.opening + 1)

    def to(self, device: torch.device) -> SelfPlay:
        """Return the same stream: its games were made on the device of the evaluation."""
        return self

    def state_dict(self) -> dict[str, Any]:
        """Return the games with their random numbers, the positions without a value yet, and the window."""
        return {
            "counters": self.counters,
            "state": self.state,
            "moves": self.moves,
            "openings": self.openings,
            "pending": {
                "copies": self.pending.copies,
                "players": self.pending.players,
                "positions": self.pending.positions._asdict(),
            },
            "pool": self.pool.state_dict(),
            "record": self.record.state_dict(),
            "learned": self.learned,
            "tree": None if self.tree is None else self.tree.state_dict(),
            "window": self.window.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        device = self.device
        self.counters, self.moves, self.openings = (
            state[name].to(device) for name in ("counters", "moves", "openings")
        )
        self.state = {name: value.to(device) for name, value in state["state"].items()}
        pending = state["pending"]
        positions = Positions(**{name: value.to(device) for name, value in pending["positions"].items()})
        self.pending = Pending(pending["copies"].to(device), pending["players"].to(device), positions)
        self.pool.load_state_dict(state["pool"])
        self.record.load_state_dict(state["record"], device)
        self.learned = state["learned"]
        self.tree = None if state["tree"] is None else restore_tree(state["tree"], device)
        self.window.load_state_dict(state["window"])
