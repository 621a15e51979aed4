"""The numbers of the road world: time, forces, rays."""

from __future__ import annotations

from axone.play.worlds.tracks import HALF_WIDTH

SECONDS = 0.1  # of a step
MAX_SPEED = 20.0  # m/s
ACCELERATION = 6.0  # m/s^2, of full throttle, and of full brakes
GRIP = 9.0  # m/s^2
MAX_CURVATURE = 1 / 6  # 1/m
SIDE = HALF_WIDTH - 1.0  # m: the middle of a car of 2 m is at most as far from the center line
RANGE = 30.0  # m, of the rays
ANGLES = (90, 50, 25, 0, -25, -50, -90)  # of the rays, in degrees, to the left
# Points of the center line before and after the car's, between which a ray meets the border: on the inner side of the
# sharpest bend, 30 m of a border of 6 m radius are 50 m of a center line of 10 m radius.
WINDOW = 18
METERS_PER_REWARD = 10.0
TOLERANCE = 1e-9  # a ray to the corner of two segments meets one of them, whatever the rounding
NEIGHBORS = (0, -1, 1)  # a step of at most 2 m leads to the nearest point's neighbor at most
