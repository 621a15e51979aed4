"""Settings of systems that learn from a reward. This module does not import torch, so flags are checked at once."""

from __future__ import annotations

from typing import ClassVar, Literal

from axone.messages import mark
from axone.play.worlds.registry import TIMEOUT
from axone.settings import Options, Settings, option


class ControlSettings(Settings):
    """The world, how many policies learn in it at once, and how they are evaluated."""

    UNUSED: ClassVar[frozenset[str]] = frozenset(
        {"data", "target", "limit", "validation", "label_smoothing", "accumulate", "shards"}
    )

    world: str = option(
        "cart_pole",
        mark(
            "world to act in: cart_pole, mountain_car, mountain_car_continuous, acrobot, pendulum, maze, breakout, "
            "road, road_keys, gym:NAME for one of Gymnasium, or the file of your own"
        ),
    )
    timeout: float = option(
        TIMEOUT, mark("Gymnasium: seconds after which a step that has not ended is an error; 0: no limit"), ge=0
    )
    processes: bool = option(
        False, mark("Gymnasium: a process for each copy, which is started again if it dies or does not answer")
    )
    seeds: int = option(5, mark("policies that learn at the same time, from different seeds"), ge=1, le=1000)
    copies: int = option(64, mark("copies of the world for each policy"), ge=1, le=65_536)
    steps: int = option(32, mark("steps of each copy in a rollout"), ge=1, le=100_000)
    rollouts: int = option(5, mark("rollouts in an epoch"), ge=1, le=100_000)
    gamma: float = option(0.99, mark("discount of the reward of the next step"), ge=0, le=1)
    normalize: bool = option(False, mark("divide observations and rewards by their running standard deviation"))
    episodes: int = option(20, mark("greedy episodes of each policy after an epoch"), ge=1, le=100_000)
    test_episodes: int = option(100, mark("greedy episodes of each policy after the training"), ge=1, le=100_000)
    episode_steps: int = option(5000, mark("steps after which an evaluated episode is cut off"), ge=1, le=10_000_000)
    channels: tuple[int, ...] = option((16, 32), mark("pixel planes: channels of the convolutions"))
    units: tuple[int, ...] = option((32, 32), mark("units of the dense layers"))
    activation: Literal["tanh", "relu"] = option("tanh", mark("activation of the dense layers"))
    epochs: int = option(10, mark("epochs; after each, greedy episodes are played"), ge=1, le=1_000_000)
    optimizer: Literal["sgd", "adam", "adamw"] = option("adam", mark("optimizer"))
    # Small networks on small batches: more threads, a GPU or bfloat16 make them slower.
    device: str = option("cpu", mark("auto, cpu, cuda, cuda:1 or mps"), pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")
    precision: Literal["auto", "float32", "bfloat16"] = option(
        "float32", mark("floating-point precision: auto, float32 or bfloat16")
    )
    threads: int = option(1, mark("number of CPU threads; 0: one for each core"), ge=0, le=4096)


class WorldEvaluateOptions(Options):
    """Flags of `axone evaluate` of runs that learned in a world."""

    world: str = option("", mark("another world with the same observations and actions; empty: that of the run"))


class WorldPlayOptions(Options):
    """Flags of `axone play` of runs that learned in a world."""

    explore: bool = option(False, mark("draw actions instead of choosing the most probable ones"))
    steps: int = option(5000, mark("steps after which the episode is cut off"), ge=1, le=10_000_000)
    world: str = option("", mark("another world with the same observations and actions; empty: that of the run"))
