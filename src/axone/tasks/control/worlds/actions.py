"""From what a policy draws to what a world takes, and the facts of a run on both spaces."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from axone.messages import _, plural
from axone.numbers import format_number
from axone.play.spaces import Continuous, Discrete


def to_world_actions(actions: Tensor, space: Discrete | Continuous) -> Tensor:
    """Return actions as a world takes them.

    Choices stay as they are. A policy over real numbers draws from -1 to 1, which are the bounds of the space; what is
    outside of them is clamped. Without bounds nothing is changed.

    Args:
        actions: int64 [*batch], or float32 [*batch, numbers].
        space: The space of one action.
    """
    if isinstance(space, Discrete):
        return actions
    if math.isfinite(space.low) and math.isfinite(space.high):
        middle, half = (space.low + space.high) / 2, (space.high - space.low) / 2
        actions = (middle + half * actions).clamp(space.low, space.high)
    return actions.reshape(*actions.shape[:-1], *space.shape)


def count_outputs(space: Discrete | Continuous) -> int:
    """Return the number of outputs of a policy: one for each choice, or one for each real number."""
    return space.count if isinstance(space, Discrete) else math.prod(space.shape)


def describe_space(space: Discrete | Continuous) -> dict[str, Any]:
    """Return a space as JSON: a bound that is infinite is None."""
    if isinstance(space, Discrete):
        return {"count": space.count, "names": list(space.names)}
    bounds = {name: value if math.isfinite(value) else None for name, value in
              (("low", float(space.low)), ("high", float(space.high)))}  # fmt: skip
    return {"shape": list(space.shape), **bounds}


def read_space(facts: Mapping[str, Any]) -> Discrete | Continuous:
    """Return the space that `describe_space` described."""
    if "count" in facts:
        return Discrete(int(facts["count"]), tuple(facts["names"]))
    low, high = facts["low"], facts["high"]
    return Continuous(
        tuple(facts["shape"]), -math.inf if low is None else float(low), math.inf if high is None else float(high)
    )


def name_actions(space: Discrete) -> list[str]:
    """Return a name for each choice: its own, or its number."""
    return list(space.names) or [str(number) for number in range(space.count)]


def translate_action(name: str) -> str:
    """Return the name of a choice in the language of the messages; that of a world of one's own stays as it is."""
    return ", ".join(_(part) for part in name.split(", "))


def write_space(space: Discrete | Continuous) -> str:
    """Return a space of actions as people read it: "left, right", or "2 numbers from -1 to 1"."""
    if isinstance(space, Discrete):
        return "; ".join(translate_action(name) for name in name_actions(space))
    count = math.prod(space.shape)
    return plural(
        "{count} number from {low} to {high}", "{count} numbers from {low} to {high}", count,
        low=format_number(space.low), high=format_number(space.high),
    )  # fmt: skip
