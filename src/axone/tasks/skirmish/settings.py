"""Settings of systems that command units in battles. This module does not import torch: flags are checked at once."""

from __future__ import annotations

from typing import ClassVar, Literal

from axone.messages import mark
from axone.settings import Options, Settings, option


class SkirmishSettings(Settings):
    """The battle, how many are played at once, and how the units are evaluated."""

    UNUSED: ClassVar[frozenset[str]] = frozenset(
        {"data", "target", "limit", "validation", "label_smoothing", "accumulate", "shards"}
    )

    scenario: str = option("3m", mark("scenario: a name such as 3m, 8m, 2s3z, 3s5z, 5m_vs_6m, or your own file.csv"))
    opponent: Literal["heuristic", "self"] = option(
        "heuristic", mark("who moves the other team: the heuristic player, or the same network")
    )
    step_limit: int = option(0, mark("steps after which a battle has no winner; 0: those of the scenario"), ge=0)
    walls: Literal["kill", "stop"] = option("kill", mark("what the border of the map does to a unit that touches it"))
    copies: int = option(128, mark("battles that are played at once"), ge=1, le=65_536)
    battles: int = option(128, mark("greedy battles after an epoch"), ge=1, le=100_000)
    test_battles: int = option(1000, mark("greedy battles after the training"), ge=1, le=100_000)
    units: tuple[int, ...] = option((64, 64), mark("units of the dense layers"))
    activation: Literal["tanh", "relu"] = option("relu", mark("activation of the dense layers"))
    optimizer: Literal["sgd", "adam", "adamw"] = option("adam", mark("optimizer"))
    # Small networks: more threads, a GPU or bfloat16 make them slower.
    device: str = option("cpu", mark("auto, cpu, cuda, cuda:1 or mps"), pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")
    precision: Literal["auto", "float32", "bfloat16"] = option(
        "float32", mark("floating-point precision: auto, float32 or bfloat16")
    )
    threads: int = option(1, mark("number of CPU threads; 0: one for each core"), ge=0, le=4096)


class ReplayOptions(Options):
    """Flags of `axone generate` and `axone play` of these runs."""

    DEFAULT_COUNT: ClassVar[int] = 4

    explore: bool = option(False, mark("draw actions from the policy instead of taking the most probable one"))
    video: Literal["gif", "mp4"] = option("gif", mark("format of the replay; mp4 needs the extra 'video'"))
