"""Pendulum: a motor, too weak to lift a pendulum directly, has to swing it up and balance it.

Equations and constants are those of Gymnasium's Pendulum-v1: semi-implicit Euler steps of 0.05 s, a torque from -2 to
2 N m. The angle is 0 at the top. The reward is -(angle^2 + 0.1 velocity^2 + 0.001 torque^2) with the angle between
-pi and pi. No episode ends before the time limit of 200 steps. A mean return of about -200 is a pendulum that is
swung up at once and stays at the top.
"""

from __future__ import annotations

from functools import cached_property
from math import cos, sin

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from axone.play.block import BlockWorld, Kernel, with_kernels
from axone.play.drawing import BLACK, GRAY, ORANGE, DrawnWorld, Scene
from axone.play.random import uniform
from axone.play.simulation import Outcome, State
from axone.play.spaces import Continuous
from axone.play.trigonometry import sin_cos, wrap_angles
from axone.play.worlds.physics.pendulum import (
    GRAVITY_FACTOR,
    MAX_SPEED,
    MAX_TORQUE,
    PARTS,
    SECONDS,
    SPEED_COST,
    START_ANGLE,
    START_SPEED,
    TORQUE_COST,
    TORQUE_FACTOR,
)


class Pendulum(DrawnWorld):
    """A pendulum with a motor; its observation is cosine and sine of the angle, and the angular velocity."""

    name = "pendulum"
    observations = Continuous((3,), -MAX_SPEED, MAX_SPEED)
    actions = Continuous((1,), -MAX_TORQUE, MAX_TORQUE)
    max_steps = 200

    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return states at any angle, with little speed."""
        zeros = torch.zeros_like(keys)
        return {
            "key": keys,
            "counter": zeros + 2,
            "steps": zeros,
            "angle": uniform(keys, zeros) * (2 * START_ANGLE) - START_ANGLE,
            "angular_velocity": uniform(keys, zeros + 1) * (2 * START_SPEED) - START_SPEED,
        }

    def step(self, state: State, actions: Float32[Tensor, "copies 1"]) -> tuple[State, Outcome]:
        """Turn the motor for one step."""
        angle, speed = state["angle"], state["angular_velocity"]
        torque = actions[:, 0].clamp(-MAX_TORQUE, MAX_TORQUE)
        sine, _cosine = sin_cos(angle)
        cost = wrap_angles(angle).square() + speed * speed * SPEED_COST + torque.double().square() * TORQUE_COST
        push = (torque * TORQUE_FACTOR).double()  # Gymnasium multiplies in float32, too
        speed = (speed + (sine * GRAVITY_FACTOR + push) * SECONDS).clamp(-MAX_SPEED, MAX_SPEED)
        steps = state["steps"] + 1
        new = {**state, "steps": steps, "angle": angle + speed * SECONDS, "angular_velocity": speed}
        never = torch.zeros_like(steps, dtype=torch.bool)
        return new, Outcome(-cost.float(), never, steps >= self.max_steps)

    def observe(self, state: State) -> Float32[Tensor, "copies 3"]:
        """Return cosine and sine of the angle, and the angular velocity."""
        sine, cosine = sin_cos(state["angle"])
        return torch.stack((cosine, sine, state["angular_velocity"]), 1).float()

    def kernels(self) -> Pendulum | None:
        """Return the same world whose steps run as a kernel; None for a subclass, whose functions may differ."""
        return with_kernels(self, Pendulum, PendulumKernels)

    def draw(self, state: State, copy: int) -> Scene:
        """Draw the pendulum and a mark at the top."""
        angle = float(state["angle"][copy])
        scene = Scene(left=-1.25, right=1.25, bottom=-1.25, top=1.25)
        scene.line([(0.0, 1.1), (0.0, 1.2)], GRAY, 0.02)
        scene.line([(0.0, 0.0), (-sin(angle), cos(angle))], ORANGE, 0.12)
        scene.circle((0.0, 0.0), 0.05, BLACK)
        return scene


class PendulumKernels(BlockWorld, Pendulum):
    """The same world whose steps run as a kernel."""

    parts = PARTS

    @cached_property
    def play_kernel(self) -> Kernel:
        """The compiled function."""
        from axone.play.worlds.kernels import pendulum

        return pendulum.play
