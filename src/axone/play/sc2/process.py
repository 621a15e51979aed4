"""A game as a process of ours: start, wait until it answers, end."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from axone.errors import ResourceError, WorkerError
from axone.messages import _
from axone.play.sc2.connection import TIMEOUT, Address, Connection
from axone.play.sc2.installation import Installation

PAUSE = 0.2  # seconds between two attempts to connect
GRACE = 5.0  # seconds from the request to end until the process is killed


class GameProcess:
    """A game that was started.

    Args:
        installation: The installed game.

    Attributes:
        address: Where it will answer.

    Raises:
        ResourceError: It cannot be executed.
    """

    def __init__(self, installation: Installation) -> None:
        self.address = Address(_find_free_port())
        self._folder = tempfile.TemporaryDirectory(prefix="axone-sc2-", ignore_cleanup_errors=True)
        command = installation.command(self.address.port, Path(self._folder.name))
        try:
            self._process = subprocess.Popen(
                command, cwd=installation.working_folder, env=installation.environment(),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            self._folder.cleanup()
            raise ResourceError(
                _("StarCraft II cannot be started: {error}", error=error), hint=subprocess.list2cmdline(command)
            ) from error

    def connect(self, timeout: float = TIMEOUT) -> Connection:
        """Return a connection as soon as the game answers.

        Raises:
            WorkerError: The process ends before it answers.
            ResourceError: It does not answer in time.
        """
        end = time.monotonic() + timeout
        while True:
            try:
                return Connection(self.address, timeout)
            except ResourceError:
                code = self._process.poll()
                if code is not None:
                    raise WorkerError(
                        _("StarCraft II ended at its start, with the exit code {code}.", code=code),
                        hint=subprocess.list2cmdline([str(part) for part in self._process.args]),  # type: ignore[union-attr]
                    ) from None
                if time.monotonic() > end:
                    raise
            time.sleep(PAUSE)

    def end(self) -> None:
        """End the process and remove its temporary files."""
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


def _find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def end_games(connections: Sequence[Connection], processes: Sequence[GameProcess]) -> None:
    """Close connections and end processes; games that were not started here can be played in again."""
    for connection in connections:
        if not processes:
            connection.leave()
        connection.close()
    for process in processes:
        process.end()
