"""Worlds of Gymnasium, vectorized, with automatic reset in the same step: `make_worlds("gym:LunarLander-v3", 16)`.

The state of these environments cannot be saved in general. A resumed run therefore begins new episodes, with seeds that
follow from its seed and the number of steps played: it is the same run each time it is resumed there, and not that of
a training that was never stopped.
"""

from __future__ import annotations

import warnings
import weakref
from typing import Any

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, VectorEnv
from jaxtyping import Float32, UInt8
from numpy import ndarray
from torch import Tensor

from axone.errors import DataError, DataNote, UsageError
from axone.messages import _
from axone.play.batch import Step, VectorWorlds
from axone.play.gym.failures import describe_failure
from axone.play.gym.names import find_environment
from axone.play.gym.probing import probe
from axone.play.gym.processes import end, settle
from axone.play.gym.time_limit import CallTimeoutError, TimeLimit
from axone.play.random import make_keys
from axone.play.worlds.registry import TIMEOUT

DEFAULT_LIMIT = 1000  # steps of an episode, where the environment sets no limit itself
RESTARTS = 3  # of processes that do not answer or die


class GymWorlds(VectorWorlds):
    """Copies of an environment of Gymnasium, one after the other in this process, or each in a process of its own.

    In this process, fast environments are fastest. Processes of their own are for slow environments, which then run at
    the same time, and for those that stop answering or crash: all copies are started again, up to three times.

    Args:
        name: The id of the environment, such as "LunarLander-v3".
        copies: The number of copies.
        seed: The seed of the environments.
        device: Where observations are and actions are expected.
        timeout: The seconds that a step of an environment may take; 0: there is no limit.
        processes: Whether each copy has a process of its own.

    Raises:
        UsageError: There is no such environment, what it needs is not installed, or its observations or actions are not
            supported.
        DataError: The environment does not follow the interface of Gymnasium.
        WorkerError: It raises, does not answer, or dies.
    """

    def __init__(
        self, name: str, copies: int, *, seed: int = 0, device: torch.device | str = "cpu", timeout: float = TIMEOUT,
        processes: bool = False,
    ) -> None:  # fmt: skip
        probed = probe(name, seed, timeout)
        self.name, self.copies, self.device = f"gym:{name}", copies, torch.device(device)
        self.timeout, self.processes = timeout, processes
        self._observations, self._actions = probed.observations, probed.actions
        self.observation_space, self.action_space = probed.observations.space, probed.actions.space
        self.draws = "rgb_array" in probed.modes
        limit = find_environment(name).max_episode_steps
        if not limit:
            warnings.warn(
                _("'{name}' sets no time limit: episodes are cut off after {limit} steps.",
                  name=self.name, limit=DEFAULT_LIMIT),
                DataNote, stacklevel=3,
            )  # fmt: skip
        self.max_steps = limit or DEFAULT_LIMIT
        self.time_limit = TimeLimit(timeout)
        self.seed, self.steps, self.restarts = seed, 0, 0
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.environments = self._make()
        if isinstance(self.environments, AsyncVectorEnv):
            self._end_processes = weakref.finalize(self, end, self.environments)
        self._begin()

    def _make(self) -> VectorEnv[Any, Any, Any]:
        options: dict[str, Any] = {"render_mode": "rgb_array"} if self.draws else {}
        return gymnasium.make_vec(
            self.name.removeprefix("gym:"), self.copies, "async" if self.processes else "sync",
            vector_kwargs={"autoreset_mode": AutoresetMode.SAME_STEP}, wrappers=[settle] if self.processes else [],
            disable_env_checker=True, max_episode_steps=self.max_steps, **options,
        )  # fmt: skip

    def _begin(self) -> None:
        """Begin new episodes, whose seeds follow from the seed and the number of steps."""
        keys = make_keys(self.seed ^ (self.steps << 20), self.copies)
        seeds = [key % 2**31 for key in keys.tolist()]
        try:
            observations, _infos = self._reset(seeds)
        except (Exception, CallTimeoutError) as error:
            self._end()
            raise describe_failure(self.name, "reset", self.steps, error, self.timeout) from error
        self.observations = self._convert(observations)

    def _reset(self, seeds: list[int]) -> tuple[ndarray, dict[str, Any]]:
        environments = self.environments
        if isinstance(environments, AsyncVectorEnv):
            environments.reset_async(seed=seeds)  # type: ignore[arg-type]  # a seed for each
            return environments.reset_wait(self.timeout or None)
        with self.time_limit.guard():
            return environments.reset(seed=self.time_limit.count(seeds))  # type: ignore[arg-type]

    def _play(self, actions: ndarray) -> tuple[ndarray, ndarray, ndarray, ndarray, dict[str, Any]]:
        environments = self.environments
        if isinstance(environments, AsyncVectorEnv):
            environments.step_async(actions)
            return environments.step_wait(self.timeout or None)
        with self.time_limit.guard():
            return environments.step(self.time_limit.count(actions))

    def step(self, actions: Tensor) -> Step:
        """Play one step in each copy.

        Raises:
            WorkerError: An environment raises, does not answer or dies, and is not started again.
            DataError: A reward or an observation is not finite.
        """
        self.steps += 1
        try:
            observations, rewards, terminated, truncated, infos = self._play(
                self._actions.convert(actions.cpu().numpy())
            )
        except (Exception, CallTimeoutError) as error:
            return self._restart(error)
        self._require_finite(rewards, _("the reward"))
        self.observations = final = self._convert(observations)
        if "final_obs" in infos:
            ended = np.flatnonzero(infos["_final_obs"])
            last = self._convert(np.stack([infos["final_obs"][copy] for copy in ended]), ended)
            final = self.observations.index_copy(0, torch.from_numpy(ended).to(self.device), last)
        results = (torch.from_numpy(np.array(values)).to(self.device) for values in (rewards, terminated, truncated))
        reward, over, cut = results
        return Step(self.observations, reward.float(), over, cut & ~over, final)

    def _restart(self, error: BaseException) -> Step:
        """Start all processes again; each episode is cut off with what was observed last. Else raise WorkerError."""
        failure = describe_failure(self.name, "step", self.steps, error, self.timeout)
        self._end()
        if not self.processes or self.restarts == RESTARTS:
            raise failure from error
        self.restarts += 1
        last, no = self.observations, torch.zeros(self.copies, dtype=torch.bool, device=self.device)
        self._begin_anew()
        warnings.warn(
            _("{failure} All copies were started again ({count} of {limit}), and their episodes cut off.",
              failure=failure.what, count=self.restarts, limit=RESTARTS),
            DataNote, stacklevel=3,
        )  # fmt: skip
        return Step(self.observations, no.float(), no, ~no, last)

    def _end(self) -> None:
        if isinstance(self.environments, AsyncVectorEnv):
            self._end_processes()

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

    def render_image(self, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return one copy as the environment draws it. Raises UsageError where it does not draw."""
        if not self.draws:
            raise UsageError(_("'{name}' draws no images.", name=self.name))
        try:
            image = self.environments.call("render")[copy]  # type: ignore[attr-defined]  # of both vector forms
        except gymnasium.error.DependencyNotInstalled as error:
            raise UsageError(_("'{name}' cannot be drawn: {error}", name=self.name, error=error)) from error
        return torch.from_numpy(np.array(image, dtype=np.uint8))

    def state_dict(self) -> dict[str, Any]:
        """Return the seed and the number of steps: the episodes themselves cannot be saved."""
        return {"world": self.name, "copies": self.copies, "seed": self.seed, "steps": self.steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Begin the episodes that follow from the saved seed and number of steps, and warn where they are new ones."""
        if state["world"] != self.name or state["copies"] != self.copies:
            raise DataError(
                _("The saved episodes are of {copies} copies of '{other}', not of {own} of '{name}'.",
                  copies=state["copies"], other=state["world"], own=self.copies, name=self.name)
            )  # fmt: skip
        self.seed, self.steps = state["seed"], state["steps"]
        self._begin()
        if self.steps:  # without a step, these are the episodes that were saved
            warnings.warn(
                _("The state of '{name}' cannot be saved: new episodes begin here.", name=self.name),
                DataNote, stacklevel=2,
            )  # fmt: skip

    def close(self) -> None:
        """Close the environments, and end their processes."""
        self._end()
        self.environments.close()
