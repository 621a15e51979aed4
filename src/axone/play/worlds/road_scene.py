"""The road world from above: the road, the rays of the car's sensors, and the car."""

from __future__ import annotations

from collections.abc import Callable

from axone.play.drawing import Color, Point, Scene
from axone.play.worlds.tracks import Track

MARGIN = 6.0  # m around the road
GRASS: Color = (118, 158, 98)
ASPHALT: Color = (92, 94, 100)
LINE: Color = (235, 235, 235)
MIDDLE: Color = (150, 150, 155)
RAY: Color = (250, 200, 70)
CAR: Color = (205, 50, 45)
GLASS: Color = (40, 45, 60)
CAR_LENGTH, CAR_WIDTH = 4.0, 2.0  # m


def draw_road(track: Track, pose: tuple[float, ...], rays: list[list[float]], distances: list[float]) -> Scene:
    """Return a scene with one car on its track.

    Args:
        track: The track.
        pose: Place (x, y) and direction (the unit vector's x, y) of the car, m.
        rays: The unit vector of each ray, relative to the direction of the car.
        distances: Where each ray ends, m.
    """
    x, y, heading_x, heading_y = pose

    def place(along: float, side: float) -> Point:
        """Return a place relative to the car: m ahead, and m to the left."""
        return x + along * heading_x - side * heading_y, y + along * heading_y + side * heading_x

    low, high = track.borders.amin((0, 1)).tolist(), track.borders.amax((0, 1)).tolist()
    left, bottom, right, top = low[0] - MARGIN, low[1] - MARGIN, high[0] + MARGIN, high[1] + MARGIN
    scene = Scene(left=left, right=right, bottom=bottom, top=top)
    scene.polygon([(left, bottom), (right, bottom), (right, top), (left, top)], GRASS, in_text=False)
    sides = [[(point[0], point[1]) for point in border] for border in track.borders.tolist()]
    for number, (first, second) in enumerate(zip(*sides)):
        scene.polygon([first, second, sides[1][number - 1], sides[0][number - 1]], ASPHALT, in_text=False)
    for side in sides:
        scene.line([*side, side[0]], LINE, 0.4)
    centers = [(point[0], point[1]) for point in track.centers.tolist()]
    for number in range(0, len(centers) - 1, 2):
        # A polygon, which can be left out of the text, where a line would fill the road.
        scene.polygon([centers[number], centers[number + 1], centers[number + 1]], MIDDLE, in_text=False)
    for ray, distance in zip(rays, distances):
        end = place(distance * ray[0], distance * ray[1])
        scene.polygon([(x, y), end, end], RAY, in_text=False)
        scene.polygon([(end[0] + a, end[1] + b) for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))], RAY, in_text=False)
    scene.polygon(rectangle(place, -CAR_LENGTH / 2, CAR_LENGTH / 2, CAR_WIDTH / 2), CAR)
    scene.polygon(rectangle(place, 0.4, 1.2, CAR_WIDTH / 2 - 0.3), GLASS, in_text=False)
    return scene


def rectangle(place: Callable[[float, float], Point], back: float, front: float, half_width: float) -> list[Point]:
    """Return the corners of a rectangle, which `place` moves and turns."""
    return [place(back, -half_width), place(front, -half_width), place(front, half_width), place(back, half_width)]
