"""Worlds of a user's own, which are files: none is executed because a run's folder names it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from axone.errors import UsageError
from axone.messages import _
from axone.play.worlds.maze_map import MAPS
from axone.play.worlds.registry import FILES

MAP = "maze:"  # before the path of a map, or the name of one of `MAPS`


def is_file(world: str) -> bool:
    """Return whether the name of a world is that of a file, which is executed when the world is made."""
    return world.endswith((".py", *FILES))


def require_typed(world: str, *, is_typed: bool) -> None:
    """Raise UsageError where the world of a run is a file that was not typed: a run's folder may come from anyone.

    Args:
        world: The world that the run names.
        is_typed: Whether the person typed a world.
    """
    if is_file(world) and not is_typed:
        raise UsageError(
            _("The world of this run is the file '{file}': no file is executed unless you name it.", file=world),
            expected=_("expected --world FILE.py, the file of that world"),
            hint=_("read it first, then type the command again with --world FILE.py"),
        )


def hash_file(world: str) -> str:
    """Return the SHA-256 of a world that is a file, by which a resumed run recognizes it; "" for another world.

    The map of a maze is a file too, but it is read and not executed.
    """
    path = Path(world.removeprefix(MAP)).expanduser()
    is_known = is_file(world) or (world.startswith(MAP) and world.removeprefix(MAP) not in MAPS)
    return hashlib.sha256(path.read_bytes()).hexdigest() if is_known and path.is_file() else ""
