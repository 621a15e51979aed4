"""A car that follows a closed road: it sees the distance to the border of the road along seven rays, and its speed.

    observation   7 distances / 30 m, from the left (90 degrees) to the right, then speed / 20 m/s
    actions       steering and throttle from -1 to 1 (`Road`), or 9 combinations of arrow keys (`RoadKeys`)
    reward        meters of the center line / 10; the episode ends when the car leaves the road

The car is a point that turns with a curvature of at most 1/6 per meter, and of at most what the grip of its tires
allows: speed^2 * curvature <= 9 m/s^2, so that it has to brake before bends. Steps are 0.1 s.

Directions are unit vectors, which a step turns by the rational form of a rotation, ((1 - t^2), 2 t) / (1 + t^2) with
t = angle / 2: an angle of at most 0.1 is off by 1e-4, and sums, products, quotients and roots have the same bits on
every device, which sines do not.
"""

from __future__ import annotations

from math import cos, radians, sin

import torch
from jaxtyping import Float, Float64, Int64, UInt8
from torch import Tensor

from axone.play.drawing import DrawnWorld, Scene
from axone.play.random import random_integers
from axone.play.simulation import Outcome, State
from axone.play.spaces import Continuous, Discrete
from axone.play.worlds.road_physics import (
    ACCELERATION,
    ANGLES,
    GRIP,
    MAX_CURVATURE,
    MAX_SPEED,
    METERS_PER_REWARD,
    NEIGHBORS,
    RANGE,
    SECONDS,
    SIDE,
    TOLERANCE,
    WINDOW,
)
from axone.play.worlds.road_scene import draw_road
from axone.play.worlds.tracks import Track, make_track

MOVING = ("steps", "x", "y", "heading_x", "heading_y", "speed", "point")  # what a step changes
Controls = tuple[Float64[Tensor, " copies"], Float64[Tensor, " copies"]]


