"""The constants of Pendulum: see `worlds/pendulum.py`."""

from math import pi

GRAVITY, MASS, LENGTH = 10.0, 1.0, 1.0  # m/s^2, kg, m
SECONDS = 0.05  # of a step
MAX_SPEED, MAX_TORQUE = 8.0, 2.0  # radians/s, N m
GRAVITY_FACTOR = 3 * GRAVITY / (2 * LENGTH)
TORQUE_FACTOR = 3.0 / (MASS * LENGTH**2)
SPEED_COST, TORQUE_COST = 0.1, 0.001
START_ANGLE, START_SPEED = pi, 1.0  # the first state is uniform between plus and minus these
PARTS = ("angle", "angular_velocity")  # radians, radians/s
