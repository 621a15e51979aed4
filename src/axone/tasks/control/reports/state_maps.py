"""Value and policy drawn over two numbers of the state, with the path of an episode."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from axone.figures.canvas import INK, PAPER, SOFT, Axes, Canvas, Point
from axone.figures.tiles import color_diverging
from axone.messages import _, mark
from axone.numbers import format_number
from axone.play.spaces import Discrete
from axone.tasks.control.networks.answering import PolicyAnswering
from axone.tasks.control.reports.recording import Recording
from axone.tasks.control.worlds.actions import name_actions, translate_action

CELLS = 61  # of a map along each side
SIDE, GAP, BAR = 280.0, 120.0, 14.0  # pixels of a map, between both, and of a color scale
DARK = np.array([8, 69, 148])  # of the highest value; the lowest is white

Grid = Float[Tensor, " cells"]


@dataclass(frozen=True)
class Slice:
    """Two numbers of the state of a world, over which value and policy are drawn.

    Args:
        x: The name of the horizontal number, its lowest and its highest value.
        y: The same of the vertical one.
        observe: Returns the observations of pairs of both numbers.
        project: Returns both numbers of observations.
        note: What the other numbers of the state are.
    """

    x: tuple[str, float, float]
    y: tuple[str, float, float]
    observe: Callable[[Grid, Grid], Float[Tensor, "cells numbers"]]
    project: Callable[[Float[Tensor, "steps numbers"]], tuple[Tensor, Tensor]]
    note: str = ""


def _stack(*numbers: Tensor) -> Tensor:
    return torch.stack(torch.broadcast_tensors(*numbers), -1).float()


_ZERO = torch.zeros(())
_CART_POLE = Slice(
    (mark("angle of the pole (radians)"), -0.21, 0.21),
    (mark("angular velocity (radians/s)"), -2.5, 2.5),
    lambda x, y: _stack(_ZERO, _ZERO, x, y),
    lambda seen: (seen[:, 2], seen[:, 3]),
    mark("The cart is in the middle and does not move."),
)
_MOUNTAIN_CAR = Slice(
    (mark("position"), -1.2, 0.6), (mark("velocity"), -0.07, 0.07), _stack, lambda seen: (seen[:, 0], seen[:, 1])
)
_PENDULUM = Slice(
    (mark("angle (radians; 0: upright)"), -math.pi, math.pi),
    (mark("angular velocity (radians/s)"), -8.0, 8.0),
    lambda x, y: _stack(x.cos(), x.sin(), y),
    lambda seen: (torch.atan2(seen[:, 1], seen[:, 0]), seen[:, 2]),
)
_ACROBOT = Slice(
    (mark("angle of the first link (radians; 0: down)"), -math.pi, math.pi),
    (mark("angle of the second link (radians)"), -math.pi, math.pi),
    lambda x, y: _stack(x.cos(), x.sin(), y.cos(), y.sin(), _ZERO, _ZERO),
    lambda seen: (torch.atan2(seen[:, 1], seen[:, 0]), torch.atan2(seen[:, 3], seen[:, 2])),
    mark("Both links are at rest."),
)
SLICES = {
    "cart_pole": _CART_POLE, "gym:CartPole-v1": _CART_POLE,
    "mountain_car": _MOUNTAIN_CAR, "gym:MountainCar-v0": _MOUNTAIN_CAR,
    "pendulum": _PENDULUM, "gym:Pendulum-v1": _PENDULUM,
    "acrobot": _ACROBOT, "gym:Acrobot-v1": _ACROBOT,
}  # fmt: skip


@torch.no_grad()
def draw_maps(answering: PolicyAnswering, shown_slice: Slice, recording: Recording | None = None) -> str:
    """Return a drawing of the value and of the policy over two numbers of the state.

    The policy is drawn between its first and its last choice, or between the bounds of a real number.

    Args:
        answering: The policy.
        shown_slice: The numbers of the state.
        recording: An episode, whose path is drawn.
    """
    (x_name, x_low, x_high), (y_name, y_low, y_high) = shown_slice.x, shown_slice.y
    y, x = torch.meshgrid(torch.linspace(y_high, y_low, CELLS), torch.linspace(x_low, x_high, CELLS), indexing="ij")
    observations = shown_slice.observe(x.flatten(), y.flatten())
    policy, values, *_memory = answering(observations, *answering.initial_memory(len(observations)))
    heights = values.view(CELLS, CELLS).double().numpy()
    directions = find_directions(answering, policy).view(CELLS, CELLS).double().numpy()
    low, high = float(heights.min()), float(heights.max())
    canvas = Canvas(2 * (SIDE + GAP) + 30, SIDE + 104)
    path = [] if recording is None else list(zip(*(part.tolist() for part in shown_slice.project(
        torch.stack(recording.observations)))))  # fmt: skip
    first, last = name_ends(answering)
    panels = [
        (_("value"), color_sequential((heights - low) / ((high - low) or 1.0)), (_write(low), _write(high))),
        (_("policy"), color_diverging(directions), (first, last)),
    ]
    for number, (title, pixels, ends) in enumerate(panels):
        left = 60 + number * (SIDE + GAP)
        axes = Axes(canvas, (left, 44, SIDE, SIDE), (x_low, x_high), (y_low, y_high))
        canvas.image((left, 44), SIDE, SIDE, pixels)
        axes.draw(_(x_name))
        canvas.text((left, 18), title, size=14, bold=True)
        canvas.text((left - 40, 36), _(y_name), size=12, fill=SOFT)
        pieces = _split_path(path, (x_high - x_low) / 2, (y_high - y_low) / 2)
        for color, width in ((PAPER, 3.0), (INK, 1.0)):  # dark with a light edge: visible on all colors
            for piece in pieces:
                axes.line([_clamp(point, axes) for point in piece], stroke=color, width=width)
        if path:
            canvas.circle(axes.point(*_clamp(path[0], axes)), 4, fill=PAPER)
        _draw_scale(canvas, left + SIDE + 12, is_diverging=number == 1, ends=ends)
    return canvas.svg()


def find_directions(answering: PolicyAnswering, policy: Tensor) -> Float[Tensor, " cells"]:
    """Return the mean action from -1 to 1: the first to the last choice, or the first number between its bounds."""
    if isinstance(answering.space, Discrete):
        places = torch.linspace(-1, 1, answering.space.count)
        return policy.cpu() @ places
    low, high = answering.space.low, answering.space.high
    first = policy.flatten(1)[:, 0].cpu()
    return (2 * first - low - high) / (high - low) if math.isfinite(high - low) else first.tanh()


def name_ends(answering: PolicyAnswering) -> tuple[str, str]:
    """Return what the ends of the scale of the policy mean."""
    if isinstance(answering.space, Discrete):
        names = name_actions(answering.space)
        return translate_action(names[0]), translate_action(names[-1])
    return _write(answering.space.low), _write(answering.space.high)


def color_sequential(shares: Float[np.ndarray, "height width"]) -> UInt8[np.ndarray, "height width 3"]:
    """Map values from 0 to 1 to colors from white to dark blue."""
    return (255 + (DARK - 255) * shares[..., None]).round().astype(np.uint8)


def _draw_scale(canvas: Canvas, left: float, *, is_diverging: bool, ends: tuple[str, str]) -> None:
    shares = np.linspace(1, 0, CELLS)[:, None]
    pixels = color_diverging(2 * shares - 1) if is_diverging else color_sequential(shares)
    canvas.image((left, 44), BAR, SIDE, pixels)
    canvas.box((left, 44), BAR, SIDE, fill="none", stroke=SOFT)
    for text, top in ((ends[1], 54.0), (ends[0], 44 + SIDE)):
        canvas.text((left + BAR + 5, top), text, size=12, fill=SOFT)


def _split_path(path: Sequence[Point], across: float, up: float) -> list[list[Point]]:
    """Return the pieces of a path, which is cut where an angle leaves the map and continues at its other side."""
    pieces: list[list[Point]] = []
    for point in path:
        last = pieces[-1][-1] if pieces else None
        if last is None or abs(point[0] - last[0]) >= across or abs(point[1] - last[1]) >= up:
            pieces.append([])
        pieces[-1].append(point)
    return [piece for piece in pieces if len(piece) > 1]


def _clamp(point: tuple[float, float], axes: Axes) -> tuple[float, float]:
    x, y = (min(max(value, low), high) for value, (low, high) in zip(point, (axes.x, axes.y)))
    return x, y


def _write(value: float) -> str:
    return format_number(float(f"{value:.3g}"))
