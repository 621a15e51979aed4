"""What is predicted without learning: everything stays, goes straight on, or turns at a constant rate."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

VELOCITY_STEPS = (1, 2, 3, 5, 8)  # last steps over which a velocity may be averaged
SLOWEST = 1e-9  # displacement per step below which a thing has no direction

Past = Float[Tensor, "batch past 2"]
Future = Float[Tensor, "batch future 2"]


def stay(past: Past, future: int) -> Future:
    """Return the last position, repeated."""
    return past[:, -1:].expand(-1, future, -1)


def go_straight(past: Past, future: int, steps: int = 1) -> Future:
    """Return positions at the constant mean velocity of the last `steps` steps, or of fewer where there are not more.

    A mean over several steps is more exact where positions are measured with errors, and late where things turn.
    """
    steps = min(steps, past.shape[1] - 1)
    velocity = (past[:, -1] - past[:, -1 - steps]) / steps
    return past[:, -1:] + velocity[:, None] * _count(future, past)


def turn(past: Past, future: int, steps: int = 1) -> Future:
    """Return positions at a constant speed and a constant turn rate (CTRV in the literature on driving).

    The turn rate is that from the mean velocity of `steps` steps to that of the `steps` after them.
    """
    steps = max(1, min(steps, (past.shape[1] - 1) // 2))
    if past.shape[1] < 3:
        return go_straight(past, future)
    velocity = (past[:, -1] - past[:, -1 - steps]) / steps
    before = (past[:, -1 - steps] - past[:, -1 - 2 * steps]) / steps
    speed = velocity.norm(dim=-1)
    moves = (speed > SLOWEST) & (before.norm(dim=-1) > SLOWEST)
    heading = torch.atan2(velocity[:, 1], velocity[:, 0])
    change = heading - torch.atan2(before[:, 1], before[:, 0])
    change = torch.atan2(change.sin(), change.cos()) / steps  # from -180 to 180 degrees
    # A mean over several steps has the heading of its middle.
    ahead = _count(future, past)[:, 0] + (steps - 1) / 2
    angle = heading[:, None] + torch.where(moves, change, 0.0)[:, None] * ahead
    step = speed[:, None, None] * torch.stack([angle.cos(), angle.sin()], -1)
    return past[:, -1:] + step.cumsum(1)


def choose_velocity_steps(past: Past, future: Future) -> int:
    """Return the number of steps whose mean velocity predicts these windows best."""
    possible = [steps for steps in VELOCITY_STEPS if steps < past.shape[1]]
    errors = [float(displacement(go_straight(past, future.shape[1], steps), future).mean()) for steps in possible]
    return possible[errors.index(min(errors))]


def displacement(predicted: Future, true: Future) -> Float[Tensor, "batch future"]:
    """Return the distance of each predicted position from the true one."""
    return (predicted - true).norm(dim=-1)


def _count(future: int, like: Tensor) -> Float[Tensor, "future 1"]:
    return torch.arange(1, future + 1, dtype=like.dtype, device=like.device)[:, None]