class Road(DrawnWorld):
    """The road with continuous actions: steering (1: to the left) and throttle (-1: full brakes).

    State (float64): "x", "y" (m), "heading_x", "heading_y" (unit vector), "speed" (m/s), and "point" (int64: the
    nearest point of the center line).

    Args:
        track: "oval", "circuit", "random-SEED", or a track.
        max_steps: The time limit of an episode.
    """

    name = "road"
    observations = Continuous((len(ANGLES) + 1,), 0.0, 1.0)
    actions: Discrete | Continuous = Continuous((2,), -1.0, 1.0)

    def __init__(self, track: str | Track = "oval", max_steps: int = 500) -> None:
        self.track = make_track(track) if isinstance(track, str) else track
        self.max_steps = max_steps
        self.rays = torch.tensor([[cos(radians(a)), sin(radians(a))] for a in ANGLES], dtype=torch.float64)
        self.borders = self.track.borders

    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return cars at rest at a random point of the center line, in the direction of the track."""
        zeros = torch.zeros_like(keys)
        centers, tangents = self.track.centers.to(keys.device), self.track.tangents.to(keys.device)
        point = random_integers(keys, zeros, len(centers))
        return {
            "key": keys,
            "counter": zeros + 1,
            "steps": zeros,
            "x": centers[point, 0],
            "y": centers[point, 1],
            "heading_x": tangents[point, 0],
            "heading_y": tangents[point, 1],
            "speed": zeros.double(),
            "point": point,
        }

    def controls(self, actions: Tensor) -> Controls:
        """Return steering and throttle from -1 to 1; larger values are clipped."""
        values = actions.double().clamp(-1.0, 1.0)
        return values[:, 0], values[:, 1]

    def step(self, state: State, actions: Tensor) -> tuple[State, Outcome]:
        """Drive for 0.1 s."""
        steering, throttle = self.controls(actions)
        speed = (state["speed"] + throttle * (ACCELERATION * SECONDS)).clamp(0.0, MAX_SPEED)
        square = speed * speed
        # A number divided by a tensor is its product with the reciprocal, which the kernel has to repeat.
        limit = torch.where(square * MAX_CURVATURE > GRIP, square.reciprocal() * GRIP, MAX_CURVATURE)
        half = steering * limit * speed * (0.5 * SECONDS)  # half of the angle of the turn
        heading_x, heading_y = rotate(state["heading_x"], state["heading_y"], half)
        x = state["x"] + speed * heading_x * SECONDS
        y = state["y"] + speed * heading_y * SECONDS

        along_before, _side = self.locate(state["x"], state["y"], state["point"])
        point, moved = self.nearest_point(x, y, state["point"])
        along, side = self.locate(x, y, point)
        gained = moved.double() * self.track.spacing + along - along_before
        steps = state["steps"] + 1
        terminated = side.abs() > SIDE
        new = {
            "key": state["key"],
            "counter": state["counter"],
            "steps": steps,
            "x": x,
            "y": y,
            "heading_x": heading_x,
            "heading_y": heading_y,
            "speed": speed,
            "point": point,
        }
        return new, Outcome((gained / METERS_PER_REWARD).float(), terminated, ~terminated & (steps >= self.max_steps))

    def nearest_point(
        self, x: Float64[Tensor, " copies"], y: Float64[Tensor, " copies"], before: Int64[Tensor, " copies"]
    ) -> tuple[Int64[Tensor, " copies"], Int64[Tensor, " copies"]]:
        """Return the nearest point of the center line among the last one and its neighbors, and which of them it is."""
        centers = self.track.centers.to(x.device)
        best = torch.full_like(x, torch.inf)
        moved = torch.zeros_like(before)
        for offset in NEIGHBORS:
            point = (before + offset) % len(centers)
            away_x, away_y = x - centers[point, 0], y - centers[point, 1]
            square = away_x * away_x + away_y * away_y
            nearer = square < best
            best = torch.where(nearer, square, best)
            moved = torch.where(nearer, offset, moved)
        return (before + moved) % len(centers), moved

    def locate(
        self, x: Float64[Tensor, " copies"], y: Float64[Tensor, " copies"], point: Int64[Tensor, " copies"]
    ) -> tuple[Float64[Tensor, " copies"], Float64[Tensor, " copies"]]:
        """Return the place relative to a point of the center line: m along the track, and m to the left of it."""
        centers, tangents = self.track.centers.to(x.device)[point], self.track.tangents.to(x.device)[point]
        away_x, away_y = x - centers[:, 0], y - centers[:, 1]
        along = away_x * tangents[:, 0] + away_y * tangents[:, 1]
        return along, away_y * tangents[:, 0] - away_x * tangents[:, 1]

    def measure(self, state: State) -> Float64[Tensor, "copies rays"]:
        """Return the distance to the border along each ray, m; `RANGE` where there is none so near.

        The point p + t d of a ray is on the segment from a to a + e where t = (a - p) x e / (d x e) >= 0 and
        u = (a - p) x d / (d x e) is from 0 to 1.
        """
        device = state["x"].device
        borders, rays = self.borders.to(device), self.rays.to(device)
        offsets = torch.arange(-WINDOW, WINDOW + 1, device=device)
        corners = borders[:, (state["point"][:, None] + offsets) % borders.shape[1]]  # [side, copy, corner, x or y]
        corners = corners - torch.stack([state["x"], state["y"]], 1)[:, None]
        starts = corners[:, :, :-1].transpose(0, 1).flatten(1, 2)[:, None]  # a - p, [copy, 1, segment, x or y]
        edges = (corners[:, :, 1:] - corners[:, :, :-1]).transpose(0, 1).flatten(1, 2)[:, None]  # e
        heading_x, heading_y = state["heading_x"][:, None], state["heading_y"][:, None]
        ray_x = (heading_x * rays[:, 0] - heading_y * rays[:, 1])[..., None]  # d, [copy, ray, 1]
        ray_y = (heading_y * rays[:, 0] + heading_x * rays[:, 1])[..., None]
        cross = ray_x * edges[..., 1] - ray_y * edges[..., 0]
        distances = (starts[..., 0] * edges[..., 1] - starts[..., 1] * edges[..., 0]) / cross
        places = (starts[..., 0] * ray_y - starts[..., 1] * ray_x) / cross
        hit = (cross != 0) & (places >= -TOLERANCE) & (places <= 1 + TOLERANCE)
        hit &= (distances >= 0) & (distances < RANGE)
        return torch.where(hit, distances, RANGE).amin(2)

    def observe(self, state: State) -> Float[Tensor, "copies values"]:
        """Return the distances along the rays and the speed, from 0 to 1."""
        return torch.cat([self.measure(state) / RANGE, state["speed"][:, None] / MAX_SPEED], 1).float()

    def draw(self, state: State, copy: int) -> Scene:
        """Draw the track from above, the rays, and the car."""
        one = {name: values[copy : copy + 1].cpu() for name, values in state.items()}
        pose = tuple(float(one[name]) for name in ("x", "y", "heading_x", "heading_y"))
        return draw_road(self.track, pose, self.rays.tolist(), Road.measure(self, one)[0].tolist())

    def render_image(self, state: State, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return the scene as an image of 400 pixels of width, in which the car is more than a dot."""
        return self.draw(state, copy).image(400)

    def kernels(self) -> Road:
        """Return the same road with functions that run as numba kernels."""
        return RoadKernels(self.track, self.max_steps)


