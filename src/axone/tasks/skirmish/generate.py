"""`axone generate` and `axone play`: battles of a trained network against the heuristic player."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt8
from torch import nn

from axone.errors import UsageError
from axone.figures.figure import encode_png
from axone.messages import _
from axone.numbers import format_number
from axone.play.skirmish.battle import DRAWN, LOST, TIMED_OUT, WON
from axone.tasks.answers import NotebookAnswer
from axone.tasks.play_session import PlaySession
from axone.tasks.skirmish.replay import Replay, draw_strip
from axone.tasks.skirmish.scenario_facts import restore_scenario
from axone.tasks.skirmish.settings import ReplayOptions

RESULTS = {WON: "won", LOST: "lost", DRAWN: "draw", TIMED_OUT: "unfinished"}  # as `--json` has them
PAUSE = 0.15  # seconds between two steps on a terminal


@dataclass(frozen=True)
class GeneratedBattle(NotebookAnswer):
    """One battle from its start to its end."""

    replay: Replay
    video: str

    output = "files"

    def text(self) -> str:
        """Return the result and the sum of the rewards."""
        total = format_number(round(self.replay.total, 2))
        return _("{result}, return {total}", result=self.replay.captions[-1], total=total)

    def to_json(self) -> dict[str, Any]:
        """Return the result, the number of steps and the sum of the rewards."""
        return describe(self.replay)

    def files(self) -> dict[str, bytes]:
        """Return the battle as a film, and as a strip of images."""
        return {f".{self.video}": self.replay.encode(self.video), ".png": encode_png(draw_strip(self.replay))}

    def preview(self) -> UInt8[np.ndarray, "height width 3"]:
        """Return the last moment."""
        return np.asarray(self.replay.frames[-1])


def generate_battles(
    network: nn.Module, facts: Mapping[str, Any], count: int, seed: int, options: ReplayOptions
) -> Iterator[GeneratedBattle]:
    """Play battles; battle k depends on the seed and k alone."""
    scenario = restore_scenario(facts["scenario"])
    for number in range(count):
        replay = Replay(network, scenario, (seed + number) % 2**63, explore=options.explore)
        yield GeneratedBattle(replay.play(), options.video)


class WatchedBattle(PlaySession):
    """A battle that a person watches.

    Args:
        network: The network of the units.
        facts: The facts of the run.
        seed: Decides on the battle.
        options: Whether actions are drawn, and the format of the film.
    """

    pause = PAUSE

    def __init__(self, network: nn.Module, facts: Mapping[str, Any], seed: int, options: ReplayOptions) -> None:
        self.replay = Replay(network, restore_scenario(facts["scenario"]), seed, explore=options.explore)
        self.video = options.video

    def text(self) -> str:
        """Return this moment as a map of characters, with the health of each unit."""
        return self.replay.text()

    @property
    def finished(self) -> bool:
        """Whether the battle is over."""
        return self.replay.finished

    def enter(self, line: str) -> None:
        """Refuse a line: no one is asked."""
        raise UsageError(_("A battle is watched, not played: it asks for nothing."))

    def advance(self) -> None:
        """Play one step."""
        self.replay.advance()

    def to_json(self) -> dict[str, Any]:
        """Return the result, the number of steps and the sum of the rewards."""
        return describe(self.replay)

    def files(self) -> dict[str, bytes]:
        """Return the battle as a film, and as a strip of images."""
        return {f".{self.video}": self.replay.encode(self.video), ".png": encode_png(draw_strip(self.replay))}


def describe(replay: Replay) -> dict[str, Any]:
    """Return the result of a battle as values for JSON."""
    return {"result": RESULTS.get(replay.result, ""), "steps": replay.steps, "return": replay.total}
