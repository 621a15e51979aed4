"""What `play` of a system returns: an episode in a world, or a game against the network, as a conversation of lines.

`axone play RUN` (`axone/commands/play.py`) is the loop around a session, in a terminal or with lines from a pipe:

    while not session.finished:
        print(session.text())
        if session.asks:
            session.enter(input(session.prompt))
        else:
            session.advance()
    print(session.text())
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class PlaySession(Protocol):
    """One episode or one game, from its first moment to its end.

    Classes of ours inherit from it explicitly, which gives them the defaults: no one is asked, no files.

    Attributes:
        prompt: What is written before the line that a person types.
        pause: Seconds between two steps on a terminal, where no one is asked, so that a person can follow.
    """

    prompt: str = "> "
    pause: float = 0.0

    def text(self) -> str:
        """Return what is to be seen at this moment: lines for people, in the language of the messages."""
        raise NotImplementedError

    @property
    def asks(self) -> bool:
        """Whether it waits for a line (`enter`); otherwise it continues by itself (`advance`)."""
        return False

    @property
    def finished(self) -> bool:
        """Whether the episode or the game is over."""
        raise NotImplementedError

    def enter(self, line: str) -> None:
        """Read a line that a person typed, without its line break.

        The words "q" and "quit" never arrive here: they end `axone play`.

        Raises AxoneError, with a hint, for a line that makes no sense. Nothing has changed then.
        """
        raise NotImplementedError

    def advance(self) -> None:
        """Take one step without a person: an action in a world, or a move of the network."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """Return the result so far as values for `--json`: only dicts, lists, strings, numbers, booleans and None."""
        return {}

    def files(self) -> dict[str, bytes]:
        """Return the content of each file by its suffix (".gif"), for `--out`; called once, at the end."""
        return {}
