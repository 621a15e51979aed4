"""MountainCar: a car in a valley, too weak to drive up the hill at once, has to swing up (Moore 1990).

Equations and constants are those of Gymnasium's MountainCar-v0 and MountainCarContinuous-v0. The height of the ground
at position x is sin(3 x). The car pushes to the left, not at all or to the right, with reward -1 for each step until
it reaches position 0.5; the time limit is 200 steps, and it counts as solved at a mean return of -110. In the
continuous form the push is a number from -1 to 1, each step costs 0.1 times its square, the goal at 0.45 is worth 100,
the time limit is 999 steps, and it counts as solved at 90; its state is rounded to float32 after each step, as in
Gymnasium.
"""

from __future__ import annotations

from functools import cached_property
from math import cos, sin

import torch
from jaxtyping import Float32, Float64, Int64
from torch import Tensor

from axone.play.block import BlockWorld, Kernel, with_kernels
from axone.play.drawing import BLACK, BLUE, GRAY, GREEN, DrawnWorld, Scene
from axone.play.random import uniform
from axone.play.simulation import Outcome, State
from axone.play.spaces import Continuous, Discrete
from axone.play.trigonometry import sin_cos
from axone.play.worlds.physics.mountain_car import (
    ACTION_COST,
    CONTINUOUS_GOAL,
    FORCE,
    GOAL,
    GOAL_REWARD,
    GRAVITY,
    MAX_POSITION,
    MAX_SPEED,
    MIN_POSITION,
    PARTS,
    POWER,
    START_HIGH,
    START_LOW,
)


class MountainCar(DrawnWorld):
    """A car in a valley; its observation is position and velocity."""

    name = "mountain_car"
    observations = Continuous((2,), MIN_POSITION, MAX_POSITION)
    actions: Discrete | Continuous = Discrete(3, ("left", "none", "right"))
    max_steps = 200
    goal = GOAL

    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return states at rest near the bottom of the valley."""
        position = uniform(keys, torch.zeros_like(keys)) * (START_HIGH - START_LOW) + START_LOW
        zeros, ones = torch.zeros_like(keys), torch.ones_like(keys)
        return {
            "key": keys,
            "counter": ones,
            "steps": zeros,
            "position": position,
            "velocity": torch.zeros_like(position),
        }

    def step(self, state: State, actions: Tensor) -> tuple[State, Outcome]:
        """Drive for one step."""
        _sine, slope = sin_cos(state["position"] * 3.0)
        push = (actions - 1).double() * FORCE
        velocity = (state["velocity"] + (push - slope * GRAVITY)).clamp(-MAX_SPEED, MAX_SPEED)
        new, terminated, truncated = self.move(state, velocity)
        return new, Outcome(torch.full_like(velocity, -1.0, dtype=torch.float32), terminated, truncated)

    def move(self, state: State, velocity: Float64[Tensor, " copies"]) -> tuple[State, Tensor, Tensor]:
        """Return the state after a step with a velocity, whether the goal is reached, and whether time is over."""
        position = (state["position"] + velocity).clamp(MIN_POSITION, MAX_POSITION)
        velocity = torch.where((position == MIN_POSITION) & (velocity < 0), torch.zeros_like(velocity), velocity)
        terminated = (position >= self.goal) & (velocity >= 0)
        new = {**state, "steps": state["steps"] + 1, "position": position, "velocity": velocity}
        return new, terminated, (new["steps"] >= self.max_steps) & ~terminated

    def observe(self, state: State) -> Float32[Tensor, "copies 2"]:
        """Return position and velocity."""
        return torch.stack((state["position"], state["velocity"]), 1).float()

    def kernels(self) -> MountainCar | None:
        """Return the same world whose steps run as a kernel; None for a subclass, whose functions may differ."""
        return with_kernels(self, MountainCar, MountainCarKernels)

    def draw(self, state: State, copy: int) -> Scene:
        """Draw the ground, the goal and the car."""
        x = float(state["position"][copy])
        ground = [(MIN_POSITION + i * (MAX_POSITION - MIN_POSITION) / 60) for i in range(61)]
        scene = Scene(left=MIN_POSITION - 0.05, right=MAX_POSITION + 0.05, bottom=-0.05, top=1.2)
        scene.line([(place, height(place)) for place in ground], GRAY, 0.012)
        scene.line([(self.goal, height(self.goal)), (self.goal, height(self.goal) + 0.15)], BLACK, 0.008)
        top = height(self.goal) + 0.15
        scene.polygon([(self.goal, top), (self.goal + 0.06, top - 0.03), (self.goal, top - 0.06)], GREEN)
        slope = 0.45 * 3 * cos(3 * x)
        length = (1 + slope * slope) ** 0.5
        along, up = (1 / length, slope / length), (-slope / length, 1 / length)

        def place(forward: float, above: float) -> tuple[float, float]:
            return x + forward * along[0] + above * up[0], height(x) + forward * along[1] + above * up[1]

        scene.polygon([place(-0.07, 0.03), place(0.07, 0.03), place(0.06, 0.08), place(-0.06, 0.08)], BLUE)
        scene.circle(place(-0.04, 0.025), 0.02, BLACK)
        scene.circle(place(0.04, 0.025), 0.02, BLACK)
        return scene


class MountainCarContinuous(MountainCar):
    """The same car, whose push is a number from -1 to 1."""

    name = "mountain_car_continuous"
    actions = Continuous((1,), -1.0, 1.0)
    max_steps = 999
    goal = CONTINUOUS_GOAL

    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return states at rest near the bottom of the valley."""
        state = super().reset(keys)
        return {**state, "position": state["position"].float().double()}

    def step(self, state: State, actions: Float32[Tensor, "copies 1"]) -> tuple[State, Outcome]:
        """Drive for one step."""
        actions = actions[:, 0]
        force = actions.clamp(-1.0, 1.0)
        slope = sin_cos((state["position"].float() * 3.0).double())[1] * GRAVITY
        # Gymnasium computes in float32, but in float64 where it has clipped the action.
        clipped_push = (force.double() * POWER - slope).float()
        push = torch.where(force == actions, force * POWER - slope.float(), clipped_push)
        velocity = (state["velocity"].float() + push).double().clamp(-MAX_SPEED, MAX_SPEED)
        new, terminated, truncated = self.move(state, velocity)
        new["position"], new["velocity"] = new["position"].float().double(), new["velocity"].float().double()
        cost = actions.double().square() * ACTION_COST
        rewards = (terminated.double() * GOAL_REWARD - cost).float()
        return new, Outcome(rewards, terminated, truncated)

    def kernels(self) -> MountainCar | None:
        """Return the same world whose steps run as a kernel; None for a subclass, whose functions may differ."""
        return with_kernels(self, MountainCarContinuous, MountainCarContinuousKernels)


class MountainCarKernels(BlockWorld, MountainCar):
    """The same world whose steps run as a kernel."""

    parts = PARTS

    @cached_property
    def play_kernel(self) -> Kernel:
        """The compiled function."""
        from axone.play.worlds.kernels import mountain_car

        return mountain_car.play


class MountainCarContinuousKernels(BlockWorld, MountainCarContinuous):
    """The same world whose steps run as a kernel."""

    parts = PARTS

    @cached_property
    def play_kernel(self) -> Kernel:
        """The compiled function."""
        from axone.play.worlds.kernels import mountain_car

        return mountain_car.play_continuously


def height(position: float) -> float:
    """Return the height of the ground, for drawings."""
    return sin(3 * position) * 0.45 + 0.55
