"""Elo ratings from the results of matches: the most likely strengths in the model of Bradley and Terry (1952).

A player that is rated d points above another one is expected to score 1 / (1 + 10^(-d / 400)) against it, where a draw
is half a win.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log

import torch

POINTS = 400 / log(10)  # Elo points of one unit on the scale of logits
STEPS = 100  # of Newton's method, at most

Results = Mapping[tuple[str, str], tuple[float, int]]


def fit_ratings(results: Results, anchor: str) -> dict[str, float]:
    """Return the rating of each player, of which `anchor` has 0.

    One drawn game is added to each pair that has played, so that who has won all games is not infinitely strong.

    Args:
        results: For a pair of players, the points of the first one and the number of games.
        anchor: A player whose rating is 0.
    """
    names = sorted({name for pair in results for name in pair} | {anchor})
    place = {name: number for number, name in enumerate(names)}
    count = len(names)
    points = torch.zeros(count, count, dtype=torch.float64)  # points of the row's player against the column's
    for (one, other), (score, games) in results.items():
        points[place[one], place[other]] += score + 0.5
        points[place[other], place[one]] += games - score + 0.5
    games_between = points + points.T
    free = [number for number, name in enumerate(names) if name != anchor]
    ratings = torch.zeros(count, dtype=torch.float64)
    for _step in range(STEPS):
        expected = torch.sigmoid(ratings[:, None] - ratings[None])
        gradient = (points - games_between * expected).sum(1)
        weights = games_between * expected * (1 - expected)
        hessian = torch.diag(weights.sum(1)) - weights
        # A little ridge: a player who is not connected to the anchor stays where it is.
        system = hessian[free][:, free] + 1e-9 * torch.eye(len(free), dtype=torch.float64)
        change = torch.linalg.solve(system, gradient[free]).clamp(-2, 2)
        ratings[free] += change
        if not len(change) or float(change.abs().max()) < 1e-9:
            break
    return {name: float(ratings[number]) * POINTS for name, number in place.items()}
