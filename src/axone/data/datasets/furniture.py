"""Furniture drawn by Axone: chairs, tables, shelves and beds of voxels, no two alike, from a seed.

There is no free set of 3-D shapes that every machine has at hand, so the default one is made. Each piece is put
together from boxes, as a joiner would: its measures, its kind of legs, back, boards or posts are drawn evenly from
the ranges below, as shares of the cube's side, and rounded to whole voxels (at least one). All stand on the floor,
face the front, and lie in the middle of the cube; every piece hangs together and stands on four points.

    bed     a frame on four legs with a mattress; head and perhaps foot, one or two pillows, perhaps a canopy
    chair   a seat on legs, on braced legs or on side panels; a solid, slatted or laddered back; perhaps arms
    shelf   two sides and 2 to 6 boards; perhaps a back, perhaps an upright in the middle
    table   a square or round top on legs or side panels; perhaps an apron, perhaps a lower board
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int64

from axone.data.voxels.voxels import Solids

CLASSES = ("bed", "chair", "shelf", "table")


class Cube:
    """The space in which one piece is drawn: lengths and places in whole voxels, from shares of its side."""

    def __init__(self, side: int, chance: np.random.Generator) -> None:
        self.solid = np.zeros((side, side, side), dtype=bool)
        self.side, self.chance = side, chance

    def uniform(self, low: float, high: float) -> int:
        """Draw a length between two shares of the side, in voxels."""
        return max(1, round(self.chance.uniform(low, high) * self.side))

    def bernoulli(self, share: float) -> bool:
        """Toss a coin that falls on yes so often."""
        return bool(self.chance.random() < share)

    def middle(self, length: int) -> tuple[int, int]:
        """Return where a length begins and ends that lies in the middle of the side."""
        start = (self.side - length) // 2
        return start, start + length

    def box(self, x: tuple[int, int], y: tuple[int, int], z: tuple[int, int]) -> None:
        """Fill a box: from where to where to the right, to the back, upwards; what juts out is cut off."""
        (left, right), (front, back), (low, high) = ((max(0, start), max(0, end)) for start, end in (x, y, z))
        self.solid[low:high, front:back, left:right] = True

    def legs(self, x: tuple[int, int], y: tuple[int, int], z: tuple[int, int], wide: int) -> None:
        """Stand four square legs inside the corners of a floor plan."""
        for left in (x[0], x[1] - wide):
            for front in (y[0], y[1] - wide):
                self.box((left, left + wide), (front, front + wide), z)


def chair(cube: Cube) -> None:
    """Draw a seat with what carries it, a back, and perhaps arms."""
    x, y = cube.middle(cube.uniform(0.4, 0.68)), cube.middle(cube.uniform(0.4, 0.64))
    seat, thick, wide = cube.uniform(0.34, 0.5), cube.uniform(0.05, 0.1), cube.uniform(0.06, 0.11)
    top = min(cube.side, seat + cube.uniform(0.3, 0.52))
    cube.box(x, y, (seat - thick, seat))
    if cube.bernoulli(0.2):
        for left in (x[0], x[1] - wide):
            cube.box((left, left + wide), y, (0, seat))
    else:
        cube.legs(x, y, (0, seat), wide)
        if cube.bernoulli(0.35):  # a brace from front to back on each side, and one between them
            height, thin = cube.uniform(0.08, 0.2), max(1, wide - 1)
            for left in (x[0], x[1] - thin):
                cube.box((left, left + thin), y, (height, height + thin))
            cube.box(x, cube.middle(thin), (height, height + thin))
    back = (y[1] - wide, y[1])
    style = cube.chance.integers(3)
    if style == 0:
        cube.box(x, back, (seat, top))
    else:
        for left in (x[0], x[1] - wide):
            cube.box((left, left + wide), back, (seat, top))
        cube.box(x, back, (top - cube.uniform(0.06, 0.14), top))
        count, thin = int(cube.chance.integers(1, 4)), max(1, cube.side // 24)
        for number in range(1, count + 1):
            if style == 1:
                place = round(x[0] + wide + (x[1] - x[0] - 2 * wide) * number / (count + 1))
                cube.box((place, place + thin), back, (seat, top))
            else:
                place = round(seat + (top - seat) * number / (count + 1))
                cube.box(x, back, (place, place + thin))
    if cube.bernoulli(0.35):
        arm = min(top, seat + cube.uniform(0.12, 0.22))
        for left in (x[0], x[1] - wide):
            cube.box((left, left + wide), y, (arm - max(1, wide - 1), arm))
            cube.box((left, left + wide), (y[0], y[0] + wide), (seat, arm))


def table(cube: Cube) -> None:
    """Draw a top with what carries it."""
    x, y = cube.middle(cube.uniform(0.6, 1.0)), cube.middle(cube.uniform(0.45, 0.9))
    height, thick, wide = cube.uniform(0.32, 0.72), cube.uniform(0.04, 0.1), cube.uniform(0.06, 0.12)
    inset = cube.uniform(0.12, 0.16) if (round_top := cube.bernoulli(0.3)) else int(cube.chance.integers(3))
    foot_x, foot_y = (x[0] + inset, x[1] - inset), (y[0] + inset, y[1] - inset)
    if round_top:
        cube.solid[height - thick : height] |= _ellipse(cube.side, x, y)
    else:
        cube.box(x, y, (height - thick, height))
    if not round_top and cube.bernoulli(0.2):
        for left in (foot_x[0], foot_x[1] - wide):
            cube.box((left, left + wide), foot_y, (0, height))
    else:
        cube.legs(foot_x, foot_y, (0, height), wide)
    if cube.bernoulli(0.35):
        low, thin = height - thick - cube.uniform(0.05, 0.1), max(1, wide - 1)
        for left in (foot_x[0], foot_x[1] - thin):
            cube.box((left, left + thin), foot_y, (low, height))
        for front in (foot_y[0], foot_y[1] - thin):
            cube.box(foot_x, (front, front + thin), (low, height))
    if cube.bernoulli(0.25):
        low = cube.uniform(0.08, 0.2)
        cube.box(foot_x, foot_y, (low, low + max(1, thick - 1)))


def shelf(cube: Cube) -> None:
    """Draw two sides with boards between them."""
    x, y = cube.middle(cube.uniform(0.45, 0.95)), cube.middle(cube.uniform(0.24, 0.42))
    height, thick = cube.uniform(0.65, 1.0), cube.uniform(0.04, 0.09)
    for left in (x[0], x[1] - thick):
        cube.box((left, left + thick), y, (0, height))
    count, foot = int(cube.chance.integers(2, 7)), cube.uniform(0.03, 0.12)
    for number in range(count):
        low = round(foot + (height - thick - foot) * number / (count - 1))
        cube.box(x, y, (low, low + thick))
    if cube.bernoulli(0.5):
        cube.box(x, (y[1] - max(1, cube.side // 24), y[1]), (foot, height))
    if cube.bernoulli(0.35):
        cube.box(cube.middle(thick), y, (foot, height))


def bed(cube: Cube) -> None:
    """Draw a frame on legs with a mattress, and what stands at its head and foot."""
    x, y = cube.middle(cube.uniform(0.5, 0.8)), cube.middle(cube.uniform(0.84, 1.0))
    frame, thick, wide = cube.uniform(0.14, 0.24), cube.uniform(0.05, 0.1), cube.uniform(0.06, 0.1)
    lying = frame + cube.uniform(0.06, 0.14)
    cube.legs(x, y, (0, frame), wide)
    cube.box(x, y, (frame - thick, frame))
    cube.box((x[0] + 1, x[1] - 1), (y[0] + 1, y[1] - 1), (frame, lying))
    cube.box(x, (y[1] - wide, y[1]), (frame - thick, lying + cube.uniform(0.1, 0.3)))
    if cube.bernoulli(0.45):
        cube.box(x, (y[0], y[0] + wide), (frame - thick, lying + cube.uniform(0.03, 0.12)))
    pillow, deep = cube.uniform(0.03, 0.07), (y[1] - wide - cube.uniform(0.12, 0.18), y[1] - wide)
    cube.box((x[0] + 2, x[1] - 2), deep, (lying, lying + pillow))
    if cube.bernoulli(0.5):  # two pillows: a gap in the middle of one
        cube.solid[lying : lying + pillow, deep[0] : deep[1], slice(*cube.middle(2 - cube.side % 2))] = False
    if cube.bernoulli(0.2):
        high = cube.uniform(0.75, 1.0)
        cube.legs(x, y, (0, high), wide)
        for left in (x[0], x[1] - wide):
            cube.box((left, left + wide), y, (high - wide, high))
        for front in (y[0], y[1] - wide):
            cube.box(x, (front, front + wide), (high - wide, high))


def make_furniture(count: int, side: int, seed: int = 0) -> tuple[Solids, Int64[np.ndarray, " solids"]]:
    """Draw so many pieces, the classes in turn, in cubes of `side` voxels; return them with their classes.

    A piece that was drawn before is drawn again otherwise. Piece k is the same however many are asked for.
    """
    made: list[np.ndarray] = []
    known: set[bytes] = set()
    attempt = 0
    while len(made) < count:
        cube = Cube(side, np.random.default_rng((seed, attempt)))
        (bed, chair, shelf, table)[len(made) % len(CLASSES)](cube)
        attempt += 1
        mark = np.packbits(cube.solid).tobytes()
        if mark not in known or attempt > 20 * count + 1000:  # a tiny cube has few pieces: better two alike than none
            known.add(mark)
            made.append(cube.solid)
    return np.stack(made), np.arange(count) % len(CLASSES)


def _ellipse(side: int, x: tuple[int, int], y: tuple[int, int]) -> Bool[np.ndarray, "depth width"]:
    places = np.arange(side) + 0.5
    across, deep = (((places - sum(line) / 2) / ((line[1] - line[0]) / 2)) ** 2 for line in (x, y))
    return across[None] + deep[:, None] <= 1
