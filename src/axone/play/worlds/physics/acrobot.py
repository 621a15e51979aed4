"""The constants of Acrobot: see `worlds/acrobot.py`."""

from math import pi

# Both links are 1 m long, weigh 1 kg, have their center of mass in the middle, and a moment of inertia of 1 kg m^2.
GRAVITY = 9.8  # m/s^2
SECONDS = 0.2  # of a step
MAX_SPEED_1, MAX_SPEED_2 = 4 * pi, 9 * pi  # radians/s
START = 0.1  # each part of the first state is uniform between -START and START
GOAL = 1.0  # m above the fixed joint
PARTS = ("angle_1", "angle_2", "angular_velocity_1", "angular_velocity_2")
