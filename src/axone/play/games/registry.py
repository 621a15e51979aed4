"""The games by name. This file loads no torch, so that settings can list the names."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any

from axone.errors import UsageError, closest
from axone.messages import _

if TYPE_CHECKING:
    from axone.play.games.board_game import BoardGame

# Name -> the module in this package and the class.
GAMES = {
    "tic_tac_toe": ("tic_tac_toe", "TicTacToe"),
    "connect_four": ("connect_four", "ConnectFour"),
    "othello": ("othello", "Othello"),
    "go": ("go", "Go"),
}


def make_game(name: str, **options: Any) -> BoardGame:
    """Return a game by its name; hyphens and upper case do not matter.

    Args:
        name: A name of `GAMES`, such as "connect_four".
        options: The arguments of the game's class, such as `size=9` for Go.

    Raises:
        UsageError: There is no such game, or the game has no such option.
    """
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    if plain not in GAMES:
        near = closest(plain, GAMES)
        raise UsageError(
            _("There is no game '{name}'.", name=name),
            expected=_("The games are: {names}.", names=", ".join(GAMES)),
            hint=_("Did you mean {name}?", name=near) if near else None,
        )
    module, class_name = GAMES[plain]
    game = getattr(import_module(f"axone.play.games.{module}"), class_name)
    known = [key for key in inspect.signature(game).parameters]
    for option in options:
        if option not in known:
            near = closest(option, known)
            raise UsageError(
                _("The game {name} has no option '{option}'.", name=plain, option=option),
                expected=_("Its options are: {names}.", names=", ".join(known)) if known else _("It has no options."),
                hint=_("Did you mean {name}?", name=near) if near else None,
            )
    return game(**options)
