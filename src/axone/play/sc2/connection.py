"""Requests to a game and its responses: messages of Blizzard's protocol in frames of a websocket."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import websocket
from google.protobuf.message import DecodeError, Message  # type: ignore[import-untyped]
from s2clientprotocol import sc2api_pb2 as api

from axone.errors import AxoneError, DataError, ResourceError, WorkerError
from axone.messages import _

TIMEOUT = 120.0  # seconds; a map takes long to load on a slow disk
LEAVE_TIMEOUT = 2.0


@dataclass(frozen=True)
class Address:
    """Where a game answers.

    Args:
        port: The port.
        host: The name or the number of the machine.
    """

    port: int
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        """The address as a URL."""
        return f"ws://{self.host}:{self.port}/sc2api"


class Connection:
    """A connection to one game, which answers one request after the other.

    Args:
        address: Where the game answers.
        timeout: How long to wait for a response, in seconds.

    Attributes:
        status: The state of the game that the last response named, a value of the protocol's `Status`.

    Raises:
        ResourceError: Nothing answers there.
    """

    def __init__(self, address: Address, timeout: float = TIMEOUT) -> None:
        self.address, self.timeout, self.status = address, timeout, api.launched
        try:
            # Some implementations send messages in text frames, which are no UTF-8.
            self._socket = websocket.create_connection(
                address.url, timeout=timeout, skip_utf8_validation=True, http_no_proxy=[address.host]
            )
        except (OSError, websocket.WebSocketException) as error:
            raise ResourceError(
                _("No StarCraft II answers at {url}: {error}", url=address.url, error=error),
                hint=_("start it with these options: {options}",
                       options=f"-listen {address.host} -port {address.port} -displayMode 0"),
            ) from error  # fmt: skip

    def send(self, kind: str, request: Message) -> None:
        """Send a request, of the kind that its field in the protocol's `Request` has. Raises WorkerError."""
        try:
            self._socket.send_binary(api.Request(**{kind: request}).SerializeToString())
        except (OSError, websocket.WebSocketException) as error:
            raise self._describe_end(kind) from error

    def receive(self, kind: str) -> Any:
        """Return the response to the last request.

        Raises:
            WorkerError: The game ended, does not answer in time, or reports an error.
            DataError: It answers something else than a response of this kind.
        """
        try:
            code, content = self._socket.recv_data()
        except websocket.WebSocketTimeoutException as error:
            raise WorkerError(
                _("StarCraft II at {url} did not answer '{kind}' within {seconds} s.",
                  url=self.address.url, kind=kind, seconds=f"{self.timeout:g}")
            ) from error  # fmt: skip
        except (OSError, websocket.WebSocketException) as error:
            raise self._describe_end(kind) from error
        if code == websocket.ABNF.OPCODE_CLOSE:
            raise self._describe_end(kind)
        try:
            response = api.Response.FromString(content)
        except DecodeError as error:
            raise DataError(
                _("What answers '{kind}' at {url} is not a message of StarCraft II.", kind=kind, url=self.address.url)
            ) from error
        if response.error:
            raise self.describe_refusal(kind, "; ".join(response.error))
        if not response.HasField(kind):
            raise DataError(
                _("StarCraft II at {url} answered '{kind}' with '{other}'.",
                  url=self.address.url, kind=kind, other=response.WhichOneof("response"))
            )  # fmt: skip
        self.status = response.status
        return getattr(response, kind)

    def ask(self, kind: str, request: Message) -> Any:
        """Send a request and return its response; see `receive`."""
        self.send(kind, request)
        return self.receive(kind)

    def describe_refusal(self, kind: str, reason: str) -> WorkerError:
        """Return the error for a request that the game refuses."""
        return WorkerError(
            _("StarCraft II at {url} refused '{kind}': {reason}", url=self.address.url, kind=kind, reason=reason)
        )

    def _describe_end(self, kind: str) -> AxoneError:
        return WorkerError(
            _("StarCraft II at {url} ended during '{kind}'.", url=self.address.url, kind=kind),
            hint=_("start the game again, then continue the training with: axone resume RUN"),
        )

    def wait(self, timeout: float) -> None:
        """Wait longer, or shorter, for the next responses: a number of seconds."""
        self.timeout = timeout
        self._socket.settimeout(timeout)

    def leave(self) -> None:
        """Leave an episode, so that others can play in the game; nothing happens where it does not answer."""
        if self.status == api.in_game:
            with suppress(AxoneError):
                self.wait(LEAVE_TIMEOUT)
                self.ask("leave_game", api.RequestLeaveGame())

    def close(self) -> None:
        """Close the connection, without waiting for the game."""
        self._socket.close(timeout=0)


def ask_all(connections: Sequence[Connection], kind: str, requests: Sequence[Message]) -> list[Any]:
    """Send a request to each game, so that they work at the same time, and return their responses."""
    for connection, request in zip(connections, requests, strict=True):
        connection.send(kind, request)
    return [connection.receive(kind) for connection in connections]
