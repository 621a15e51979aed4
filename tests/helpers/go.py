"""Go positions written as text, and games of random moves."""

from __future__ import annotations

import torch

from axone.play.games.go import Go
from axone.play.random import make_keys, uniform
from axone.play.simulation import State

STONES = {"X": 1, "O": -1, ".": 0}


def read_board(text: str) -> torch.Tensor:
    """Return a board [1, size, size] from lines of X (black), O (white) and dots."""
    rows = [line.split() for line in text.strip().splitlines()]
    return torch.tensor([[[STONES[stone] for stone in row] for row in rows]], dtype=torch.int8)


def write_board(game: Go, state: State) -> str:
    """Return the first board as lines of X, O and dots."""
    inner = torch.tensor([(row + 1) * (game.size + 2) + 1 for row in range(game.size)])
    signs = {stone: sign for sign, stone in STONES.items()}
    return "\n".join(" ".join(signs[int(state["board"][0, start + i])] for i in range(game.size)) for start in inner)


def from_text(text: str, player: int = 0, **options: object) -> tuple[Go, State]:
    """Return a game and its state for a position; `player` 0 is black."""
    board = read_board(text)
    game = Go(size=board.shape[1], **options)
    return game, game.place(board, torch.tensor([player]))


def play(game: Go, state: State, *names: str) -> State:
    """Return the state after moves by name, each of which must be legal."""
    for name in names:
        action = game.parse_action(name)
        assert game.legal_actions(state)[0, action], f"{name} is not legal"
        state, _outcome = game.step(state, torch.tensor([action]))
    return state


def is_legal(game: Go, state: State, name: str) -> bool:
    """Return whether a move is allowed in the first game."""
    return bool(game.legal_actions(state)[0, game.parse_action(name)])


def random_moves(game: Go, state: State, keys: torch.Tensor, move: int) -> torch.Tensor:
    """Return a legal move of each game; passes are rarer while the board fills."""
    numbers = uniform(keys[:, None], torch.arange(game.actions.count) + move * game.actions.count)
    numbers[:, -1] *= 0.95 if move < 1.2 * game.size**2 else 1.0
    return (numbers * game.legal_actions(state)).argmax(1)


def play_randomly(game: Go, copies: int, moves: int, seed: int = 0) -> State:
    """Return the state of games after a number of random moves."""
    keys = make_keys(seed, copies)
    state = game.reset(keys)
    for move in range(moves):
        state, _outcome = game.step(state, random_moves(game, state, keys, move))
    return state
