"""The constants of CartPole: see `worlds/cart_pole.py`."""

from math import pi

GRAVITY = 9.8  # m/s^2
FORCE = 10.0  # N
CART_MASS, POLE_MASS = 1.0, 0.1  # kg
TOTAL_MASS = CART_MASS + POLE_MASS
HALF_LENGTH = 0.5  # m, from the joint to the pole's center of mass
SECONDS = 0.02  # of a step
# Factors of the equations, computed once so that both bodies use the same.
PUSH = FORCE / TOTAL_MASS
POLE_SHARE = POLE_MASS * HALF_LENGTH / TOTAL_MASS
INERTIA = HALF_LENGTH * 4.0 / 3.0
INERTIA_OF_CART = HALF_LENGTH * POLE_MASS / TOTAL_MASS
START = 0.05  # each part of the first state is uniform between -START and START
MAX_POSITION = 2.4  # m
MAX_ANGLE = 12 * 2 * pi / 360  # radians
PARTS = ("position", "velocity", "angle", "angular_velocity")  # m, m/s, radians, radians/s
