"""Acrobot: two links below a fixed joint; a motor between them has to swing the tip up (Sutton 1996).

Equations and constants are those of Gymnasium's Acrobot-v1, the "book" form of Sutton and Barto: one Runge-Kutta step
of 0.2 s, a torque of -1, 0 or 1 N m at the joint between the links. Both angles are 0 when the links point
down. The reward is
-1 for each step until the tip is one link's length above the fixed joint; the time limit is 500 steps. It counts as
solved at a mean return of -100.
"""

from __future__ import annotations

from functools import cached_property
from math import cos, sin

import torch
from jaxtyping import Float32, Float64, Int64
from torch import Tensor

from axone.play.block import BlockWorld, Kernel, with_kernels
from axone.play.drawing import BLACK, BLUE, GRAY, ORANGE, DrawnWorld, Scene
from axone.play.random import uniform
from axone.play.simulation import Outcome, State
from axone.play.spaces import Continuous, Discrete
from axone.play.trigonometry import sin_cos, wrap_angles
from axone.play.worlds.physics.acrobot import GOAL, GRAVITY, MAX_SPEED_1, MAX_SPEED_2, PARTS, SECONDS, START

Values = tuple[Float64[Tensor, " copies"], ...]


class Acrobot(DrawnWorld):
    """Two links with a motor between them; its observation is both cosines and sines, and both angular velocities."""

    name = "acrobot"
    observations = Continuous((6,), -MAX_SPEED_2, MAX_SPEED_2)
    actions = Discrete(3, ("left", "none", "right"))
    max_steps = 500

    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return states that nearly rest below the joint, rounded to float32 as in Gymnasium."""
        numbers = uniform(keys, torch.arange(4, device=keys.device)[:, None]) * (2 * START) - START
        zeros = torch.zeros_like(keys)
        parts = dict(zip(PARTS, numbers.float().double()))
        return {"key": keys, "counter": zeros + 4, "steps": zeros, **parts}

    def step(self, state: State, actions: Int64[Tensor, " copies"]) -> tuple[State, Outcome]:
        """Turn the motor for one step: the fourth-order Runge-Kutta method."""
        parts = tuple(state[name] for name in PARTS)
        torque = (actions - 1).double()
        first = derivatives(parts, torque)
        second = derivatives(move(parts, first, SECONDS / 2), torque)
        third = derivatives(move(parts, second, SECONDS / 2), torque)
        fourth = derivatives(move(parts, third, SECONDS), torque)
        slopes = tuple(a + b * 2.0 + c * 2.0 + d for a, b, c, d in zip(first, second, third, fourth))
        angle_1, angle_2, speed_1, speed_2 = move(parts, slopes, SECONDS / 6.0)
        angle_1, angle_2 = wrap_angles(angle_1), wrap_angles(angle_2)
        steps = state["steps"] + 1
        new = {
            **state,
            "steps": steps,
            "angle_1": angle_1,
            "angle_2": angle_2,
            "angular_velocity_1": speed_1.clamp(-MAX_SPEED_1, MAX_SPEED_1),
            "angular_velocity_2": speed_2.clamp(-MAX_SPEED_2, MAX_SPEED_2),
        }
        terminated = -sin_cos(angle_1)[1] - sin_cos(angle_2 + angle_1)[1] > GOAL
        rewards = terminated.float() - 1.0
        return new, Outcome(rewards, terminated, (steps >= self.max_steps) & ~terminated)

    def observe(self, state: State) -> Float32[Tensor, "copies 6"]:
        """Return cosine and sine of each angle, and the angular velocities."""
        sine_1, cosine_1 = sin_cos(state["angle_1"])
        sine_2, cosine_2 = sin_cos(state["angle_2"])
        speeds = state["angular_velocity_1"], state["angular_velocity_2"]
        return torch.stack((cosine_1, sine_1, cosine_2, sine_2, *speeds), 1).float()

    def kernels(self) -> Acrobot | None:
        """Return the same world whose steps run as a kernel; None for a subclass, whose functions may differ."""
        return with_kernels(self, Acrobot, AcrobotKernels)

    def draw(self, state: State, copy: int) -> Scene:
        """Draw both links, and the height that the tip has to reach."""
        first, second = (float(state[name][copy]) for name in ("angle_1", "angle_2"))
        middle = (sin(first), -cos(first))
        tip = (middle[0] + sin(first + second), middle[1] - cos(first + second))
        scene = Scene(left=-2.2, right=2.2, bottom=-2.2, top=2.2)
        scene.line([(-2.2, GOAL), (2.2, GOAL)], GRAY, 0.02)
        scene.line([(0.0, 0.0), middle], ORANGE, 0.16)
        scene.line([middle, tip], BLUE, 0.16)
        scene.circle((0.0, 0.0), 0.09, BLACK)
        scene.circle(middle, 0.09, BLACK)
        return scene


class AcrobotKernels(BlockWorld, Acrobot):
    """The same world whose steps run as a kernel."""

    parts = PARTS

    @cached_property
    def play_kernel(self) -> Kernel:
        """The compiled function."""
        from axone.play.worlds.kernels import acrobot

        return acrobot.play


def move(parts: Values, slopes: Values, seconds: float) -> Values:
    """Return each part after some time with a constant slope."""
    return tuple(part + slope * seconds for part, slope in zip(parts, slopes))


def derivatives(parts: Values, torque: Float64[Tensor, " copies"]) -> Values:
    """Return the derivative of each part by time: Sutton and Barto, equations of section 11.3 of the first edition."""
    angle_1, angle_2, speed_1, speed_2 = parts
    sine_2, cosine_2 = sin_cos(angle_2)
    d1 = cosine_2 + 3.5
    d2 = cosine_2 * 0.5 + 1.25
    phi2 = sin_cos(angle_1 + angle_2)[0] * (0.5 * GRAVITY)
    phi1 = sin_cos(angle_1)[0] * (1.5 * GRAVITY) + phi2 - (speed_2 * 0.5 + speed_1) * speed_2 * sine_2
    ratio = d2 / d1
    acceleration_2 = (torque + ratio * phi1 - speed_1 * speed_1 * sine_2 * 0.5 - phi2) / (1.25 - d2 * ratio)
    acceleration_1 = (acceleration_2 * d2 + phi1) / d1 * -1.0
    return speed_1, speed_2, acceleration_1, acceleration_2
