"""Mini-games of StarCraft II as copies with automatic reset: each copy is a game of its own.

The state of a game cannot be saved exactly. A resumed run begins the episode again in which each copy was; the seed of
an episode's random numbers is a function of the seed, the copy and the number of the episode.
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Bool, UInt8
from s2clientprotocol import common_pb2
from s2clientprotocol import sc2api_pb2 as api
from torch import Tensor

from axone.errors import DataError, DataNote, ResourceError
from axone.messages import _
from axone.play.batch import Step, VectorWorlds
from axone.play.random import make_keys, random_bits
from axone.play.sc2.connection import TIMEOUT, Connection, ask_all
from axone.play.sc2.installation import MAPS_PAGE
from axone.play.sc2.mini_games import LOOPS_PER_SECOND, NOTHING, STEP_LOOPS, MiniGame
from axone.play.sc2.orders import move_to, to_orders
from axone.play.sc2.process import GameProcess, end_games
from axone.play.sc2.situation import Roster, Situation, View, draw, read_situation, to_planes
from axone.play.skirmish.actions import FIRST_TARGET


@dataclass
class Copy:
    """The episode of one copy.

    Args:
        connection: The connection to its game.
        episode: The number of the episode, from 0.
        steps: The steps played in it.
    """

    connection: Connection
    episode: int = 0
    steps: int = 0
    situation: Situation = field(init=False)
    view: View = field(init=False)
    roster: Roster = field(init=False)


class Sc2Worlds(VectorWorlds):
    """Copies of a mini-game.

    Args:
        name: The name that they were opened with, without the prefix.
        game: The mini-game.
        connections: A connection to a game for each copy.
        processes: The games that were started for it, and end with it.
        seed: The seed of the games.
        device: Where observations are and actions are expected.

    Raises:
        ResourceError: The game does not have the map.
        WorkerError: A game ended, does not answer, or refuses a request.
        DataError: A game answers something else than the protocol says.
    """

    def __init__(
        self,
        name: str,
        game: MiniGame,
        connections: Sequence[Connection],
        processes: Sequence[GameProcess] = (),
        *,
        seed: int = 0,
        device: torch.device | str = "cpu",
    ) -> None:
        # Games that were started end with this object, also when its construction fails.
        self._end = weakref.finalize(self, end_games, list(connections), list(processes))
        self.name, self.game, self.seed = f"sc2:{name}", game, seed
        self.copies, self.device = len(connections), torch.device(device)
        self.observation_space, self.action_space = game.observations, game.actions
        self.max_steps = game.max_steps
        self._copies = [Copy(connection) for connection in connections]
        try:
            self._begin(range(self.copies))
        except BaseException:
            self._end()
            raise
        self.observations = self._observe()

    def step(self, actions: Tensor) -> Step:
        """Play 8 loops of the game in each copy. Raises WorkerError and DataError as the constructor does."""
        connections = [copy.connection for copy in self._copies]
        orders = [self._to_request(copy, int(action)) for copy, action in zip(self._copies, actions, strict=True)]
        ask_all(connections, "action", orders)
        ask_all(connections, "step", [api.RequestStep(count=STEP_LOOPS)] * self.copies)
        scores = [copy.situation.score for copy in self._copies]
        self._look(self._copies)
        rewards = [copy.situation.score - score for copy, score in zip(self._copies, scores)]
        for copy in self._copies:
            copy.steps += 1
        final = self._observe()
        # The game ends episodes at the time limit, too; what would have followed then has a value.
        limit = self.game.seconds * LOOPS_PER_SECOND - STEP_LOOPS
        ended = torch.tensor([copy.situation.ended for copy in self._copies])
        late = torch.tensor([copy.situation.loop >= limit for copy in self._copies])
        numbers = ended.nonzero().flatten().tolist()
        for number in numbers:
            self._copies[number].episode += 1
        self._begin(numbers)
        self.observations = self._observe() if numbers else final
        return Step(
            self.observations,
            torch.tensor(rewards, device=self.device),
            (ended & ~late).to(self.device),
            (ended & late).to(self.device),
            final,
        )

    def legal_actions(self) -> Bool[Tensor, "copies actions"]:
        """Return which actions are allowed now: in battles, only enemies that are there can be attacked."""
        legal = super().legal_actions()
        for row, copy in zip(legal, self._copies):
            for number, tag in enumerate(copy.roster.tags):
                row[FIRST_TARGET + number] = tag is not None
        return legal

    def _begin(self, numbers: Sequence[int]) -> None:
        """Begin the episodes whose numbers the copies have."""
        copies = [self._copies[number] for number in numbers]
        connections = [copy.connection for copy in copies]
        keys = make_keys(self.seed, self.copies)
        requests = []
        for number, copy in zip(numbers, copies):
            bits = int(random_bits(keys[number], torch.tensor(copy.episode)))
            requests.append(
                api.RequestCreateGame(
                    local_map=api.LocalMap(map_path=self.game.map_path),
                    player_setup=[api.PlayerSetup(type=api.Participant, race=common_pb2.Terran)],
                    disable_fog=False,
                    random_seed=bits % 2**32,
                    realtime=False,
                )
            )
        for connection, created in zip(connections, ask_all(connections, "create_game", requests)):
            if created.HasField("error"):
                reason = api.ResponseCreateGame.Error.Name(created.error)
                raise ResourceError(
                    _("StarCraft II at {url} cannot open the map '{path}': {reason} {details}",
                      url=connection.address.url, path=self.game.map_path, reason=reason,
                      details=created.error_details).rstrip(),
                    hint=_("unpack mini_games.zip into '{folder}': {page}", folder="StarCraft II/Maps", page=MAPS_PAGE),
                )  # fmt: skip
        options = api.InterfaceOptions(raw=True, score=True)
        joining = [api.RequestJoinGame(race=common_pb2.Terran, options=options)] * len(copies)
        for connection, joined in zip(connections, ask_all(connections, "join_game", joining)):
            if joined.HasField("error"):
                reason = api.ResponseJoinGame.Error.Name(joined.error)
                raise connection.describe_refusal("join_game", f"{reason} {joined.error_details}".rstrip())
        for copy in copies:
            copy.steps, copy.roster = 0, Roster(self.game.targets)
        for copy, response in zip(copies, self._look(copies)):
            camera = response.observation.raw_data.player.camera
            copy.view = View(camera.x, camera.y, self.game.grid)

    def _look(self, copies: Sequence[Copy]) -> list[Any]:
        connections = [copy.connection for copy in copies]
        responses = ask_all(connections, "observation", [api.RequestObservation()] * len(copies))
        for copy, response in zip(copies, responses):
            copy.situation = read_situation(response, is_over=copy.connection.status == api.ended)
            copy.roster.update(copy.situation.enemies)
        return responses

    def _observe(self) -> Tensor:
        planes = [to_planes(copy.situation, copy.view, copy.roster) for copy in self._copies]
        return torch.stack(planes).to(self.device)

    def _to_request(self, copy: Copy, action: int) -> api.RequestAction:
        units = copy.situation.own
        if self.game.targets:
            return to_orders(self.game.table, [action] * len(units), units, copy.roster.tags)
        if action == NOTHING:
            return api.RequestAction()
        return move_to(units, *copy.view.center(action - 1))

    def state_dict(self) -> dict[str, Any]:
        """Return the seed and the numbers of episodes: the games themselves cannot be saved."""
        episodes, steps = [copy.episode for copy in self._copies], [copy.steps for copy in self._copies]
        return {"world": self.name, "seed": self.seed, "episodes": episodes, "steps": steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Begin the saved episodes again, and warn where they had advanced."""
        if state["world"] != self.name or len(state["episodes"]) != self.copies:
            raise DataError(
                _("The saved episodes are of {copies} copies of '{other}', not of {own} of '{name}'.",
                  copies=len(state["episodes"]), other=state["world"], own=self.copies, name=self.name)
            )  # fmt: skip
        self.seed = state["seed"]
        for copy, episode in zip(self._copies, state["episodes"]):
            copy.episode = episode
        self._begin(range(self.copies))
        self.observations = self._observe()
        if any(state["steps"]):
            warnings.warn(
                _("The state of '{name}' cannot be saved: new episodes begin here.", name=self.name),
                DataNote,
                stacklevel=2,
            )

    def render_text(self, copy: int = 0) -> str:
        """Return the part of the map that is observed, as lines of text."""
        return draw(self._copies[copy].situation, self._copies[copy].view).text(columns=40)

    def render_image(self, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return the part of the map that is observed: own units blue, neutral things green, enemies orange."""
        return draw(self._copies[copy].situation, self._copies[copy].view).image()

    def close(self) -> None:
        """Close the connections, and end the games that were started; others stay."""
        self._end()


def open_worlds(
    name: str,
    game: MiniGame,
    processes: Sequence[GameProcess],
    *,
    seed: int,
    device: torch.device | str,
    timeout: float = TIMEOUT,
) -> Sc2Worlds:
    """Return copies of a mini-game in games that were started, one for each; see `Sc2Worlds`."""
    connections: list[Connection] = []
    try:
        for process in processes:
            connections.append(process.connect(timeout))
    except BaseException:
        end_games(connections, processes)
        raise
    return Sc2Worlds(name, game, connections, processes, seed=seed, device=device)
