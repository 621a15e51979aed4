"""What both bodies of Go share: settings, the state, what a network sees, and what is drawn."""

from __future__ import annotations

import torch
from jaxtyping import Float32, Int8, Int64
from torch import Tensor

from axone.errors import UsageError
from axone.messages import _
from axone.play.games.board_game import BoardGame
from axone.play.games.drawing import Board
from axone.play.games.go import coordinates
from axone.play.games.go.rules import count_liberties
from axone.play.games.go.scoring import count_area, find_ownership
from axone.play.games.go.setup import find_chains, hash_boards
from axone.play.games.go.superko import add_to_filter, begin_filter
from axone.play.games.go.tables import BORDER, EMPTY, Tables, make_tables
from axone.play.simulation import State
from axone.play.spaces import Continuous, Discrete

KO = ("situational", "positional")
REPETITION = ("tie", "loss")

SMALLEST, LARGEST = 5, 19
PLANES = ("own stones", "opponent's stones", "ko", "last move", "passed", "black to move")


class GoGame(BoardGame):
    """Go without its moves; `Go` documents settings and state.

    Attributes:
        size: The number of lines.
        komi: What white receives for moving second.
        ko: The convention of repetitions.
        repetition: How a repeated position ends.
    """

    name = "go"

    def __init__(
        self,
        size: int = 9,
        komi: float = 7.5,
        ko: str = "situational",
        repetition: str = "tie",
        max_moves: int | None = None,
    ) -> None:
        """Check the settings."""
        if not SMALLEST <= size <= LARGEST:
            raise UsageError(
                _("Go has no board of size {size}.", size=size),
                hint=_("Sizes from {smallest} to {largest} are possible.", smallest=SMALLEST, largest=LARGEST),
            )
        for name, value, choices in (("ko", ko, KO), ("repetition", repetition, REPETITION)):
            if value not in choices:
                raise UsageError(
                    _("{name} is '{value}' in Go, which is not possible.", name=name, value=value),
                    hint=_("Possible: {choices}", choices=", ".join(choices)),
                )
        if max_moves is not None and max_moves < 2:
            raise UsageError(_("max_moves must be at least 2, not {value}.", value=max_moves))
        self.size, self.komi, self.ko, self.repetition = size, float(komi), ko, repetition
        self.board = (size, size)
        self.max_moves = 2 * size * size if max_moves is None else max_moves
        self.actions = Discrete(size * size + 1, coordinates.name_actions(size))
        self.observations = Continuous((len(PLANES), size, size), 0.0, 1.0)

    def tables(self, state: State) -> Tables:
        """Return the tables of this size, on the device of a state."""
        return make_tables(self.size, state["board"].device)

    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return empty boards, black to move."""
        copies, device = len(keys), keys.device
        tables = make_tables(self.size, device)
        board = torch.full((copies, tables.points), BORDER, dtype=torch.int8, device=device)
        board[:, tables.inner] = EMPTY
        zeros = torch.zeros(copies, dtype=torch.int64, device=device)
        state = {
            "board": board,
            "chains": torch.zeros_like(board, dtype=torch.int16),
            "liberties": torch.zeros_like(board, dtype=torch.int64),
            "hash": zeros,
            "history": zeros.new_zeros(copies, self.max_moves + 1),
            "ko": torch.full_like(zeros, -1),
            "last": torch.full_like(zeros, -1),
            "moves": zeros.clone(),
            "player": zeros.clone(),
            "finished": zeros.bool(),
            "result": zeros.float(),
        }
        if self.ko == "positional":
            state["filter"] = begin_filter(copies, self.max_moves + 1, device)
        return state

    def place(self, stones: Int8[Tensor, "copies size size"], player: Int64[Tensor, " copies"]) -> State:
        """Return games that begin with stones on the board.

        Args:
            stones: 1 black, -1 white, 0 empty, from the upper row.
            player: Who moves: 0 black, 1 white.

        Raises:
            UsageError: A chain has no liberty.
        """
        state = self.reset(player)
        tables = self.tables(state)
        state["board"][:, tables.inner] = stones.flatten(1)
        state["chains"] = find_chains(tables, state["board"])
        state["liberties"] = count_liberties(tables, state["board"], state["chains"])
        dead = state["chains"].gt(0) & (state["liberties"].gather(1, state["chains"].long()) == 0)
        if dead.any():
            copy, point = dead.nonzero()[0].tolist()
            name = self.actions.names[int((tables.inner == point).nonzero())]
            raise UsageError(_("The stone on {point} of board {number} has no liberty.", point=name, number=copy))
        state["hash"] = hash_boards(tables, state["board"])
        state["history"][:, 0] = state["hash"]
        state["player"] = player.clone()
        if self.ko == "positional":
            state["filter"] = add_to_filter(state["filter"], state["hash"])
        return state

    def observe(self, state: State) -> Float32[Tensor, "copies 6 size size"]:
        """Return six planes of zeros and ones, as `PLANES` names them, for the player to move.

        "ko" is the point that the basic ko rule forbids; with positional superko, other points may be illegal as well.
        "passed" is 1 everywhere when the last move was a pass: another one ends the game.
        """
        cells = self.size**2
        board = state["board"][:, self.tables(state).inner]
        color = (1 - 2 * state["player"]).to(torch.int8)[:, None]
        points = torch.arange(cells, device=board.device)
        planes = (
            board == color,
            board == -color,
            points == state["ko"][:, None],
            points == state["last"][:, None],
            (state["last"] == cells)[:, None].expand_as(board),
            (color == 1).expand_as(board),
        )
        return torch.stack(planes, 1).float().unflatten(2, self.board)

    def find_ownership(self, state: State) -> Int8[Tensor, "copies size size"]:
        """Return to whom each point belongs in area scoring: 1 black, -1 white, 0 neither."""
        return find_ownership(self.tables(state), state["board"]).unflatten(1, self.board)

    def score(self, state: State) -> Float32[Tensor, " copies"]:
        """Return the points of black less those of white and komi, as the stones are on the board."""
        return (count_area(self.tables(state), state["board"]).double() - self.komi).float()

    def parse_action(self, text: str) -> int:
        """Return the action with a name such as "D4" or "pass"; UsageError when there is none."""
        return coordinates.parse_action(text, self.size)

    def view(self, state: State, copy: int = 0) -> Board:
        """Return what is to be drawn of one copy."""
        size, last = self.size, int(state["last"][copy])
        numbers = (state["board"][copy, self.tables(state).inner] % 3).tolist()  # -1, white, becomes 2
        cells = [divmod(cell, size) for cell in range(size * size)]
        return Board(
            rows=tuple(tuple(numbers[row * size : row * size + size]) for row in range(size)),
            columns=tuple(coordinates.LETTERS[:size]),
            lines=tuple(str(row) for row in range(size, 0, -1)),
            last=cells[last] if 0 <= last < size * size else None,
            action_cells=(*cells, None),
            style="points",
            action_names=((size * size, coordinates.PASS),),
        )
