"""Skirmish: small battles of two teams of units, in the manner of SMAC and SMAX, many copies at once.

`world.py` is the world, `battle.py` its rules, `observation.py` what a unit sees, `actions.py` what it can do,
`heuristic.py` the opponent, `kernels/` the same functions for numba, `drawing.py` images and text.
"""
