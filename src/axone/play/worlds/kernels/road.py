"""The road world as numba kernels; see `axone.play.worlds.road` for the equations."""

from __future__ import annotations

from math import inf

from numpy import empty, float32, ndarray

from axone.play.compilation import VECTOR, inlined, kernel
from axone.play.worlds.road_physics import (
    ACCELERATION,
    GRIP,
    MAX_CURVATURE,
    MAX_SPEED,
    METERS_PER_REWARD,
    RANGE,
    SECONDS,
    SIDE,
    TOLERANCE,
    WINDOW,
)

PUSH = ACCELERATION * SECONDS
HALF_SECONDS = 0.5 * SECONDS
AFTER = 1 + TOLERANCE


@inlined
def locate(x: float, y: float, point: int, centers: ndarray, tangents: ndarray) -> tuple[float, float]:
    """Return the place relative to a point of the center line: m along the track, and m to the left of it."""
    away_x, away_y = x - centers[point, 0], y - centers[point, 1]
    along = away_x * tangents[point, 0] + away_y * tangents[point, 1]
    return along, away_y * tangents[point, 0] - away_x * tangents[point, 1]


@kernel
def step(
    spacing: float,
    max_steps: int,
    steps: ndarray,
    x: ndarray,
    y: ndarray,
    heading_x: ndarray,
    heading_y: ndarray,
    speed: ndarray,
    point: ndarray,
    steering: ndarray,
    throttle: ndarray,
    centers: ndarray,
    tangents: ndarray,
    new_steps: ndarray,
    new_x: ndarray,
    new_y: ndarray,
    new_heading_x: ndarray,
    new_heading_y: ndarray,
    new_speed: ndarray,
    new_point: ndarray,
    rewards: ndarray,
    terminated: ndarray,
    truncated: ndarray,
) -> None:
    """Drive each car for a step; the arrays from `new_steps` on are written."""
    count = len(centers)
    for copy in range(len(x)):
        velocity = min(max(speed[copy] + throttle[copy] * PUSH, 0.0), MAX_SPEED)
        square = velocity * velocity
        limit = 1.0 / square * GRIP if square * MAX_CURVATURE > GRIP else MAX_CURVATURE
        half = steering[copy] * limit * velocity * HALF_SECONDS
        half_square = half * half
        scale = 1.0 + half_square
        cosine, sine = (1.0 - half_square) / scale, (half + half) / scale
        ahead_x = heading_x[copy] * cosine - heading_y[copy] * sine
        ahead_y = heading_y[copy] * cosine + heading_x[copy] * sine
        place_x = x[copy] + velocity * ahead_x * SECONDS
        place_y = y[copy] + velocity * ahead_y * SECONDS

        along_before, _side = locate(x[copy], y[copy], point[copy], centers, tangents)
        best, moved = inf, 0
        for offset in (0, -1, 1):
            candidate = (point[copy] + offset) % count
            away_x, away_y = place_x - centers[candidate, 0], place_y - centers[candidate, 1]
            distance = away_x * away_x + away_y * away_y
            if distance < best:
                best, moved = distance, offset
        nearest = (point[copy] + moved) % count
        along, side = locate(place_x, place_y, nearest, centers, tangents)
        gained = moved * spacing + along - along_before

        new_steps[copy] = steps[copy] + 1
        new_x[copy], new_y[copy] = place_x, place_y
        new_heading_x[copy], new_heading_y[copy] = ahead_x, ahead_y
        new_speed[copy], new_point[copy] = velocity, nearest
        rewards[copy] = float32(gained / METERS_PER_REWARD)
        terminated[copy] = abs(side) > SIDE
        truncated[copy] = not terminated[copy] and new_steps[copy] >= max_steps


@kernel
def measure(
    x: ndarray,
    y: ndarray,
    heading_x: ndarray,
    heading_y: ndarray,
    point: ndarray,
    borders: ndarray,
    rays: ndarray,
    distances: ndarray,
) -> None:
    """Write the distance to the border along each ray, m; `RANGE` where there is none so near."""
    count = borders.shape[1]
    lanes = (len(rays) + VECTOR - 1) // VECTOR * VECTOR  # the last ray fills the vectors
    ray_x, ray_y, nearest = empty(lanes), empty(lanes), empty(lanes)
    for copy in range(len(x)):
        for lane in range(lanes):
            ray = min(lane, len(rays) - 1)
            ray_x[lane] = heading_x[copy] * rays[ray, 0] - heading_y[copy] * rays[ray, 1]
            ray_y[lane] = heading_y[copy] * rays[ray, 0] + heading_x[copy] * rays[ray, 1]
            nearest[lane] = RANGE
        for side in range(2):
            corner = (point[copy] - WINDOW) % count
            end_x, end_y = borders[side, corner, 0] - x[copy], borders[side, corner, 1] - y[copy]
            for _ in range(2 * WINDOW):
                corner = corner + 1 if corner + 1 < count else 0
                start_x, start_y = end_x, end_y
                end_x, end_y = borders[side, corner, 0] - x[copy], borders[side, corner, 1] - y[copy]
                edge_x, edge_y = end_x - start_x, end_y - start_y
                area = start_x * edge_y - start_y * edge_x
                for lane in range(lanes):  # without branches, so that it can use vector instructions
                    cross = ray_x[lane] * edge_y - ray_y[lane] * edge_x
                    place = (start_x * ray_y[lane] - start_y * ray_x[lane]) / cross
                    distance = area / cross
                    hit = (cross != 0) & (place >= -TOLERANCE) & (place <= AFTER)
                    hit &= (distance >= 0) & (distance < nearest[lane])
                    nearest[lane] = distance if hit else nearest[lane]
        for ray in range(len(rays)):
            distances[copy, ray] = nearest[ray]
