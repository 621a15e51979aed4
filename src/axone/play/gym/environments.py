"""Worlds of Gymnasium, vectorized, with automatic reset in the same step: `make_worlds("gym:LunarLander-v3", 16)`.

The state of these environments cannot be saved in general. A resumed run therefore begins new episodes, with seeds that
follow from its seed and the number of steps played: it is the same run each time it is resumed there, and not that of
a training that was never stopped.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode
from jaxtyping import Float32, UInt8
from numpy import ndarray
from torch import Tensor

from axone.errors import AxoneError, DataError, DataNote, UsageError, WorkerError
from axone.messages import _
from axone.play.batch import Step, VectorWorlds
from axone.play.gym.names import find_environment
from axone.play.gym.spaces import read_actions, read_observations
from axone.play.random import make_keys

DEFAULT_LIMIT = 1000  # steps of an episode, where the environment sets no limit itself


class GymWorlds(VectorWorlds):
    """Copies of an environment of Gymnasium, one after the other in this process.

    Args:
        name: The id of the environment, such as "LunarLander-v3".
        copies: The number of copies.
        seed: The seed of the environments.
        device: Where observations are and actions are expected.

    Raises:
        UsageError: There is no such environment, what it needs is not installed, or its observations or actions are not
            supported.
        DataError: The environment does not follow the interface of Gymnasium.
    """

    def __init__(self, name: str, copies: int, *, seed: int = 0, device: torch.device | str = "cpu") -> None:
        # pygame, which draws, prints a greeting on standard output, where results belong.
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        spec = find_environment(name)
        self.name, self.copies, self.device = f"gym:{name}", copies, torch.device(device)
        modes = probe(name, seed)
        self.draws = "rgb_array" in modes
        options: dict[str, Any] = {"render_mode": "rgb_array"} if self.draws else {}
        if not spec.max_episode_steps:
            warnings.warn(
                _("'{name}' sets no time limit: episodes are cut off after {limit} steps.",
                  name=self.name, limit=DEFAULT_LIMIT),
                DataNote, stacklevel=3,
            )  # fmt: skip
            options["max_episode_steps"] = DEFAULT_LIMIT
        self.max_steps = spec.max_episode_steps or DEFAULT_LIMIT
        self.environments = gymnasium.make_vec(
            name, copies, "sync", vector_kwargs={"autoreset_mode": AutoresetMode.SAME_STEP}, disable_env_checker=True,
            **options,
        )  # fmt: skip
        self._observations = read_observations(self.environments.single_observation_space, self.name)
        self._actions = read_actions(self.environments.single_action_space, self.name)
        self.observation_space, self.action_space = self._observations.space, self._actions.space
        self.seed, self.steps = seed, 0
        self._begin()

    def _begin(self) -> None:
        """Begin new episodes, whose seeds follow from the seed and the number of steps."""
        keys = make_keys(self.seed ^ (self.steps << 20), self.copies)
        seeds = [key % 2**31 for key in keys.tolist()]
        try:
            observations, _infos = self.environments.reset(seed=seeds)  # type: ignore[arg-type]  # a seed for each
        except Exception as error:
            raise self._describe_failure("reset", error) from error
        self.observations = self._convert(observations)

    def step(self, actions: Tensor) -> Step:
        """Play one step in each copy. Raises WorkerError when an environment raises, DataError for NaN."""
        self.steps += 1
        chosen = self._actions.convert(actions.cpu().numpy())
        try:
            observations, rewards, terminated, truncated, infos = self.environments.step(chosen)
        except Exception as error:
            raise self._describe_failure("step", error) from error
        self._require_finite(rewards, _("the reward"))
        self.observations = final = self._convert(observations)
        if "final_obs" in infos:
            ended = np.flatnonzero(infos["_final_obs"])
            last = self._convert(np.stack([infos["final_obs"][copy] for copy in ended]), ended)
            final = self.observations.index_copy(0, torch.from_numpy(ended).to(self.device), last)
        results = (torch.from_numpy(np.array(values)).to(self.device) for values in (rewards, terminated, truncated))
        reward, over, cut = results
        return Step(self.observations, reward.float(), over, cut & ~over, final)

    def _convert(self, observations: ndarray, copies: ndarray | None = None) -> Float32[Tensor, "copies ..."]:
        converted = self._observations.convert(np.asarray(observations))
        self._require_finite(converted, _("the observation"), copies)
        return torch.from_numpy(np.ascontiguousarray(converted)).to(self.device)

    def _require_finite(self, values: ndarray, part: str, copies: ndarray | None = None) -> None:
        if np.isfinite(values).all():
            return
        copy = int(np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(1))[0])
        raise DataError(
            _("'{name}': {part} of copy {copy} is not finite in step {step}.",
              name=self.name, part=part, copy=copy if copies is None else int(copies[copy]), step=self.steps),
            expected=_("expected finite numbers"),
        )  # fmt: skip

    def _describe_failure(self, function: str, error: Exception) -> AxoneError:
        return WorkerError(
            _("'{name}' failed in {function}(), step {step}: {kind}: {error}",
              name=self.name, function=function, step=self.steps, kind=type(error).__name__, error=error),
            hint=_("type the same with --debug to see the traceback"),
        )  # fmt: skip

    def render_image(self, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return one copy as the environment draws it. Raises UsageError where it does not draw."""
        if not self.draws:
            raise UsageError(_("'{name}' draws no images.", name=self.name))
        try:
            image = self.environments.envs[copy].render()  # type: ignore[attr-defined]  # of SyncVectorEnv
        except gymnasium.error.DependencyNotInstalled as error:
            raise UsageError(_("'{name}' cannot be drawn: {error}", name=self.name, error=error)) from error
        return torch.from_numpy(np.array(image, dtype=np.uint8))

    def state_dict(self) -> dict[str, Any]:
        """Return the seed and the number of steps: the episodes themselves cannot be saved."""
        return {"world": self.name, "copies": self.copies, "seed": self.seed, "steps": self.steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Begin new episodes that follow from the saved seed and number of steps, and warn that they are new."""
        if state["world"] != self.name or state["copies"] != self.copies:
            raise DataError(
                _("The saved episodes are of {copies} copies of '{other}', not of {own} of '{name}'.",
                  copies=state["copies"], other=state["world"], own=self.copies, name=self.name)
            )  # fmt: skip
        self.seed, self.steps = state["seed"], state["steps"]
        self._begin()
        warnings.warn(
            _("The state of '{name}' cannot be saved: new episodes begin here.", name=self.name), DataNote, stacklevel=2
        )

    def close(self) -> None:
        """Close the environments."""
        self.environments.close()


def probe(name: str, seed: int) -> list[str]:
    """Play one step of one environment, without wrappers, and return its modes of drawing.

    Raises:
        UsageError: What the environment needs is not installed, or it cannot be created.
        DataError: `reset` or `step` returns something else than the interface of Gymnasium says.
        WorkerError: One of them raises.
    """
    try:
        environment = gymnasium.make(name, disable_env_checker=True).unwrapped
    except gymnasium.error.DependencyNotInstalled as error:
        raise UsageError(
            _("'{name}' needs a package that is not installed: {error}", name=name, error=error),
            hint="pip install 'gymnasium[box2d]'" if "box2d" in str(error).lower() else None,
        ) from error
    except Exception as error:
        raise UsageError(
            _("'{name}' cannot be created: {kind}: {error}", name=name, kind=type(error).__name__, error=error)
        ) from error
    environment.action_space.seed(0)
    action = environment.action_space.sample()
    calls: dict[str, Callable[[], Any]] = {
        "reset": lambda: environment.reset(seed=seed % 2**31),
        "step": lambda: environment.step(action),
    }
    for function, forms in (
        ("reset", "(observation, info)"),
        ("step", "(observation, reward, terminated, truncated, info)"),
    ):
        try:
            result: Any = calls[function]()
        except Exception as error:
            raise WorkerError(
                _("'{name}' failed in {function}(), step {step}: {kind}: {error}",
                  name=name, function=function, step=int(function == "step"), kind=type(error).__name__, error=error)
            ) from error  # fmt: skip
        if not isinstance(result, tuple) or len(result) != forms.count(",") + 1 or not isinstance(result[-1], dict):
            raise DataError(
                _("'{name}': {function}() returns {result}, as in the old interface of Gym.",
                  name=name, function=function, result=describe_result(result)),
                expected=_("expected {form}", form=forms),
                hint="https://gymnasium.farama.org/introduction/migration_guide/",
            )  # fmt: skip
    modes = list(environment.metadata.get("render_modes", []))
    environment.close()
    return modes


def describe_result(result: Any) -> str:
    """Return the types of a result: "a tuple of ndarray, float, bool, dict"."""
    if isinstance(result, tuple):
        return _("a tuple of {kinds}", kinds=", ".join(type(part).__name__ for part in result))
    return type(result).__name__
