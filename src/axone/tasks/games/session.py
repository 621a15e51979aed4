"""A game against the network in the terminal: board, legal moves, undo, hints with visits and values."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any, Literal

import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from axone.errors import UsageError
from axone.figures.animation import Animation, encode_gif
from axone.messages import _
from axone.numbers import format_percent
from axone.play.games.board_game import BoardGame
from axone.play.games.drawing import SYMBOLS, draw_image, draw_text
from axone.play.random import make_keys
from axone.play.search.interface import SearchResult
from axone.play.search.reuse import reuse
from axone.play.search.tree import Tree
from axone.play.simulation import State
from axone.tasks.games.boards import stack_boards
from axone.tasks.games.moves import list_legal, read_move
from axone.tasks.games.players import NetworkPlayer
from axone.tasks.play_session import PlaySession

Side = Literal["first", "second", "none"]
LISTED = 5  # moves of a hint
COLUMNS = 78  # characters of a line
FRAME_MILLISECONDS = 800


class GameSession(PlaySession):
    """A game against a network, from the first position to the end.

    Args:
        game: The game.
        player: The network with its search.
        side: The side of the person: "first" or "second"; "none": the network plays both sides.
        hints: Whether hints are given before each move, and not only when they are asked for.
        owners: Returns who owns each point of the board in the end, from 1 for the player to move to -1 for the
            opponent, as the network expects it. None: there is no territory.
    """

    pause = 0.6

    def __init__(
        self,
        game: BoardGame,
        player: NetworkPlayer,
        side: Side,
        *,
        hints: bool = False,
        owners: Callable[[State], Float[Tensor, " points"]] | None = None,
    ) -> None:
        self.game, self.player, self.hints, self.owners = game, player, hints, owners
        self.sides = {"first": (0,), "second": (1,), "none": ()}[side]
        self.state: State = game.reset(make_keys(0, 1))
        self.history: list[tuple[State, int]] = []  # positions, and the actions that were chosen in them
        self.tree: Tree | None = None  # what earlier searches have found out about the position
        self.notes = [self.describe_sides()]  # written below the board, once
        self.shares: list[float] | None = None  # of the simulations of a hint, written on the board
        self.prompt = _("your move (? for help): ")
        if hints and self.asks:
            self.notes.append(self.describe_hint())

    @property
    def finished(self) -> bool:
        """Whether the game is over."""
        return bool(self.state["finished"][0])

    @property
    def asks(self) -> bool:
        """Whether it is the person's turn."""
        return not self.finished and int(self.state["player"][0]) in self.sides

    def text(self) -> str:
        """Return the board, and what is to be said about the last line or the last move."""
        notes = [*self.notes, self.describe_result()] if self.finished else self.notes
        if not self.asks and not self.finished:
            notes = [*notes, _("{symbol} thinks ...", symbol=self.symbol)]
        return "\n".join(["", draw_text(self.game.view(self.state), self.shares), *notes])

    @property
    def symbol(self) -> str:
        """The sign of the player to move on the board."""
        return SYMBOLS[1 + int(self.state["player"][0])]

    def enter(self, line: str) -> None:
        """Read a move or a command. Raises UsageError for another line, and for a move that is not legal."""
        word = line.strip().lower()
        commands = {"?": self.describe_help, "help": self.describe_help, "hint": self.describe_hint,
                    "legal": self.describe_legal, "undo": self.undo, "": self.describe_legal}  # fmt: skip
        if self.owners is not None:
            commands["territory"] = self.describe_territory
        self.shares = None
        if word in commands:
            self.notes = [commands[word]()]
            return
        self.make_move(read_move(self.game, self.state, line))
        self.notes = []

    def advance(self) -> None:
        """Let the network move."""
        self.shares = None
        result = self.search()
        action, symbol = int(result.actions[0]), self.symbol
        note = _(
            "{symbol} plays {move}: {visits} of {all} simulations, expects {share} of the points",
            symbol=symbol,
            move=self.game.describe_action(action),
            visits=int(result.visits[0, action]),
            all=int(result.visits[0].sum()),
            share=_write_share(float(result.values[0])),
        )
        self.make_move(action)
        self.notes = [note]
        if self.hints and self.asks:
            self.notes.append(self.describe_hint())

    def make_move(self, action: int) -> None:
        """Make a move."""
        self.history.append((self.state, action))
        self.tree = None if self.tree is None else reuse(self.tree, torch.tensor([action]))
        self.state, _outcome = self.game.step(self.state, torch.tensor([action]))

    def search(self) -> SearchResult:
        """Search from the position, in addition to the simulations of earlier searches that have passed through it."""
        result = self.player.search(self.state, self.tree)
        self.tree = result.tree
        return result

    def undo(self) -> str:
        """Undo the person's last move and what followed. Raises UsageError where there is none."""
        own = [place for place, (state, _action) in enumerate(self.history) if int(state["player"][0]) in self.sides]
        if not own:
            raise UsageError(_("You have not moved yet: there is nothing to undo."))
        self.state = self.history[own[-1]][0]
        self.history, self.tree = self.history[: own[-1]], None
        return _("Your last move is undone.")

    def describe_sides(self) -> str:
        """Return who has which sign."""
        if not self.sides:
            return _("The network plays both sides.")
        own = SYMBOLS[1 + self.sides[0]]
        if self.sides[0] == 0:
            return _("You play {symbol} and move first.", symbol=own)
        return _("You play {symbol} and move second.", symbol=own)

    def describe_legal(self) -> str:
        """Return the legal moves."""
        moves = " ".join(list_legal(self.game, self.game.legal_actions(self.state)[0]))
        return textwrap.fill(_("legal moves: {moves}", moves=moves), COLUMNS)

    def describe_help(self) -> str:
        """Return what can be typed."""
        example = list_legal(self.game, self.game.legal_actions(self.state)[0])[0]
        return "\n".join(
            [
                _("a move, for example {move}", move=example),
                _("hint   what the network would play, and what it expects"),
                _("undo   undo your last move"),
                _("legal  the legal moves"),
                *(
                    [_("territory  who owns the empty points in the end, as the network expects")]
                    if self.owners
                    else []
                ),
                _("quit   end without finishing"),
            ]
        )

    def describe_hint(self) -> str:
        """Return the best moves of a search for the person; their shares are written on the board."""
        result = self.search()
        self.shares = (result.visits[0] / result.visits[0].sum().clamp(min=1)).tolist()
        lines = []
        for action, visits, value in rank_moves(result)[:LISTED]:
            lines.append(
                _(
                    "{move}: {visits} simulations, expects {share} of the points",
                    move=self.game.describe_action(action),
                    visits=visits,
                    share=_write_share(value),
                )
            )
        lines.append(_("On the board: the share of the simulations of each move, in percent."))
        return "\n".join(lines)

    def describe_territory(self) -> str:
        """Write on the empty points the probability that the player to move owns them; return what that means."""
        assert self.owners is not None
        empty = [number == 0 for row in self.game.view(self.state).rows for number in row]
        owners = self.owners(self.state).tolist()
        self.shares = [(1 + owner) / 2 if is_empty else 0.0 for owner, is_empty in zip(owners, empty)]
        self.shares += [0.0] * (self.game.actions.count - len(owners))  # the pass
        return _(
            "On the board: the probability, in percent, that an empty point is {symbol}'s in the end.",
            symbol=self.symbol,
        )

    def describe_result(self) -> str:
        """Return who has won."""
        result = int(self.state["result"][0])
        if result == 0:
            return _("The game is drawn.")
        winner = 0 if result > 0 else 1
        if self.sides:
            return _("You have won.") if winner in self.sides else _("The network has won.")
        return _("{symbol} has won.", symbol=SYMBOLS[1 + winner])

    def to_json(self) -> dict[str, Any]:
        """Return the moves, and the result for the first player (None while the game is not over)."""
        return {
            "game": self.game.name,
            "side": {(0,): "first", (1,): "second", (): "none"}[self.sides],
            "moves": [self.game.describe_action(action) for _state, action in self.history],
            "result": int(self.state["result"][0]) if self.finished else None,
        }

    def files(self) -> dict[str, bytes]:
        """Return the game as an animation, and its moves as text."""
        states = [*(state for state, _action in self.history), self.state]
        boards = stack_boards([draw_image(self.game.view(state)) for state in states])
        frames = [Image.fromarray(board) for board in boards]
        moves = " ".join(self.game.describe_action(action) for _state, action in self.history)
        return {".gif": encode_gif(Animation(frames, FRAME_MILLISECONDS)), ".txt": f"{moves}\n".encode()}


def rank_moves(result: SearchResult) -> list[tuple[int, int, float]]:
    """Return the visited moves of the first tree, the most visited first: action, visits, value for who moves."""
    visits = result.visits[0]
    values = result.tree.edge_values(result.tree.roots)[0]
    order = sorted(range(len(visits)), key=lambda action: (-int(visits[action]), -float(values[action])))
    return [(action, int(visits[action]), float(values[action])) for action in order if int(visits[action])]


def _write_share(value: float) -> str:
    """Return a value, from -1 to 1, as the share of the points that it stands for."""
    return format_percent((1 + value) / 2, 0)
