"""What the prefix `sc2:` opens: `NAME`, in games that are started, or `NAME@PORTS`, in games that run already.

Each copy needs a game of its own, and a training opens several sets of copies: for learning, for the episodes after
each epoch and for those at the end. `@5000-5003` names four games; a set takes those that no one plays in.
The name of a world comes with a run, which may be someone else's: it names ports of this machine only. Another machine
is named by the environment variable `AXONE_SC2_HOST`.
"""

from __future__ import annotations

import importlib.util
import os
import re
from typing import TYPE_CHECKING, Any

from axone.errors import AxoneError, ResourceError, UsageError
from axone.messages import _

if TYPE_CHECKING:
    import torch

    from axone.play.batch import VectorWorlds
    from axone.play.sc2.connection import Address, Connection
    from axone.play.sc2.installation import Installation
    from axone.play.sc2.mini_games import MiniGame
    from axone.play.spaces import Continuous, Discrete

PACKAGES = ("websocket", "s2clientprotocol")
HOST = "AXONE_SC2_HOST"  # the environment variable for the machine of games that run already
LARGEST = 16  # games that are started for one set of copies; each needs about 1 GB of memory
WAIT = 5.0  # seconds until a game that runs already must answer whether it is free


def open_sc2(
    name: str, copies: int, *, seed: int = 0, device: torch.device | str = "cpu", **_others: Any
) -> VectorWorlds:
    """Return copies of a mini-game; the other arguments of `make_worlds` have no meaning for it.

    Raises:
        UsageError: The extra is not installed, there is no such mini-game, or there are too many copies.
        ResourceError: The game or its map is not installed, or there are not enough games that run.
        WorkerError: See `Sc2Worlds`.
        DataError: See `Sc2Worlds`.
    """
    game, ports, installation = find_game(name)
    from axone.play.sc2.process import GameProcess
    from axone.play.sc2.worlds import Sc2Worlds, open_worlds

    if installation is None:
        return Sc2Worlds(name, game, connect_free(ports, copies), seed=seed, device=device)
    if copies > LARGEST:
        raise UsageError(
            _("{copies} copies would start StarCraft II {copies} times.", copies=copies),
            expected=_("expected at most {limit} copies", limit=LARGEST),
            hint="--seeds 1 --copies 2 --episodes 1 --test-episodes 2",
        )
    processes: list[GameProcess] = []
    try:
        for _number in range(copies):
            processes.append(GameProcess(installation))
    except BaseException:
        for process in processes:
            process.end()
        raise
    return open_worlds(name, game, processes, seed=seed, device=device)


def read_sc2_spaces(name: str) -> tuple[Continuous, Discrete]:
    """Return the spaces of observations and of actions of a mini-game, which is not started.

    Raises:
        UsageError: The extra is not installed, or there is no such mini-game.
        ResourceError: The game or its map is not installed.
    """
    game, _ports, _installation = find_game(name)
    return game.observations, game.actions


def find_game(name: str) -> tuple[MiniGame, range, Installation | None]:
    """Return a mini-game, and where it is played: at some ports, or in games that an installation starts.

    Raises:
        UsageError: The extra is not installed, or there is no such mini-game.
        ResourceError: The game or its map is not installed.
    """
    if any(importlib.util.find_spec(package) is None for package in PACKAGES):
        raise UsageError(
            _("Worlds of StarCraft II need websocket-client and pys2clientprotocol, which are not installed."),
            hint="pip install 'axone[sc2]'",
        )
    from axone.play.sc2.installation import find_installation
    from axone.play.sc2.mini_games import find_mini_game

    title, separator, ports = name.partition("@")
    game = find_mini_game(title)
    if separator:
        return game, read_ports(ports), None
    installation = find_installation()
    installation.require_map(game)
    return game, range(0), installation


def read_ports(text: str) -> range:
    """Return the ports that "5000" or "5000-5003" names. Raises UsageError for another text."""
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last <= 65_535:
        raise UsageError(
            _("'{text}' names no ports.", text=text),
            expected=_("expected a port, or the first and the last: 5000-5003"),
        )
    return range(first, last + 1)


def connect_free(ports: range, copies: int) -> list[Connection]:
    """Return connections to games in which no one plays.

    Raises:
        ResourceError: There are not enough of them.
    """
    from axone.play.sc2.connection import Address

    host = os.environ.get(HOST, "127.0.0.1")
    free: list[Connection] = []
    failures: list[AxoneError] = []
    for port in ports:
        if len(free) == copies:
            break
        try:
            free.append(_connect_if_free(Address(port, host)))
        except AxoneError as error:
            failures.append(error)
    if len(free) == copies:
        return free
    for connection in free:
        connection.close()
    if copies == len(ports) == 1:
        raise failures[0]
    what = _("{copies} copies need as many games: {count} are free at the ports {ports}.",
             copies=copies, count=len(free), ports=f"{ports[0]}-{ports[-1]}")  # fmt: skip
    raise ResourceError(
        what,
        expected=failures[0].what if failures else None,
        hint=(failures[0].hint if failures else None)
        or _("name more ports, as in sc2:NAME@5000-5003, or ask for fewer copies: --seeds 1 --copies 1"),
    )


def _connect_if_free(address: Address) -> Connection:
    from s2clientprotocol import sc2api_pb2 as api

    from axone.play.sc2.connection import TIMEOUT, Connection

    connection = Connection(address, WAIT)
    try:
        connection.ask("ping", api.RequestPing())
        if connection.status not in (api.launched, api.ended):
            raise ResourceError(
                _("Someone plays in the game at {url} already.", url=address.url),
                hint=_("if that was a process that was killed: end the game and start it again"),
            )
    except AxoneError:
        connection.close()
        raise
    connection.wait(TIMEOUT)
    return connection