class RoadKeys(Road):
    """The road with nine actions: the arrow keys to the left, none, to the right; each with brakes, none, throttle."""

    name = "road_keys"
    actions = Discrete(
        9,
        tuple(
            f"{pedal}{wheel}".strip(", ") or "roll"
            for pedal in ("brake, ", "", "accelerate, ")
            for wheel in ("left", "", "right")
        ),
    )

    def controls(self, actions: Int64[Tensor, " copies"]) -> Controls:
        """Return steering and throttle, which are -1, 0 or 1."""
        return (1 - actions % 3).double(), (actions // 3 - 1).double()

    def kernels(self) -> RoadKeys:
        """Return the same road with functions that run as numba kernels."""
        return RoadKeysKernels(self.track, self.max_steps)


class RoadKernels(Road):
    """The road as numba kernels."""

    def step(self, state: State, actions: Tensor) -> tuple[State, Outcome]:
        """Drive for 0.1 s."""
        from axone.play.compilation import arrays
        from axone.play.worlds.kernels import road

        steering, throttle = self.controls(actions)
        new = {
            name: values if name in ("key", "counter") else torch.empty_like(values) for name, values in state.items()
        }
        rewards = torch.empty(len(steering))
        terminated, truncated = torch.empty(2, len(steering), dtype=torch.bool)
        before = arrays(*(state[name] for name in MOVING), steering, throttle, self.track.centers, self.track.tangents)
        written = arrays(*(new[name] for name in MOVING), rewards, terminated, truncated)
        road.step(self.track.spacing, self.max_steps, *before, *written)
        return new, Outcome(rewards, terminated, truncated)

    def measure(self, state: State) -> Float64[Tensor, "copies rays"]:
        """Return the distance to the border along each ray, m."""
        from axone.play.compilation import arrays
        from axone.play.worlds.kernels import road

        place = (state[name] for name in ("x", "y", "heading_x", "heading_y", "point"))
        distances = torch.empty(len(state["x"]), len(self.rays), dtype=torch.float64)
        road.measure(*arrays(*place, self.borders, self.rays, distances))
        return distances


class RoadKeysKernels(RoadKernels, RoadKeys):
    """The road with arrow keys as numba kernels."""

    def controls(self, actions: Int64[Tensor, " copies"]) -> Controls:
        """Return steering and throttle, which are -1, 0 or 1."""
        return RoadKeys.controls(self, actions)


def rotate(
    x: Float64[Tensor, " copies"], y: Float64[Tensor, " copies"], half: Float64[Tensor, " copies"]
) -> tuple[Float64[Tensor, " copies"], Float64[Tensor, " copies"]]:
    """Return unit vectors turned to the left by twice the arc tangent of `half`."""
    square = half * half
    scale = 1.0 + square
    cosine, sine = (1.0 - square) / scale, (half + half) / scale
    return x * cosine - y * sine, y * cosine + x * sine
