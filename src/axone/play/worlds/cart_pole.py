"""CartPole: a cart on a track balances a pole (Barto, Sutton and Anderson 1983).

Equations and constants are those of Gymnasium's CartPole-v1: Euler steps of 0.02 s, a push of 10 N to the left or to
the right, reward 1 for each step. The episode ends when the pole leans more than 12 degrees or the cart is more than
2.4 m from the middle; the time limit is 500 steps. It counts as solved at a mean return of 475.

The state is float64, so that the same episode results on every device; observations are float32.
"""

from __future__ import annotations

from functools import cached_property
from math import cos, sin

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from axone.play.block import BlockWorld, Kernel, with_kernels
from axone.play.drawing import BLACK, BLUE, GRAY, ORANGE, DrawnWorld, Scene
from axone.play.random import uniform
from axone.play.simulation import Outcome, State
from axone.play.spaces import Continuous, Discrete
from axone.play.trigonometry import sin_cos_mostly_small
from axone.play.worlds.physics.cart_pole import (
    GRAVITY,
    HALF_LENGTH,
    INERTIA,
    INERTIA_OF_CART,
    MAX_ANGLE,
    MAX_POSITION,
    PARTS,
    POLE_SHARE,
    PUSH,
    SECONDS,
    START,
)


class CartPole(DrawnWorld):
    """A cart that balances a pole; its observation is position, velocity, angle and angular velocity."""

    name = "cart_pole"
    observations = Continuous((4,))
    actions = Discrete(2, ("left", "right"))
    max_steps = 500

    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return states near the upright position."""
        numbers = uniform(keys, torch.arange(4, device=keys.device)[:, None]) * (2 * START) - START
        counter = torch.full_like(keys, 4)
        return {"key": keys, "counter": counter, "steps": torch.zeros_like(keys), **dict(zip(PARTS, numbers))}

    def step(self, state: State, actions: Int64[Tensor, " copies"]) -> tuple[State, Outcome]:
        """Push the cart for one step."""
        position, velocity, angle, angular_velocity = (state[name] for name in PARTS)
        sine, cosine = sin_cos_mostly_small(angle)
        push = actions.double() * (2 * PUSH) - PUSH
        common = angular_velocity * angular_velocity * sine * POLE_SHARE + push
        angular_acceleration = (sine * GRAVITY - cosine * common) / (INERTIA - cosine * cosine * INERTIA_OF_CART)
        acceleration = common - angular_acceleration * cosine * POLE_SHARE
        new = {
            "key": state["key"],
            "counter": state["counter"],
            "steps": state["steps"] + 1,
            "position": position + velocity * SECONDS,
            "velocity": velocity + acceleration * SECONDS,
            "angle": angle + angular_velocity * SECONDS,
            "angular_velocity": angular_velocity + angular_acceleration * SECONDS,
        }
        terminated = (new["position"].abs() > MAX_POSITION) | (new["angle"].abs() > MAX_ANGLE)
        truncated = (new["steps"] >= self.max_steps) & ~terminated
        return new, Outcome(torch.ones_like(position, dtype=torch.float32), terminated, truncated)

    def observe(self, state: State) -> Float32[Tensor, "copies 4"]:
        """Return position, velocity, angle and angular velocity."""
        return torch.stack([state[name] for name in PARTS], 1).float()

    def kernels(self) -> CartPole | None:
        """Return the same world whose steps run as a kernel; None for a subclass, whose functions may differ."""
        return with_kernels(self, CartPole, CartPoleKernels)

    def draw(self, state: State, copy: int) -> Scene:
        """Draw the track, the cart and the pole at its full length."""
        x, angle = (float(state[name][copy]) for name in ("position", "angle"))
        scene = Scene(left=-3.0, right=3.0, bottom=-0.5, top=1.5)
        scene.line([(-MAX_POSITION, -0.15), (MAX_POSITION, -0.15)], GRAY, 0.02)
        scene.polygon([(x - 0.25, -0.15), (x + 0.25, -0.15), (x + 0.25, 0.1), (x - 0.25, 0.1)], BLACK)
        scene.line([(x, 0.0), (x + 2 * HALF_LENGTH * sin(angle), 2 * HALF_LENGTH * cos(angle))], ORANGE, 0.08)
        scene.circle((x, 0.0), 0.05, BLUE)
        return scene


class CartPoleKernels(BlockWorld, CartPole):
    """The same world whose steps run as a kernel."""

    parts = PARTS

    @cached_property
    def play_kernel(self) -> Kernel:
        """The compiled function."""
        from axone.play.worlds.kernels import cart_pole

        return cart_pole.play
