"""The constants of MountainCar: see `worlds/mountain_car.py`."""

FORCE, POWER, GRAVITY = 0.001, 0.0015, 0.0025  # of the discrete form, of the continuous one, and of both
MIN_POSITION, MAX_POSITION = -1.2, 0.6
MAX_SPEED = 0.07
START_LOW, START_HIGH = -0.6, -0.4  # of the position; the first velocity is 0
GOAL, CONTINUOUS_GOAL, GOAL_REWARD = 0.5, 0.45, 100.0
ACTION_COST = 0.1
PARTS = ("position", "velocity")
