"""A fake of StarCraft II: a websocket server that speaks the game's protocol for whole episodes.

It is not the game. It knows two maps by their names only: one with a marine and a beacon that jumps away when it is
reached, and one with marines and roaches that do nothing. Speeds, distances and damage are not those of the game.

    python -m tests.helpers.fake_sc2 -listen 127.0.0.1 -port 5000
"""

from __future__ import annotations

import base64
import hashlib
import random
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from s2clientprotocol import raw_pb2, score_pb2
from s2clientprotocol import sc2api_pb2 as api

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # of RFC 6455
CAMERA = (32.0, 28.0)
MOVE, ATTACK = 16, 23
MARINE, BEACON, ROACH = 48, 317, 110


class FakeGame:
    """One game.

    Args:
        loops: The loops until the time limit.
        text_frames: Whether responses are sent in text frames.
        faults: Kind of request -> (after how many of them, what happens): "close", "garbage", "silent", "other",
            "error".
    """

    def __init__(self, loops: int = 2688, text_frames: bool = False, faults: dict[str, tuple[int, str]] | None = None):
        self.loops, self.text_frames, self.faults = loops, text_frames, faults or {}
        self.requests: list[api.Request] = []
        self.status = api.launched
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def serve(self) -> None:
        """Accept connections until the listener is closed."""
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=[client], daemon=True).start()

    def talk(self, client: socket.socket) -> None:
        stream = client.makefile("rwb")
        headers = {}
        while line := stream.readline().strip():
            name, _colon, value = line.decode().partition(": ")
            headers[name.lower()] = value
        accept = base64.b64encode(hashlib.sha1((headers["sec-websocket-key"] + GUID).encode()).digest()).decode()
        stream.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        stream.write(f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        stream.flush()
        while len(head := stream.read(2)) == 2 and head[0] & 15 in (1, 2):
            length = head[1] & 127
            if length >= 126:
                length = int.from_bytes(stream.read(2 if length == 126 else 8), "big")
            mask, content = stream.read(4), stream.read(length)
            request = api.Request.FromString(bytes(byte ^ mask[place % 4] for place, byte in enumerate(content)))
            self.requests.append(request)
            kind = request.WhichOneof("request")
            count = sum(other.WhichOneof("request") == kind for other in self.requests)
            after, fault = self.faults.get(kind, (0, ""))
            if fault == "close" and count > after:
                break
            if fault == "silent" and count > after:
                continue
            answer = self.answer(request, fault if count > after else "")
            size = struct.pack(">BH", 126, len(answer)) if len(answer) > 125 else bytes([len(answer)])
            stream.write(bytes([0x81 if self.text_frames else 0x82]) + size + answer)
            stream.flush()
            if kind == "quit":
                break
        client.shutdown(socket.SHUT_RDWR)
        client.close()

    def answer(self, request: api.Request, fault: str) -> bytes:
        """Return the response to a request, or what a fault makes of it."""
        kind = request.WhichOneof("request")
        response = api.Response()
        if fault == "garbage":
            return b"\xff\xff\xff hello"
        if fault == "other":
            response.ping.game_version = "0"
        elif fault == "error":
            response.error.append("not in a game")
        else:
            part = getattr(response, kind)
            part.SetInParent()
            getattr(self, kind, lambda request, part: None)(getattr(request, kind), part)
        response.status = self.status
        return response.SerializeToString()

    def ping(self, _request: Any, part: Any) -> None:
        part.game_version = "fake"

    def create_game(self, request: Any, part: Any) -> None:
        self.map = request.local_map.map_path
        if self.map not in ("mini_games/MoveToBeacon.SC2Map", "mini_games/DefeatRoaches.SC2Map"):
            part.error, part.error_details = api.ResponseCreateGame.InvalidMapPath, "not a map of the fake server"
            return
        self.random = random.Random(request.random_seed)
        self.loop, self.score, self.status = 0, 0, api.init_game
        self.targets: dict[int, tuple[str, Any]] = {}
        battle = "Roaches" in self.map
        # Tag -> [alliance, type, x, y, health]
        self.units = {100: [raw_pb2.Self, MARINE, *self.draw(), 45.0]}
        if battle:
            self.units |= {101: [raw_pb2.Self, MARINE, *self.draw(), 45.0]}
            self.units |= {200 + number: [raw_pb2.Enemy, ROACH, *self.draw(), 20.0] for number in range(4)}
        else:
            self.units |= {300: [raw_pb2.Neutral, BEACON, *self.draw(), 0.0]}

    def draw(self) -> tuple[float, float]:
        return CAMERA[0] + self.random.uniform(-10, 10), CAMERA[1] + self.random.uniform(-8, 8)

    def join_game(self, request: Any, part: Any) -> None:
        assert request.options.raw and request.options.score
        part.player_id, self.status = 1, api.in_game

    def leave_game(self, _request: Any, _part: Any) -> None:
        self.status = api.launched

    def action(self, request: Any, part: Any) -> None:
        for action in request.actions:
            command = action.action_raw.unit_command
            for tag in command.unit_tags:
                place = command.target_world_space_pos
                target = command.target_unit_tag if command.ability_id == ATTACK else (place.x, place.y)
                self.targets[tag] = target if command.ability_id in (MOVE, ATTACK) else None
            part.result.append(1)

    def step(self, request: Any, part: Any) -> None:
        for _number in range(request.count):
            self.loop += 1
            for tag, target in list(self.targets.items()):
                if isinstance(target, tuple):
                    self.move(self.units[tag], target)
                elif target in self.units:
                    self.units[target][4] -= 0.5
                    if self.units[target][4] <= 0:
                        del self.units[target]
                        self.score += 10
        if self.loop >= self.loops or ("Roaches" in self.map and 200 not in self.units and len(self.units) == 2):
            self.status = api.ended
        part.simulation_loop = self.loop

    def move(self, unit: list[Any], target: tuple[float, float]) -> None:
        x, y = target[0] - unit[2], target[1] - unit[3]
        share = min(1.0, 0.14 / max((x * x + y * y) ** 0.5, 1e-9))
        unit[2], unit[3] = unit[2] + share * x, unit[3] + share * y
        beacon = self.units.get(300)
        if beacon and (unit[2] - beacon[2]) ** 2 + (unit[3] - beacon[3]) ** 2 < 2.5**2:
            self.score += 1
            beacon[2:4] = self.draw()

    def observation(self, _request: Any, part: Any) -> None:
        seen = part.observation
        seen.game_loop = self.loop
        seen.score.CopyFrom(score_pb2.Score(score=self.score))
        seen.raw_data.player.camera.x, seen.raw_data.player.camera.y = CAMERA
        for tag, (side, kind, x, y, health) in self.units.items():
            unit = seen.raw_data.units.add(
                tag=tag, alliance=side, unit_type=kind, health=health, display_type=raw_pb2.Visible
            )
            unit.pos.x, unit.pos.y = x, y
            unit.health_max = {MARINE: 45.0, ROACH: 20.0}.get(kind, 0.0)
        if self.status == api.ended:
            part.player_result.add(player_id=1, result=api.Undecided)

    def kinds(self) -> list[str]:
        """Return the kinds of the requests so far."""
        return [str(request.WhichOneof("request")) for request in self.requests]


@contextmanager
def serving(**options: Any) -> Iterator[FakeGame]:
    """Run a fake server in a thread of this process."""
    game = FakeGame(**options)
    threading.Thread(target=game.serve, daemon=True).start()
    try:
        yield game
    finally:
        with suppress(OSError):  # on macOS, a listener has no connection to shut down
            game.listener.shutdown(socket.SHUT_RDWR)  # close() alone would not wake accept()
        game.listener.close()


if __name__ == "__main__":
    started = FakeGame(loops=80)
    started.listener.close()
    started.listener = socket.create_server(("127.0.0.1", int(sys.argv[sys.argv.index("-port") + 1])))
    started.serve()
