"""Moves as people write them: "d4", "4", "pass", and the moves of a whole game in one line."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool
from torch import Tensor

from axone.errors import UsageError, closest
from axone.messages import _
from axone.play.games.board_game import BoardGame
from axone.play.random import make_keys
from axone.play.simulation import State

LONGEST_LINE = 10_000  # characters
LISTED = 30  # moves in an error


def list_legal(game: BoardGame, legal: Bool[Tensor, " actions"]) -> list[str]:
    """List the names of the actions that are allowed."""
    return [game.describe_action(int(action)) for action in legal.nonzero()[:, 0]]


def read_move(game: BoardGame, state: State, text: str) -> int:
    """Return the action that a person wrote, in the position of the first copy.

    Raises UsageError for what is no move of the game, or no legal one.
    """
    word = text.strip().lower()
    names = [game.describe_action(action).lower() for action in range(game.actions.count)]
    legal = game.legal_actions(state)[0]
    if word not in names:
        near = closest(word, names)
        raise UsageError(
            _("'{move}' is no move of this game.", move=text.strip()[:40]),
            expected=_("expected one of: {choices}", choices=_shorten(list_legal(game, legal))),
            hint=_("Did you mean {name}?", name=near) if near else None,
        )
    action = names.index(word)
    if not legal[action]:
        raise UsageError(
            _("The move {move} is not legal here.", move=names[action]),
            expected=_("expected one of: {choices}", choices=_shorten(list_legal(game, legal)) or "-"),
        )
    return action


def _shorten(moves: Sequence[str]) -> str:
    """Return moves in one line; of the hundreds of a large board, the first ones."""
    return " ".join(moves) if len(moves) <= LISTED else " ".join([*moves[:LISTED], "..."])


def split_moves(game: BoardGame, text: str) -> list[str]:
    """Return the words of a line of moves, between which are spaces or commas; names of one letter need none."""
    words = text[:LONGEST_LINE].replace(",", " ").split()
    has_short_names = all(len(game.describe_action(action)) == 1 for action in range(game.actions.count))
    return [letter for word in words for letter in word] if has_short_names else words


def read_position(game: BoardGame, text: str) -> State:
    """Return the position, as a state of one copy, after the moves of a line.

    Raises UsageError for a move that is not legal, with its number, and for a game that is over before the last one.
    """
    state = game.reset(make_keys(0, 1))
    for number, word in enumerate(split_moves(game, text), 1):
        try:
            action = read_move(game, state, word)
        except UsageError as error:
            what = _("Move {number}: {problem}", number=number, problem=error.what)
            raise UsageError(what, expected=error.expected, hint=error.hint) from None
        state, _outcome = game.step(state, torch.tensor([action]))
    return state
