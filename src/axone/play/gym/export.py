"""Our worlds as environments of Gymnasium: one (`GymWorld`), or many copies with automatic reset (`GymVectorWorlds`).

    import gymnasium
    from axone.play.gym.export import GymVectorWorlds, GymWorld

    environment = GymWorld("cart_pole")
    environments = GymVectorWorlds("cart_pole", 1024)
    observations, info = environments.reset(seed=0)

The mode of automatic reset is SAME_STEP, in `metadata["autoreset_mode"]`: `info["final_obs"]` has the observations with
which episodes ended, and `info["_final_obs"]` says for which copies.
"""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy import ndarray

from axone.play.batch import Worlds
from axone.play.bodies import Body
from axone.play.gym.spaces import to_gymnasium
from axone.play.simulation import World
from axone.play.spaces import Discrete
from axone.play.worlds.registry import make_world

RENDER_MODES = ["rgb_array", "ansi"]


class GymWorld(gymnasium.Env[ndarray, Any]):
    """One copy of a world as an environment of Gymnasium.

    Args:
        world: The name of a world, or a world.
        render_mode: "rgb_array" (an image), "ansi" (text), or None.
        body: Which body runs: see `choose_body`.
    """

    metadata = {"render_modes": RENDER_MODES, "render_fps": 30}  # noqa: RUF012 - Gymnasium's own declaration

    def __init__(self, world: str | World, render_mode: str | None = None, body: Body = "auto") -> None:
        self.world = make_world(world) if isinstance(world, str) else world
        self.body, self.render_mode = body, render_mode
        self.observation_space = to_gymnasium(self.world.observations)
        self.action_space = to_gymnasium(self.world.actions)
        self.worlds: Worlds | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ndarray, dict[str, Any]]:
        """Begin an episode; with a seed, always the same one."""
        super().reset(seed=seed)
        # Without a seed, one is drawn from the generator that the last seed began.
        drawn = int(self.np_random.integers(2**31)) if seed is None else seed
        self.worlds = Worlds(self.world, 1, seed=drawn, body=self.body)
        return self.worlds.observations[0].numpy().copy(), {}

    def step(self, action: Any) -> tuple[ndarray, float, bool, bool, dict[str, Any]]:
        """Play one step. Raises ResetNeeded before the first reset, AssertionError for an action out of the space."""
        if self.worlds is None:
            raise gymnasium.error.ResetNeeded("call reset() before step()")
        assert self.action_space.contains(action), f"{action!r} is not in {self.action_space}"
        kind = torch.int64 if isinstance(self.world.actions, Discrete) else torch.float32
        step = self.worlds.step(torch.as_tensor(np.asarray(action)[None], dtype=kind))
        observation = step.final_observations[0].numpy().copy()
        return observation, float(step.rewards[0]), bool(step.terminated[0]), bool(step.truncated[0]), {}

    def render(self) -> Any:
        """Return an image or a text, by `render_mode`."""
        if self.worlds is None or self.render_mode is None:
            return None
        return self.worlds.render_text() if self.render_mode == "ansi" else self.worlds.render_image().numpy()


class GymVectorWorlds(VectorEnv[ndarray, ndarray, ndarray]):
    """Copies of a world as a vector environment of Gymnasium, in the mode SAME_STEP.

    Args:
        world: The name of a world, or a world.
        num_envs: The number of copies.
        render_mode: "rgb_array" (images), "ansi" (texts), or None.
        body: Which body runs: see `choose_body`.
    """

    metadata = {  # noqa: RUF012 - Gymnasium's own declaration
        "render_modes": RENDER_MODES,
        "render_fps": 30,
        "autoreset_mode": AutoresetMode.SAME_STEP,
    }

    def __init__(self, world: str | World, num_envs: int, render_mode: str | None = None, body: Body = "auto") -> None:
        self.world = make_world(world) if isinstance(world, str) else world
        self.num_envs, self.body, self.render_mode = num_envs, body, render_mode
        self.single_observation_space = to_gymnasium(self.world.observations)
        self.single_action_space = to_gymnasium(self.world.actions)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.worlds: Worlds | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ndarray, dict[str, Any]]:
        """Begin an episode in each copy; with a seed, always the same ones. Raises ValueError for `reset_mask`."""
        super().reset(seed=seed)
        if options and "reset_mask" in options:
            raise ValueError("reset_mask is not needed: episodes begin by themselves, in the mode SAME_STEP")
        drawn = int(self.np_random.integers(2**31)) if seed is None else seed
        self.worlds = Worlds(self.world, self.num_envs, seed=drawn, body=self.body)
        return self.worlds.observations.numpy().copy(), {}

    def step(self, actions: ndarray) -> tuple[ndarray, ndarray, ndarray, ndarray, dict[str, Any]]:
        """Play one step in each copy; copies whose episode ends begin the next one."""
        if self.worlds is None:
            raise gymnasium.error.ResetNeeded("call reset() before step()")
        kind = torch.int64 if isinstance(self.world.actions, Discrete) else torch.float32
        step = self.worlds.step(torch.as_tensor(np.asarray(actions), dtype=kind))
        infos: dict[str, Any] = {}
        ended = (step.terminated | step.truncated).numpy()
        for copy in np.flatnonzero(ended).tolist():
            infos = self._add_info(
                infos, {"final_obs": step.final_observations[copy].numpy().copy(), "final_info": {}}, copy
            )
        rewards = step.rewards.numpy().astype(np.float64)
        return step.observations.numpy().copy(), rewards, step.terminated.numpy(), step.truncated.numpy(), infos

    def render(self) -> tuple[Any, ...] | None:
        """Return an image or a text of each copy, by `render_mode`."""
        if self.worlds is None or self.render_mode is None:
            return None
        if self.render_mode == "ansi":
            return tuple(self.worlds.render_text(copy) for copy in range(self.num_envs))
        return tuple(self.worlds.render_image(copy).numpy() for copy in range(self.num_envs))
