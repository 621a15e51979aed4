"""What an environment of Gymnasium answers to its first calls: whether it follows the interface, before it is used."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import gymnasium

from axone.errors import DataError, UsageError
from axone.messages import _
from axone.play.gym.failures import describe_failure
from axone.play.gym.names import find_environment
from axone.play.gym.spaces import Actions, Observations, read_actions, read_observations
from axone.play.gym.time_limit import CallTimeoutError, TimeLimit
from axone.play.worlds.registry import TIMEOUT

Result = TypeVar("Result")


@dataclass(frozen=True)
class Probe:
    """What is known about an environment after its first step.

    Args:
        modes: Its modes of drawing.
        observations: How its observations are read.
        actions: How its actions are chosen.
    """

    modes: tuple[str, ...]
    observations: Observations
    actions: Actions


def probe(name: str, seed: int = 0, timeout: float = TIMEOUT) -> Probe:
    """Play one step of one environment, without wrappers, and return what is known about it then.

    Args:
        name: The id of the environment.
        seed: The seed of its episode.
        timeout: The seconds that the creation and each call may take; 0: there is no limit.

    Raises:
        UsageError: There is no such environment, what it needs is not installed, it cannot be created, or its
            observations or actions are not supported.
        DataError: `reset` or `step` returns something else than the interface of Gymnasium says.
        WorkerError: One of them raises, or takes too long.
    """
    find_environment(name)
    # pygame, which draws, prints a greeting on standard output, where results belong.
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    world = f"gym:{name}"
    environment = _call("__init__", world, timeout, lambda: _create(name))
    observations = read_observations(environment.observation_space, world)
    actions = read_actions(environment.action_space, world)
    environment.action_space.seed(0)
    action = environment.action_space.sample()
    first = _call("reset", world, timeout, lambda: environment.reset(seed=seed % 2**31))
    _require_form("reset", world, first, "(observation, info)")
    second: Any = _call("step", world, timeout, lambda: environment.step(action))
    _require_form("step", world, second, "(observation, reward, terminated, truncated, info)")
    modes = tuple(environment.metadata.get("render_modes", ()))
    environment.close()
    return Probe(modes, observations, actions)


def _create(name: str) -> gymnasium.Env[Any, Any]:
    try:
        return gymnasium.make(name, disable_env_checker=True).unwrapped
    except gymnasium.error.DependencyNotInstalled as error:
        raise UsageError(
            _("'{name}' needs a package that is not installed: {error}", name=name, error=error),
            hint="pip install 'gymnasium[box2d]'" if "box2d" in str(error).lower() else None,
        ) from error
    except Exception as error:
        raise UsageError(
            _("'{name}' cannot be created: {kind}: {error}", name=name, kind=type(error).__name__, error=error)
        ) from error


def _call(function: str, name: str, timeout: float, call: Callable[[], Result]) -> Result:
    try:
        with TimeLimit(timeout).guard():
            return call()
    except UsageError:
        raise
    except (Exception, CallTimeoutError) as error:
        raise describe_failure(name, function, int(function == "step"), error, timeout) from error


def _require_form(function: str, name: str, result: Any, form: str) -> None:
    if not isinstance(result, tuple) or len(result) != form.count(",") + 1 or not isinstance(result[-1], dict):
        raise DataError(
            _("'{name}': {function}() returns {result}, as in the old interface of Gym.",
              name=name, function=function, result=describe_result(result)),
            expected=_("expected {form}", form=form),
            hint="https://gymnasium.farama.org/introduction/migration_guide/",
        )  # fmt: skip


def describe_result(result: Any) -> str:
    """Return the types of a result: "a tuple of ndarray, float, bool, dict"."""
    if isinstance(result, tuple):
        return _("a tuple of {kinds}", kinds=", ".join(type(part).__name__ for part in result))
    return type(result).__name__
