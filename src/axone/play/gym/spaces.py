"""Spaces of Gymnasium as ours, and ours as Gymnasium's; what has no counterpart is refused with a list of what has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from gymnasium import spaces
from numpy import ndarray

from axone.errors import UsageError
from axone.messages import _
from axone.play.spaces import Continuous, Discrete


@dataclass(frozen=True)
class Observations:
    """How observations of Gymnasium become float32 arrays.

    Args:
        space: The space of one array.
        convert: Turns a batch [copies, ...] of Gymnasium into float32 [copies, *space.shape].
    """

    space: Continuous
    convert: Callable[[ndarray], ndarray]


@dataclass(frozen=True)
class Actions:
    """How actions become those of Gymnasium.

    Args:
        space: The space of one action.
        convert: Turns a batch [copies, ...] of actions into Gymnasium's.
    """

    space: Discrete | Continuous
    convert: Callable[[ndarray], ndarray]


def read_observations(space: spaces.Space, name: str) -> Observations:
    """Return how to read a space of observations.

    Box: as float32; bytes as planes from 0 to 1, with the channels first. Discrete: 1 in the place of the number, 0
    elsewhere. MultiBinary: 0 and 1.

    Raises:
        UsageError: The space is another one.
    """
    if isinstance(space, spaces.Box) and space.dtype == np.uint8:
        if len(space.shape) == 3:
            planes = (space.shape[2], *space.shape[:2])
            return Observations(Continuous(planes, 0.0, 1.0), lambda batch: np.moveaxis(batch, 3, 1).astype("f4") / 255)
        values = (1, *space.shape) if len(space.shape) == 2 else space.shape
        return Observations(Continuous(values, 0.0, 1.0), lambda batch: batch.reshape(-1, *values).astype("f4") / 255)
    if isinstance(space, spaces.Box):
        shape = space.shape or (1,)
        low, high = float(space.low.min()), float(space.high.max())
        return Observations(Continuous(shape, low, high), lambda batch: batch.reshape(-1, *shape).astype("f4"))
    if isinstance(space, spaces.Discrete):
        units = np.eye(int(space.n), dtype=np.float32)
        return Observations(Continuous((int(space.n),), 0.0, 1.0), lambda batch: units[batch - int(space.start)])
    if isinstance(space, spaces.MultiBinary):
        return Observations(Continuous(tuple(space.shape), 0.0, 1.0), lambda batch: batch.astype("f4"))
    raise UsageError(
        _("The observations of '{name}' are not supported: {space}.", name=name, space=describe(space)),
        expected=_("supported: {names}", names="Box, Discrete, MultiBinary"),
    )


def read_actions(space: spaces.Space, name: str) -> Actions:
    """Return how to choose actions of a space.

    Discrete: numbers from 0. Box: numbers from -1 to 1, scaled to the bounds of each where both are finite.

    Raises:
        UsageError: The space is another one.
    """
    if isinstance(space, spaces.Discrete):
        return Actions(Discrete(int(space.n)), lambda batch: batch + int(space.start))
    if isinstance(space, spaces.Box) and np.issubdtype(space.dtype, np.floating) and space.shape:
        shape, kind = tuple(space.shape), space.dtype
        if not (np.isfinite(space.low).all() and np.isfinite(space.high).all()):
            return Actions(Continuous(shape), lambda batch: np.clip(batch, space.low, space.high).astype(kind))
        middle, half = (space.high + space.low) / 2, (space.high - space.low) / 2
        return Actions(
            Continuous(shape, -1.0, 1.0),
            lambda batch: np.clip(middle + half * np.clip(batch, -1, 1), space.low, space.high).astype(kind),
        )
    raise UsageError(
        _("The actions of '{name}' are not supported: {space}.", name=name, space=describe(space)),
        expected=_("supported: {names}", names="Discrete, Box"),
    )


def describe(space: spaces.Space) -> str:
    """Return a space as a short text."""
    text = repr(space)
    return text if len(text) <= 100 else text[:100] + "..."


def to_gymnasium(space: Discrete | Continuous) -> spaces.Space:
    """Return one of our spaces as one of Gymnasium."""
    if isinstance(space, Discrete):
        return spaces.Discrete(space.count)
    return spaces.Box(space.low, space.high, space.shape, np.float32)
